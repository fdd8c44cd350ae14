"""What a job may change in a Houdini scene, as data. Runs on any Python; `scene.py` says how each is applied."""

from __future__ import annotations

from buildcat.model import sizes
from buildcat.model.dcc import Kind, Setting

_WHAT = (
    Setting(
        key="rop",
        label="ROP",
        kind=Kind.STR,
        help="Path of the node to render, such as /out/mantra1; left out: the only one that there is.",
        examples=("/out/beauty", "/out/matte"),
        group="Scene",
    ),
    Setting(
        key="take",
        label="Take",
        kind=Kind.STR,
        help="Name of the take to render.",
        examples=("Main", "night"),
        group="Scene",
    ),
    Setting(
        key="camera",
        label="Camera",
        kind=Kind.STR,
        help="Path of the camera: of an object, or, for USD, of a prim on the stage.",
        examples=("/obj/front", "/obj/side"),
        group="Scene",
    ),
    Setting(
        key="frame_step",
        label="Frame step",
        kind=Kind.INT,
        help="Of a whole range in one unit, only each Nth frame; single frames are chosen by --frames 1-100x2.",
        examples=(1, 2),
        minimum=1,
        maximum=1_000,
        group="Scene",
    ),
)

SETTINGS = (*_WHAT, *sizes.settings(least=1))
