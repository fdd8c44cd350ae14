"""`buildcat units JOB`: all that is known of each unit. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

import click
from rich.text import Text

from buildcat.cli import failures, terminal, words
from buildcat.cli.call import Call, Command
from buildcat.client import progress, records
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord
from buildcat.model import frames
from buildcat.model.states import UnitState

_EXAMPLES = """\
buildcat units last
buildcat units 3f2a --state failed
buildcat units 3f2a --state running --state waiting --json
"""
#: A person reads no more; a program gets them all.
_MOST = 500
_STATES = click.Choice([one.name.lower() for one in UnitState])
_STATE_HELP = f"Only those that are {', '.join(_STATES.choices)}; may be repeated."


@dataclass(frozen=True)
class _Row:
    """One unit, as `--json` shows it."""

    #: `7`, `7.t3` for a tile, or `all`.
    unit: str
    frame: int | None
    tile: int | None
    state: str
    seconds: float
    #: Label of the worker that has it or had it last.
    worker: str
    peak_mb: int
    tries: int
    losses: int
    #: Why it failed last; empty when it didn't, or is done.
    why: str


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("job", metavar="JOB")
@click.option("--state", "states", type=_STATES, multiple=True, metavar="STATE", help=_STATE_HELP)
@click.option(
    "--most", type=click.IntRange(1), metavar="N", help=f"How many to list.  [default: {_MOST}; all with --json]"
)
def units(call: Call, job: str, states: Sequence[str], most: int | None) -> None:
    """A unit is a frame, a tile of one, or all frames where the output is one file.

    TIME is how long it was rendered, or is by now. A try is a failed attempt, a loss one that was taken back from a
    worker that was lost.
    """
    connection = call.connect()
    found = records.job(connection, records.find(connection, job, call.user))
    wanted = {one.value for one in UnitState if not states or one.name.lower() in states}
    rows, count = _rows(connection, found, wanted, most or (None if call.is_json else _MOST))
    if call.is_json:
        terminal.answer([asdict(one) for one in rows])
    elif not rows:
        terminal.say(f"No {words.noun(found.spec)} of {words.plain(found.spec.name)} is {' or '.join(states)}.")
    else:
        _print(found, rows)
        if count > len(rows):
            terminal.say(f"There are {count - len(rows):,} more: --most {count} lists all.")


def _rows(connection: Connection, job: JobRecord, wanted: Collection[str], most: int | None) -> tuple[list[_Row], int]:
    """Return rows for the units in the wanted states, and how many of them there are."""
    states = records.unit_bytes(connection, job.id)
    chosen = list(islice((unit for unit, one in enumerate(states) if one in wanted), most))
    known = zip(chosen, records.facts_of(connection, job.id, chosen), strict=True)
    crew = [words.worker_label(one) for one in records.job_workers(connection, job.id)]
    tries = failures.of_unfinished(connection, job.id, states)
    names = frames.units(job.spec)
    running = _running(connection, job)
    rows = []
    for unit, facts in known:
        worker = crew[facts.worker - 1] if 0 < facts.worker <= len(crew) else ""
        worker, seconds = running.get(unit, (worker, facts.seconds))
        one, why = names[unit], tries[unit][0].message if unit in tries else ""
        known_of_it = (UnitState(states[unit]).name.lower(), seconds, worker, facts.peak_mb, facts.tries, facts.losses)
        rows.append(_Row(one.label, one.frame, one.tile, *known_of_it, why))
    return rows, sum(map(states.count, wanted))


def _running(connection: Connection, job: JobRecord) -> dict[int, tuple[str, float]]:
    """Return by unit who has it, and for how many seconds it has been rendered; 0 when its turn is still to come."""
    moment = progress.look(connection)
    return {
        unit: (words.worker_label(one.worker), moment.time - one.since if unit == one.first else 0.0)
        for one in moment.running(job)
        for unit in records.execution_units(one)
    }


def _print(job: JobRecord, rows: Sequence[_Row]) -> None:
    headings = (words.noun(job.spec).upper(), "STATE", "TIME", "WORKER", "MEMORY", "TRIES", "LOSSES", "WHY")
    numbers = (headings[0], "TIME", "MEMORY", "TRIES", "LOSSES")
    layout = terminal.Layout("WHY", spare=("LOSSES", "MEMORY", "TRIES"), numbers=numbers)
    terminal.table(headings, [_cells(one) for one in rows], layout)


def _cells(row: _Row) -> list[str | Text]:
    sign, style = words.CELLS[UnitState[row.state.upper()]]
    return [
        row.unit,
        Text(f"{sign} {row.state}", style=style),
        words.duration(row.seconds) if row.seconds else "",
        words.cut(words.plain(row.worker)),
        f"{row.peak_mb:,} MB" if row.peak_mb else "",
        str(row.tries or ""),
        str(row.losses or ""),
        words.plain(" ".join(row.why.split())),
    ]
