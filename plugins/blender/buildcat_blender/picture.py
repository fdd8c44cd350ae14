# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene's picture is: its views, its size in pixels, its kind of file. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

#: Kinds of which the name isn't Blender's word in lower case.
_KINDS = {
    "OPEN_EXR": "exr",
    "OPEN_EXR_MULTILAYER": "exr",
    "TARGA": "tga",
    "TARGA_RAW": "tga",
}
#: Formats of movies; those of AVI were taken out in 5.0.
_MOVIES = {"FFMPEG", "AVI_JPEG", "AVI_RAW"}
#: Extensions that Blender and artists give to pictures, and the kinds of file.
EXTENSIONS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".exr": "exr",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
    ".tga": "tga",
    ".bmp": "bmp",
    ".hdr": "hdr",
    ".dpx": "dpx",
    ".cin": "cineon",
    ".jp2": "jpeg2000",
    ".j2c": "jpeg2000",
}


def kind(name: str, image_settings: Any) -> str:
    """Return the kind of a file, such as `png`, by its extension, else by the settings it is written with."""
    file_format: str = image_settings.file_format
    extension = os.path.splitext(name)[1].lower()  # noqa: PTH122  # a name is no path
    if file_format in _MOVIES:
        return extension[1:] or "movie"
    by_settings = _KINDS.get(file_format, file_format.lower())
    return EXTENSIONS.get(extension, by_settings)


def views(scene: Scene) -> list[str]:
    """Return the names of the views that a frame is rendered with; empty without stereo or multi-view."""
    render = scene.render
    if not render.use_multiview:
        return []
    active = render.stereo_views if render.views_format == "STEREO_3D" else render.views
    return [view.name for view in active if view.use]


def size(scene: Scene) -> tuple[int, int]:
    """Return width and height in pixels of each file of the scene's own output.

    The compositor and the sequencer keep this size, whatever they make of the picture.
    """
    render = scene.render
    left, bottom, right, top = region(scene)
    width, height = right - left, top - bottom
    image = render.image_settings
    stereo = image.stereo_3d_format
    if render.use_multiview and image.views_format == "STEREO_3D" and not stereo.use_squeezed_frame:
        width *= 2 if stereo.display_mode == "SIDEBYSIDE" else 1
        height *= 2 if stereo.display_mode == "TOPBOTTOM" else 1
    return width, height


def full_size(scene: Scene) -> tuple[int, int]:
    """Return width and height in pixels of the picture without a border."""
    render = scene.render
    percentage = render.resolution_percentage
    return render.resolution_x * percentage // 100, render.resolution_y * percentage // 100


def region(scene: Scene) -> tuple[int, int, int, int]:
    """Return left, bottom, right and top of what is rendered, in pixels of the full size; bottom is below top."""
    render = scene.render
    width, height = full_size(scene)
    if not (render.use_border and render.use_crop_to_border):
        return 0, 0, width, height
    return (
        _part(render.border_min_x, width),
        _part(render.border_min_y, height),
        _part(render.border_max_x, width),
        _part(render.border_max_y, height),
    )


def _part(side: float, length: int) -> int:
    """Return where a side of the border is, in pixels, calculated as Blender does: in 32 bits, then cut."""
    return int(ctypes.c_float(side * length).value)
