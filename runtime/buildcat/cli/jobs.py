"""`buildcat jobs`: the jobs of the farm, newest first. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command
from buildcat.client import listing, progress, records
from buildcat.client.progress import Eta
from buildcat.client.records import JobRecord
from buildcat.model.states import JobState

_EXAMPLES = """\
buildcat jobs
buildcat jobs --mine --state failed
buildcat jobs --name 'shot_01*' --most 200
buildcat jobs --before 3f2a                  older ones than that job
"""
_LAYOUT = terminal.Layout(spare=("POOL", "ETA", "USER"))
_STATES = click.Choice([one.value for one in JobState])

_STATE_HELP = f"Only those that are {', '.join(_STATES.choices)}; may be repeated."


@click.command(cls=Command, examples=_EXAMPLES)
@click.option("--mine", is_flag=True, help="Only mine.")
@click.option("--state", "states", type=_STATES, multiple=True, metavar="STATE", help=_STATE_HELP)
@click.option("--name", default="", metavar="PATTERN", help="Only those whose name fits, such as 'shot_*'.")
@click.option("--batch", default="", metavar="NAME", help="Only those of this batch.")
@click.option("--before", default="", metavar="JOB", help="Only those submitted before this one.")
@click.option("--most", type=click.IntRange(1), default=30, show_default=True, metavar="N", help="How many to list.")
def jobs(call: Call, before: str, most: int, **asked: Any) -> None:
    """ETA is the time until a job is done, AGE the time since it was submitted.

    `buildcat show JOB` shows all about one.
    """
    connection = call.connect()
    choice = _choice(call, **asked)
    start = records.find(connection, before, call.user) if before else ""
    found = listing.jobs(connection, choice, most=most + 1, before=start)
    outlooks = progress.outlooks(connection, found[:most], progress.look(connection))
    etas = {job_id: outlook.eta for job_id, outlook in outlooks.items()}
    if call.is_json:
        terminal.answer([answer(one, etas.get(one.id)) for one in found[:most]])
    elif found:
        _print(found[:most], etas, has_more=len(found) > most)
    elif before or choice.asked:
        terminal.say("There is no such job. `buildcat jobs` lists them all.")
    else:
        terminal.say("There are no jobs yet. Submit one:\n  buildcat submit blender shot.blend --frames 1-100")


def _choice(call: Call, *, mine: bool, states: Sequence[str], name: str, batch: str) -> listing.Choice:
    return listing.Choice(name, call.user if mine else "", batch, [JobState(one) for one in states])


def answer(job: JobRecord, eta: Eta | None) -> dict[str, object]:
    """Return a job and its ETA as `--json` shows them."""
    return {**listing.answer(job), "eta": asdict(eta) if eta else None}


def _print(found: list[JobRecord], etas: dict[str, Eta | None], *, has_more: bool) -> None:
    headings = ("JOB", "NAME", "STATE", "DONE", "ETA", "USER", "AGE", "POOL")
    terminal.table(headings, [_row(one, etas.get(one.id)) for one in found], _LAYOUT)
    if has_more:
        terminal.say(f"There are older ones: --before {found[-1].id} lists them.")


def _row(job: JobRecord, eta: Eta | None) -> list[str | Text]:
    return [
        job.id,
        words.plain(job.spec.name),
        terminal.state_text(job.state.value),
        words.progress(job.counts),
        words.duration(eta.middle_s) if eta else "",
        words.plain(job.spec.user),
        words.age(job.created),
        job.pool,
    ]
