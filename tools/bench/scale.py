"""What a job of 100,000 frames costs: time to submit and to pause, bytes in Redis. Python 3.11 or newer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from typing import cast

from farm import Farm, farm
from figures import Figure, report

from buildcat.client import records
from buildcat.client.connection import Connection

FRAMES = 100_000
CHUNK = 100


def used_bytes(connection: Connection) -> int:
    """Return the memory of all keys: what the records take, without the server's own buffers."""
    keys = cast("list[bytes]", connection.redis.keys("*"))
    return sum(int(cast(int, connection.redis.memory_usage(key, samples=0))) for key in keys)


def timed_s(command: list[str], bench: Farm) -> float:
    """Return the seconds of a whole command, run in the root."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=bench.root)
    return time.perf_counter() - started


def do_all(connection: Connection, job_id: str) -> None:
    """Pick and finish every unit, as workers would."""
    offer = {
        "worker": "bench",
        "host": "bench",
        "pools": ["default"],
        "tags": [],
        "dccs": {"toy": [1_002_000]},
        "limits": {},
    }
    while picked := connection.call("pick", execution=uuid.uuid4().hex[:12], **offer):
        units = range(picked["first"], picked["first"] + picked["count"])
        connection.call(
            "done",
            worker="bench",
            execution=picked["execution"],
            job=job_id,
            generation=1,
            units=[{"index": unit, "seconds": 1.5, "peak_mb": 900} for unit in units],
            outputs={"out/toy_{frame:04}.png": json.dumps({"kind": "png", "size": [1920, 1080]})},
        )


def main() -> int:
    """Measure and print."""
    with farm() as bench:
        (bench.root / ".buildcat").mkdir()
        (bench.root / ".buildcat" / "root.json").write_text('{"id": "bench"}')
        (bench.root / "a.toy").write_text("{}")
        before = used_bytes(bench.connection)
        arguments = ("submit", "toy", "a.toy", "--frames", f"1-{FRAMES}", "--chunk", str(CHUNK))
        submit_s = timed_s(bench.buildcat(*arguments), bench)
        job_id = records.job_ids(bench.connection)[0]
        pause_s = timed_s(bench.buildcat("pause", job_id), bench)
        timed_s(bench.buildcat("resume", job_id), bench)
        do_all(bench.connection, job_id)
        assert records.job(bench.connection, job_id).counts.done == FRAMES
        frame_bytes = (used_bytes(bench.connection) - before) / FRAMES
    return report(
        [
            Figure("100,000 frames submitted, whole command", submit_s, 1.0, "s"),
            Figure("100,000 frames from submit to done, bytes a frame", frame_bytes, 20, "B"),
            Figure("100,000 frames paused, whole command", pause_s, 0.3, "s"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
