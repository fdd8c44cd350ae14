"""A worker that dies, as by kill -9, at a moment that no outsider can hit: `mortal.py MOMENT worker …`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from buildcat.cli import main as command_line
from buildcat.client.connection import Connection
from buildcat.farm import outputs, queue, task, tiles
from buildcat.farm.report import RecordsReport


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(owner: Any, name: str, is_it: Callable[..., bool] = lambda *_: True) -> None:
    """Die when that function has done its work."""
    work = getattr(owner, name)

    def work_and_die(*arguments: Any, **named: Any) -> Any:
        result = work(*arguments, **named)
        if is_it(result, *arguments):
            _die()
        return result

    setattr(owner, name, work_and_die)


def _before(owner: Any, name: str) -> None:
    setattr(owner, name, lambda *_arguments, **_named: _die())


MOMENTS: dict[str, Callable[[], None]] = {
    # The units are its own, and no RQ job is made yet.
    "picked": lambda: _after(Connection, "call", lambda reply, _self, name: name == "pick" and bool(reply)),
    "queued": lambda: _after(queue, "make_task"),
    "started": lambda: _before(task.Task, "run"),
    "rendered": lambda: _before(outputs, "move"),
    "moved": lambda: _after(outputs, "move"),
    "kept": lambda: _after(tiles.Tiles, "keep"),
    "joined": lambda: _after(tiles.Tiles, "join"),
    # The record is written, and nobody has read the answer.
    "recorded": lambda: _after(RecordsReport, "done"),
}

if __name__ == "__main__":
    MOMENTS[sys.argv.pop(1)]()
    command_line.main()
