"""Renders USD files by husk and IFD files by mantra: what the session's loop calls. Runs in the worker's own Python.

The loop is started with the program's name and its executable; each frame is one run of it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from buildcat.inside.frame_files import emptied, has_number, kind_of, numbered, written
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.errors import OutputError, PathError, RenderError, SettingError
from buildcat.model.job import Output, Unit
from buildcat_houdini.version import version_of

_NUMBER = re.compile(r"(\d+)(?=\D*\Z)")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_VERSION_LIMIT_S = 20


class Standalone:
    """One job of one of the two programs."""

    def __init__(self, program: str, executable: str) -> None:
        self._program, self._executable = program, executable
        self._order: Order | None = None

    def start(self) -> str:
        """Return the program's version."""
        known = version_of(self._executable)
        if not known:
            command = [self._executable, "--version"]
            asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_VERSION_LIMIT_S)
            match = _VERSION.search(asked.stdout + asked.stderr)
            known = match.group() if match else "0.0.0"
        return known

    def load(self, order: Order) -> Loaded:
        """Take the job; the programs open the scene anew for each frame.

        Raises:
            RenderError: there is no such scene.
            SettingError: a setting doesn't fit, or the job is split.
            PathError: the job names no output.
        """
        self._order = None
        if not os.path.isfile(order.scene):  # noqa: PTH113  # text
            raise RenderError(f"There is no scene {order.scene}. Save it where the workers can reach it.")
        if order.tiles:
            raise SettingError(f"Frames of {self._program} can't be split in tiles. Leave --split out.")
        if not order.output:
            raise PathError(f"Say where the pictures go: --output. What {self._program}'s scenes say is not read.")
        if order.frames[0] != order.frames[1] and not has_number(order.output):
            raise SettingError(f"All frames would go to {order.output}. Put #### into the output.")
        _size(order.settings)
        self._order = order
        return Loaded((os.path.dirname(self._path(order, order.frames[0])),))  # noqa: PTH120  # text

    def expected(self, unit: Unit) -> list[Output]:
        """Return the picture of that frame.

        Raises:
            RenderError: nothing is loaded.
            SettingError: the job is to be rendered in one go.
        """
        order, frame = self._loaded_for(unit)
        path = self._path(order, frame)
        return [Output(path, path, kind_of(path), _size(order.settings))]

    def _loaded_for(self, unit: Unit) -> tuple[Order, int]:
        if self._order is None:
            raise RenderError("No scene is loaded.")
        if unit.frame is None:
            raise SettingError("Each frame is a file of its own. Leave --split out.")
        return self._order, unit.frame

    @staticmethod
    def _path(order: Order, frame: int) -> str:
        return os.path.normpath(os.path.join(order.root, numbered(order.output, frame)))  # noqa: PTH118  # text

    def render(self, unit: Unit, execution: str) -> list[Output]:
        """Run the program for one frame.

        Raises:
            RenderError: it can't be started, or fails.
            OutputError: it wrote nothing, or the folder can't be written.
            SettingError: the job is to be rendered in one go.
        """
        order, frame = self._loaded_for(unit)
        (main,) = self.expected(unit)
        folder = emptied(os.path.dirname(main.path), execution)  # noqa: PTH120  # text
        target = os.path.join(folder, os.path.basename(main.path))  # noqa: PTH118, PTH119  # text
        make = {"husk": _husk, "mantra": _mantra}[self._program]
        command = [self._executable, *make(order, frame, target)]
        os.write(1, f"{' '.join(command)}\n".encode())  # into the frame's log, before what the program prints
        try:
            code = subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
        except OSError as exc:
            raise RenderError(f"{self._executable} can't be started: {exc.strerror}.") from exc
        if code:
            raise RenderError(f"{self._program} ended with exit code {code}. The frame's log has what it said.")
        found = list(written(folder))
        if target not in [one for _, one in found]:
            raise OutputError(f"{self._program} ended well and didn't write {main.path}. The frame's log may say why.")
        more = [Output(path, one, kind_of(path)) for path, one in found if one != target]
        return [Output(main.path, target, main.kind, main.size), *more]

    @staticmethod
    def progress() -> Progress:
        """Return nothing: what the program prints of it is read by the worker."""
        return Progress()


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


def _size(settings: Mapping[str, Any]) -> tuple[int, int] | None:
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


#: The loop is started as `loop.py NAME EXECUTABLE`.
_standalone = Standalone(*(sys.argv[1:3] if len(sys.argv) > 2 else ("", "")))

start = _standalone.start
load = _standalone.load
expected = _standalone.expected
render = _standalone.render
progress = _standalone.progress
