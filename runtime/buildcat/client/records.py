"""Reads the records: jobs, units, failures, workers. Changes nothing. Python 3.9, redis-py."""

from __future__ import annotations

import json
import logging
import struct
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, cast

from buildcat.client.connection import Connection
from buildcat.model.errors import BuildcatError, NoSuchJobError
from buildcat.model.job import JobSpec
from buildcat.model.states import Counts, JobState, job_state

log = logging.getLogger(__name__)

#: One unit's facts: tries, losses, number of the worker, seconds, peak memory in MB. As in library/jobs.lua.
_FACTS = struct.Struct("<BBHfI")
#: A worker that was last heard of longer ago is lost.
WORKER_TTL_S = 15


@dataclass(frozen=True)
class JobRecord:
    """One job as it is now."""

    id: str
    spec: JobSpec
    counts: Counts
    is_paused: bool
    is_cancelled: bool
    #: Why it is paused, for people; empty when it isn't.
    paused_why: str
    #: Why a failure stopped the whole job; empty when none did.
    stopped_why: str
    generation: int
    chunk: int
    priority: int
    pool: str
    #: Seconds since the epoch, by the server's clock; 0 when it has not happened.
    created: float
    started: float
    ended: float
    #: Path of the output that was done last, relative to the root.
    last: str

    @property
    def state(self) -> JobState:
        """The job's state, derived from its counts and flags."""
        return job_state(self.counts, is_paused=self.is_paused, is_cancelled=self.is_cancelled)

    @classmethod
    def from_hash(cls, job_id: str, raw: Mapping[bytes, bytes]) -> JobRecord:
        """Read a job from its hash."""

        def text(name: str) -> str:
            return raw.get(name.encode(), b"").decode()

        def number(name: str) -> int:
            return int(raw.get(name.encode()) or 0)

        return cls(
            id=job_id,
            spec=_spec(text("spec")),
            counts=Counts(**{one.name: number(one.name) for one in fields(Counts)}),
            is_paused=number("paused") == 1,
            is_cancelled=number("cancelled") == 1,
            paused_why=text("paused_why"),
            stopped_why=text("stopped_why"),
            generation=number("generation"),
            chunk=number("chunk"),
            priority=number("priority"),
            pool=text("pool"),
            created=number("created") / 1000,
            started=number("started") / 1000,
            ended=number("ended") / 1000,
            last=text("last"),
        )


@dataclass(frozen=True)
class UnitFacts:
    """What is known of one unit."""

    tries: int = 0
    losses: int = 0
    #: The worker's place in the job's list of workers + 1; 0 is none.
    worker: int = 0
    seconds: float = 0.0
    peak_mb: int = 0


@dataclass(frozen=True)
class Failure:
    """One failed try at a unit, or its last loss."""

    unit: int
    worker: str
    kind: str
    message: str
    time: float
    try_number: int = 0
    execution: str = ""
    #: The last 4 KB of the DCC's output.
    log: str = ""


@dataclass(frozen=True)
class RunningExecution:
    """Units that a worker is rendering."""

    id: str
    job: str
    worker: str
    first: int
    count: int
    started: float
    #: When its present unit was begun.
    since: float
    #: From 0 to 1 of its present unit; None when the DCC doesn't say.
    fraction: float | None
    text: str


@dataclass(frozen=True)
class WorkerRecord:
    """What a live worker says of itself with each beat."""

    name: str
    label: str
    host: str
    pid: int
    pools: tuple[str, ...]
    version: str
    #: DCC name → versions it can run, as integers.
    dccs: Mapping[str, tuple[int, ...]]
    tags: tuple[str, ...]
    #: DCC name → why this worker can't run it.
    missing: Mapping[str, str]
    #: Id of the execution it is busy with; empty when idle.
    execution: str = ""
    #: DCC name → limits that each of its sessions needs.
    limits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: When it was started, by its own clock.
    since: float = 0.0
    #: Units that it rendered since then.
    done: int = 0
    #: Memory that its session holds.
    memory_mb: int = 0
    #: Why it takes nothing, as in `misses its storage /mnt/farm`; empty when all is well.
    trouble: str = ""
    #: Seconds since its last beat, and what it was told to do; known to readers only.
    age: float = 0.0
    order: str = ""

    @property
    def is_lost(self) -> bool:
        """Whether it has not been heard of for too long."""
        return self.age > WORKER_TTL_S

    def to_json(self) -> str:
        """Return the record as JSON."""
        return json.dumps({key: value for key, value in self.__dict__.items() if key not in ("age", "order")})

    @classmethod
    def from_json(cls, text: bytes | str) -> WorkerRecord:
        """Read the record that a worker wrote."""
        data = json.loads(text)
        tuples = {key: tuple(data[key]) for key in ("pools", "tags")}
        dccs = {name: tuple(versions) for name, versions in data["dccs"].items()}
        known = {one.name for one in fields(cls)}  # a newer worker may say more
        return cls(**{**{key: data[key] for key in data if key in known}, **tuples, "dccs": dccs})


