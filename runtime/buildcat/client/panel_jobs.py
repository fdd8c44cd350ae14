"""Submits the jobs of the scene that a panel has open: one, or several that wait for one another. Python 3.9."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from buildcat.client import control, records, selection, submission, video
from buildcat.client.connection import Connection
from buildcat.model import paths
from buildcat.model.errors import BuildcatError
from buildcat.model.job import JobSpec

#: Begins the names of batches that nobody has named.
_SUBMISSION = "submission-"


def submit(
    connection: Connection, scene: Path, root: Path, jobs: Sequence[Mapping[str, Any]], *, has_film: bool = False
) -> dict[str, JobSpec]:
    """Submit all jobs of the scene, or none; returns their ids with what each became, in order.

    Each of `jobs` has the fields of its `spec`; perhaps its own `output`, and the `place` that it writes to, both
    absolute; and in `after` the places in this list of those that it waits for, which come before it. More than one,
    and a film of theirs, are a batch.

    Raises:
        PathError: the scene, an output or a place is outside the root.
        BuildcatError: the farm takes one of them not; those that it took are deleted again.
        OSError: the scene can't be read.
    """
    batch = f"{_SUBMISSION}{uuid.uuid4().hex[:8]}" if len(jobs) > 1 or has_film else ""
    specs = [_spec(job, scene, root, batch) for job in jobs]
    made: dict[str, JobSpec] = {}
    try:
        for job, spec in zip(jobs, specs):
            ids = list(made)
            linked = replace(spec, after=(*spec.after, *(ids[place] for place in job.get("after", ()))))
            made[control.submit(connection, linked)] = linked
    except BuildcatError:
        for job_id in reversed(made):
            control.delete(connection, job_id)
        raise
    return made


def _spec(job: Mapping[str, Any], scene: Path, root: Path, batch: str) -> JobSpec:
    if job.get("place"):
        paths.check_inside(root, Path(job["place"]), "scene's output folder")
    return replace(
        submission.with_file(JobSpec(**job["spec"]), scene, root),
        output=paths.below_root(root, Path(job["output"])) if job.get("output") else "",
        host=socket.gethostname(),
        batch=batch,
    ).checked()


def submit_film(connection: Connection, film: video.Video, root: Path, job_id: str, spec: JobSpec) -> None:
    """Submit the video of a job's frames.

    Raises:
        BuildcatError: the farm doesn't take it; the job itself stays.
    """
    try:
        control.submit(connection, video.job(film, spec, job_id, root))
    except BuildcatError as exc:
        raise BuildcatError(f"The frames were submitted as {job_id}, but their video was not: {exc}") from exc


def is_scene_shared(connection: Connection, spec: JobSpec) -> bool:
    """Whether another job of the batch renders the same file: a copy that was made for all of them."""
    found = selection.batch(connection, spec.batch) if spec.batch else []
    return any(records.spec(connection, one).scene == spec.scene for one in found)
