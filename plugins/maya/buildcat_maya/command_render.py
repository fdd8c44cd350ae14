"""Renders by Maya's command `Render`: what the session's loop calls. Runs in the worker's own Python.

It starts Maya for each frame, and can't be kept from running the scene's script nodes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from buildcat.inside.frame_files import written
from buildcat.inside.messages import Loaded, Order
from buildcat.inside.program import Program
from buildcat.model.errors import RefusedError, SettingError
from buildcat_maya import paths, project
from buildcat_maya.command import RENDER
from buildcat_maya.dcc import VARIABLES
from buildcat_maya.layers import MASTER, MASTER_NODE

#: `Render` writes these into MEL as they are, where they would end a text or begin another.
_UNSAFE = re.compile(r"[\"`$\\\n\r;]")
_PADDING = 4
#: Folders that Maya's renderers put the picture into beside AOVs.
_BEAUTY = {"beauty", "rgba", "rgb"}


class Render(Program):
    """One job of the command."""

    def start(self) -> str:
        """Return Maya's version; from now on no run of it asks anybody."""
        os.environ.update(dict.fromkeys(VARIABLES, "1"))
        return super().start()

    def load(self, order: Order) -> Loaded:
        """Take the job.

        Raises:
            RefusedError: scripts of the scene would run, and may not.
            SettingError: a setting doesn't fit.
            PathError: the project isn't there.
        """
        loaded = super().load(order)
        if not order.allow_scripts:
            self._order = None
            raise RefusedError(
                "Maya's command Render runs the script nodes of a scene. Add --allow-scripts, for workers that allow "
                "it; or submit to maya, which leaves them out."
            )
        return loaded

    def arguments(self, order: Order, frame: int, target: str) -> list[str]:
        """Return the arguments for one frame; the name gets a number more, which is taken away again."""
        settings = order.settings
        folder, name = os.path.split(target)
        values = {
            "-r": "file",
            "-proj": project.find(order.scene, order.root, settings.get("project", "")),
            "-rd": paths.clean(folder),
            "-im": os.path.splitext(name)[0],  # noqa: PTH122  # text
            "-fnc": "name.#.ext",
            "-pad": str(_PADDING),
            "-s": str(frame),
            "-e": str(frame),
            "-b": "1",
            "-skipExistingFrames": "false",
            "-cam": settings.get("camera", ""),
            "-rl": _node(settings["layer"]) if "layer" in settings else "",
            **_scaled(settings),
        }
        scene = paths.clean(order.scene)
        for one in (*values.values(), scene):
            if _UNSAFE.search(one):
                raise SettingError(f"Maya's command Render can't be told {one!r}. Use a name without quotes and $.")
        return [*(word for key, value in values.items() if value for word in (key, value)), scene]

    def size(self, settings: Mapping[str, Any]) -> tuple[int, int] | None:
        """Return the size of the pictures, where the job says it; else only the scene does."""
        told = _scaled(settings)
        return (int(told["-x"]), int(told["-y"])) if {"-x", "-y"} <= set(told) else None

    def found(self, folder: str, target: str, frame: int) -> Iterator[tuple[str, str]]:
        """Yield what was written, without the number; the picture may lie in folders of its layer and camera."""
        stem, ending = os.path.splitext(os.path.basename(target))  # noqa: PTH119, PTH122  # text
        number = f".{str(frame).zfill(_PADDING)}."
        for path, place in list(written(folder)):
            below, name = os.path.split(os.path.relpath(place, folder))
            parts = set(filter(None, below.lower().replace("\\", "/").split("/")))
            is_main = name == f"{stem}{number}{ending[1:]}" and parts <= self._folders()
            if is_main and not os.path.exists(target):  # noqa: PTH110  # text
                os.replace(place, target)  # noqa: PTH105  # as above
                yield path, target
            else:
                yield path.replace(f"{stem}{number}", f"{stem}."), place

    def _folders(self) -> set[str]:
        """Return the folders that the picture may lie in, lower case."""
        settings = self._order.settings if self._order else {}
        return {*_BEAUTY, *(str(settings[key]).lower() for key in ("layer", "camera") if key in settings)}


def _node(layer: str) -> str:
    """Return what the command calls a layer: its node, as Render Setup names it. Unproven."""
    return MASTER_NODE if layer == MASTER else f"rs_{layer}"


def _scaled(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of the size; of a scene's own size the command takes the percentage itself."""
    share = settings.get("percentage", 100)
    sides = {"-x": settings.get("resolution_x"), "-y": settings.get("resolution_y")}
    told = {key: str(max(1, round(side * share / 100))) for key, side in sides.items() if side is not None}
    if share == 100 or len(told) == len(sides):
        return told
    if told:
        raise SettingError("Maya's command Render scales both sides or the scene's own: give both, or no percentage.")
    return {"-percentRes": str(share)}


#: The loop is started as `loop.py EXECUTABLE`.
_render = Render(RENDER, sys.argv[1] if len(sys.argv) > 1 else "")

start = _render.start
load = _render.load
expected = _render.expected
render = _render.render
progress = _render.progress
