"""How long it took after a fault, computed from the stream of events, as a table that the tests print at their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from buildcat.client.events import Event

_NOTICED = ("lost", "failed", "given-back")


@dataclass(frozen=True)
class Times:
    """What followed a fault, in seconds after it; None: did not happen, since it was not needed."""

    fault: str
    #: The unit was taken back, or its try failed.
    noticed: float | None
    #: A unit that was taken back was picked again.
    again: float | None
    #: The job ended.
    ended: float | None

    def row(self) -> str:
        """Return it as a row of a Markdown table."""
        return f"| {self.fault} | {_shown(self.noticed)} | {_shown(self.again)} | {_shown(self.ended)} |"


HEAD = ("| fault | noticed | starts again | job ended |", "| --- | --- | --- | --- |")


def measure(fault: str, began: float, happened: Sequence[Event]) -> Times:
    """Compute the times after a fault, which was at `began` by the server's clock, from all events of its job."""
    after = [one for one in happened if one.time >= began]
    noticed = next((i for i, one in enumerate(after) if one.kind in _NOTICED), None)
    again = None if noticed is None else next((one for one in after[noticed:] if one.kind == "picked"), None)
    ended = next((one for one in after if one.kind == "ended"), None)
    return Times(
        fault=fault,
        noticed=None if noticed is None else after[noticed].time - began,
        again=again and again.time - began,
        ended=ended and ended.time - began,
    )


def table(rows: Sequence[Times]) -> list[str]:
    """Return the lines of a table of them."""
    return [*HEAD, *(one.row() for one in rows)]


def _shown(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"
