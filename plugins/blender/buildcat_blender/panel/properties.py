# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist chooses for the job of a scene, made from the description. Runs in Blender 3.4 to 5.x.

It is kept in the scene, as all of Blender's own render settings are. Without `from __future__ import annotations`,
since Blender reads the annotations.
"""

from typing import Any

import bpy

from buildcat.model.dcc import Kind, Setting
from buildcat_blender import scene as scenes
from buildcat_blender.settings import SETTINGS

#: The panel belongs to a scene already, and a list of frames says all that a step could.
SHOWN = tuple(one for one in SETTINGS if one.key not in ("scene_name", "frame_step", "missing_ok"))


def toggle(key: str) -> str:
    """Return the name of the property that says whether a setting is overridden."""
    return f"use_{key}"


def _suggest(setting: Setting) -> Any:
    """Return a function that suggests values; None where there is no list of them."""

    def cameras(self: Any, context: Any, text: str) -> list[str]:
        return [one.name for one in self.id_data.objects if one.type == "CAMERA"]

    def layers(self: Any, context: Any, text: str) -> list[str]:
        return [one.name for one in self.id_data.view_layers]

    def engines(self: Any, context: Any, text: str) -> list[str]:
        return ["cycles", "eevee", "workbench"]

    return {"camera": cameras, "view_layers": layers, "engine": engines}.get(setting.key)


def _property(setting: Setting) -> Any:
    common: dict[str, Any] = {"name": setting.label, "description": setting.help.rstrip(".")}
    if setting.kind is Kind.BOOL:
        return bpy.props.BoolProperty(**common)
    if setting.kind is Kind.CHOICE:
        return bpy.props.EnumProperty(items=[(one, one, "") for one in setting.choices], **common)
    if setting.kind in (Kind.INT, Kind.FLOAT):
        limits = {"min": setting.minimum, "max": setting.maximum}
        kind = int if setting.kind is Kind.INT else float
        common.update({name: kind(value) for name, value in limits.items() if value is not None})
        return (bpy.props.IntProperty if kind is int else bpy.props.FloatProperty)(**common)
    if setting.kind is Kind.LIST:
        common["description"] += ". Separate them by commas"
    suggest = _suggest(setting)
    if suggest:
        common.update(search=suggest, search_options={"SUGGESTION"})
    return bpy.props.StringProperty(**common)


def _toggle(setting: Setting) -> Any:
    def begin(self: Any, context: Any) -> None:
        """Start from what the scene has."""
        value = own_value(self.id_data, setting.key)
        if getattr(self, toggle(setting.key)) and value is not None:
            text = ", ".join(value) if setting.kind is Kind.LIST else value
            setattr(self, setting.key, text)

    return bpy.props.BoolProperty(
        name=f"Override {setting.label}", description="Render with another value than the scene's", update=begin
    )


def own_value(scene: Any, key: str) -> Any:
    """Return the scene's own value of a setting; None where it has none."""
    entry = scenes.ENTRIES.get(key)
    try:
        return entry.read(scene) if entry else None
    except AttributeError:  # an engine that is not enabled has no settings
        return None


Settings = type(
    "BUILDCAT_Settings",
    (bpy.types.PropertyGroup,),
    {
        "__doc__": "The settings of the description: each with its value, and whether it is overridden.",
        "__annotations__": {
            **{one.key: _property(one) for one in SHOWN},
            **{toggle(one.key): _toggle(one) for one in SHOWN},
        },
    },
)


class Job(bpy.types.PropertyGroup):
    """All else of the job."""

    name: bpy.props.StringProperty(name="Name", description="What the job is called. Empty: the file's name")
    is_linked: bpy.props.BoolProperty(
        name="Frames of the Scene", description="Render the scene's own range of frames", default=True
    )
    frames: bpy.props.StringProperty(name="Frames", description="Such as 1-100, 1-100x5 or 1,5,8-12", default="1-10")
    chunk: bpy.props.IntProperty(
        name="Chunk", description="Most frames that a worker takes at once", default=1, min=1, soft_max=100
    )
    has_tiles: bpy.props.BoolProperty(
        name="Tiles", description="Split each frame in tiles that several workers render, and join them"
    )
    tile_columns: bpy.props.IntProperty(name="Columns", description="Tiles side by side", default=2, min=1, max=64)
    tile_rows: bpy.props.IntProperty(name="Rows", description="Tiles one above the other", default=2, min=1, max=64)
    order: bpy.props.EnumProperty(
        name="Order",
        description="In which order the frames are rendered",
        items=[
            ("forward", "Forward", "As they are listed"),
            ("reverse", "Reverse", "The last one first"),
            ("ends-first", "Ends first", "First, last, middle, then the middle of each gap"),
            ("every:10", "Each tenth first", "Each tenth frame, then the others"),
        ],
    )
    priority: bpy.props.IntProperty(
        name="Priority", description="Higher goes first", default=50, min=0, max=100, subtype="FACTOR"
    )
    pool: bpy.props.StringProperty(name="Pool", description="Which workers may render it", default="default")
    is_paused: bpy.props.BoolProperty(name="Paused", description="Wait on the farm until it is resumed")
    skip_existing: bpy.props.BoolProperty(
        name="Skip What Is There", description="Don't render frames whose files are there and whole"
    )
    are_scripts_allowed: bpy.props.BoolProperty(
        name="Allow Scripts",
        description="Let scripts and drivers of the file run, on workers started with --allow-scripts",
    )
    missing_ok: bpy.props.BoolProperty(
        name="Render with Files Missing", description="Submit even if textures or libraries are missing"
    )
    use_output: bpy.props.BoolProperty(
        name="Override Output", description="Write to another place than the scene's own output path"
    )
    output: bpy.props.StringProperty(
        name="Pattern",
        description="Path of the files; #### is the frame's number, // the folder of this file",
        default="//render/frame_####.png",
        subtype="FILE_PATH",
    )
    has_video: bpy.props.BoolProperty(
        name="Video of the Frames",
        description="When all frames are done, make an MP4 of them, on a worker with ffmpeg and --allow-commands",
    )
    settings: bpy.props.PointerProperty(type=Settings)


CLASSES = (Settings, Job)
