# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings rendered frames back into Blender. Runs in Blender 3.4 to 5.x."""

from __future__ import annotations

import os
from typing import Any

import bpy

from buildcat.inside.client import Fields
from buildcat.model.nouns import many

_IMAGES = (".png", ".jpg", ".jpeg", ".exr", ".tif", ".tiff", ".webp", ".tga", ".bmp", ".hdr", ".dpx", ".cin", ".jp2")


def load(files: list[Fields], into: str, scene_name: str) -> str:
    """Load the files into the `IMAGE` editor or as `STRIPS`; returns what was done, as a sentence."""
    if not files:
        return "Nothing of it is there yet."
    if into == "STRIPS":
        scene = bpy.data.scenes.get(scene_name)
        return _add_strip(files, scene) if scene else f"There is no scene {scene_name} any more."
    path = files[0]["path"]
    if not path.lower().endswith(_IMAGES):
        return f"{os.path.basename(path)} is no picture. Load it into the sequencer."  # noqa: PTH119  # text
    image = bpy.data.images.load(path, check_existing=True)
    image.reload()
    image.source = "SEQUENCE" if len(files) > 1 else "FILE"
    place = "in the Image Editor" if _show(image, files) else f"as {image.name!r} in every Image Editor's list"
    return f"Loaded {many(len(files), 'frame')}: {place}."


def _show(image: Any, files: list[Fields]) -> bool:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR":
                space = area.spaces.active
                space.image = image
                if image.source == "SEQUENCE":
                    space.image_user.frame_start = files[0]["frame"]
                    space.image_user.frame_duration = files[-1]["frame"] - files[0]["frame"] + 1
                    space.image_user.frame_offset = files[0]["frame"] - 1
                    space.image_user.use_auto_refresh = True
                area.tag_redraw()
                return True
    return False


def _add_strip(files: list[Fields], scene: Any) -> str:
    editor = scene.sequence_editor_create() if not scene.sequence_editor else scene.sequence_editor
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences  # 4.4 renamed it
    channel = max((one.channel for one in strips), default=0) + 1
    path, first = files[0]["path"], files[0]["frame"] or scene.frame_start
    name = os.path.basename(path)  # noqa: PTH119  # text, as all of Blender's paths
    if path.lower().endswith(_IMAGES):
        strip = strips.new_image(name=name, filepath=path, channel=channel, frame_start=first)
        for shown in _shown(files)[1:]:
            strip.elements.append(os.path.basename(shown))  # noqa: PTH119  # as above
    else:
        strips.new_movie(name=name, filepath=path, channel=channel, frame_start=first)
    return f"Added {name} to the sequencer, channel {channel}. With it there, Blender renders the sequencer."


def _shown(files: list[Fields]) -> list[str]:
    """Return the file for each frame from the first to the last; where one is not there yet, that before it."""
    there = {one["frame"]: one["path"] for one in files}
    found: list[str] = []
    for frame in range(files[0]["frame"], files[-1]["frame"] + 1):
        found.append(there.get(frame) or found[-1])
    return found
