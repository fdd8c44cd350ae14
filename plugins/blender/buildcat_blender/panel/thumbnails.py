# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of the frames that were done last. Runs in Blender 3.4 to 5.x."""

from __future__ import annotations

from typing import Any

import bpy.utils.previews


class Thumbnails:
    """Keeps one picture: that of the job which is unfolded."""

    def __init__(self) -> None:
        self._pictures: Any = None
        self._name = ""

    def icon(self, path: str, time: float) -> int:
        """Return the id of the icon; 0 when Blender can't read the file."""
        name = f"{path} {time}"
        if name != self._name or self._pictures is None:
            self.forget()
            self._pictures, self._name = bpy.utils.previews.new(), name
            self._pictures.load(name, path, "IMAGE")
        return int(self._pictures[name].icon_id)

    def forget(self) -> None:
        """Let go of the picture."""
        if self._pictures is not None:
            bpy.utils.previews.remove(self._pictures)
            self._pictures = None


THUMBNAILS = Thumbnails()
