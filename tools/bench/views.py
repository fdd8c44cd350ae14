"""How long `jobs`, `show` and `status` take on 1,000 jobs and 1,000,000 units. Python 3.11 or newer.

Start-up is what `buildcat jobs` takes on an empty farm: Python, its imports, and a connection.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from farm import farm
from figures import Figure, report

from buildcat.client import control
from buildcat.client.connection import Connection
from buildcat.client.records import WorkerRecord
from buildcat.model.job import JobSpec

#: One job is large, the others share the other half of the units.
JOBS, LARGE, SMALL = 1_000, 500_500, 500
WORKERS = 100
ROUNDS = 11
LIMIT_S = 0.150
LEASE_MS = 3_600_000
DCCS = {"toy": (1_002_000,)}
SEEN_BY_ALL, SEEN_BY_ONE = "default", "bench"


def fill(connection: Connection) -> str:
    """Make jobs, half rendered, every tenth done, and workers that render. Returns the large one's id."""
    for number in range(JOBS - 1):
        render(connection, f"shot_{number:04}", SMALL, SMALL if number % 10 == 0 else SMALL // 2)
    large = render(connection, "large", LARGE, LARGE // 2)
    for number in range(WORKERS):
        begin(connection, f"node-{number:03}.bench")
    return large


def render(connection: Connection, name: str, units: int, done: int) -> str:
    """Submit a job, let a worker render so many of its units, and return its id."""
    spec = JobSpec("toy", "a.toy", f"1-{units}", name=name, chunk=SMALL // 2, pool=SEEN_BY_ONE)
    job_id = control.submit(connection, spec)
    while done > 0:
        picked = pick(connection, "node-000.bench", SEEN_BY_ONE)
        rows = [
            {"index": picked["first"] + one, "seconds": 20 + one % 30, "peak_mb": 900} for one in range(picked["count"])
        ]
        given = {"execution": picked["execution"], "job": job_id, "generation": 1, "outputs": {}}
        connection.call("done", worker="node-000.bench", units=rows, **given)
        done -= len(rows)
    control.change(connection, job_id, pool=SEEN_BY_ALL, chunk=1)
    return job_id


def pick(connection: Connection, worker: str, pool: str) -> dict[str, Any]:
    """Pick a task as a worker would."""
    offer = {"worker": worker, "host": "bench", "pools": [pool], "tags": [], "dccs": DCCS, "limits": {}}
    return connection.call("pick", execution=uuid.uuid4().hex[:12], lease_ms=LEASE_MS, **offer)


def begin(connection: Connection, worker: str) -> None:
    """Let a worker pick a task, and say how far it is."""
    execution = pick(connection, worker, SEEN_BY_ALL)["execution"]
    progress = json.dumps({"fraction": 0.43, "text": "Sample 55/128"})
    about: dict[str, Any] = {
        "label": worker.partition(".")[0],
        "host": "bench",
        "pid": 1,
        "version": "1",
        "tags": (),
        "missing": {},
    }
    record = WorkerRecord(name=worker, pools=(SEEN_BY_ALL,), dccs=DCCS, execution=execution, **about)
    beat = {"worker": worker, "record": record.to_json(), "executions": {execution: progress}}
    connection.call("beat", lease_ms=LEASE_MS, **beat)


def medians_s(commands: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return by name the median seconds of each command; in turns, so that a busy moment strikes all of them."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> int:
    """Measure and print."""
    with farm() as bench, farm() as empty:
        large = fill(bench.connection)
        views = {
            "jobs": ["jobs"],
            "jobs --name": ["jobs", "--name", "shot_00*"],
            "show": ["show", large],
            "status": ["status"],
        }
        commands = {name: bench.buildcat(*arguments) for name, arguments in views.items()}
        taken = medians_s({"start-up": empty.buildcat("jobs"), **commands})
    text = "{} on 1,000 jobs, 1,000,000 units, beyond start-up"
    return report([Figure(text.format(name), taken[name] - taken["start-up"], LIMIT_S, "s") for name in views])


if __name__ == "__main__":
    sys.exit(main())
