# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel knows of the farm, kept up to date by a timer. Runs in Blender 3.4 to 5.x.

Nothing here waits: the client process does, and the timer takes what it has answered.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import bpy

from buildcat.inside import client
from buildcat.inside.client import Fields
from buildcat.inside.host import Preferences
from buildcat.inside.watch import Watch, by_need
from buildcat_blender.dcc import DCC
from buildcat_blender.panel import needs, preferences

log = logging.getLogger(__name__)

_ARCHIVE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "buildcat-client.pyz")  # noqa: PTH118, PTH120
_BUSY_S, _IDLE_S = 0.05, 0.5
#: In the background no timer runs, and an operator waits by itself.
_PAUSE_S, _PATIENCE_S = 0.02, 60


class _Blender:
    """Where the panel is."""

    dcc = DCC

    @staticmethod
    def preferences() -> Preferences:
        """Return what the add-on's preferences say."""
        return Preferences(preferences.server(), preferences.user(), preferences.root(), preferences.get().poll_s)

    @staticmethod
    def command() -> list[str]:
        """Return how the client process is started."""
        return client.command(_ARCHIVE)

    @staticmethod
    def scene() -> str:
        """Return the open file."""
        path: str = bpy.data.filepath
        return path


class Farm(Watch):
    """The last answers of the farm, and what was asked of it."""

    def __init__(self) -> None:
        super().__init__(_Blender())
        #: Blender knows a timer by its object, and each access to a method makes a new one.
        self.timer = self.turn

    def forget(self) -> None:
        """Know nothing of the farm, and of what was asked."""
        super().forget()
        #: What became of the last submit, and an icon.
        self.said: tuple[str, str] | None = None
        self.tested: tuple[str, str] | None = None
        self.is_submitting = False
        self._path = ""
        #: Of the file at that path: path → `missing` or `outside`; None: not looked for.
        self.files: dict[str, str] | None = None
        #: Those of the paths that are written as absolute ones.
        self.absolute: set[str] = set()
        #: Path → the same with what uses it, where that is known.
        self.names: dict[str, str] = {}
        #: Id of the job that is unfolded.
        self.chosen = ""
        #: Called with each look at the jobs, until it returns that it is done.
        self.watchers: list[Callable[[list[Fields]], bool]] = []

    def open(self) -> None:
        """Begin to look at the farm."""
        if not bpy.app.background:
            bpy.app.timers.register(self.timer, first_interval=_IDLE_S, persistent=True)

    def close(self) -> None:
        """Stop looking, and end the client."""
        if bpy.app.timers.is_registered(self.timer):
            bpy.app.timers.unregister(self.timer)
        super().close()
        self.forget()

    def ask(self, do: str, on_answer: Callable[[Fields], None], **given: Any) -> None:
        """Ask the farm. In the background this waits for the answer, and for those to what is asked then."""
        if why := preferences.obstacle():
            on_answer({"error": why, "kind": "offline"})
            return
        super().ask(do, on_answer, **given)
        deadline = time.monotonic() + _PATIENCE_S
        while bpy.app.background and self.is_waiting and time.monotonic() < deadline:
            if not self._client.deliver():
                time.sleep(_PAUSE_S)

    def turn(self) -> float:
        """Take what was answered, and look again when it is time and somebody sees it; returns seconds to the next."""
        try:
            seen = list(_areas())
            if self._path != bpy.data.filepath:
                self._path, self.files, self.absolute = bpy.data.filepath, None, set()
            if self._client.deliver():
                for area, _ in seen:
                    area.tag_redraw()
            self.want(_needs(scene) for _, scene in seen)
            if self.is_due() and (seen or self.watchers):
                self.look()
        except Exception:  # the outermost loop of the panel: Blender would never call it again
            log.exception("The panel could not take an answer")
        return _BUSY_S if self.is_waiting else _IDLE_S

    def _by_default(self) -> dict[str, Fields]:
        return by_need([_needs(bpy.context.scene)])

    def _take(self, wanted: list[str], answer: Fields) -> None:
        super()._take(wanted, answer)
        if not self.error:
            self.watchers = [one for one in self.watchers if not one(self.jobs)]

    def fit_of(self, scene: Any) -> tuple[int | None, str]:
        """Return how many workers could render the scene, None while nothing is known, and an obstacle."""
        return self.fit([_needs(scene)])


def _needs(scene: Any) -> Fields:
    return needs.needs(scene, is_on_disk=not bpy.data.is_dirty)


def _areas() -> Iterator[tuple[Any, Any]]:
    """Yield the areas in which the panel may be seen, each with the scene of its window."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES" or (area.type == "PROPERTIES" and area.spaces.active.context == "OUTPUT"):
                yield area, window.scene


FARM = Farm()