def job_key(job_id: str, part: str = "") -> str:
    """Return the key of a job's hash, or of one of its parts."""
    return f"bc:job:{job_id}:{part}" if part else f"bc:job:{job_id}"


def job(connection: Connection, job_id: str) -> JobRecord:
    """Return one job by its whole id.

    Raises:
        NoSuchJobError: there is none.
    """
    with connection.errors():
        raw = connection.redis.hgetall(job_key(job_id))
    if not raw:
        raise NoSuchJobError(f"There is no job {job_id}. `buildcat jobs` lists them.")
    return JobRecord.from_hash(job_id, cast("dict[bytes, bytes]", raw))


def spec(connection: Connection, job_id: str) -> JobSpec:
    """Return what was submitted as the job.

    Raises:
        NoSuchJobError: there is none.
    """
    with connection.errors():
        text = cast("bytes | None", connection.redis.hget(job_key(job_id), "spec"))
    if text is None:
        raise NoSuchJobError(f"There is no job {job_id}. `buildcat jobs` lists them.")
    return _spec(text.decode())


#: A worker asks for the same spec with every task.
_spec = lru_cache(maxsize=16)(JobSpec.from_json)


def job_ids(connection: Connection, *, most: int = 100, first: int = 0) -> list[str]:
    """Return the ids of jobs, newest first."""
    with connection.errors():
        found = connection.redis.zrevrange("bc:jobs", first, first + most - 1)
    return [one.decode() for one in cast("list[bytes]", found)]


def jobs(connection: Connection, *, most: int = 100, first: int = 0) -> list[JobRecord]:
    """Return jobs, newest first. One that this version can't read is logged and left out."""
    return jobs_of(connection, job_ids(connection, most=most, first=first))


def jobs_of(connection: Connection, ids: Sequence[str]) -> list[JobRecord]:
    """Return the jobs with these ids. One that is gone is left out, and one that this version can't read."""
    with connection.errors():
        pipeline = connection.redis.pipeline(transaction=False)
        for one in ids:
            pipeline.hgetall(job_key(one))
        hashes = pipeline.execute()
    return [job for one, raw in zip(ids, hashes) if raw and (job := _readable(one, raw))]


def _readable(job_id: str, raw: Mapping[bytes, bytes]) -> JobRecord | None:
    try:
        return JobRecord.from_hash(job_id, raw)
    except BuildcatError as exc:
        log.warning("Job %s can't be read: %s", job_id, exc)
        return None


def find(connection: Connection, word: str, user: str = "") -> str:
    """Return the id that a person means: an id, a unique prefix of one, or `last`, the newest of that user.

    Raises:
        NoSuchJobError: no job, or more than one, goes by that word.
    """
    if word == "last":
        return _last(connection, user)
    with connection.errors():
        if connection.redis.zscore("bc:jobs", word) is not None:
            return word
        ids = [one.decode() for one in cast("list[bytes]", connection.redis.zrange("bc:jobs", 0, -1))]
    found = [one for one in ids if one.startswith(word)]
    if len(found) > 1:
        raise NoSuchJobError(f"{word!r} begins the ids of {len(found)} jobs: {', '.join(found[:5])}. Type more of it.")
    if not found or not word:
        raise NoSuchJobError(f"There is no job {word!r}. `buildcat jobs` lists them.")
    return found[0]


def _last(connection: Connection, user: str) -> str:
    first, page = 0, 200
    while found := jobs(connection, most=page, first=first):
        for one in found:
            if one.spec.user == user:
                return one.id
        first += page
    raise NoSuchJobError(f"{user} has no job yet. `buildcat jobs` lists everybody's.")


