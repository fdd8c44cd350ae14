"""`buildcat events`: what happens on the farm. Python 3.11 or newer."""

from __future__ import annotations

import json

import click

from buildcat.cli import terminal
from buildcat.cli.call import Call, Command
from buildcat.cli.telling import Teller
from buildcat.client import events as farm_events
from buildcat.client import records
from buildcat.client.events import Event

_EXAMPLES = """\
buildcat events
buildcat events --follow                      until Ctrl-C
buildcat events --follow --json --job 3f2a    for a program, a line each
"""


@click.command(cls=Command, examples=_EXAMPLES)
@click.option("--follow", is_flag=True, help="Go on with what happens, until Ctrl-C.")
@click.option("--job", default="", metavar="JOB", help="Only what happens to this job.")
@click.option(
    "--most",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    metavar="N",
    help="How many of the past to tell first.",
)
def events(call: Call, follow: bool, job: str, most: int) -> None:
    """The server keeps the last 5,000 or so. With --json each is a line: id, time, kind, job, details.

    The kinds and their details are in docs/events.md.
    """
    connection = call.connect()
    job_id = records.find(connection, job, call.user) if job else ""
    teller = Teller(connection)
    last = farm_events.last_id(connection)
    past = farm_events.latest(connection, most, job_id) if most else []
    for event in past:
        _print(call, teller, event)
    if not (past or follow or call.is_json):
        terminal.note("Nothing has happened yet.")
    told = {event.id for event in past}  # also what came in after `last`
    try:
        for event in farm_events.follow(connection, last) if follow else []:
            if event.id not in told and (not job_id or event.job == job_id):
                _print(call, teller, event)
    except KeyboardInterrupt:
        return


def _print(call: Call, teller: Teller, event: Event) -> None:
    if call.is_json:
        click.echo(json.dumps(as_json(event), ensure_ascii=False))
    else:
        terminal.say(teller.line(event))


def as_json(event: Event) -> dict[str, object]:
    """Return the event as `--json` shows it."""
    return {"id": event.id, "time": event.time, "kind": event.kind, "job": event.job, "details": event.details}
