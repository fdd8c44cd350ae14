"""What picks and reports cost the server, and how soon a cancel holds. Python 3.11 or newer."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

from farm import farm
from figures import Figure, report

from buildcat.client import control, events, records
from buildcat.client.connection import Connection
from buildcat.model.job import JobSpec

PICKS = 300
UNITS = 2000
FRAMES = 100_000
#: Who picks while the job is cancelled, each as fast as it can.
PICKERS = 4
OFFER = {"host": "bench", "pools": ["default"], "tags": [], "dccs": {"toy": [1_002_000]}, "limits": {}}


def pick(connection: Connection, worker: str = "bench") -> dict[str, Any]:
    """Pick as a worker does; empty when there is nothing."""
    return connection.call("pick", worker=worker, execution=uuid.uuid4().hex[:12], **OFFER)


def done(connection: Connection, picked: dict[str, Any], worker: str = "bench") -> None:
    """Report the unit that was picked."""
    units = [{"index": picked["first"], "seconds": 1.5, "peak_mb": 900}]
    ids = {key: picked[key] for key in ("execution", "job", "generation")}
    connection.call("done", worker=worker, units=units, outputs={}, last="out/toy_0001.png", **ids)


def beat(connection: Connection, picked: dict[str, Any], worker: str = "bench") -> None:
    """Beat for what was picked."""
    record = records.WorkerRecord(worker, worker, "bench", 1, ("default",), "1", {"toy": (1,)}, (), {}).to_json()
    connection.call("beat", worker=worker, record=record, executions={picked["execution"]: '{"fraction": 0.5}'})


def fill(connection: Connection, jobs: int) -> None:
    """Submit so many jobs of ten users."""
    connection.redis.flushall()
    for number in range(jobs):
        control.submit(connection, JobSpec("toy", "a.toy", frames="1-1000", user=f"user{number % 10}"))


def pick_ms(connection: Connection, jobs: int) -> float:
    """Return the server's milliseconds for a pick among so many active jobs."""
    fill(connection, jobs)
    connection.redis.config_resetstat()
    for _ in range(PICKS):
        assert pick(connection)
    calls = connection.redis.info("commandstats")["cmdstat_fcall"]
    return float(calls["usec"]) / int(calls["calls"]) / 1000


def cpu_ms(connection: Connection) -> float:
    """Return the server's milliseconds of CPU for a unit: its pick, a beat, its report."""
    fill(connection, 100)
    before = _cpu_s(connection)
    for _ in range(UNITS):
        picked = pick(connection)
        beat(connection, picked)
        done(connection, picked)
    return 1000 * (_cpu_s(connection) - before) / UNITS


def _cpu_s(connection: Connection) -> float:
    used = connection.redis.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def cancel_s(connection: Connection) -> float:
    """Return the seconds from the cancel of a large job to the last unit of it that was started."""
    connection.redis.flushall()
    job_id = control.submit(connection, JobSpec("toy", "a.toy", frames=f"1-{FRAMES}"))
    is_over = threading.Event()
    threads = [threading.Thread(target=_work, args=(connection.url, is_over)) for _ in range(PICKERS)]
    for one in threads:
        one.start()
    time.sleep(1)
    after = events.last_id(connection)
    started = time.monotonic()
    control.cancel(connection, job_id)
    called_s = time.monotonic() - started
    time.sleep(1)
    is_over.set()
    for one in threads:
        one.join()
    assert records.job(connection, job_id).counts.done > 0, "nothing was rendered before the cancel"
    return max([called_s, *_picks_after_cancel(connection, after)])


def _work(url: str, is_over: threading.Event) -> None:
    connection = Connection(url)
    while not is_over.is_set():
        if picked := pick(connection):
            done(connection, picked)


def _picks_after_cancel(connection: Connection, after: str) -> Iterator[float]:
    found = events.read(connection, after)
    cancelled = next(one.time for one in found if one.kind == "cancel")
    yield from (one.time - cancelled for one in found if one.kind == "picked")


def main() -> int:
    """Measure and print."""
    with farm() as bench:
        return report(
            [
                Figure("a pick among 100 active jobs", pick_ms(bench.connection, 100), 0.3, "ms"),
                Figure("a pick among 1,000 active jobs", pick_ms(bench.connection, 1000), 2, "ms"),
                Figure("the server's CPU for a unit: pick, beat, done", cpu_ms(bench.connection), 0.5, "ms"),
                Figure("cancel of 100,000 frames, until nothing new starts", cancel_s(bench.connection), 1, "s"),
            ]
        )


if __name__ == "__main__":
    sys.exit(main())
