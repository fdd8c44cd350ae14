"""Renders frames of one scene by modo_cl, as the session's loop asks. Runs in the worker's own Python."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from buildcat.inside.frame_files import emptied, has_number, kind_of, numbered, written
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.errors import OutputError, RenderError, SettingError
from buildcat.model.job import Output, Unit
from buildcat_modo import names
from buildcat_modo.driver import Driver
from buildcat_modo.version import OLDEST, version_of


class Modo:
    """One modo_cl process, with the scene of one job."""

    def __init__(self, executable: str, more: Mapping[str, str] | None = None) -> None:
        """Nothing is started yet; `more` are packages that modo_cl's Python is to find, and their folders."""
        self._executable, self._more = executable, more
        self._driver: Driver | None = None
        self._scene: dict[str, Any] = {}
        #: The job's own output, absolute; empty: as in the scene.
        self._pattern = ""

    @property
    def driver(self) -> Driver:
        """The process, which was started."""
        assert self._driver is not None, "it starts first"
        return self._driver

    def start(self) -> str:
        """Start modo_cl, and return its version, such as `16.1`.

        Raises:
            RenderError: it is too old, can't be started, or doesn't answer.
        """
        known = version_of(self._executable)
        if known and int(known.partition(".")[0]) < OLDEST:
            raise RenderError(f"Modo {known} is too old: its Python can't run Buildcat. Render with Modo 16 or 17.")
        self._driver = Driver(self._executable, self._more)
        number = str(self.driver.start()["version"])  # 1611 is 16.1v1
        return f"{number[:-2]}.{number[-2]}" if number.isdigit() and len(number) > 2 else number

    def load(self, order: Order) -> Loaded:
        """Open the scene, and apply the job's settings.

        Raises:
            BuildcatError: it can't be opened, or a setting doesn't fit it.
        """
        self._scene = {}
        scene = self.driver.ask("buildcat_modo.scene:load", path=order.scene, settings=dict(order.settings))
        for one in scene["outputs"]:
            one["place"] = _joined(os.path.dirname(order.scene), one["filename"])  # noqa: PTH120  # text
            one["ending"] = names.ending(one["format"])
        self._pattern = os.path.normpath(os.path.join(order.root, order.output)) if order.output else ""  # noqa: PTH118
        if self._pattern:
            self._check_pattern(scene["outputs"][0]["ending"], order.frames)
        elif order.frames[0] != order.frames[1] and not names.has_number(scene["pattern"]):
            raise SettingError("All frames would go to the same files. Put <FFFF> into the scene's output pattern.")
        self._scene = scene
        return Loaded(tuple(sorted({self._home(one) for one in scene["outputs"]})), tuple(scene["warnings"]))

    def _check_pattern(self, ending: str, frames: tuple[int, int]) -> None:
        name = os.path.basename(self._pattern)  # noqa: PTH119  # text
        if not name.lower().endswith(f".{ending}"):
            raise SettingError(
                f"The scene writes {ending} files, and the output is {name}. Let it end with .{ending}, or change the "
                "format of the render output."
            )
        if frames[0] != frames[1] and not has_number(self._pattern):
            raise SettingError(f"All frames would go to {name}. Put #### into the output.")

    def _home(self, output: dict[str, str]) -> str:
        """Return the folder beside which an output is written."""
        return os.path.dirname(self._pattern or output["place"])  # noqa: PTH120  # text

    def expected(self, unit: Unit) -> list[Output]:
        """Return the first render output's picture.

        Raises:
            RenderError: nothing is loaded.
        """
        scene, frame = self._loaded_for(unit)
        first = scene["outputs"][0]
        added = names.expanded(scene["pattern"], frame, output=first["name"])
        path = f"{first['place']}{added}.{first['ending']}"
        return [self._picture(numbered(self._pattern, frame) or path, path)]

    def _picture(self, path: str, written: str) -> Output:
        return Output(path, written, kind_of(path), tuple(self._scene["size"]))

    def _loaded_for(self, unit: Unit) -> tuple[dict[str, Any], int]:
        if not self._scene:
            raise RenderError("No scene is loaded.")
        assert unit.frame is not None, "its jobs are split in frames only"
        return self._scene, unit.frame

    def render(self, unit: Unit, execution: str) -> list[Output]:
        """Render one frame: every output, and every pass.

        Raises:
            RenderError: Modo can't render it.
            OutputError: the folder can't be written, or an output is missing.
        """
        scene, frame = self._loaded_for(unit)
        folders = {home: emptied(home, execution) for home in {self._home(one) for one in scene["outputs"]}}
        sent = [{**one, "filename": _moved(one["place"], folders[self._home(one)])} for one in scene["outputs"]]
        self.driver.ask("buildcat_modo.scene:render", outputs=sent, group=scene["group"], frame=frame)
        # Where it was written → where it is to be; the pattern may have made folders.
        found = {_slashed(path): _slashed(place) for one in folders.values() for place, path in written(one)}
        missing = [one["place"] for one in sent if not self._of(one, found)]
        # Passes may switch outputs off, each another: what is there then is all there is to be.
        if missing and not (scene["group"] and found):
            raise OutputError(
                f"Modo rendered frame {frame} and didn't write {missing[0]}. The frame's log may say why."
            )
        main = next(self._of(one, found)[0] for one in sent if self._of(one, found))
        order = [main, *(one for one in sorted(found) if one != main)]
        outputs = [self._picture(found[one], one) for one in order]
        own = numbered(self._pattern, frame)
        return [self._picture(own, main), *outputs[1:]] if own else outputs

    @staticmethod
    def _of(output: dict[str, str], found: dict[str, str]) -> list[str]:
        """Return the files of an output, those with its name first: others may have the same filename."""
        ending = f".{output['ending']}"  # Deadline's submitter has some in capitals
        mine = [one for one in found if one.startswith(output["filename"]) and one.lower().endswith(ending)]
        start = len(output["filename"])
        return sorted(mine, key=lambda one: (output["name"] not in one[start:], len(one), one))

    @staticmethod
    def progress() -> Progress:
        """Return nothing: what modo_cl prints of it is read by the worker."""
        return Progress()

    def close(self) -> None:
        """Let modo_cl end by itself, so that it gives its licence back."""
        if self._driver:
            self._driver.quit()


def _moved(path: str, folder: str) -> str:
    """Return the path of that name in another folder, as Modo writes it."""
    return _slashed(os.path.join(folder, os.path.basename(path)))  # noqa: PTH118, PTH119  # text


def _slashed(path: str) -> str:
    return path.replace("\\", "/")


def _joined(folder: str, filename: str) -> str:
    """Return the filename, absolute; one that ends with a slash is a folder, in which the pattern names the files."""
    path = os.path.normpath(os.path.join(folder, filename))  # noqa: PTH118  # text
    return f"{path}/" if filename.endswith("/") else path


_modo = Modo(sys.argv[-1])

start = _modo.start
load = _modo.load
expected = _modo.expected
render = _modo.render
progress = _modo.progress
close = _modo.close
