"""What a job may change in a Maya scene. Runs on any Python."""

from __future__ import annotations

from buildcat.model import sizes
from buildcat.model.dcc import Kind, Setting

_WHAT = (
    Setting(
        key="layer",
        label="Layer",
        kind=Kind.STR,
        help="Name of the Render Setup layer; masterLayer is the scene without a layer.",
        examples=("masterLayer", "matte"),
        group="Scene",
    ),
    Setting(
        key="camera",
        label="Camera",
        kind=Kind.STR,
        help="Name of the camera's transform.",
        examples=("front_cam", "side_cam"),
        group="Scene",
    ),
    Setting(
        key="all_lights",
        label="All lights",
        kind=Kind.BOOL,
        help="Whether Render Setup layers have all lights of the scene, even those that they don't name.",
        examples=(True, False),
        group="Scene",
    ),
    Setting(
        key="project",
        label="Project",
        kind=Kind.PATH,
        help="Folder of the Maya project, the one with workspace.mel; without it, the nearest one above the scene.",
        examples=("project", "other"),
        group="Scene",
    ),
    Setting(
        key="dirmap",
        label="Mapped folders",
        kind=Kind.LIST,
        help="Folders that the scene names as another host does, each with its place below the root: P:/films=.",
        examples=(("P:/films=.",), ("P:/films=project", "Q:/lib=library")),
        group="Scene",
    ),
)

SETTINGS = (*_WHAT, *sizes.settings(least=2))
