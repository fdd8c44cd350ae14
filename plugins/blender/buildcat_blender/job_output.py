# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a scene write to the output that a job names, instead of its own. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from buildcat.model.errors import PathError
from buildcat_blender import picture

if TYPE_CHECKING:
    import bpy

_FRAME = re.compile(r"\{frame(?::0?(\d+))?\}")


def apply(scene: bpy.types.Scene, root: str, pattern: str) -> list[str]:
    """Let the scene write to this pattern below the root; returns what is odd about it, as sentences.

    The frame is `####` or `{frame:04}` in the file's name; without it, Blender puts it before the extension.

    Raises:
        PathError: the frame is in a folder's name.
    """
    import bpy

    folder, _, name = pattern.rpartition("/")
    if "#" in folder or _FRAME.search(folder):
        raise PathError(f"The output {pattern!r} has the frame in a folder's name. Blender has it in the file's only.")
    if bpy.app.version >= (4, 5):  # a brace in the root's own name is no template
        root = root.replace("{", "{{").replace("}", "}}")
    name = file_name(name)
    extension = os.path.splitext(name)[1]  # noqa: PTH122  # a pattern is no path
    is_known = extension.lower() in picture.EXTENSIONS  # anything else is part of the name
    scene.render.filepath = "/".join([root.rstrip("/\\"), *filter(None, [folder]), name])
    written = os.path.splitext(_example(scene, pattern))[1]  # noqa: PTH122  # as above
    if is_known and written != extension:
        return [f"The output ends with {extension}, and the scene writes {written}. Set format to change that."]
    return []


def file_name(name: str) -> str:
    """Return the file's name of a pattern as Blender reads it, with `#` where the frame is."""
    name = _FRAME.sub(lambda match: "#" * int(match.group(1) or 1), name)
    stem, extension = os.path.splitext(name)  # noqa: PTH122  # a pattern is no path
    if extension.lower() in picture.EXTENSIONS and "#" not in stem:
        return f"{stem}####{extension}"  # else Blender makes a.png0007.png of it
    return name


def _example(scene: bpy.types.Scene, pattern: str) -> str:
    try:
        return scene.render.frame_path(frame=1)
    except RuntimeError as exc:
        raise PathError(f"Blender can't read the output {pattern!r}: {exc}") from exc
