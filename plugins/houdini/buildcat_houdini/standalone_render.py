"""Renders USD files by husk and IFD files by mantra: what the session's loop calls. Runs in the worker's own Python.

The loop is started with the program's name and its executable; each frame is one run of it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from buildcat.inside.messages import Order
from buildcat.inside.program import Program
from buildcat.model.errors import RenderError, SettingError
from buildcat_houdini.standalone import HUSK, MANTRA

_DCCS = {"husk": HUSK, "mantra": MANTRA}
_NUMBER = re.compile(r"(\d+)(?=\D*\Z)")


class Standalone(Program):
    """One job of one of the two programs."""

    def __init__(self, program: str, executable: str) -> None:
        super().__init__(_DCCS[program], executable)
        self._make = {"husk": _husk, "mantra": _mantra}[program]

    def arguments(self, order: Order, frame: int, target: str) -> list[str]:
        """Return the arguments for one frame."""
        return self._make(order, frame, target)

    def size(self, settings: Mapping[str, Any]) -> tuple[int, int] | None:
        """Return the size of the pictures, where the job says it."""
        given = settings.get("resolution")
        if given is None:
            return None
        if len(given) != 2 or not all(one.isdecimal() and int(one) for one in given):
            raise SettingError(
                f"resolution takes a width and a height in pixels, such as 1920,1080, not {','.join(given)}."
            )
        # How husk rounds is not known, so a scaled size is not checked.
        return None if settings.get("percentage", 100) != 100 else (int(given[0]), int(given[1]))


def _husk(order: Order, frame: int, target: str) -> list[str]:
    """Return husk's arguments; `--frame-count` is a count, not an end."""
    settings = order.settings
    arguments = ["--frame", str(frame), "--frame-count", "1", "--frame-inc", "1", "-o", target]
    arguments += ["--make-output-path", "-V", "3a", "--fast-exit", "1"]
    arguments += ["-R", settings["renderer"]] if "renderer" in settings else []
    arguments += ["-c", settings["camera"]] if "camera" in settings else []
    arguments += ["--res", *settings["resolution"]] if "resolution" in settings else []
    arguments += ["--res-scale", str(settings["percentage"])] if "percentage" in settings else []
    return [*arguments, order.scene]


def _mantra(order: Order, frame: int, target: str) -> list[str]:
    """Return mantra's arguments; each frame has an IFD of its own, whose name has the frame last."""
    threads = ["-j", str(order.settings["threads"])] if "threads" in order.settings else []
    return ["-V", "2a", *threads, "-f", _scene(order, frame), target]


def _scene(order: Order, frame: int) -> str:
    folder, name = os.path.split(order.scene)
    number = _NUMBER.search(name)
    if not number and order.frames[0] == order.frames[1]:
        return order.scene
    if not number:
        raise SettingError(f"{name} has no number, so it is one frame. Submit the first of a sequence of IFD files.")
    own = str(frame).zfill(len(number.group()))
    path = os.path.join(folder, name[: number.start()] + own + name[number.end() :])  # noqa: PTH118  # text
    if not os.path.isfile(path):  # noqa: PTH113  # as above
        raise RenderError(f"There is no {path} for frame {frame}. Write it, then retry.")
    return path


#: The loop is started as `loop.py NAME EXECUTABLE`.
_standalone = Standalone(*(sys.argv[1:3] if sys.argv[1:2] and sys.argv[1] in _DCCS else ("husk", "")))

start = _standalone.start
load = _standalone.load
expected = _standalone.expected
render = _standalone.render
progress = _standalone.progress
