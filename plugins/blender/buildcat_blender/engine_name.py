# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells which engine a scene was saved with, also when this Blender hasn't got it. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from buildcat.model.errors import SettingError

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene


class EngineName:
    """Reads the engine that a scene was saved with, also when this Blender doesn't have it.

    Blender's own property then says EEVEE, and EEVEE is what it renders with. So this looks where that property
    looks, for the bytes of the name; where they are is found by setting an engine and searching it.
    """

    _FARTHEST = 8192

    def __init__(self, scene: Scene) -> None:
        """Find the place of the name; the scene is one that nobody needs."""
        places = set()
        for engine in ("BLENDER_WORKBENCH", "CYCLES"):
            scene.render.engine = engine  # type: ignore[assignment]  # the stubs' list is of one version
            places.add(self._search(scene.render.as_pointer(), engine.encode() + b"\0"))
        self._place = places.pop() if len(places) == 1 else None

    def _search(self, start: int, name: bytes) -> int | None:
        """Return where the name is, reading no farther than needed: what lies behind is not ours."""
        seen = b""
        while len(seen) < self._FARTHEST:
            seen += ctypes.string_at(start + len(seen), 32)
            if name in seen:
                return seen.index(name)
        return None

    def of(self, scene: Scene) -> str:
        """Return the name as it was saved; as Blender says it where the place isn't known."""
        if self._place is None:
            return scene.render.engine
        return ctypes.string_at(scene.render.as_pointer() + self._place, 32).partition(b"\0")[0].decode()

    def check(self, scene: Scene) -> None:
        """Check that this Blender has the scene's engine.

        Raises:
            SettingError: it hasn't.
        """
        name = self.of(scene)
        is_eevee = name.startswith("BLENDER_EEVEE") and scene.render.engine.startswith("BLENDER_EEVEE")
        if name != scene.render.engine and not is_eevee:  # EEVEE bears two names, and each Blender knows one
            raise SettingError(
                f"The scene {scene.name!r} renders with {name}, which Blender doesn't have here. Name its add-on "
                "with the setting addons, or set engine to cycles, eevee or workbench."
            )
