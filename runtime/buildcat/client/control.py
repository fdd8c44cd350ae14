"""Changes jobs and workers: submit, pause, resume, cancel, retry, set, delete; orders. Python 3.9, redis-py."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from buildcat.client import config, limits, records
from buildcat.client.connection import Connection
from buildcat.model import frames
from buildcat.model.errors import BuildcatError, NoSuchJobError, RefusedError, UsageError
from buildcat.model.job import MAX_UNITS, JobSpec

log = logging.getLogger(__name__)


def submit(connection: Connection, spec: JobSpec) -> str:
    """Make a job of the spec and return its id, once it is on the server's disk.

    Repeating it after a lost connection makes no second job.

    Raises:
        UsageError: the spec, its frames, order or split can't be read, or it names a limit that nobody has set.
        NoSuchJobError: it waits for a job that there is not.
        RefusedError: what it waits for can't come.
        ServerError: the server can't be reached.
    """
    spec = replace(spec, user=spec.user or config.current_user()).checked()
    total = len(frames.units(spec))
    limits.check(connection, spec.limits)
    if spec.per_frame:
        _check_same_frames(connection, spec)
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
            requires=spec.tags,
            limits=spec.limits,
            keep_going=spec.keep_going,
            batch=spec.batch,
            after=links(spec),
        )
        if reply.get("error") == "units":
            raise UsageError(f"A job has from 1 to {MAX_UNITS:,} units, not {total:,}. Submit it in parts.")
        if reply.get("error") == "after":
            raise _refusal(reply["job"], reply["why"])
        if reply.get("error") != "taken":
            if not connection.wait_for_disk():
                log.error(
                    "The server doesn't confirm that job %s is on its disk: it may be lost when the server's machine "
                    "fails. `buildcat doctor` says why.",
                    job_id,
                )
            return job_id


def links(spec: JobSpec) -> dict[str, str]:
    """Return for each job that the spec waits for what of it: its `success`, `any` end, or `frame` for frame."""
    needed = dict.fromkeys(spec.after, "frame" if spec.per_frame else "success")
    return {**dict.fromkeys(spec.after_any, "any"), **needed}


def _check_same_frames(connection: Connection, spec: JobSpec) -> None:
    if frames.tiles(spec.split):
        raise UsageError("A tile can't wait for another job's: a frame is whole with its last tile. Split in frames.")
    for job_id in spec.after:
        other = records.spec(connection, job_id)
        if list(frames.units(other)) != list(frames.units(spec)):
            raise _refusal(job_id, "units")


def _refusal(job_id: str, why: str) -> NoSuchJobError | RefusedError:
    """Return the error for a job that can't be waited for."""
    if why == "missing":
        return NoSuchJobError(f"There is no job {job_id} to wait for. `buildcat jobs` lists them.")
    if why == "units":
        return RefusedError(f"Job {job_id} has other frames, or another order of them: both must have the same.")
    return RefusedError(f"Job {job_id} has {why}, so its success won't come. Retry it first, or use --after-any.")


def pause(connection: Connection, job_id: str, *, why: str, now: bool = False) -> bool:
    """Start nothing new of the job; with `now`, also give back what runs. Returns whether it was not paused before."""
    return _control(connection, job_id, "pause", why=why, now=now)


def resume(connection: Connection, job_id: str, *, spec: JobSpec | None = None) -> bool:
    """Go on with a paused job; with `spec`, of a scene that has changed, from now on. Returns whether it was paused."""
    if spec is None:
        return _control(connection, job_id, "resume")
    spec = spec.checked()
    given: dict[str, Any] = {"version_min": spec.version_min, "requires": list(spec.tags)}
    if frames.tiles(spec.split):
        given["tiles"] = frames.units(spec).tile_count
    return _control(connection, job_id, "resume", spec=spec.to_json(), **given)


def cancel(connection: Connection, job_id: str) -> bool:
    """End the job now and stop what runs of it. Returns whether it had not ended before."""
    return _control(connection, job_id, "cancel")


def retry(connection: Connection, job_id: str, *, which: str | Sequence[int] = "failed") -> bool:
    """Render units again: the `failed` ones, `all`, or those of the given indexes. Lifts a cancellation.

    Returns whether anything is to be rendered again.
    """
    return _control(connection, job_id, "retry", which=which if isinstance(which, str) else list(which))


def change(
    connection: Connection,
    job_id: str,
    *,
    priority: int | None = None,
    pool: str | None = None,
    chunk: int | None = None,
) -> bool:
    """Change a living job's priority (0 to 100), pool or chunk; what renders goes on. Returns whether it changed.

    Raises:
        UsageError: a value is out of its range.
    """
    asked = {"priority": priority, "pool": pool, "chunk": chunk}
    given: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    replace(records.spec(connection, job_id), **given).checked()
    return _control(connection, job_id, "set", **given)


def reorder(connection: Connection, job_id: str, order: str) -> bool:
    """Render the frames in another order; returns whether it is another one.

    Raises:
        UsageError: there is no such order.
        RefusedError: something of the job was started already, or jobs wait for each other frame for frame.
    """
    spec = replace(records.spec(connection, job_id), order=order).checked()
    frames.units(spec)
    return _control(connection, job_id, "reorder", spec=spec.to_json())


def delete(connection: Connection, job_id: str) -> bool:
    """Remove the job's records; rendered files stay."""
    return _control(connection, job_id, "delete")


def _control(connection: Connection, job_id: str, verb: str, **given: object) -> bool:
    reply = connection.call("control", job=job_id, verb=verb, by=config.current_user(), **given)
    if reply.get("error") == "missing":
        raise NoSuchJobError(f"There is no job {job_id}. `buildcat jobs` lists them.")
    if reply.get("error") == "started":
        raise RefusedError(f"Job {job_id} has begun, so its order stays. Submit it again to have another.")
    if reply.get("error") == "linked":
        raise RefusedError(f"Job {job_id} waits for another job, or another for it, so its order stays.")
    return bool(reply["has_changed"])


def order_worker(connection: Connection, name: str, order: str) -> bool:
    """Tell a worker, by its own name, what to do; returns whether that is new to it.

    `pause` takes nothing new, `drain` finishes its task and ends, `stop` gives its task back and ends, `resume` takes
    a pause back.

    Raises:
        BuildcatError: there is no such worker.
    """
    reply = connection.call("order", worker=name, order=order, by=config.current_user())
    if reply.get("error"):
        raise BuildcatError(f"There is no worker {name}. `buildcat workers` lists them.")
    return bool(reply["has_changed"])
