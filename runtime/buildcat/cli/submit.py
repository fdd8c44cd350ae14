"""`buildcat submit DCC SCENE`, and `buildcat submit -`. Python 3.11 or newer."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from buildcat.cli import scene as scenes
from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command, root_option
from buildcat.cli.follow import follow
from buildcat.client import control, records, waiting
from buildcat.client.connection import Connection
from buildcat.farm import plugins
from buildcat.model import frames
from buildcat.model.dcc import Dcc
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
            click.Option(["--paused"], is_flag=True, help="Wait for `buildcat resume`."),
            click.Option(["--wait"], **_WAIT),
            root_option(),
        ],
    )


def _submit(dcc: Dcc, call: Call, scene: Path, wait: bool, **given: Any) -> int:
    root = call.find_root(given["root"], scene.parent)
    return _send(call, scenes.read_spec(call.user, dcc, scene, root, given), root, wait=wait)


@click.command("-", cls=Command, examples=_FROM_INPUT, short_help="Submit a JobSpec as JSON.")
@click.option("--wait", **_WAIT)
def _from_input(call: Call, wait: bool) -> int:
    """Submit the JobSpec that comes as JSON on standard input. Its scene is relative to the root."""
    spec = JobSpec.from_json(sys.stdin.read())
    plugins.plugin(spec.dcc).check_settings(spec.settings)
    return _send(call, spec, call.find_root(None), wait=wait)


submit = scenes.DccCommands(
    "submit", _make, examples=_EXAMPLES + _FROM_INPUT, help="`buildcat submit DCC --help` lists its settings."
)
submit.add_command(_from_input)


def _send(call: Call, spec: JobSpec, root: Path | None, *, wait: bool) -> int:
    connection = call.connect()
    job_id = control.submit(connection, spec)
    if wait:
        if not call.is_json:
            terminal.say(f"Submitted as {job_id}. Ctrl-C leaves it to the farm.")
        return follow(call, connection, job_id, root)
    if call.is_json:
        terminal.answer({"id": job_id, "units": len(frames.units(spec))})
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
