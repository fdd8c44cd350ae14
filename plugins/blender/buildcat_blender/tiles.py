# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders one tile of a picture, so that the joined tiles are the picture. Runs inside Blender 3.4 to 5.x.

A tile is a cropped border. Measured with Cycles and Workbench in 3.4 to 5.0: each pixel is as in the whole picture, but
for what `differences` names. EEVEE needs a GPU, and was not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from buildcat.model import frames
from buildcat.model.errors import SettingError
from buildcat_blender import checks, nodes, picture
from buildcat_blender import scene as scenes

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

#: Our words for the formats and codecs that keep each pixel as it is.
_EXACT = {
    "png": None,
    "tiff": None,
    "exr": ("none", "zip", "zips", "piz", "rle"),
    "exr-multilayer": ("none", "zip", "zips", "piz", "rle"),
}


def check(scene: Scene, settings: Mapping[str, Any] | None = None) -> None:
    """Check that the picture can be rendered in tiles. `settings` are those of the job that the scene hasn't yet.

    Raises:
        SettingError: something is made of the whole picture, or the file keeps no exact pixels; says what to change.
    """
    for why in _obstacles(scene, settings or {}):
        raise SettingError(f"The scene {scene.name!r} can't be split in tiles: {why}, or leave the tiles out.")


def _obstacles(scene: Any, settings: Mapping[str, Any]) -> Iterator[str]:
    value = _reader(scene, settings)
    file_format = value("format")
    if file_format not in _EXACT:
        yield f"its file format loses or mixes pixels where they are joined. Set format to one of {', '.join(_EXACT)}"
    codecs = _EXACT.get(file_format)
    if codecs and value("codec") not in codecs:
        yield f"its EXR codec loses pixels. Set codec to one of {', '.join(codecs)}"
    if value("compositor") and nodes.tree(scene):
        yield "its compositor would see one tile at a time. Set compositor to no"
    if value("sequencer") and checks.has_strips(scene, is_asked=True):
        yield "its sequencer would see one tile at a time. Set sequencer to no"
    if value("stamp"):
        yield "its stamp would be burnt into each of them. Set stamp to no"
    if value("border") and not value("crop"):
        yield "its border leaves the rest of the picture black. Set crop to yes"
    image = scene.render.image_settings
    if scene.render.use_multiview and image.views_format == "STEREO_3D":
        yield "both its views are in one picture. Set Views Format to Individual or Multi-View"
    if getattr(image, "use_preview", False) and file_format.startswith("exr"):
        yield "a small JPEG goes beside each EXR. Switch Preview off in the output's settings"


def _reader(scene: Scene, settings: Mapping[str, Any]) -> Callable[[str], Any]:
    def value(key: str) -> Any:
        return settings.get(key, scenes.ENTRIES[key].read(scene))

    return value


def differences(scene: Scene, settings: Mapping[str, Any] | None = None) -> list[str]:
    """Return what makes the joined picture differ from one that is rendered whole, as sentences."""
    value = _reader(scene, settings or {})
    cycles: Any = scene.cycles if value("engine") == "cycles" else None
    found = {
        "Denoising sees one tile at a time: seams may show. Set denoising to no.": cycles and value("denoising"),
        "Path guiding learns from one tile at a time: its noise is another one.": getattr(cycles, "use_guiding", False),
        "Freestyle draws its lines tile by tile: they may break at the seams.": scene.render.use_freestyle,
    }
    return [words for words, is_so in found.items() if is_so]


@contextmanager
def only(scene: Scene, grid: tuple[int, int], tile: int) -> Iterator[tuple[int, int]]:
    """Let the scene render this tile only, of columns and rows; yields the size of the whole picture in pixels.

    Raises:
        SettingError: the picture has fewer pixels than tiles.
    """
    render = scene.render
    names = ("border_min_x", "border_min_y", "border_max_x", "border_max_y", "use_border", "use_crop_to_border")
    kept = [getattr(render, name) for name in names]
    left, bottom, _, _ = picture.region(scene)
    width, height = picture.size(scene)
    if width < grid[0] or height < grid[1]:
        raise SettingError(f"{width} x {height} pixels can't be {grid[0]} x {grid[1]} tiles. Use fewer.")
    x0, y0, x1, y1 = frames.tile_box((width, height), grid, tile)
    across, up = picture.full_size(scene)
    render.border_min_x, render.border_max_x = _side(left + x0, across), _side(left + x1, across)
    render.border_min_y, render.border_max_y = _side(bottom + height - y1, up), _side(bottom + height - y0, up)
    render.use_border = render.use_crop_to_border = True
    try:
        yield width, height
    finally:
        for name, value in zip(names, kept):
            setattr(render, name, value)


def _side(pixel: int, length: int) -> float:
    """Return a side of the border that is this pixel, when Blender cuts `side * length`, calculated in 32 bits."""
    return {0: 0.0, length: 1.0}.get(pixel, (pixel + 0.5) / length)
