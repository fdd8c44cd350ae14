"""Changes jobs: submit, pause, resume, cancel, retry, delete. Python 3.9, redis-py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from buildcat.client import config, records
from buildcat.client.connection import Connection
from buildcat.model import frames
from buildcat.model.errors import NoSuchJobError, UsageError
from buildcat.model.job import MAX_UNITS, JobSpec


def submit(connection: Connection, spec: JobSpec) -> str:
    """Make a job of the spec and return its id. Repeating it after a lost connection makes no second job.

    Raises:
        UsageError: the spec, its frames, order or split can't be read.
        ServerError: the server can't be reached.
    """
    spec = replace(spec, user=spec.user or config.current_user()).checked()
    total = len(frames.units(spec))
    while True:
        job_id = records.new_job_id()
        reply = connection.call(
            "submit",
            id=job_id,
            spec=spec.to_json(),
            total=total,
            name=spec.name,
            user=spec.user,
            pool=spec.pool,
            priority=spec.priority,
            chunk=spec.chunk,
            paused=spec.paused,
            dcc=spec.dcc,
            version_min=spec.version_min,
            requires=list(spec.requires),
        )
        if reply.get("error") == "units":
            raise UsageError(f"A job has from 1 to {MAX_UNITS:,} units, not {total:,}. Submit it in parts.")
        if reply.get("error") != "taken":
            return job_id


def pause(connection: Connection, job_id: str, *, why: str, now: bool = False) -> bool:
    """Start nothing new of the job; with `now`, also give back what runs. Returns whether it was not paused before."""
    return _control(connection, job_id, "pause", why=why, now=now)


def resume(connection: Connection, job_id: str, *, spec: JobSpec | None = None) -> bool:
    """Go on with a paused job; with `spec`, of a scene that has changed, from now on. Returns whether it was paused."""
    if spec is None:
        return _control(connection, job_id, "resume")
    spec = spec.checked()
    given = {"version_min": spec.version_min, "requires": list(spec.requires)}
    return _control(connection, job_id, "resume", spec=spec.to_json(), **given)


def cancel(connection: Connection, job_id: str) -> bool:
    """End the job now and stop what runs of it. Returns whether it had not ended before."""
    return _control(connection, job_id, "cancel")


def retry(connection: Connection, job_id: str, *, which: str | Sequence[int] = "failed") -> bool:
    """Render units again: the `failed` ones, `all`, or those of the given indexes. Lifts a cancellation.

    Returns whether anything is to be rendered again.
    """
    return _control(connection, job_id, "retry", which=which if isinstance(which, str) else list(which))


def delete(connection: Connection, job_id: str) -> bool:
    """Remove the job's records; rendered files stay."""
    return _control(connection, job_id, "delete")


def _control(connection: Connection, job_id: str, verb: str, **given: object) -> bool:
    reply = connection.call("control", job=job_id, verb=verb, by=config.current_user(), **given)
    if reply.get("error") == "missing":
        raise NoSuchJobError(f"There is no job {job_id}. `buildcat jobs` lists them.")
    return bool(reply["has_changed"])
