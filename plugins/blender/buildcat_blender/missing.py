# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what a scene uses and this machine doesn't have: Blender renders without. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from typing import Any

from buildcat.model.errors import PathError

_MOST_NAMED = 5


def check(*, is_fine: bool) -> list[str]:
    """Return the warnings about missing files, if they are fine with the artist.

    Raises:
        PathError: something is missing, and it isn't fine.
    """
    lines = _sentences()
    if lines and not is_fine:
        raise PathError(f"{' '.join(lines)} Put it where every worker sees it, or set missing_ok to render without it.")
    return lines


def _sentences() -> list[str]:
    import bpy

    lost = [one for one in dict.fromkeys(used_files()) if not _exists(one)]
    lines = [f"The file {one} is missing." for one in lost]
    if bpy.data.libraries:
        lines += [f"{what} is missing in its library." for what in _placeholders()]
    more = len(lines) - _MOST_NAMED
    return lines if more <= 0 else [*lines[:_MOST_NAMED], f"{more} more are missing."]


def used_files() -> Iterator[str]:
    """Yield the files that make pixels, libraries included: neither texts nor sounds, nor what is packed."""
    import bpy

    ignored = {
        os.path.normpath(bpy.path.abspath(one.filepath, library=one.library))
        for group in (bpy.data.texts, bpy.data.sounds)
        for one in group
        if one.filepath
    }
    for path in bpy.utils.blend_paths(absolute=True, packed=False, local=False):
        if path and os.path.normpath(path) not in ignored:
            yield path


def absolute_paths() -> list[str]:
    """Return those paths of this file that are absolute: where the storage has another place they lead nowhere."""
    import bpy

    found = bpy.utils.blend_paths(absolute=False, packed=False, local=True)
    return [one for one in found if one and not one.startswith("//")]


def names() -> dict[str, str]:
    """Return paths with what uses each in front, such as `Image 'wood': /proj/wood.png`, by path."""
    import bpy

    data: Any = bpy.data
    groups = (data.images, data.libraries, data.movieclips, data.fonts, data.volumes, data.cache_files)
    found = {}
    for one in (one for group in groups for one in group if one.filepath):
        path = os.path.normpath(bpy.path.abspath(one.filepath, library=one.library))
        found[path] = f"{type(one).__name__} {one.name!r}: {path}"
    return found


def _exists(path: str) -> bool:
    if "<UDIM>" in path:
        return bool(glob.glob(glob.escape(path).replace("<UDIM>", "*")))  # noqa: PTH207  # the path may be absolute
    return os.path.exists(path)  # noqa: PTH110  # Path's raises where it may not look


def _placeholders() -> Iterator[str]:
    """Yield the linked things that their library doesn't have any more (Blender tells from 4.2 on)."""
    import bpy

    for one in bpy.data.user_map():  # type: ignore[call-arg]  # the stubs want what Blender doesn't
        if getattr(one, "is_missing", False) and not isinstance(one, bpy.types.Library):
            yield f"{type(one).__name__} {one.name!r}"
