"""A thousand connections of idle workers: what they cost the server, and how soon one starts. Python 3.11 or newer."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import redis.asyncio
from farm import Farm, farm, wait_for
from figures import Figure, report
from picking import OFFER

from buildcat.client import control, events, records
from buildcat.client.connection import Connection
from buildcat.farm import housekeeping
from buildcat.farm.beat import BEAT_S, IDLE_BEAT_S
from buildcat.farm.queue import IDLE_WAIT_S
from buildcat.model.job import JobSpec

#: Each worker has one connection that picks and waits, and one that beats.
WORKERS = 500
#: So many only beat, for the steady cost.
STEADY = 100
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

    async def run(self, *, has_picks: bool) -> None:
        """Work until the process ends."""
        await asyncio.gather(*([self._pick()] if has_picks else []), self._beat())

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
        record = self._record
        while True:
            await self._call(self._beater, "beat", worker=self._name, record=record, executions={})
            record = ""  # nothing has changed
            for _ in range(round(IDLE_BEAT_S / BEAT_S)):
                await self._beater.blpop([f"bc:worker:{self._name}:call"], BEAT_S)


async def crowd(url: str, first: int, count: int, *, has_picks: bool) -> None:
    """Run so many workers in this process, started one after the other so that they don't beat as one."""
    tasks = []
    for number in range(first, first + count):
        tasks.append(asyncio.create_task(IdleWorker(url, f"w{number}").run(has_picks=has_picks)))
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


@contextmanager
def workers(bench: Farm, many: int, what: str) -> Iterator[None]:
    """Run so many workers in some processes, and housekeeping as a server does it."""
    share = many // PROCESSES
    arguments = [(bench.connection.url, str(one * share), str(share), what) for one in range(PROCESSES)]
    processes = [subprocess.Popen([sys.executable, __file__, *given]) for given in arguments]
    is_over = threading.Event()
    keeper = threading.Thread(target=_keep_house, args=(bench.connection.url, is_over))
    keeper.start()
    try:
        wait_for(lambda: len(records.workers(bench.connection)) == many, f"{many} workers")
        yield
    finally:
        is_over.set()
        keeper.join()
        for one in processes:
            one.kill()
            one.wait()


def _keep_house(url: str, is_over: threading.Event) -> None:
    while not is_over.wait(housekeeping.SWEEP_S):
        housekeeping.tidy(Connection(url))


def main(arguments: Sequence[str]) -> int:
    """Measure and print; with arguments, be one process of the crowd."""
    if arguments:
        url, first, count, what = arguments
        asyncio.run(crowd(url, int(first), int(count), has_picks=what == "picks"))
        return 0
    with farm() as bench:
        empty = idle_share(bench.connection)
        with workers(bench, STEADY, "beats"):
            steady = idle_share(bench.connection) - empty
        bench.connection.redis.flushall()
        with workers(bench, WORKERS, "picks"):
            clients = int(bench.connection.redis.info("clients")["connected_clients"])
            share, delays = idle_share(bench.connection), dispatch_ms(bench.connection)
    print(f"{WORKERS} workers, {clients} connections, {PROCESSES} processes")
    return report(
        [
            Figure("beats and housekeeping of 100 workers, of one core", steady, 0.5, "%"),
            Figure("1,000 idle connections, of one core of the server", share, 5, "%"),
            Figure("1,000 idle connections, submit to pick, p95", statistics.quantiles(delays, n=20)[-1], 20, "ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
