"""How a job that is being rendered looks: a live bar on a terminal, lines elsewhere. Python 3.11 or newer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from buildcat.cli import terminal, words

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


@dataclass(frozen=True)
class Look:
    """All that is shown of a job at one moment."""

    name: str
    #: What a unit is called.
    noun: str
    total: int
    finished: int
    failed: int
    #: Units per minute, and seconds until the end; None when not known yet.
    per_minute: float | None
    left_s: float | None
    rows: Sequence[Row]
    #: The last output, relative to the root.
    last: str
    #: Why nothing renders; empty when something does.
    note: str

    @property
    def speed(self) -> str:
        """Say how fast it goes, and until when; empty when not known yet."""
        if self.per_minute is None:
            return ""
        left = "" if self.left_s is None else f"  ETA {words.clock(self.left_s)}"
        speed = f"{self.per_minute:,.0f}" if self.per_minute >= 10 else f"{self.per_minute:.1f}"
        return f"{speed} {self.noun}s/min{left}"


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

    def left_s(self, units: int) -> float | None:
        """Return how long so many units take; None when not known yet."""
        return units * 60 / self.per_minute if self.per_minute else None


class Display(Protocol):
    """Shows a job while it is being rendered."""

    def __enter__(self) -> Display: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def show(self, look: Look) -> None:
        """Show the job as it is now."""

    def say(self, text: str) -> None:
        """Say something that stays."""


class LiveDisplay:
    """A bar that moves."""

    def __init__(self) -> None:
        self._live = Live(console=terminal.console(), auto_refresh=False, transient=True)

    def __enter__(self) -> LiveDisplay:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, look: Look) -> None:
        """Draw the bar."""
        self._live.update(_bar(look), refresh=True)

    def say(self, text: str) -> None:
        """Print above the bar."""
        self._live.console.print(Text(text))


class LineDisplay:
    """Lines for a file: one when units were finished, at most each second."""

    def __init__(self) -> None:
        self._finished = 0
        self._printed = 0.0
        self._note = ""

    def __enter__(self) -> LineDisplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is left open."""

    def show(self, look: Look) -> None:
        """Print a line if there is something new."""
        if look.note and look.note != self._note:
            self.say(look.note)
        self._note = look.note
        if look.finished != self._finished and time.monotonic() - self._printed >= _LINE_S:
            self._finished, self._printed = look.finished, time.monotonic()
            parts = (f"{look.finished:,}/{look.total:,} {look.noun}s", look.speed, words.plain(look.last))
            self.say("  ".join(part for part in parts if part))

    def say(self, text: str) -> None:
        """Print a line with the time."""
        terminal.say(f"{time.strftime('%H:%M:%S')}  {text}")


class NoDisplay(LineDisplay):
    """Nothing until the end: for `--json`."""

    def say(self, text: str) -> None:
        """Keep quiet."""


def display(*, is_json: bool) -> Display:
    """Return the display that fits where the output goes."""
    if is_json:
        return NoDisplay()
    return LiveDisplay() if terminal.console().is_terminal else LineDisplay()


def _bar(look: Look) -> RenderableType:
    top = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for ratio in (None, 1, None, None):
        top.add_column(no_wrap=True, overflow="ellipsis", ratio=ratio)
    failed = f", {look.failed:,} failed" if look.failed else ""
    top.add_row(
        Text(words.plain(look.name)[:24], style="bold"),
        ProgressBar(total=look.total, completed=look.finished + look.failed),
        f"{look.finished:,}/{look.total:,}{failed}",
        look.speed,
    )
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
