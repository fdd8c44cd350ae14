"""How a job that is being rendered looks: a live bar on a terminal, lines elsewhere. Python 3.11 or newer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.model.job import JobSpec
from buildcat.model.states import Counts

#: Of what renders at the same time, so many are shown.
_MOST_ROWS = 6
_LINE_S = 1.0


@dataclass(frozen=True)
class Row:
    """One unit that is being rendered."""

    unit: str
    #: Label of its worker; empty when it is this process.
    worker: str
    fraction: float | None
    text: str


class Pace:
    """How fast units finish, waiting not counted."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._finished = 0
        self._before: tuple[float, int] | None = None

    def add(self, now: float, finished: int, *, is_running: bool) -> None:
        """Note how many units were finished at a time, and whether any is being rendered from then on."""
        if self._before:
            self._seconds += now - self._before[0]
            self._finished += finished - self._before[1]
        self._before = (now, finished) if is_running else None

    @property
    def per_minute(self) -> float | None:
        """Units per minute; None before the first."""
        return 60 * self._finished / self._seconds if self._finished > 0 and self._seconds > 0 else None


@dataclass(frozen=True)
class Look:
    """All that is shown of a job at one moment."""

    spec: JobSpec
    counts: Counts
    pace: Pace
    #: What is being rendered.
    rows: Sequence[Row] = ()
    #: The last output, relative to the root.
    last: str = ""
    #: Why nothing renders; empty when something does.
    note: str = ""

    @property
    def done(self) -> str:
        """Say how far it is: `12/24 frames`."""
        return words.progress(self.counts, words.noun(self.spec))

    @property
    def speed(self) -> str:
        """Say how fast it goes, and until when; empty when not known yet."""
        per_minute = self.pace.per_minute
        if per_minute is None:
            return ""
        speed = f"{per_minute:,.0f}" if per_minute >= 10 else f"{per_minute:.1f}"
        left_s = 60 * (self.counts.waiting + self.counts.running) / per_minute
        return f"{speed} {words.noun(self.spec)}s/min  ETA {words.clock(left_s)}"


class Display:
    """Shows a job while it is being rendered; this one nothing at all, for `--json`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave the terminal as it was."""

    def show(self, look: Look) -> None:
        """Show the job as it is now."""

    def say(self, text: str) -> None:
        """Say something that stays."""


class LiveDisplay(Display):
    """A bar that moves."""

    def __init__(self) -> None:
        self._live = Live(console=terminal.console(), auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._live.stop()

    def show(self, look: Look) -> None:
        """Draw the bar."""
        self._live.update(_bar(look), refresh=True)

    def say(self, text: str) -> None:
        """Print above the bar."""
        self._live.console.print(Text(text))


class LineDisplay(Display):
    """Lines for a file: one when units were finished, at most each second."""

    def __init__(self) -> None:
        self._finished = 0
        self._printed = 0.0
        self._note = ""

    def show(self, look: Look) -> None:
        """Print a line if there is something new."""
        if look.note and look.note != self._note:
            self.say(words.plain(look.note))
        self._note = look.note
        finished = look.counts.finished
        if finished != self._finished and time.monotonic() - self._printed >= _LINE_S:
            self._finished, self._printed = finished, time.monotonic()
            self.say("  ".join(part for part in (look.done, look.speed, words.plain(look.last)) if part))

    def say(self, text: str) -> None:
        """Print a line with the time."""
        terminal.say(f"{time.strftime('%H:%M:%S')}  {text}")


def display(*, is_json: bool) -> Display:
    """Return the display that fits where the output goes."""
    if is_json:
        return Display()
    return LiveDisplay() if terminal.console().is_terminal else LineDisplay()


def _bar(look: Look) -> RenderableType:
    top = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for ratio in (None, 1, None, None):
        top.add_column(no_wrap=True, overflow="ellipsis", ratio=ratio)
    name = Text(words.plain(look.spec.name)[:24], style="bold")
    bar = ProgressBar(total=look.counts.total, completed=look.counts.finished + look.counts.failed)
    top.add_row(name, bar, words.progress(look.counts), look.speed)
    lines: list[RenderableType] = [top, *(_line(row) for row in look.rows[:_MOST_ROWS])]
    if len(look.rows) > _MOST_ROWS:
        lines.append(Text(f"  and {len(look.rows) - _MOST_ROWS} more", style="dim"))
    if look.last:
        lines.append(Text(f"  last  {words.plain(look.last)}", style="dim", no_wrap=True, overflow="ellipsis"))
    if look.note:
        lines.append(Text(f"  {words.plain(look.note)}", style="yellow"))
    return Group(*lines)


def _line(row: Row) -> Text:
    percent = "    " if row.fraction is None else f"{row.fraction:4.0%}"
    parts = (row.unit, row.worker, percent, " ".join(row.text.split()))
    return Text("  " + words.plain("  ".join(part for part in parts if part)), no_wrap=True, overflow="ellipsis")
