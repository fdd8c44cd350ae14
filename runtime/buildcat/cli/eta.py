"""`buildcat eta`: how long jobs still take. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command
from buildcat.cli.jobs import answer
from buildcat.client import listing, progress, records, waiting
from buildcat.client.connection import Connection
from buildcat.client.progress import Outlook
from buildcat.client.records import JobRecord

_EXAMPLES = """\
buildcat eta                 of my jobs that have not ended
buildcat eta last 3f2a
"""
_MOST = 50
_LAYOUT = terminal.Layout("ETA", is_wrapped=True)


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("jobs", metavar="[JOB]...", nargs=-1)
def eta(call: Call, jobs: Sequence[str]) -> None:
    """The time is foretold from the units that are done, spread over the workers that render the job.

    The range says how sure that is: from quick units on all workers that could render it, to slow ones on those that do
    now.
    """
    connection = call.connect()
    found = _found(connection, jobs, call.user)
    outlooks = progress.outlooks(connection, found, progress.look(connection))
    rows = [(one, outlooks.get(one.id, Outlook()), waiting.why(connection, one)) for one in found]
    if call.is_json:
        terminal.answer([{**answer(job, one.eta), "left": job.counts.left, "waits": waits} for job, one, waits in rows])
    elif rows:
        terminal.table(("JOB", "NAME", "LEFT", "ETA"), [_row(*row) for row in rows], _LAYOUT)
    else:
        terminal.say(f"No job of {words.plain(call.user)} renders or waits. `buildcat jobs` lists everybody's.")


def _found(connection: Connection, names: Sequence[str], user: str) -> list[JobRecord]:
    if names:
        return records.jobs_of(connection, list(dict.fromkeys(records.find(connection, one, user) for one in names)))
    return listing.jobs(connection, listing.Choice(user=user, states=listing.ALIVE), most=_MOST)


def _row(job: JobRecord, outlook: Outlook, waits: str) -> list[str | Text]:
    said = [words.eta(outlook.eta), words.plain(waits), "" if job.counts.left else job.state.value]
    if job.counts.running and not outlook.eta:
        said.append("not known before the first is done")
    left = words.many(job.counts.left, words.noun(job.spec))
    return [job.id, words.cut(words.plain(job.spec.name)), left, ". ".join(one for one in said if one)]
