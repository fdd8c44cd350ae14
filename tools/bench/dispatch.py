"""How soon an idle worker starts, and how many tasks a second pass through. Python 3.11 or newer."""

from __future__ import annotations

import json
import logging
import statistics
import sys
import time
from typing import Any

from farm import Farm, farm, wait_for
from figures import Figure, report
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from buildcat.client import control, events, records
from buildcat.client.connection import Connection
from buildcat.farm import worker as workers
from buildcat.farm.options import WorkerOptions
from buildcat.farm.plugins import Found, Installation
from buildcat.farm.queue import Picked
from buildcat.farm.report import RecordsReport
from buildcat.farm.task import Rendered
from buildcat.model import frames, paths
from buildcat.model.job import JobSpec

TASKS = 400
ROUNDS = 3
STARTS = 40


class NoOpWorker(workers.FarmWorker):
    """A worker whose units are done at once: picking, RQ and the records are real."""

    def _render(self, given: dict[str, Any]) -> None:
        picked = Picked(**given)
        unit = frames.units(records.spec(self.farm, picked.job))[picked.first]
        report = RecordsReport(self.farm, self.name, picked)
        if report.is_wanted(unit):
            report.done(Rendered(unit, 0.0, 0, {"out/{frame:04}.png": "{}"}, "out/0001.png"))


def nothing() -> None:
    """The task of the stock worker."""


def our_rate(bench: Farm) -> float:
    """Return no-op render tasks a second, records included."""
    bench.connection.redis.flushall()
    control.submit(bench.connection, JobSpec(dcc="toy", scene="a.toy", frames=f"1-{TASKS}"))
    options = WorkerOptions(server=bench.connection.url, root=bench.root)
    worker = NoOpWorker(options, {"toy": Found((Installation("toy", 1, ()),))})
    worker.beat.once()
    worker.beat.start()
    started = time.perf_counter()
    worker.work(burst=True, logging_level="ERROR")
    rate = TASKS / (time.perf_counter() - started)
    assert records.jobs(Connection(bench.connection.url))[0].counts.done == TASKS
    return rate


def stock_rate(bench: Farm) -> float:
    """Return no-op tasks a second of RQ's own SimpleWorker."""
    bench.connection.redis.flushall()
    queue = Queue("default", connection=bench.connection.redis, serializer=JSONSerializer)
    sys.modules["dispatch"] = sys.modules[__name__]
    queue.enqueue_many([Queue.prepare_data("dispatch.nothing", timeout=100, result_ttl=0)] * TASKS)
    worker = SimpleWorker([queue], connection=bench.connection.redis, serializer=JSONSerializer)
    started = time.perf_counter()
    worker.work(burst=True, logging_level="ERROR")
    return TASKS / (time.perf_counter() - started)


def start_delays_ms(bench: Farm) -> list[float]:
    """Return milliseconds from submitting to picking, on an idle worker that is warm."""
    bench.connection.redis.flushall()
    scene = bench.root / "a.toy"
    scene.write_text(json.dumps({"width": 16, "height": 16, "output": "out/toy_####.png"}))
    spec = JobSpec(dcc="toy", scene=scene.name)
    with bench.worker():
        for _ in range(STARTS + 1):
            bench.wait(control.submit(bench.connection, spec))
            time.sleep(0.05)  # until it waits again
        wait_for(lambda: len(picked(bench)) > STARTS, "the events")
    return picked(bench)[1:]


def picked(bench: Farm) -> list[float]:
    """Return for each job the milliseconds from its submission to its pick."""
    times: dict[tuple[str, str], float] = {}
    for event in events.read(bench.connection):
        times.setdefault((event.job, event.kind), event.time)
    return [(at - times[job, "submitted"]) * 1000 for (job, kind), at in times.items() if kind == "picked"]


def main() -> int:
    """Measure and print."""
    logging.disable(logging.WARNING)
    with farm() as bench:
        paths.mark_root(bench.root)
        rounds = [(our_rate(bench), stock_rate(bench)) for _ in range(ROUNDS)]
        delays = start_delays_ms(bench)
    ratio = statistics.median(ours / stock for ours, stock in rounds)
    print(f"no-op tasks a second, ours and stock: {[(round(ours), round(stock)) for ours, stock in rounds]}")
    return report(
        [
            Figure("no-op render tasks, of stock SimpleWorker's rate", 100 * ratio, 85, "%", is_least=True),
            Figure("idle warm worker, submit to start, p95", statistics.quantiles(delays, n=20)[-1], 50, "ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
