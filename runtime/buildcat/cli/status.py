"""`buildcat status`: the farm at a glance, once or live. Python 3.11 or newer."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import click
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command
from buildcat.cli.events import as_json
from buildcat.cli.jobs import answer
from buildcat.cli.telling import Teller
from buildcat.cli.workers import Activity, activities, shown_names, state_of
from buildcat.cli.workers import answer as worker_answer
from buildcat.client import events, progress, records
from buildcat.client.connection import Connection
from buildcat.client.events import Event
from buildcat.client.progress import Outlook
from buildcat.client.records import JobRecord, WorkerRecord
from buildcat.model.errors import ServerError, UsageError
from buildcat.model.states import JobState

_EXAMPLES = """\
buildcat status
buildcat status --watch      live, until Ctrl-C
"""
_REDRAW_S = 1.0
#: Lines of jobs, workers and events where nothing limits them.
_MOST = (20, 20, 8)
#: Of the screen, what the counts, headings and blank lines take.
_AROUND = 8
#: From so many columns on there is room for long bars and the ranges of ETAs.
_WIDE = 110


@click.command(cls=Command, examples=_EXAMPLES)
@click.option("--watch", is_flag=True, help="Draw it again and again, until Ctrl-C. Needs a terminal.")
def status(call: Call, watch: bool) -> None:
    """Jobs that render come first, then those that wait, then those that ended last.

    Without a terminal --watch is refused; `buildcat events --follow` is for files and programs.
    """
    if watch and (call.is_json or not sys.stdout.isatty()):
        raise UsageError("--watch needs a terminal. Leave it out, or use `buildcat events --follow`.")
    connection = call.connect()
    if watch:
        _watch(connection)
    elif call.is_json:
        terminal.answer(_as_json(Glance.of(connection, _MOST)))
    else:
        terminal.draw(_drawn(Glance.of(connection, _MOST), Teller(connection)))


@dataclass(frozen=True)
class Glance:
    """What is shown of a farm at one moment."""

    jobs: Sequence[JobRecord]
    outlooks: dict[str, Outlook]
    workers: Sequence[WorkerRecord]
    doing: dict[str, Activity]
    events: Sequence[Event]
    #: How many jobs render, wait (also paused), and have ended.
    counts: dict[str, int]

    @classmethod
    def of(cls, connection: Connection, most: tuple[int, int, int]) -> Self:
        """Read so many jobs, workers and events."""
        moment = progress.look(connection)
        alive, ended, ended_count = _job_ids(connection, most[0])
        running = [one for one in alive if one in moment.by_job]
        waiting = [one for one in alive if one not in moment.by_job]
        found = records.jobs_of(connection, [*running, *waiting, *ended][: most[0]])
        workers = records.workers(connection, with_lost=True)
        # Who renders comes first, who is lost last.
        workers.sort(key=lambda one: (one.is_lost, not one.execution))
        shown = {one.name for one in workers[: most[1]]}
        return cls(
            found,
            progress.outlooks(connection, found, moment),
            workers,
            activities(connection, [one for one in moment.executions if one.worker in shown]),
            events.latest(connection, most[2]),
            {"render": len(running), "wait": len(waiting), "ended": ended_count},
        )


def _job_ids(connection: Connection, most: int) -> tuple[list[str], list[str], int]:
    """Return the ids of jobs that have not ended, newest first; of so many that ended last; and how many have ended."""
    with connection.errors():
        pipeline = connection.redis.pipeline(transaction=False)
        pipeline.zdiff(["bc:jobs", "bc:ended"])
        pipeline.zrevrange("bc:ended", 0, most - 1)
        pipeline.zcard("bc:ended")
        alive, ended, count = pipeline.execute()
    return [one.decode() for one in reversed(alive)], [one.decode() for one in ended], count


def _as_json(glance: Glance) -> dict[str, object]:
    return {
        "counts": glance.counts,
        "jobs": [answer(one, glance.outlooks.get(one.id, Outlook()).eta) for one in glance.jobs],
        "workers": [worker_answer(one, glance.doing.get(one.name, Activity())) for one in glance.workers],
        "events": [as_json(one) for one in glance.events],
    }


def _watch(connection: Connection) -> None:
    """Draw until Ctrl-C; at once when the terminal gets another size."""
    teller, due = Teller(connection), threading.Event()
    if hasattr(signal, "SIGWINCH"):  # Windows has none: there the next drawing has the new size
        signal.signal(signal.SIGWINCH, lambda *_: due.set())
    screen = terminal.console()
    try:
        with Live(console=screen, screen=True, auto_refresh=False) as live:
            while True:
                due.clear()
                live.update(_now(connection, teller, max(screen.height - _AROUND, 3)), refresh=True)
                due.wait(_REDRAW_S)
    except KeyboardInterrupt:
        return


def _now(connection: Connection, teller: Teller, room: int) -> RenderableType:
    """Return the picture of this moment, or of an outage: who watches a farm watches on."""
    try:
        return _drawn(Glance.of(connection, (room // 2, room // 3, room)), teller, room=room)
    except ServerError as exc:
        return Text(str(exc), style="red")


def _drawn(glance: Glance, teller: Teller, *, room: int | None = None) -> RenderableType:
    """Return the picture; with `room`, so many lines of jobs, workers and events in all."""
    most_jobs, most_workers = (room // 2, room // 3) if room else _MOST[:2]
    workers = glance.workers[:most_workers]
    left = room - len(glance.jobs[:most_jobs]) - len(workers) if room else _MOST[2]
    told = [Text(teller.line(one), no_wrap=True, overflow="ellipsis") for one in glance.events[-left:]]
    return Group(
        _counts(glance),
        _heading("JOBS"),
        _Jobs(glance) if glance.jobs else Text("none; `buildcat submit` makes one", style="dim"),
        _heading("WORKERS"),
        _Workers(glance, workers) if workers else Text("none; `buildcat worker` starts one", style="dim"),
        _heading("EVENTS"),
        Group(*told) if told else Text("none", style="dim"),
    )


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _counts(glance: Glance) -> Text:
    alive = [one for one in glance.workers if not one.is_lost]
    rendering = glance.counts["render"]
    jobs = f"{words.many(rendering, 'job')} {'renders' if rendering == 1 else 'render'}"
    jobs += f", {glance.counts['wait']:,} wait, {glance.counts['ended']:,} ended"
    busy = sum(1 for one in alive if one.execution)
    workers = f"{busy:,} of {words.many(len(alive), 'worker')} {'renders' if busy == 1 else 'render'}"
    lost = len(glance.workers) - len(alive)
    return Text(f"{jobs}  ·  {workers}") + Text(f", {lost:,} lost" if lost else "", style="red")


@dataclass(frozen=True)
class _Jobs:
    """The jobs, laid out for the width that there is."""

    glance: Glance

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        is_wide = options.max_width >= _WIDE
        grid = _grid(None, 1, 24 if is_wide else 12, None, None, None)
        for job in self.glance.jobs:
            outlook = self.glance.outlooks.get(job.id, Outlook())
            grid.add_row(
                job.id,
                words.plain(job.spec.name),
                _job_bar(job, 24 if is_wide else 12),
                words.progress(job.counts),
                terminal.state_text(job.state.value),
                _expected(outlook, is_wide=is_wide),
            )
        yield grid


@dataclass(frozen=True)
class _Workers:
    """The workers, laid out for the width that there is."""

    glance: Glance
    shown: Sequence[WorkerRecord]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        names = shown_names(self.glance.workers)
        width = 24 if options.max_width >= _WIDE else 12
        grid = _grid(None, 2, width, 1)
        for one in self.shown:
            doing = self.glance.doing.get(one.name, Activity())
            bar = ProgressBar(total=1, completed=doing.fraction, width=width) if doing.fraction is not None else ""
            style = "dim" if one.is_lost else ""
            grid.add_row(Text(names[one.name], style=style), state_of(one, doing), bar, doing.text)
        yield grid


def _grid(*columns: int | None) -> Table:
    """Return a table with no lines: columns of 1 and 2 share what is left, others have their width or are as needed."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for one in columns:
        is_shared = one in (1, 2)
        grid.add_column(
            no_wrap=True, overflow="ellipsis", ratio=one if is_shared else None, width=None if is_shared else one
        )
    return grid


def _job_bar(job: JobRecord, width: int) -> ProgressBar:
    done = job.counts.finished + job.counts.failed
    style = {JobState.FAILED: "red", JobState.DONE: "green"}.get(job.state, "cyan")
    return ProgressBar(total=job.counts.total, completed=done, width=width, complete_style=style, finished_style=style)


def _expected(outlook: Outlook, *, is_wide: bool) -> Text:
    known = outlook.eta
    said = Text((words.eta(known) if is_wide else words.duration(known.middle_s)) if known else "")
    if outlook.slow:
        said.append(f"  {len(outlook.slow)} slow", "yellow")
    return said
