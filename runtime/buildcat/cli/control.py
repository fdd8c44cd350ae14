"""`buildcat pause`, `resume`, `cancel`, `retry`, `change`, `delete`: each takes many jobs. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from buildcat.cli import terminal, words
from buildcat.cli.call import ROOT, Call, Command
from buildcat.client import control, panel_jobs, records, selection, submission
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord
from buildcat.model import paths
from buildcat.model.errors import BuildcatError, PathError, UsageError
from buildcat.model.job import JobSpec

#: Changes a job; returns whether that changed anything.
Verb = Callable[[Connection, JobRecord], bool]

_JOB = "JOB is an id, the beginning of one, a batch, a pattern of names such as 'shot_*', or `last`, your newest."
_PAUSE = """\
buildcat pause last
buildcat pause 3f2a 91bc --now
buildcat pause 'shot_*' --mine
"""
_RESUME = """\
buildcat resume 3f2a
buildcat resume 3f2a --accept-scene    the scene as it is now
"""
_CANCEL = """\
buildcat cancel last
buildcat cancel 3f2a 91bc
buildcat cancel --mine                 all that you have on the farm
"""
_RETRY = """\
buildcat retry last
buildcat retry 3f2a --all
buildcat retry 3f2a --missing      whose files are gone or damaged
"""
_PRIORITY = """\
buildcat priority 80 last
buildcat priority 10 'test_*' --mine
"""
_CHANGE = """\
buildcat change last --pool gpu --chunk 4
buildcat change 3f2a --order reverse       while nothing of it has begun
"""
_DELETE = """\
buildcat delete last
buildcat delete 3f2a 91bc
buildcat delete 'test_*' --mine
"""


@dataclass(frozen=True)
class Meant:
    """The jobs that a command line means."""

    words: Sequence[str]
    is_mine: bool
    #: Whether ended jobs are left out of batches and patterns.
    is_living: bool = True

    def ids(self, connection: Connection, user: str) -> list[str]:
        """Return their ids."""
        return selection.select(connection, self.words, user, is_mine=self.is_mine, is_living=self.is_living)


def _jobs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add JOB... and --mine."""
    mine = click.option("--mine", is_flag=True, help="Only your own; without JOB all of those.")
    return click.argument("jobs", metavar="[JOB]...", nargs=-1)(mine(command))


@click.command(cls=Command, examples=_PAUSE, epilog=_JOB)
@_jobs
@click.option("--now", is_flag=True, help="Also stop what renders; it is rendered again later.")
def pause(call: Call, jobs: Sequence[str], mine: bool, now: bool) -> int:
    """What renders is finished first."""
    why = f"paused by {call.user}"

    def verb(connection: Connection, job: JobRecord) -> bool:
        return control.pause(connection, job.id, why=why, now=now)

    return _each(call, Meant(jobs, mine), verb, "was paused already")


@click.command(cls=Command, examples=_RESUME, epilog=_JOB)
@_jobs
@click.option("--accept-scene", is_flag=True, help="Render the scene file as it is now, from the next frame on.")
@ROOT
def resume(call: Call, jobs: Sequence[str], mine: bool, accept_scene: bool, root: Path | None) -> int:
    """A job is paused by hand, or because its scene file has changed."""

    def verb(connection: Connection, job: JobRecord) -> bool:
        spec = _with_scene_of_today(job.spec, _storage(call, root)) if accept_scene else None
        return control.resume(connection, job.id, spec=spec)

    return _each(call, Meant(jobs, mine), verb, "was not paused")


@click.command(cls=Command, examples=_CANCEL, epilog=_JOB)
@_jobs
def cancel(call: Call, jobs: Sequence[str], mine: bool) -> int:
    """What renders is stopped. `buildcat retry JOB` takes it back."""
    return _each(
        call, Meant(jobs, mine), lambda connection, job: control.cancel(connection, job.id), "had ended already"
    )


@click.command(cls=Command, examples=_RETRY, epilog=_JOB)
@_jobs
@click.option("--all", "is_all", is_flag=True, help="Also what was rendered already.")
@click.option("--missing", "is_missing", is_flag=True, help="What was rendered and is not there, or not whole.")
@ROOT
def retry(call: Call, jobs: Sequence[str], mine: bool, root: Path | None, **given: bool) -> int:
    """Also goes on with a cancelled job."""
    meant = Meant(jobs, mine, is_living=False)
    if given["is_missing"]:
        if given["is_all"]:
            raise UsageError("Pass --all or --missing, not both.")
        storage = _storage(call, root)
        return _each(call, meant, lambda connection, job: _retry_missing(connection, job, storage), "has all its files")
    which = "all" if given["is_all"] else "failed"
    return _each(
        call, meant, lambda connection, job: control.retry(connection, job.id, which=which), "has no failed frames"
    )


