"""`buildcat jobs`: the jobs of the farm, newest first. Python 3.11 or newer."""

from __future__ import annotations

import click
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command
from buildcat.client import records

_EXAMPLES = """\
buildcat jobs
buildcat jobs --most 200
"""


@click.command(cls=Command, examples=_EXAMPLES)
@click.option("--most", type=click.IntRange(1), default=30, show_default=True, metavar="N", help="How many to list.")
def jobs(call: Call, most: int) -> None:
    """AGE is the time since a job was submitted. `buildcat show JOB` shows all about one."""
    connection = call.connect()
    found = records.jobs(connection, most=most + 1)
    if call.is_json:
        terminal.answer([words.job_answer(one) for one in found[:most]])
    elif not found:
        terminal.say("There are no jobs yet. Submit one:\n  buildcat submit blender shot.blend --frames 1-100")
    else:
        headings = ("JOB", "NAME", "STATE", "DONE", "USER", "AGE", "POOL")
        terminal.table(headings, [_row(one) for one in found[:most]])
        if len(found) > most:
            terminal.say(f"There are older ones: buildcat jobs --most {most * 10}")


def _row(job: records.JobRecord) -> list[str | Text]:
    return [
        job.id,
        words.plain(job.spec.name),
        terminal.state_text(job.state.value),
        words.progress(job.counts),
        words.plain(job.spec.user),
        words.age(job.created),
        job.pool,
    ]
