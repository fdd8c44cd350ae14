"""The word `command` of `buildcat submit` and `run`: any program, for each frame. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import click

from buildcat.cli import scene as scenes
from buildcat.client import submission
from buildcat.farm import command
from buildcat.model import frames
from buildcat.model.job import JobSpec

HELP = """\
Put the program and its arguments behind `--`. They are never read by a shell. {output}, {scene}, {frame} and
{frame:04} are filled in; all else stays as it is. The program runs in the root.
"""
_OUTPUT = "The file that the program writes as {output}, such as out/shot_{frame:04}.png."


def examples(verb: str) -> str:
    """Return the examples for `submit` or `run`."""
    return (
        f"buildcat {verb} command --output out/still.png -- povray a.pov +O{{output}}\n"
        f"buildcat {verb} command --frames 1-9 --output 'out/{{frame:04}}.png' \\\n"
        "    --scene a.pov -- povray +I{scene} +K{frame} +O{output}\n"
    )


def options(names: Sequence[str]) -> list[click.Parameter]:
    """Return the arguments of the program, these options of a job, its scene and its output."""
    return [
        click.Argument(["arguments"], metavar="PROGRAM [ARGUMENT]...", nargs=-1, required=True, type=click.UNPROCESSED),
        *(one for one in scenes.fields(names) if one.name != "frames"),
        click.Option(["--frames"], metavar="RANGE", help="Run it for each of these frames; left out: once."),
        click.Option(["--scene"], type=click.Path(path_type=Path), metavar="FILE", help="The file that is {scene}."),
        click.Option(["--output"], required=True, metavar="PATTERN", help=_OUTPUT),
        scenes.skip_option(),
        scenes.timeout_option(),
    ]


def read_spec(user: str, root: Path | None, given: Mapping[str, Any]) -> JobSpec:
    """Return the job that the options describe, checked as far as it can be without a server.

    Raises:
        BuildcatError: the scene or another value doesn't fit, or there is no root.
    """
    scene, arguments = given["scene"], given["arguments"]
    spec = JobSpec(
        dcc=command.DCC.name,
        split="frames" if given["frames"] else "whole",
        settings={"command": arguments},
        user=user,
        requires=(command.TAG,),
        **scenes.job_fields(given),
    )
    spec = submission.prepare(spec, command.DCC, scene, root, given["output"])
    spec = replace(spec, name=spec.name or PurePath(arguments[0]).name)
    frames.units(spec)  # so that wrong frames are told before a missing server is
    return spec