@click.command(cls=Command, examples=_PRIORITY, epilog=_JOB)
@click.argument("number", metavar="N", type=int)
@_jobs
def priority(call: Call, number: int, jobs: Sequence[str], mine: bool) -> int:
    """N is from 0 to 100; higher goes first. What renders goes on."""

    def verb(connection: Connection, job: JobRecord) -> bool:
        return control.change(connection, job.id, priority=number)

    return _each(call, Meant(jobs, mine), verb, f"has priority {number} already")


@click.command(cls=Command, examples=_CHANGE, epilog=_JOB)
@_jobs
@click.option("--priority", type=int, metavar="N", help="0 to 100; higher goes first.")
@click.option("--pool", metavar="NAME", help="The workers to render on.")
@click.option("--chunk", type=int, metavar="N", help="Most frames in a task.")
@click.option(
    "--order", metavar="ORDER", help="forward, reverse, ends-first, or every:N; only while nothing has begun."
)
def change(call: Call, jobs: Sequence[str], mine: bool, order: str | None, **given: Any) -> int:
    """What renders goes on as it was begun."""
    if order is None and all(one is None for one in given.values()):
        raise UsageError("Say what to change: --priority, --pool, --chunk or --order.")

    def verb(connection: Connection, job: JobRecord) -> bool:
        is_reordered = order is not None and control.reorder(connection, job.id, order)
        return control.change(connection, job.id, **given) or is_reordered

    return _each(call, Meant(jobs, mine), verb, "is like that already")


def _retry_missing(connection: Connection, job: JobRecord, root: Path) -> bool:
    from buildcat.farm import missing  # 20 ms, which the other commands can do without

    units = missing.missing_units(connection, job, root)
    return bool(units) and control.retry(connection, job.id, which=units)


@click.command(cls=Command, examples=_DELETE, epilog=_JOB)
@_jobs
@ROOT
def delete(call: Call, jobs: Sequence[str], mine: bool, root: Path | None) -> None:
    """Their records, logs and snapshots are removed, and what renders is stopped. Rendered files stay."""
    if not jobs:
        raise UsageError("Name what to delete; 'buildcat delete '*' --mine' forgets all of your jobs.")
    from buildcat.farm import job_files  # as above

    storage = _storage(call, root)
    connection = call.connect()
    ids = Meant(jobs, mine, is_living=False).ids(connection, call.user)
    for job_id in ids:
        spec = records.spec(connection, job_id)
        control.delete(connection, job_id)
        job_files.remove(storage, job_id, spec, is_scene_shared=panel_jobs.is_scene_shared(connection, spec))
        if not call.is_json:
            terminal.say(f"{job_id}  {words.plain(spec.name)}: deleted")
    if call.is_json:
        terminal.answer([{"id": job_id} for job_id in ids])


def _each(call: Call, meant: Meant, verb: Verb, unchanged: str) -> int:
    """Change each job and say what became of it; `unchanged` is said of one that did not change.

    One job's error doesn't keep the others from their change. Returns the exit code.
    """
    connection = call.connect()
    rows: list[dict[str, object]] = []
    code = 0
    ids = meant.ids(connection, call.user)
    for job_id in ids:
        before = records.job(connection, job_id)
        try:
            is_changed = verb(connection, before)
            after = records.job(connection, job_id)
        except BuildcatError as exc:
            if len(ids) == 1:
                raise
            code = max(code, exc.exit_code)
            rows.append({"id": job_id, "is_changed": False, "error": str(exc), "state": before.state.value})
            _say(call, before, str(exc))
            continue
        rows.append({"id": job_id, "is_changed": is_changed, "state": after.state.value})
        _say(call, after, _outcome(after, is_changed, unchanged))
    if call.is_json:
        terminal.answer(rows)
    return code


def _say(call: Call, job: JobRecord, what: str) -> None:
    if not call.is_json:
        terminal.say(f"{job.id}  {words.plain(job.spec.name)}: {what}")


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
