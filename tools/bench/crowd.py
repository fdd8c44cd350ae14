"""A thousand connections of idle workers: what they cost the server, and how soon one starts. Python 3.11 or newer."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any, cast

import redis.asyncio
from farm import farm, wait_for
from figures import Figure, report
from picking import OFFER

from buildcat.client import control, events, records
from buildcat.client.connection import Connection
from buildcat.farm.beat import BEAT_S
from buildcat.farm.queue import IDLE_WAIT_S
from buildcat.model.job import JobSpec

#: Each worker has one connection that picks and waits, and one that beats.
WORKERS = 500
PROCESSES = 4
IDLE_S = 20.0
STARTS = 200


class IdleWorker:
    """Does what `farm/queue.py` and `farm/beat.py` do on an idle worker; a unit is done at once."""

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        self._picker = redis.asyncio.Redis.from_url(url, single_connection_client=True)
        self._beater = redis.asyncio.Redis.from_url(url, single_connection_client=True)
        self._record = records.WorkerRecord(name, name, "bench", 1, ("default",), "1", {"toy": (1,)}, (), {}).to_json()
        self._number = 0

    async def run(self) -> None:
        """Work until the process ends."""
        await asyncio.gather(self._pick(), self._beat())

    async def _call(self, connection: Any, function: str, **given: Any) -> dict[str, Any]:
        reply = await connection.fcall("bc_" + function, 0, json.dumps(given))
        return cast("dict[str, Any]", json.loads(reply))

    async def _pick(self) -> None:
        while True:
            await self._picker.lpop("rq:queue:default")
            self._number += 1
            execution = f"{self._name}-{self._number}"
            picked = await self._call(self._picker, "pick", worker=self._name, execution=execution, **OFFER)
            if picked:
                units = [{"index": picked["first"], "seconds": 1.5, "peak_mb": 900}]
                ids = {key: picked[key] for key in ("execution", "job", "generation")}
                await self._call(self._picker, "done", worker=self._name, units=units, outputs={}, **ids)
            else:
                await self._picker.blpop(["bc:wake:default"], IDLE_WAIT_S)

    async def _beat(self) -> None:
        while True:
            await self._call(self._beater, "beat", worker=self._name, record=self._record, executions={})
            await self._beater.blpop([f"bc:worker:{self._name}:call"], BEAT_S)


async def crowd(url: str, first: int, count: int) -> None:
    """Run so many workers in this process, started one after the other so that they don't beat as one."""
    tasks = []
    for number in range(first, first + count):
        tasks.append(asyncio.create_task(IdleWorker(url, f"w{number}").run()))
        await asyncio.sleep(BEAT_S / count)
    await asyncio.gather(*tasks)


def idle_share(connection: Connection) -> float:
    """Return the share of a core, in percent, that the server uses while nothing is to be done."""

    def cpu_s() -> float:
        used = connection.redis.info("cpu")
        return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])

    used, started = cpu_s(), time.monotonic()
    time.sleep(IDLE_S)
    return 100 * (cpu_s() - used) / (time.monotonic() - started)


def dispatch_ms(connection: Connection) -> list[float]:
    """Return for each of many small jobs the milliseconds from its submission to its pick."""
    after = events.last_id(connection)
    for _ in range(STARTS):
        control.submit(connection, JobSpec("toy", "a.toy"))
        time.sleep(0.03)
    time.sleep(IDLE_WAIT_S)
    found = events.read(connection, after)
    submitted = {one.job: one.time for one in found if one.kind == "submitted"}
    picked = {one.job: one.time for one in found if one.kind == "picked"}
    assert set(picked) == set(submitted), "some were never picked"
    return [1000 * (picked[job] - at) for job, at in submitted.items()]


def main(arguments: Sequence[str]) -> int:
    """Measure and print; with arguments, be one process of the crowd."""
    if arguments:
        url, first, count = arguments
        asyncio.run(crowd(url, int(first), int(count)))
        return 0
    many = WORKERS // PROCESSES
    with farm() as bench:
        url = bench.connection.url
        commands = [[sys.executable, __file__, url, str(one * many), str(many)] for one in range(PROCESSES)]
        processes = [subprocess.Popen(command) for command in commands]
        try:
            wait_for(lambda: len(records.workers(bench.connection)) == WORKERS, f"{WORKERS} workers")
            clients = int(bench.connection.redis.info("clients")["connected_clients"])
            share, delays = idle_share(bench.connection), dispatch_ms(bench.connection)
        finally:
            for one in processes:
                one.kill()
                one.wait()
    print(f"{WORKERS} workers, {clients} connections, {PROCESSES} processes")
    return report(
        [
            Figure("1,000 idle connections, of one core of the server", share, 5, "%"),
            Figure("1,000 idle connections, submit to pick, p95", statistics.quantiles(delays, n=20)[-1], 20, "ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