def unit_bytes(connection: Connection, job_id: str) -> str:
    """Return the state of each unit, one letter per unit (see `UnitState`)."""
    with connection.errors():
        return cast(bytes, connection.redis.get(job_key(job_id, "units")) or b"").decode()


def facts(connection: Connection, job_id: str, total: int) -> list[UnitFacts]:
    """Return what is known of each of the job's `total` units."""
    return facts_of(connection, job_id, range(total))


def facts_of(connection: Connection, job_id: str, units: Iterable[int]) -> list[UnitFacts]:
    """Return what is known of these units, in their order."""
    with connection.errors():
        raw = cast(bytes, connection.redis.get(job_key(job_id, "facts")) or b"")
    known = len(raw) // _FACTS.size
    return [UnitFacts(*_FACTS.unpack_from(raw, one * _FACTS.size)) if one < known else UnitFacts() for one in units]


def failures(connection: Connection, job_id: str) -> list[Failure]:
    """Return the last failures of a job, newest first."""
    with connection.errors():
        rows = [json.loads(row) for row in connection.redis.lrange(job_key(job_id, "failures"), 0, -1)]
    return [
        Failure(
            unit=row["unit"],
            worker=row["worker"],
            kind=row["kind"],
            message=row["message"],
            time=row["time_ms"] / 1000,
            try_number=row.get("try", 0),
            execution=row.get("execution", ""),
            log=row.get("log", ""),
        )
        for row in rows
    ]


def outputs(connection: Connection, job_id: str) -> dict[str, Any]:
    """Return the job's output patterns, relative to the root, each with its kind, size and mode."""
    with connection.errors():
        rows = cast("dict[bytes, bytes]", connection.redis.hgetall(job_key(job_id, "outputs")))
    return {pattern.decode(): json.loads(row) for pattern, row in sorted(rows.items())}


def job_workers(connection: Connection, job_id: str) -> list[str]:
    """Return the names of workers that took part, in the order of the numbers in `UnitFacts.worker`."""
    with connection.errors():
        names = connection.redis.lrange(job_key(job_id, "workers"), 0, -1)
    return [one.decode() for one in cast("list[bytes]", names)]


def workers(connection: Connection, *, with_lost: bool = False) -> list[WorkerRecord]:
    """Return the live workers, by label; with those that were lost in the last day, if asked for."""
    with connection.errors():
        pipeline = connection.redis.pipeline(transaction=False)
        pipeline.time()
        pipeline.zrange("bc:workers", 0, -1, withscores=True)
        pipeline.hgetall("bc:orders")
        (seconds, _), beats, orders = pipeline.execute()
        raw = cast("list[Any]", connection.redis.mget([b"bc:worker:" + one for one, _ in beats]) if beats else [])
    found = [
        replace(WorkerRecord.from_json(text), age=max(0.0, seconds - beat / 1000), order=orders.get(name, b"").decode())
        for (name, beat), text in zip(beats, raw)
        if text
    ]
    return sorted((one for one in found if with_lost or not one.is_lost), key=lambda one: one.label)


def executions(connection: Connection) -> list[RunningExecution]:
    """Return all that is being rendered."""
    with connection.errors():
        ids = [one.decode() for one in cast("list[bytes]", connection.redis.zrange("bc:running", 0, -1))]
        pipeline = connection.redis.pipeline(transaction=False)
        for one in ids:
            pipeline.hgetall(f"bc:execution:{one}")
        return [_execution(one, raw) for one, raw in zip(ids, pipeline.execute()) if raw]


def _execution(execution_id: str, raw: Mapping[bytes, bytes]) -> RunningExecution:
    progress = json.loads(raw.get(b"progress") or b"{}")
    return RunningExecution(
        id=execution_id,
        job=raw[b"job"].decode(),
        worker=raw[b"worker"].decode(),
        first=int(raw[b"first"]),
        count=int(raw[b"count"]),
        started=int(raw[b"started"]) / 1000,
        since=int(raw[b"since"]) / 1000,
        fraction=progress.get("fraction"),
        text=progress.get("text", ""),
    )


def execution_units(execution: RunningExecution) -> Sequence[int]:
    """Return the indexes of the units that an execution still holds."""
    return range(execution.first, execution.first + execution.count)


def new_job_id() -> str:
    """Return a new id, short enough to type."""
    return uuid.uuid4().hex[:8]
