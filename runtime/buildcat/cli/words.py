"""Numbers, times and names as people read them. Python 3.11 or newer."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence

from buildcat.client.progress import Eta
from buildcat.model import nouns, times
from buildcat.model.dcc import version_text
from buildcat.model.job import JobSpec, Unit
from buildcat.model.states import Counts, UnitState


def plain(text: str) -> str:
    """Return the text without what would steer a terminal: names and messages come from other people."""
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text)


def cut(text: str, most: int = 24) -> str:
    """Return at most so many signs of a name; the rest is an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def noun(spec: JobSpec) -> str:
    """Return what a unit of the job is called."""
    return {"frames": "frame", "whole": "part"}.get(spec.split, "tile")


def unit_name(unit: Unit) -> str:
    """Return `frame 7`, `frame 7, tile 3` or `all frames`."""
    if unit.frame is None:
        return "all frames"
    return f"frame {unit.frame}" + ("" if unit.tile is None else f", tile {unit.tile}")


duration, many = times.duration, nouns.many


def age(since: float) -> str:
    """Return how long ago a time was, in whole units."""
    return duration(round(time.time() - since))


def eta(known: Eta | None) -> str:
    """Return `about 12 min (8 to 20)`; nothing when nothing is known."""
    return times.estimate(known.middle_s, known.low_s, known.high_s) if known else ""


def clock(seconds: float) -> str:
    """Return `0:42` or `3:05:09`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """Return a number of bytes as `512 MB` or `1.5 TB`."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"


def worker_label(name: str) -> str:
    """Return the label in a worker's own name, which adds a random ending."""
    return name.rpartition(".")[0] or name


def progress(counts: Counts, noun: str = "") -> str:
    """Return `12/24 frames, 1 failed`; without a noun, `12/24, 1 failed`."""
    failed = f", {counts.failed:,} failed" if counts.failed else ""
    return f"{counts.finished:,}/{counts.total:,}{noun and f' {noun}s'}{failed}"


def settings(values: Mapping[str, object]) -> str:
    """Return `samples 64, camera Left`."""
    return ", ".join(f"{key} {_setting(value)}" for key, value in values.items())


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shlex.join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def versions(numbers: Sequence[int]) -> str:
    """Return `3.4.1, 5.0.1`."""
    return ", ".join(map(version_text, numbers))


#: How one cell of a strip is shown.
CELLS = {
    UnitState.FAILED: ("✗", "red"),
    UnitState.RUNNING: ("▶", "cyan"),
    UnitState.WAITING: ("·", "dim"),
    UnitState.HELD: ("‖", "yellow"),
    UnitState.DONE: ("■", "green"),
    UnitState.SKIPPED: ("□", "green"),
}


def strip(states: str, width: int = 60) -> list[UnitState]:
    """Return at most `width` cells for the units' bytes; each shows what most needs to be seen of its units."""
    cells = min(width, len(states))
    parts = (states[len(states) * cell // cells : len(states) * (cell + 1) // cells] for cell in range(cells))
    return [next(state for state in CELLS if state.value in part) for part in parts]
