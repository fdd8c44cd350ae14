"""Which workers can render a job, and what keeps the others from it. Python 3.9."""

from __future__ import annotations

from collections.abc import Iterable

from buildcat.client.records import JobRecord, WorkerRecord
from buildcat.model.dcc import version_text
from buildcat.model.job import TILES


def fitting(job: JobRecord, workers: Iterable[WorkerRecord]) -> list[WorkerRecord]:
    """Return the workers that can render the job."""
    return [one for one in workers if not obstacle(job, one)]


def obstacle(job: JobRecord, worker: WorkerRecord) -> str:
    """Say what keeps the worker from rendering the job, as in `aurora has no blender`; empty when nothing does."""
    spec = job.spec
    if worker.trouble:
        return worker.trouble
    if job.pool not in worker.pools:
        return f"serves the pool {', '.join(worker.pools)}, not {job.pool}"
    versions = worker.dccs.get(spec.dcc, ())
    if not versions:
        return worker.missing.get(spec.dcc, "").rstrip(".") or f"has no {spec.dcc}"
    if max(versions) < spec.version_min:
        return f"has {spec.dcc} {version_text(max(versions))}; the scene needs {version_text(spec.version_min)}"
    lacking = sorted(set(spec.tags) - set(worker.tags))
    if TILES in lacking:
        return "can't join tiles: OpenImageIO is not installed there"
    return f"doesn't allow {', '.join(lacking)}" if lacking else ""
