"""Chooses among the records: jobs by user, state, batch and name; workers by name. Python 3.9, redis-py."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from itertools import islice
from typing import Optional, cast

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord, WorkerRecord
from buildcat.model.errors import NoSuchWorkerError, near_names
from buildcat.model.states import Counts, JobState, job_state

_PAGE = 500
_FLAGS = ("paused", "cancelled")
_FLAGS_AND_COUNTS = (*_FLAGS, *(one.name for one in fields(Counts)))
#: States of jobs that something still happens to.
ALIVE = tuple(one for one in JobState if not one.has_ended)
_Values = Mapping[str, Optional[bytes]]


@dataclass(frozen=True)
class Choice:
    """Which jobs are meant; what is empty is not asked for."""

    #: A shell pattern, such as `shot_*`.
    name: str = ""
    user: str = ""
    batch: str = ""
    states: Collection[JobState] = ()

    @property
    def asked(self) -> Sequence[str]:
        """The fields of a job's hash that decide; none when all are meant."""
        texts = {"name": self.name, "user": self.user, "batch": self.batch}
        return [key for key, value in texts.items() if value] + (list(_FLAGS_AND_COUNTS) if self.states else [])

    def has(self, values: _Values) -> bool:
        """Say whether a job is among them, by the fields that were asked for."""
        texts = {key: (values.get(key) or b"").decode() for key in ("name", "user", "batch")}
        return (
            (not self.name or fnmatchcase(texts["name"], self.name))
            and (not self.user or texts["user"] == self.user)
            and (not self.batch or texts["batch"] == self.batch)
            and (not self.states or _state(values) in self.states)
        )


def _state(values: _Values) -> JobState:
    numbers = {key: int(values[key] or 0) for key in _FLAGS_AND_COUNTS}
    is_paused, is_cancelled = (numbers.pop(key) == 1 for key in _FLAGS)
    return job_state(Counts(**numbers), is_paused=is_paused, is_cancelled=is_cancelled)


def jobs(connection: Connection, choice: Choice, *, most: int, before: str = "") -> list[JobRecord]:
    """Return the chosen jobs, newest first; with `before`, the id of a job, only older ones."""
    return records.jobs_of(connection, list(islice(ids(connection, choice, before=before), most)))


def ids(connection: Connection, choice: Choice, *, before: str = "") -> Iterator[str]:
    """Yield the ids of the chosen jobs, newest first; with `before`, the id of a job, only older ones."""
    for page in _pages(connection, before):
        yield from _chosen(connection, choice, page)


def _pages(connection: Connection, before: str) -> Iterator[list[str]]:
    """Yield the ids of all jobs, newest first."""
    first = 0
    if before:
        with connection.errors():
            first = cast(int, connection.redis.zrevrank("bc:jobs", before) or 0) + 1
    while page := records.job_ids(connection, most=_PAGE, first=first):
        yield page
        first += _PAGE


def _chosen(connection: Connection, choice: Choice, ids: Sequence[str]) -> Sequence[str]:
    asked = choice.asked
    if not asked:
        return ids
    pipeline = connection.redis.pipeline(transaction=False)
    for one in ids:
        pipeline.hmget(records.job_key(one), asked)
    with connection.errors():
        rows = cast("list[list[bytes | None]]", pipeline.execute())
    return [one for one, values in zip(ids, rows) if choice.has(dict(zip(asked, values)))]


def answer(job: JobRecord) -> dict[str, object]:
    """Return a job as the `--json` of every command shows it."""
    return {
        "id": job.id,
        "name": job.spec.name,
        "state": job.state.value,
        "user": job.spec.user,
        "batch": job.spec.batch,
        "pool": job.pool,
        "priority": job.priority,
        "counts": {**job.counts.__dict__, "total": job.counts.total},
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
        "last": job.last,
    }


def workers(known: Sequence[WorkerRecord], words: Sequence[str]) -> list[WorkerRecord]:
    """Return the workers that a person means, each once: by own name, label, shell pattern, or beginning of a name.

    Raises:
        NoSuchWorkerError: no worker goes by a word, or several begin with it.
    """
    found = [one for word in words for one in _workers(known, word)]
    return list({one.name: one for one in found}.values())


def _workers(known: Sequence[WorkerRecord], word: str) -> list[WorkerRecord]:
    named = [one for one in known if word in (one.name, one.label)]
    named = named or [one for one in known if fnmatchcase(one.name, word) or fnmatchcase(one.label, word)]
    if named:
        return named
    begun = [one for one in known if word and one.name.startswith(word)]
    labels = sorted({one.label for one in begun})
    if len(labels) > 1:
        raise NoSuchWorkerError(f"{word!r} begins the names of {', '.join(labels[:5])}. Type more of it, or '{word}*'.")
    if not begun:
        near = near_names(word, sorted({one.label for one in known}))
        raise NoSuchWorkerError(f"There is no worker {word!r}.{near} `buildcat workers` lists them.")
    return begun
