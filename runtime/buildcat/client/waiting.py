"""Says in words why a job is not being rendered. Python 3.9."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord, WorkerRecord
from buildcat.model.dcc import version_text
from buildcat.model.states import JobState


def why(connection: Connection, job: JobRecord) -> str:
    """Return a sentence that names why nothing of the job runs, or an empty string when something does or it ended."""
    if job.state is JobState.PAUSED:
        return f"It is paused: {job.paused_why or 'no reason was given'}. `buildcat resume {job.id}` goes on."
    if job.state is not JobState.WAITING:
        return ""
    workers = records.workers(connection)
    return _no_fitting_worker(job, workers) or _all_busy(job, workers)


def fitting(job: JobRecord, workers: Iterable[WorkerRecord]) -> list[WorkerRecord]:
    """Return the workers that can render the job."""
    return [one for one in workers if not _obstacle(job, one)]


def _obstacle(job: JobRecord, worker: WorkerRecord) -> str:
    spec = job.spec
    if job.pool not in worker.pools:
        return f"serves the pool {', '.join(worker.pools)}, not {job.pool}"
    versions = worker.dccs.get(spec.dcc, ())
    if not versions:
        return worker.missing.get(spec.dcc, "").rstrip(".") or f"has no {spec.dcc}"
    if max(versions) < spec.version_min:
        return f"has {spec.dcc} {version_text(max(versions))}; the scene needs {version_text(spec.version_min)}"
    lacking = sorted(set(spec.requires) - set(worker.tags))
    return f"doesn't allow {', '.join(lacking)}" if lacking else ""


def _no_fitting_worker(job: JobRecord, workers: Sequence[WorkerRecord]) -> str:
    if not workers:
        return "There is no worker. Start one with `buildcat worker` in the shared storage."
    obstacles = {_obstacle(job, one): one.label for one in workers}
    if "" in obstacles:
        return ""
    reasons = "; ".join(f"{label} {reason}" for reason, label in list(obstacles.items())[:3])
    can_none = f"None of the {len(workers)} workers can" if len(workers) > 1 else "The one worker can't"
    return f"{can_none} render it: {reasons}."


def _all_busy(job: JobRecord, workers: Sequence[WorkerRecord]) -> str:
    able = fitting(job, workers)
    busy = [one for one in able if one.execution]
    if len(busy) < len(able):
        return "It starts in a moment."
    return (
        f"All {len(able)} workers that can render it are busy."
        if len(able) > 1
        else "The one worker that can render it is busy."
    )
