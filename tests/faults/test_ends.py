"""Somebody ends a worker: its task is finished or given back, and others go on."""

from __future__ import annotations

import os
import pty
import signal
import subprocess

from farms import PATIENCE_S, wait_for
from faults.drills import Drill, scene_of

from buildcat.client import records
from buildcat.client.records import UnitFacts


def start_on_terminal(drill: Drill, label: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a worker on a terminal of its own; returns it and our side of the terminal."""
    ours, theirs = pty.openpty()
    worker = subprocess.Popen(
        [*drill.worker_command, label, "--server", drill.server, "--name", label],
        cwd=drill.root,
        env={**os.environ, **drill.environment},
        preexec_fn=lambda: os.login_tty(theirs),  # noqa: PLW1509  # no thread of ours holds a lock here
        pass_fds=(theirs,),
    )
    os.close(theirs)
    drill.workers.append(worker)
    wait_for(lambda: label in drill.labels(), f"worker {label} to be ready")
    return worker, ours


def begin(drill: Drill, name: str) -> str:
    """Submit a job and wait until the worker of that name renders its second frame."""
    job_id = drill.submit(scene_of(drill, name, nap=[2], nap_s=4), "1-3", pool=name)
    wait_for((drill.root / f".{name}.toy.nap-2").exists, f"{name} to begin")
    return job_id


def test_a_worker_may_be_told_to_end_in_any_way(drill: Drill) -> None:
    """Once finishes the frame, twice or a closed terminal gives it back at once; no try or loss is counted."""
    jobs, workers = {}, {}
    for name in ("once", "twice"):
        workers[name] = drill.start_worker(name, label=name)
        jobs[name] = begin(drill, name)
        drill.fault(f"SIGTERM {name}", jobs[name])
        workers[name].send_signal(signal.SIGTERM)
        if name == "twice":  # two that wait to be delivered are one
            wait_for(lambda: "once more" in drill.log("twice"), "the first to be heard")
            workers[name].send_signal(signal.SIGTERM)
    for name, keys in (("ctrl-c", b"\x03"), ("closed", b"")):
        workers[name], terminal = start_on_terminal(drill, name)
        jobs[name] = begin(drill, name)
        drill.fault("Ctrl-C in a terminal" if keys else "terminal closed", jobs[name])
        os.write(terminal, keys) if keys else os.close(terminal)

    codes = {name: worker.wait(PATIENCE_S) for name, worker in workers.items()}
    done = {name: drill.job(job_id).counts.done for name, job_id in jobs.items()}
    labels = drill.labels()
    drill.start_worker(*jobs, label="heir")

    assert codes == dict.fromkeys(jobs, 0)
    assert labels == []
    assert done == {"once": 2, "ctrl-c": 2, "twice": 1, "closed": 1}
    drill.end(*jobs.values())
    for job_id in jobs.values():
        assert all((one.tries, one.losses) == (0, 0) for one in _facts(drill, job_id))


def _facts(drill: Drill, job_id: str) -> list[UnitFacts]:
    return records.facts(drill.connection, job_id, 3)


def test_workers_outlive_their_parent_for_one_frame(drill: Drill) -> None:
    """The parent of `--count` is killed, or its terminal closed: its workers finish what they render, and end."""
    numbers = {"killed": signal.SIGKILL, "hung-up": signal.SIGHUP}
    parents = {name: drill.start_worker(name, "--count", "2", label=name, ready=False) for name in numbers}
    jobs = {
        name: drill.submit(drill.scene(f"{name}.toy", output=f"{name}/toy_####.png", seconds=3), "1-6", pool=name)
        for name in numbers
    }
    wait_for(lambda: len(records.executions(drill.connection)) == 4, "all of them to render")

    for name, number in numbers.items():
        drill.fault(f"parent of --count gets {number.name}", jobs[name])
        parents[name].send_signal(number)
    wait_for(lambda: not drill.labels(), "the workers to end")

    assert [drill.job(one).counts.done for one in jobs.values()] == [2, 2]
    for label in ("w1", "w2", "w3"):
        drill.start_worker(*numbers, label=label)
    drill.end(*jobs.values())
    assert all(drill.events(one, "lost") == [] for one in jobs.values())
