"""The worker dies: what it held is rendered by another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from farms import wait_for
from faults.drills import Drill, scene_of, wait_gone

from buildcat.client import records
from buildcat.farm import housekeeping

MORTAL = str(Path(__file__).with_name("mortal.py"))
MOMENTS = {
    "picked": "worker dies having picked",
    "queued": "worker dies between pick and start",
    "started": "worker dies as it starts",
    "rendered": "worker dies before it moves the file",
    "moved": "worker dies between move and record",
    "recorded": "worker dies after the record",
}


#: The same for frames in tiles.
TILE_MOMENTS = {
    "kept": "worker dies with a tile kept",
    "joined": "worker dies before it moves the joined frame",
    "moved": "worker dies between the joined frame's move and its record",
}


@pytest.mark.parametrize(
    ("moments", "content", "fields"),
    [
        (MOMENTS, {}, {"frames": "1-3"}),
        (TILE_MOMENTS, {"are_joined": True}, {"frames": "1-2", "split": "tiles:2x2"}),
    ],
    ids=["frames", "tiles"],
)
def test_a_worker_may_die_at_any_moment(
    drill: Drill, moments: dict[str, str], content: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Between pick and start, between file and record, with tiles in its hands: it all starts again elsewhere."""
    command, jobs = drill.worker_command, {}
    for moment in moments:
        drill.worker_command = [sys.executable, MORTAL, moment, "worker"]
        drill.start_worker(moment, label=moment)
        jobs[moment] = drill.submit(scene_of(drill, moment, **content), chunk=2, pool=moment, paused=True, **fields)
    for moment, job_id in jobs.items():
        drill.fault(moments[moment], job_id)
        drill.resume(job_id)
    wait_for(lambda: all(one.poll() is not None for one in drill.workers), "the death of all workers")

    drill.worker_command = command
    drill.start_worker(*moments, label="heir")

    drill.end(*jobs.values())


def test_a_killed_worker_takes_its_dcc_with_it(drill: Drill) -> None:
    """Within two seconds, also one whose Python is busy in C or that is stopped; a namesake goes on with the frame."""
    jobs, dccs = {}, {}
    for trouble in ("nap", "stuck", "freeze"):
        jobs[trouble] = drill.submit(scene_of(drill, trouble, **{trouble: [2]}), "1-3", pool=trouble)
        drill.start_worker(trouble, label="same")
        wait_for(lambda one=trouble: (drill.root / f".{one}.toy.{one}-2").exists(), f"{trouble} to begin")
        dccs[trouble] = drill.dccs()[-1:]

    for trouble, worker in zip(jobs, drill.workers, strict=True):
        drill.fault(f"worker kill -9, DCC in {trouble}", jobs[trouble])
        worker.kill()
        wait_gone(dccs[trouble], "the DCC to die with its worker", 2)
    drill.start_worker(*jobs, label="same")

    drill.end(*jobs.values())
    for job_id in jobs.values():
        assert [one.losses for one in records.facts(drill.connection, job_id, 3)] == [0, 1, 0]


def test_rq_forgets_dead_workers(drill: Drill) -> None:
    """Its lists of workers would grow with each one that dies."""
    worker = drill.start_worker()
    (key,) = wait_for(lambda: drill.connection.redis.smembers("rq:workers"), "the worker to be known to RQ")
    worker.kill()
    drill.connection.redis.delete(key)  # as its lease does, after minutes

    def is_forgotten() -> bool:
        drill.connection.redis.delete("bc:housekeeping")  # else only every few seconds
        housekeeping.tidy(drill.connection)
        return not drill.connection.redis.exists("rq:workers", "rq:workers:default")

    wait_for(is_forgotten, "RQ to forget the worker")
    drill.end()
