"""`buildcat submit DCC SCENE`, and `buildcat submit -`. Python 3.11 or newer."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import click

from buildcat.cli import command as commands
from buildcat.cli import scene as scenes
from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command, root_option
from buildcat.cli.follow import follow
from buildcat.client import control, records, selection, submission, waiting
from buildcat.client.connection import Connection
from buildcat.farm import command, job_files
from buildcat.model import frames, paths
from buildcat.model.dcc import Dcc
from buildcat.model.errors import UsageError
from buildcat.model.job import JobSpec

_EXAMPLES = """\
buildcat submit blender shot.blend --frames 1-100
buildcat submit blender shot.blend --frames 1-100x5 --wait
"""
_FROM_INPUT = "buildcat submit - < job.json\n"
_OPTIONS = ("frames", "chunk", "order", "priority", "pool", "name")
_WAIT: dict[str, Any] = {"is_flag": True, "help": "Show how it goes until it has ended."}


def _make(dcc: Dcc) -> click.Command:
    return scenes.SceneCommand(
        dcc,
        callback=partial(_submit, dcc),
        help=f"Submit a {dcc.label} scene to the farm. SCENE lies in the shared storage, below the root.",
        short_help=f"Submit a {dcc.label} scene.",
        examples=scenes.examples(_EXAMPLES, dcc),
        params=[
            *scenes.options(_OPTIONS),
            click.Option(["--snapshot"], is_flag=True, help="Render a copy of the scene, so that you can work on."),
            *_more_options(),
        ],
    )


def _more_options() -> list[click.Option]:
    many: dict[str, Any] = {"multiple": True}
    return [
        click.Option(["--after"], **many, metavar="JOB", help="Start when that job, or batch, has succeeded."),
        click.Option(["--after-any"], **many, metavar="JOB", help="Start when it has ended, however."),
        click.Option(["--per-frame"], is_flag=True, help="A frame waits only for the same frame of --after."),
        click.Option(["--batch"], metavar="NAME", help="A name that jobs share, for all commands on them."),
        click.Option(["--limit", "limits"], **many, metavar="NAME", help="What it holds of `buildcat limits`."),
        click.Option(["--keep-going"], is_flag=True, help="Go on when much of it has failed."),
        click.Option(["--paused"], is_flag=True, help="Wait for `buildcat resume`."),
        click.Option(["--wait"], **_WAIT),
        root_option(),
    ]


def _submit(dcc: Dcc, call: Call, scene: Path, wait: bool, snapshot: bool, **given: Any) -> int:
    root = call.find_root(given["root"], scene.parent)
    spec = scenes.read_spec(call.user, dcc, scene, root, given)
    if not snapshot:
        return _send(call, spec, root, wait=wait)
    assert root, "a spec is only read below a root"
    connection = call.connect()  # first, so that nothing is copied where there is no server
    spec = job_files.take_snapshot(_with_jobs(call, connection, spec), dcc, root)
    try:
        job_id = control.submit(connection, spec)
    except BaseException:
        job_files.remove_snapshot(root, spec)
        raise
    return _answer(call, connection, job_id, root, wait=wait)


def _read_input() -> tuple[Dcc, JobSpec]:
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise UsageError(f"The job is not UTF-8: {exc.reason} at byte {exc.start}. Save it as UTF-8.") from exc
    spec = JobSpec.from_json(text)
    dcc = command.dcc(spec.dcc)
    if dcc.extensions and not spec.scene:
        raise UsageError(f"The job names no scene, which {dcc.label} can't do without.")
    return dcc, spec


def _submit_command(call: Call, wait: bool, **given: Any) -> int:
    root = call.find_root(given["root"], given["scene"].parent if given["scene"] else Path())
    return _send(call, commands.read_spec(call.user, root, given), root, wait=wait)


@click.command("-", cls=Command, examples=_FROM_INPUT, short_help="Submit a JobSpec as JSON.")
@click.option("--wait", **_WAIT)
def _from_input(call: Call, wait: bool) -> int:
    """Submit the JobSpec that comes as JSON on standard input. Its scene is relative to the root.

    Where the root is known, here or by BUILDCAT_ROOT, the scene is looked at too.
    """
    dcc, spec = _read_input()
    dcc.check_settings(spec.settings)
    dcc.check_split(spec.split)
    frames.units(spec)  # so that wrong frames are told before a missing server is
    root = call.find_root(None)
    if root and spec.scene and not spec.scene_hash:
        scene = paths.resolve(root, spec.scene, "scene")
        submission.check_scene_file(scene, dcc)
        spec = submission.with_scene(spec, dcc, scene, root)
    return _send(call, replace(spec, name=spec.name or PurePosixPath(spec.scene).stem), root, wait=wait)


submit = scenes.DccCommands(
    "submit", _make, examples=_EXAMPLES + _FROM_INPUT, help="`buildcat submit DCC --help` lists its settings."
)
submit.add_command(_from_input)
submit.add_command(
    Command(
        command.DCC.name,
        callback=_submit_command,
        help=f"Submit a program to workers that were started with --allow-commands.\n\n{commands.HELP}",
        short_help="Submit a program.",
        examples=commands.examples("submit"),
        params=[*commands.options(_OPTIONS), *_more_options()],
    )
)


def _send(call: Call, spec: JobSpec, root: Path | None, *, wait: bool) -> int:
    connection = call.connect()
    job_id = control.submit(connection, _with_jobs(call, connection, spec))
    return _answer(call, connection, job_id, root, wait=wait)


def _with_jobs(call: Call, connection: Connection, spec: JobSpec) -> JobSpec:
    """Return the spec with the ids of the jobs that it waits for, instead of the words that a person typed."""

    def ids(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(selection.select(connection, words, call.user)) if words else ()

    return replace(spec, after=ids(spec.after), after_any=ids(spec.after_any))


def _answer(call: Call, connection: Connection, job_id: str, root: Path | None, *, wait: bool) -> int:
    if wait:
        if not call.is_json:
            terminal.say(f"Submitted as {job_id}. Ctrl-C leaves it to the farm.")
        return follow(call, connection, job_id, root)
    if call.is_json:
        terminal.answer({"id": job_id, "units": records.job(connection, job_id).counts.total})
    else:
        _say_next(connection, job_id)
    return 0


def _say_next(connection: Connection, job_id: str) -> None:
    job = records.job(connection, job_id)
    terminal.say(
        f"Submitted {words.plain(job.spec.name)} as {job_id}: {words.many(job.counts.total, words.noun(job.spec))}."
    )
    if why := waiting.why(connection, job):
        terminal.say(words.plain(why))
    terminal.say(f"  buildcat show {job_id}      how it goes\n  buildcat cancel {job_id}    end it")
