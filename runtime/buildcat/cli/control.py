"""`buildcat pause`, `resume`, `cancel`, `retry`, `delete`: each takes many jobs. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from buildcat.cli import terminal, words
from buildcat.cli.call import ROOT, Call, Command
from buildcat.client import control, records, submission
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord
from buildcat.farm import job_files, missing
from buildcat.model import paths
from buildcat.model.errors import PathError, UsageError
from buildcat.model.job import JobSpec

#: Changes a job; returns whether that changed anything.
Verb = Callable[[Connection, JobRecord], bool]

_JOBS = click.argument("jobs", metavar="JOB...", nargs=-1, required=True)
_PAUSE = """\
buildcat pause last
buildcat pause 3f2a 91bc --now
"""
_RESUME = """\
buildcat resume 3f2a
buildcat resume 3f2a --accept-scene    the scene as it is now
"""
_CANCEL = """\
buildcat cancel last
buildcat cancel 3f2a 91bc
"""
_RETRY = """\
buildcat retry last
buildcat retry 3f2a --all
buildcat retry 3f2a --missing      whose files are gone or damaged
"""
_DELETE = """\
buildcat delete last
buildcat delete 3f2a 91bc
"""


@click.command(cls=Command, examples=_PAUSE)
@_JOBS
@click.option("--now", is_flag=True, help="Also stop what renders; it is rendered again later.")
def pause(call: Call, jobs: Sequence[str], now: bool) -> None:
    """What renders is finished first."""
    why = f"paused by {call.user}"
    _each(call, jobs, lambda connection, job: control.pause(connection, job.id, why=why, now=now), "was paused already")


@click.command(cls=Command, examples=_RESUME)
@_JOBS
@click.option("--accept-scene", is_flag=True, help="Render the scene file as it is now, from the next frame on.")
@ROOT
def resume(call: Call, jobs: Sequence[str], accept_scene: bool, root: Path | None) -> None:
    """A job is paused by hand, or because its scene file has changed."""

    def verb(connection: Connection, job: JobRecord) -> bool:
        spec = _with_scene_of_today(job.spec, _storage(call, root)) if accept_scene else None
        return control.resume(connection, job.id, spec=spec)

    _each(call, jobs, verb, "was not paused")


@click.command(cls=Command, examples=_CANCEL)
@_JOBS
def cancel(call: Call, jobs: Sequence[str]) -> None:
    """What renders is stopped. `buildcat retry JOB` takes it back."""
    _each(call, jobs, lambda connection, job: control.cancel(connection, job.id), "had ended already")


@click.command(cls=Command, examples=_RETRY)
@_JOBS
@click.option("--all", "is_all", is_flag=True, help="Also what was rendered already.")
@click.option("--missing", "is_missing", is_flag=True, help="What was rendered and is not there, or not whole.")
@ROOT
def retry(call: Call, jobs: Sequence[str], is_all: bool, is_missing: bool, root: Path | None) -> None:
    """Also goes on with a cancelled job."""
    if is_missing:
        if is_all:
            raise UsageError("Pass --all or --missing, not both.")
        storage = _storage(call, root)
        _each(call, jobs, lambda connection, job: _retry_missing(connection, job, storage), "has all its files")
        return
    which = "all" if is_all else "failed"
    _each(call, jobs, lambda connection, job: control.retry(connection, job.id, which=which), "has no failed frames")


def _retry_missing(connection: Connection, job: JobRecord, root: Path) -> bool:
    units = missing.missing_units(connection, job, root)
    return bool(units) and control.retry(connection, job.id, which=units)


@click.command(cls=Command, examples=_DELETE)
@_JOBS
@ROOT
def delete(call: Call, jobs: Sequence[str], root: Path | None) -> None:
    """Their records, logs and snapshots are removed, and what renders is stopped. Rendered files stay."""
    storage = _storage(call, root)
    connection = call.connect()
    ids = dict.fromkeys(records.find(connection, name, call.user) for name in jobs)
    for job_id in ids:
        spec = records.spec(connection, job_id)
        control.delete(connection, job_id)
        job_files.remove(storage, job_id, spec)
        if not call.is_json:
            terminal.say(f"{job_id}  {words.plain(spec.name)}: deleted")
    if call.is_json:
        terminal.answer([{"id": job_id} for job_id in ids])


def _each(call: Call, names: Sequence[str], verb: Verb, unchanged: str) -> None:
    """Change each job and say what became of it; `unchanged` is said of one that did not change."""
    connection = call.connect()
    ids = [records.find(connection, name, call.user) for name in names]
    rows = []
    for job_id in dict.fromkeys(ids):
        before = records.job(connection, job_id)
        is_changed = verb(connection, before)
        after = records.job(connection, job_id)
        rows.append({"id": job_id, "is_changed": is_changed, "state": after.state.value})
        if not call.is_json:
            terminal.say(f"{job_id}  {words.plain(after.spec.name)}: {_outcome(after, is_changed, unchanged)}")
    if call.is_json:
        terminal.answer(rows)


def _outcome(job: JobRecord, is_changed: bool, unchanged: str) -> str:
    state = f"{job.state.value}, {words.progress(job.counts, words.noun(job.spec))}"
    return state if is_changed else f"{unchanged}; it is {state}"


def _storage(call: Call, flag: Path | None) -> Path:
    """Return the shared storage, which the command can't do without."""
    root = call.find_root(flag)
    if root is None:
        raise PathError(
            f"{Path.cwd()} is not in the shared storage, where the job's files are. Go there, or pass --root."
        )
    return root


def _with_scene_of_today(spec: JobSpec, root: Path) -> JobSpec:
    """Return the spec with the fingerprint that its scene has now."""
    scene = paths.resolve(root, spec.scene, "scene")
    if not scene.is_file():
        raise PathError(f"There is no scene {spec.scene} in {root}. Put it there, or submit another.")
    size, mtime_ns, digest = submission.fingerprint(scene)
    return replace(spec, scene_size=size, scene_mtime_ns=mtime_ns, scene_hash=digest)
