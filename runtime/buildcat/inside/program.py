"""Renders by a program that has no session: each frame is one run of it. Runs in the worker's own Python."""

from __future__ import annotations

import os
import re
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from buildcat.inside.frame_files import emptied, has_number, kind_of, numbered, written
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.dcc import Dcc, function
from buildcat.model.errors import OutputError, PathError, RenderError, SettingError
from buildcat.model.job import Output, Unit

_VERSION_LIMIT_S = 20


class Program(ABC):
    """One job of one program; what its command line is, subclasses know. It has what the session's loop calls."""

    def __init__(self, dcc: Dcc, executable: str) -> None:
        self._dcc, self._executable = dcc, executable
        self._order: Order | None = None

    @abstractmethod
    def arguments(self, order: Order, frame: int, target: str) -> list[str]:
        """Return what makes it render that frame to the target, which lies in an empty folder."""

    @abstractmethod
    def size(self, settings: Mapping[str, Any]) -> tuple[int, int] | None:
        """Return the size of the pictures, where the job says it."""

    def found(self, folder: str, target: str, frame: int) -> Iterator[tuple[str, str]]:
        """Yield each file that it wrote into the folder of the target: where it is to be, and where it is."""
        return written(folder)

    def start(self) -> str:
        """Return the program's version."""
        known: str = function(self._dcc.version_of)(self._executable)
        if not known:
            command = [self._executable, *self._dcc.version_arguments]
            asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_VERSION_LIMIT_S)
            match = re.search(self._dcc.version_pattern, asked.stdout + asked.stderr)
            known = match.group(1) if match else "0.0.0"
        return known

    def load(self, order: Order) -> Loaded:
        """Take the job; the program opens the scene anew for each frame.

        Raises:
            RenderError: there is no such scene.
            SettingError: a setting doesn't fit.
            PathError: the job names no output.
        """
        self._order = None
        name = self._dcc.name
        if not os.path.isfile(order.scene):  # noqa: PTH113  # text
            raise RenderError(f"There is no scene {order.scene}. Save it where the workers can reach it.")
        if not order.output:
            raise PathError(f"Say where the pictures go: --output. What {name}'s scenes say is not read.")
        if order.frames[0] != order.frames[1] and not has_number(order.output):
            raise SettingError(f"All frames would go to {order.output}. Put #### into the output.")
        self.size(order.settings)
        self._order = order
        return Loaded((os.path.dirname(self._path(order, order.frames[0])),))  # noqa: PTH120  # text

    def expected(self, unit: Unit) -> list[Output]:
        """Return the picture of that frame.

        Raises:
            RenderError: nothing is loaded.
        """
        order, frame = self._loaded_for(unit)
        path = self._path(order, frame)
        return [Output(path, path, kind_of(path), self.size(order.settings))]

    def _loaded_for(self, unit: Unit) -> tuple[Order, int]:
        if self._order is None:
            raise RenderError("No scene is loaded.")
        assert unit.frame is not None, "its jobs are split in frames only"
        return self._order, unit.frame

    @staticmethod
    def _path(order: Order, frame: int) -> str:
        return os.path.normpath(os.path.join(order.root, numbered(order.output, frame)))  # noqa: PTH118  # text

    def render(self, unit: Unit, execution: str) -> list[Output]:
        """Run the program for one frame.

        Raises:
            RenderError: it can't be started, or fails.
            OutputError: it wrote nothing, or the folder can't be written.
        """
        order, frame = self._loaded_for(unit)
        (main,) = self.expected(unit)
        folder = emptied(os.path.dirname(main.path), execution)  # noqa: PTH120  # text
        target = os.path.join(folder, os.path.basename(main.path))  # noqa: PTH118, PTH119  # text
        self._run([self._executable, *self.arguments(order, frame, target)])
        found = list(self.found(folder, target, frame))
        if target not in [one for _, one in found]:
            what = f"{self._dcc.name} ended well and didn't write {main.path}"
            others = ", ".join(sorted(os.path.relpath(one, folder) for _, one in found)[:3])
            raise OutputError(f"{what}{f', but {others}' if others else ''}. The frame's log may say why.")
        more = [Output(path, one, kind_of(path)) for path, one in found if one != target]
        return [Output(main.path, target, main.kind, main.size), *more]

    def _run(self, command: list[str]) -> None:
        os.write(1, f"{' '.join(command)}\n".encode())  # into the frame's log, before what the program prints
        try:
            code = subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode
        except OSError as exc:
            raise RenderError(f"{self._executable} can't be started: {exc.strerror}.") from exc
        if code:
            raise RenderError(f"{self._dcc.name} ended with exit code {code}. The frame's log has what it said.")

    @staticmethod
    def progress() -> Progress:
        """Return nothing: what the program prints of it is read by the worker."""
        return Progress()
