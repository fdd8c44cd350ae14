"""Says in words why a job is not being rendered. Python 3.9."""

from __future__ import annotations

from collections.abc import Sequence

from buildcat.client import limits, progress, records
from buildcat.client.connection import Connection
from buildcat.client.fitness import fitting, obstacle
from buildcat.client.records import JobRecord, WorkerRecord
from buildcat.model.errors import NoSuchJobError
from buildcat.model.states import JobState
from buildcat.model.times import duration

#: Who holds a limit's slots: so many are named.
_MOST_HOLDERS = 4


def why(connection: Connection, job: JobRecord) -> str:
    """Return a sentence that names why nothing of the job runs, or an empty string when something does or it ended."""
    if job.state is JobState.PAUSED:
        return f"It is paused: {job.paused_why or 'no reason was given'}. `buildcat resume {job.id}` goes on."
    if job.state is not JobState.WAITING:
        return ""
    if not job.counts.waiting:
        return _held(connection, job)
    workers = records.workers(connection)
    return (
        _no_fitting_worker(job, workers)
        or _ordered(job, workers)
        or _limit_full(connection, job, workers)
        or _all_busy(connection, job, workers)
    )


def _no_fitting_worker(job: JobRecord, workers: Sequence[WorkerRecord]) -> str:
    if not workers:
        return "There is no worker. Start one with `buildcat worker` in the shared storage."
    obstacles = {obstacle(job, one): one.label for one in workers}
    if "" in obstacles:
        return ""
    reasons = "; ".join(f"{label} {reason}" for reason, label in list(obstacles.items())[:3])
    can_none = f"None of the {len(workers)} workers can" if len(workers) > 1 else "The one worker can't"
    return f"{can_none} render it: {reasons}."


def _held(connection: Connection, job: JobRecord) -> str:
    """Return what the job waits for: other jobs, the first of them with how far it is."""
    for job_id in (*job.spec.after, *job.spec.after_any):
        try:
            other = records.job(connection, job_id)
        except NoSuchJobError:  # deleted: nobody waits for it any more
            continue
        name = f"{other.spec.name} ({job_id})"
        is_needed = job_id in job.spec.after
        if is_needed and other.state in (JobState.FAILED, JobState.CANCELLED):
            return f"It waits for the success of {name}, which is {other.state.value}. `buildcat retry {job_id}`."
        if not other.state.has_ended:
            frames = "the same frames of " if job.spec.per_frame and is_needed else ""
            far = f"{other.counts.finished:,} of {other.counts.total:,} done"
            return f"It waits for {frames}{name}: {other.state.value}, {far}."
    return "It starts in a moment."


def _ordered(job: JobRecord, workers: Sequence[WorkerRecord]) -> str:
    able = fitting(job, workers)
    orders = {one.label: one.order for one in able if one.order}
    if len(orders) < len(able):
        return ""
    label, order = next(iter(orders.items()))
    who = "The one worker" if len(able) == 1 else f"Each of the {len(able)} workers"
    back = f" `buildcat workers resume {label}` takes it back." if order == "pause" else ""
    return f"{who} that can render it was told to {order}.{back}"


def _limit_full(connection: Connection, job: JobRecord, workers: Sequence[WorkerRecord]) -> str:
    """Return which limit has no slot left, of those that the job names or its DCC needs."""
    able = fitting(job, workers)
    needed = {*job.spec.limits, *(name for one in able for name in one.limits.get(job.spec.dcc, ()))}
    for limit in limits.read(connection) if needed else ():
        if limit.name in needed and limit.is_full(one.host for one in able):
            labels = ", ".join(one.rpartition(".")[0] or one for one in limit.holders[:_MOST_HOLDERS])
            taken = f"are taken, by {labels}" if labels else "are none"
            return f"The limit {limit.name} is full: its slots ({limit.value}) {taken}. `buildcat limits` shows them."
    return ""


def _all_busy(connection: Connection, job: JobRecord, workers: Sequence[WorkerRecord]) -> str:
    able = fitting(job, workers)
    busy = [one for one in able if one.execution]
    if len(busy) < len(able):
        return "It starts in a moment."
    who = f"All {len(able)} workers that can" if len(able) > 1 else "The one worker that can"
    are = "are" if len(able) > 1 else "is"
    free_s = progress.next_free_s(connection, {one.name for one in able})
    soon = "" if free_s is None else f"; {'the next' if len(able) > 1 else 'it'} is free in about {duration(free_s)}"
    return f"{who} render it {are} busy{soon}."
