# SPDX-License-Identifier: GPL-3.0-or-later
"""What the job of a scene asks of a worker. Runs in Blender 3.4 to 5.x."""

from __future__ import annotations

from typing import Any

import bpy

from buildcat_blender.dcc import DCC


def needs(scene: Any, *, is_on_disk: bool = False) -> dict[str, Any]:
    """Return those fields of the JobSpec that decide which workers can render it.

    `is_on_disk`: the file is rendered as it was last saved; else as this Blender would save it now.
    """
    job = scene.buildcat
    return {
        "dcc": DCC.name,
        "pool": job.pool,
        "split": split(scene),
        "requires": ["scripts"] if job.are_scripts_allowed else [],
        "version_min": file_version(is_on_disk=is_on_disk),
    }


def is_movie(scene: Any) -> bool:
    """Whether the job writes one file for all its frames."""
    return scene.render.is_movie_format and not scene.buildcat.settings.use_format


def split(scene: Any) -> str:
    """Return how the frames become units."""
    if is_movie(scene):
        return "whole"
    return f"tiles:{scene.buildcat.tile_columns}x{scene.buildcat.tile_rows}" if has_tiles(scene) else "frames"


def has_tiles(scene: Any) -> bool:
    """Whether each frame is split."""
    return scene.buildcat.has_tiles and not is_movie(scene)


def file_version(*, is_on_disk: bool = False) -> int:
    """Return the Blender version that the file needs, as an integer: major and minor, as its header has them."""
    major, minor, _ = bpy.data.version if is_on_disk else bpy.app.version
    return int(major * 1_000_000 + minor * 1_000)
