# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel knows of the farm, kept up to date by a timer. Runs in Blender 3.4 to 5.x.

Nothing here waits: the client process does, and the timer takes what it has answered.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import bpy

from buildcat.inside import client
from buildcat.inside.client import Client, Fields
from buildcat_blender.dcc import DCC
from buildcat_blender.panel import needs, preferences

log = logging.getLogger(__name__)

_ARCHIVE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "buildcat-client.pyz")  # noqa: PTH118, PTH120
_NO_WORKER = "There is no worker. Start one with `buildcat worker` in the storage."
_BUSY_S, _IDLE_S = 0.05, 0.5
#: In the background no timer runs, and an operator waits by itself.
_PAUSE_S, _PATIENCE_S = 0.02, 60


class Farm:
    """The last answers of the farm, and what was asked of it."""

    def __init__(self) -> None:
        self._client = Client(client.command(_ARCHIVE))
        #: Blender knows a timer by its object, and each access to a method makes a new one.
        self.timer = self.tick
        self._asked_at = 0.0
        self._is_looking = False
        self._forget()

    def _forget(self) -> None:
        self.jobs: list[Fields] = []
        #: What a job needs, as JSON → how many workers could render it, and what keeps the first of the others from it.
        self._fits: dict[str, tuple[int, str]] = {}
        #: Why the farm can't be asked.
        self.error = ""
        #: What became of the last submit, and an icon.
        self.said: tuple[str, str] | None = None
        self.tested: tuple[str, str] | None = None
        self.is_submitting = False
        #: The root, as the client found it for the file that is open.
        self.root = ""
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
        self._client.close()
        self._forget()

    def ask(self, do: str, on_answer: Callable[[Fields], None], **given: Any) -> None:
        """Ask the farm. In the background this waits for the answer, and for those to what is asked then."""
        if why := preferences.obstacle():
            on_answer({"error": why, "kind": "offline"})
            return
        self._client.ask(
            do, on_answer, **{"server": preferences.server(), "user": preferences.user(), "dcc": DCC.name, **given}
        )
        deadline = time.monotonic() + _PATIENCE_S
        while bpy.app.background and self._client.is_waiting and time.monotonic() < deadline:
            if not self._client.deliver():
                time.sleep(_PAUSE_S)

    def tick(self) -> float:
        """Take what was answered, and look again when it is time and somebody sees it."""
        try:
            seen = list(_areas())
            if self._path != bpy.data.filepath:
                self._path, self.files, self.absolute = bpy.data.filepath, None, set()
            if self._client.deliver():
                for area, _ in seen:
                    area.tag_redraw()
            is_new = not self.error and any(_needs(scene) not in self._fits for _, scene in seen)
            is_due = is_new or time.monotonic() - self._asked_at > preferences.get().poll_s
            if is_due and not self._is_looking and (seen or self.watchers):
                self.look(scene for _, scene in seen)
        except Exception:  # the outermost loop of the panel: Blender would never call it again
            log.exception("The panel could not take an answer")
        return _BUSY_S if self._client.is_waiting else _IDLE_S

    def look(self, scenes: Iterable[Any] = ()) -> None:
        """Ask for jobs, and for workers that could render these scenes, which are in sight; else the current one."""
        wanted = {_needs(scene) for scene in scenes} or {_needs(bpy.context.scene)}
        self._is_looking, self._asked_at = True, time.monotonic()
        take = partial(self._take, list(wanted))
        self.ask("look", take, specs=[json.loads(one) for one in wanted], **self.place())

    def _take(self, wanted: list[str], answer: Fields) -> None:
        self._is_looking = False
        self.error = answer.get("error", "")
        if not self.error:
            self.jobs, self.root = answer["jobs"], answer["root"]
            fits = [(one["able"], one["obstacle"] or _NO_WORKER) for one in answer["fits"]]
            self._fits = dict(zip(wanted, fits))
            self.watchers = [one for one in self.watchers if not one(self.jobs)]

    def fit(self, scene: Any) -> tuple[int | None, str]:
        """Return how many workers could render the scene, None while nothing is known, and an obstacle."""
        return self._fits.get(_needs(scene), (None, ""))

    @staticmethod
    def place() -> Fields:
        """Return the file that is open, and the storage that the preferences name for it."""
        return {"scene": bpy.data.filepath, "root": preferences.root()}

    def job(self, job_id: str) -> Fields | None:
        """Return what is known of a job."""
        return next((one for one in self.jobs if one["id"] == job_id), None)


def _needs(scene: Any) -> str:
    return json.dumps(needs.needs(scene, is_on_disk=not bpy.data.is_dirty), sort_keys=True)


def _areas() -> Iterator[tuple[Any, Any]]:
    """Yield the areas in which the panel may be seen, each with the scene of its window."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "PREFERENCES" or (area.type == "PROPERTIES" and area.spaces.active.context == "OUTPUT"):
                yield area, window.scene


FARM = Farm()
