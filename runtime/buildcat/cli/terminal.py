"""Writes to the terminal: text, tables, JSON. Python 3.11 or newer."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:  # rich costs 40 ms, which a command that prints plain lines need not pay
    from rich.console import Console, RenderableType
    from rich.text import Text

#: Columns of a table that goes to a file or a program, where nothing need be cut.
_FILE_WIDTH = 200
_NARROWEST = 12
_STATE_STYLES = {"running": "cyan", "done": "green", "failed": "red", "paused": "yellow", "cancelled": "dim"}


def console(*, is_error: bool = False) -> Console:
    """Return a console that prints names as they are: nothing in them is markup."""
    from rich.console import Console

    stream = sys.stderr if is_error else sys.stdout
    return Console(
        file=stream, markup=False, highlight=False, emoji=False, width=None if stream.isatty() else _FILE_WIDTH
    )


def say(text: str) -> None:
    """Print a sentence of the answer."""
    click.echo(_fitted(text, sys.stdout))


def note(text: str) -> None:
    """Print a sentence beside the answer, to standard error."""
    click.echo(_fitted(text, sys.stderr), err=True)


def _fitted(text: str, stream: TextIO) -> str:
    """Break sentences between words where a terminal would break them inside; not commands and paths, indented."""
    if not stream.isatty():
        return text
    fit = textwrap.TextWrapper(shutil.get_terminal_size().columns, break_long_words=False, break_on_hyphens=False).fill
    return "\n".join(line if line.startswith("  ") else fit(line) for line in text.split("\n"))


def raw(data: bytes) -> None:
    """Print bytes as they are: what a DCC said."""
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def answer(data: object) -> None:
    """Print the answer as JSON."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def log_to_stderr(level: int = logging.INFO) -> None:
    """Print what `buildcat` logs, with the time, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log = logging.getLogger("buildcat")
    log.handlers[:] = [handler]
    log.setLevel(level)


def draw(thing: RenderableType) -> None:
    """Print what rich has laid out, without the blanks that it fills lines with."""
    made = console()
    with made.capture() as captured:
        made.print(thing)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


@dataclass(frozen=True)
class Layout:
    """How a table fits where it is printed. Columns go by their headings."""

    #: What gives way when the terminal is narrow; empty: the second column.
    flexible: str = ""
    #: Whether that is wrapped, instead of cut.
    is_wrapped: bool = False
    #: Left out when they are empty, and one after the other before the flexible column is cut to less than is of use.
    spare: Sequence[str] = ()
    #: Stand at the right.
    numbers: Sequence[str] = ()


_PLAIN = Layout()


def table(headings: Sequence[str], rows: Sequence[Sequence[str | Text]], layout: Layout = _PLAIN) -> None:
    """Print rows under headings."""
    from rich.table import Table

    columns = dict(zip(headings, zip(*rows, strict=True), strict=True))
    flexible = layout.flexible or headings[1]
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading, width in _widths(columns, flexible, layout.spare).items():
        has_lines = layout.is_wrapped and heading == flexible
        made.add_column(
            heading,
            no_wrap=not has_lines,
            overflow="fold" if has_lines else "ellipsis",
            justify="right" if heading in layout.numbers else "left",
            width=width,
        )
    for cells in zip(*(columns[str(column.header)] for column in made.columns), strict=True):
        made.add_row(*cells)
    draw(made)


def _widths(columns: Mapping[str, Sequence[str | Text]], flexible: str, spare: Sequence[str]) -> dict[str, int]:
    """Return the widths of the columns that are printed."""
    from rich.cells import cell_len

    widths = {
        heading: max(cell_len(str(cell)) for cell in (heading, *cells))
        for heading, cells in columns.items()
        if heading not in spare or any(cells)
    }
    least, width = min(widths[flexible], _NARROWEST), console().width

    def room() -> int:
        return width - sum(one + 2 for heading, one in widths.items() if heading != flexible)

    for heading in spare:
        if room() < least:
            widths.pop(heading, None)
    widths[flexible] = min(widths[flexible], max(room(), least))
    return widths


def facts(rows: Sequence[tuple[str, str | Text]], heading: str | Text) -> None:
    """Print a heading, names and values, the values aligned and wrapped; what has no value is left out.

    A name is printed before the first of its values only.
    """
    from rich.console import Group
    from rich.table import Table

    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold")
    last = ""
    for name, value in rows:
        if value:
            made.add_row(f"  {name if name != last else ''}", value)
            last = name
    draw(Group(heading, made))


def state_text(state: str) -> Text:
    """Return the word of a state in its colour."""
    from rich.text import Text

    return Text(state, style=_STATE_STYLES.get(state, ""))
