"""Says how long jobs still take, and what of them is slow. Python 3.9, redis-py."""

from __future__ import annotations

import sys
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from typing import cast

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.fitness import fitting
from buildcat.client.records import JobRecord, RunningExecution, WorkerRecord
from buildcat.model.states import JobState, UnitState

#: Of so many units all are read, of more so many windows: a million units cost what a thousand do.
_WHOLE, _WINDOWS, _WINDOW = 1024, 8, 128
#: A running unit is slow when it has taken so many times the job's median, and so long.
SLOW_TIMES, SLOW_S = 10, 300
#: What a DCC says of its first unit is believed from here on.
_LEAST_FRACTION = 0.1
#: Bytes of a unit's facts. As in records.py.
_FACTS_SIZE = 12
#: State byte → whether the unit's seconds are those of a rendering that was finished.
_IS_DONE = bytes(byte == ord(UnitState.DONE.value) for byte in range(256))


@dataclass(frozen=True)
class Eta:
    """Seconds until a job is done: most likely, and between which two."""

    middle_s: float
    low_s: float
    high_s: float


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of a job."""

    #: None when nothing is known.
    eta: Eta | None = None
    #: Executions whose present unit is slow. It is only shown: who knows the scene decides.
    slow: Sequence[RunningExecution] = ()


@dataclass(frozen=True)
class Moment:
    """What the farm does at one moment."""

    #: By the server's clock.
    time: float
    workers: Sequence[WorkerRecord]
    executions: Sequence[RunningExecution]
    _fitting: dict[tuple[object, ...], frozenset[str]] = field(default_factory=dict)

    @cached_property
    def by_job(self) -> Mapping[str, list[RunningExecution]]:
        """What runs of each job."""
        found: dict[str, list[RunningExecution]] = defaultdict(list)
        for one in self.executions:
            found[one.job].append(one)
        return found

    def running(self, job: JobRecord) -> list[RunningExecution]:
        """Return what runs of the job."""
        return self.by_job.get(job.id, [])

    def fitting(self, job: JobRecord) -> frozenset[str]:
        """Return the names of the workers that could render the job. Jobs with the same needs are asked about once."""
        needs = (job.pool, job.spec.dcc, job.spec.version_min, job.spec.tags)
        if needs not in self._fitting:
            free = [one for one in self.workers if not one.order]
            self._fitting[needs] = frozenset(one.name for one in fitting(job, free))
        return self._fitting[needs]


def look(connection: Connection) -> Moment:
    """Return what the farm does now."""
    with connection.errors():
        seconds, micros = connection.redis.time()
    return Moment(seconds + micros / 1e6, records.workers(connection), records.executions(connection))


def outlooks(connection: Connection, jobs: Iterable[JobRecord], moment: Moment) -> dict[str, Outlook]:
    """Return by id what is to be expected of the jobs that run or wait."""
    alive = [one for one in jobs if one.state in (JobState.RUNNING, JobState.WAITING)]
    samples = _samples(connection, [one for one in alive if one.counts.done])
    return {one.id: outlook(one, samples.get(one.id, []), moment) for one in alive}


def next_free_s(connection: Connection, workers: Collection[str]) -> float | None:
    """Return the seconds until the first of these workers is done with its task; None when nothing is known.

    A unit takes what those of its job took in the mean; one that takes longer ends in a moment.
    """
    moment = look(connection)
    busy = [one for one in moment.executions if one.worker in workers]
    jobs = records.jobs_of(connection, list({one.job for one in busy}))
    samples = _samples(connection, [one for one in jobs if one.counts.done])
    found = []
    for one in busy:
        if seconds := samples.get(one.job) or _foretold([one], moment.time):
            unit_s = sum(seconds) / len(seconds)
            found.append(max(one.count * unit_s - (moment.time - one.since), unit_s / 10))
    return min(found, default=None)


def outlook(job: JobRecord, seconds: Iterable[float], moment: Moment) -> Outlook:
    """Return what is to be expected of the job, when `seconds` are those of units that are done.

    **How long.** The units that are left are spread over the workers in rounds: five units on four workers take two.
    What running units have taken so far is taken off. The middle is the mean of the done units, on the workers that
    render the job now, or could when none does. The mean, since a sum is foretold: a few heavy frames count in it, as
    they do in the job. The range is from the lower quartile on all workers that could render it (other jobs may let go
    of them) to the upper quartile on those that do now, and the fewer units are done, the wider: by a half after one,
    by a tenth after nine. A job with limits gets no more workers than it has. Before the first unit is done, a running
    one foretells its own time, if the DCC says how far it is. Nothing is foretold of units that another job holds
    back.

    **Slow** is a unit that has taken 10 times the median of the done ones, and over five minutes. The median, since
    slow units must not hide the next one.
    """
    done = sorted(seconds)
    running = moment.running(job)
    slow = [one for one in running if done and _is_slow(moment.time - one.since, done[len(done) // 2])]
    return Outlook(_eta(job, done or sorted(_foretold(running, moment.time)), moment), slow)


def _is_slow(seconds: float, median_s: float) -> bool:
    return seconds > SLOW_S and seconds > SLOW_TIMES * median_s


def _foretold(running: Iterable[RunningExecution], now: float) -> list[float]:
    return [(now - one.since) / one.fraction for one in running if one.fraction and one.fraction >= _LEAST_FRACTION]


def _eta(job: JobRecord, done: Sequence[float], moment: Moment) -> Eta | None:
    running = moment.running(job)
    busy = {one.worker for one in running}
    able = busy | moment.fitting(job)
    if not done or not able or job.counts.held:
        return None
    few = len(busy) or len(able)
    many = few if busy and _has_limits(job, moment) else len(able)
    spent = [moment.time - one.since for one in running]
    doubt = 1 / (len(done) + 1)
    mean = sum(done) / len(done)
    low = min(done[len(done) // 4], mean) * (1 - doubt)
    high = max(done[len(done) * 3 // 4], mean) * (1 + doubt)
    left = job.counts.left
    return Eta(_takes(mean, left, spent, few), _takes(low, left, spent, many), _takes(high, left, spent, few))


def _has_limits(job: JobRecord, moment: Moment) -> bool:
    return bool(job.spec.limits) or any(one.limits.get(job.spec.dcc) for one in moment.workers)


def _takes(unit_s: float, left: int, spent: Iterable[float], workers: int) -> float:
    """Return the seconds of so many units; one that takes longer than it should is taken to end soon."""
    rounds = -(-left // workers)
    ahead = sum(min(max(one, 0), unit_s) for one in spent) / workers
    return max(rounds * unit_s - ahead, unit_s / 10)


def _samples(connection: Connection, jobs: Sequence[JobRecord]) -> dict[str, list[float]]:
    """Return by id the seconds of units that are done: of all in a small job, of some in a large one."""
    pieces = [(job.id, first, count) for job in jobs for first, count in _windows(job)]
    pipeline = connection.redis.pipeline(transaction=False)
    for job_id, first, count in pieces:
        pipeline.getrange(records.job_key(job_id, "units"), first, first + count - 1)
        facts = records.job_key(job_id, "facts")
        pipeline.getrange(facts, first * _FACTS_SIZE, (first + count) * _FACTS_SIZE - 1)
    with connection.errors():
        raw = cast("list[bytes]", pipeline.execute())
    found: dict[str, list[float]] = defaultdict(list)
    for (job_id, _, _), states, facts_of_units in zip(pieces, raw[::2], raw[1::2]):
        found[job_id] += compress(_seconds(facts_of_units), states.translate(_IS_DONE))
    return found


def _seconds(facts: bytes) -> array[float]:
    """Return the seconds in the facts, the second of three fields of four bytes."""
    fields = array("f")
    fields.frombytes(facts)
    if sys.byteorder == "big":
        fields.byteswap()
    return fields[1::3]


def _windows(job: JobRecord) -> list[tuple[int, int]]:
    """Return what is read of the job: first unit and number of units.

    Units are picked in their order, so those that were done lie before the ones that wait; save after a retry of some,
    for which the rest is looked at too.
    """
    reached = job.counts.total - job.counts.waiting - job.counts.held
    return [
        *_spread(reached),
        *((reached + first, count) for first, count in _spread(job.counts.total - reached)),
    ]


def _spread(count: int) -> list[tuple[int, int]]:
    if count <= _WHOLE:
        return [(0, count)] if count else []
    return [((count - _WINDOW) * place // (_WINDOWS - 1), _WINDOW) for place in range(_WINDOWS)]
