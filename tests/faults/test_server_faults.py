"""The server dies, is away or out of reach: what renders goes on, and is counted once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
import redis
from faults.cable import Cable
from faults.drills import Drill, scene_of

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.farm.queue import Picker

IS_LONG = bool(os.environ.get("BUILDCAT_LONG_DRILLS"))
#: Longer than a lease, so that every execution is overdue.
OUTAGE_S, FROZEN_S = (90, 60) if IS_LONG else (13, 13)


def test_redis_may_be_killed_at_any_moment(drill: Drill) -> None:
    """What it had not yet written is rendered again, all else is there, and the workers go on by themselves."""
    for label in ("w1", "w2"):
        drill.start_worker(label=label)
    job_id = drill.submit(drill.scene("killed.toy", output="killed/toy_####.png", seconds=0.1), "1-60", chunk=4)

    for number, many in enumerate((5, 20, 35), 1):
        drill.wait_event(job_id, "done", many)
        drill.fault(f"Redis kill -9, {number}", job_id)
        drill.kill_redis()
        time.sleep(1)
        drill.store.start()

    drill.end(job_id)


@pytest.mark.timeout(300 if IS_LONG else 120)
def test_an_outage_costs_nothing(new_drill: Callable[[], Drill]) -> None:
    """Redis away, or frozen, for longer than a lease: units go on, or end and are counted later; idle workers wait."""
    away, frozen = new_drill(), new_drill()
    jobs = {drill: _start_two(drill) for drill in (away, frozen)}

    away.fault(f"no Redis for {OUTAGE_S} s", jobs[away][0])
    frozen.fault(f"Redis frozen for {FROZEN_S} s", jobs[frozen][0])
    away.kill_redis()
    frozen.redis().suspend()
    time.sleep(min(OUTAGE_S, FROZEN_S))
    frozen.redis().resume()
    time.sleep(max(0, OUTAGE_S - FROZEN_S))
    away.store.start()

    for drill, job_ids in jobs.items():
        job_ids.append(drill.submit(scene_of(drill, "idle"), "1-3", pool="idle", paused=True))
        drill.fault(f"idle worker after {'no' if drill is away else 'frozen'} Redis", job_ids[-1])
        drill.resume(job_ids[-1])
        for job_id in job_ids:
            drill.wait(job_id)
        assert [one.poll() for one in drill.workers] == [None, None, None]
        drill.end(*job_ids)
        for job_id in job_ids:
            assert all(one.losses == one.tries == 0 for one in records.facts(drill.connection, job_id, 3))


def _start_two(drill: Drill) -> list[str]:
    """Let one unit run through the outage, and another one end in it, with the next to be started."""
    job_ids = []
    for name, nap_s in (("through", OUTAGE_S + 5), ("within", 4)):
        drill.start_worker(name, label=name)
        job_ids.append(drill.submit(scene_of(drill, name, nap=[2], nap_s=nap_s), "1-3", pool=name))
    drill.start_worker("idle", label="idle")
    for job_id in job_ids:
        drill.wait_event(job_id, "picked", 2)
    return job_ids


def test_a_host_that_was_cut_off_may_come_back(drill: Drill) -> None:
    """Its unit runs elsewhere meanwhile, and here too: it counts once, and the other one's file is thrown away."""
    cable = Cable(drill.store.port)
    late = drill.submit(scene_of(drill, "late", nap=[2], nap_s=18), "1-3", pool="late")
    first = drill.submit(scene_of(drill, "first", seconds=4, nap=[1], nap_s=13), "1", pool="first")
    twice = drill.submit(drill.scene("twice.toy", output="twice/toy_####.png", seconds=4), "1", pool="twice")
    cut = {late: ["late", "--server", cable.address], first: ["first", "--server", cable.address], twice: ["twice"]}
    for job_id, arguments in cut.items():
        worker = drill.start_worker(*arguments, label=arguments[0])
        drill.wait_event(job_id, "picked", 2 if job_id == late else 1)
    drill.wait_running(twice)

    drill.fault("host cut off, back when its unit is done", late)
    drill.fault("host cut off, back before", first)
    drill.fault("worker frozen, two executions of one unit", twice)
    cable.cut()
    worker.send_signal(signal.SIGSTOP)
    for label in ("heir1", "heir2", "heir3"):
        drill.start_worker("late", "first", "twice", label=label)
    for job_id in cut:
        drill.wait_event(job_id, "lost")
    for job_id in (first, twice):
        drill.wait_event(job_id, "picked", 2)
    cable.mend()
    worker.send_signal(signal.SIGCONT)

    drill.end(*cut)
    cable.close()
    assert all(len(drill.events(job_id, "lost")) == 1 for job_id in cut)


def test_a_worker_whose_pick_meets_an_outage_waits() -> None:
    """The server may go between two calls of one pick; RQ waits for it to come back, if it is told in RQ's way."""
    picker = Picker(Connection("redis://127.0.0.1:1/0", retries=0), "w1", dict)

    with pytest.raises(redis.ConnectionError, match="There is no server"):
        picker.next([], None)
