"""What a job may change in a Modo scene. Runs on any Python."""

from __future__ import annotations

from buildcat.model import sizes
from buildcat.model.dcc import Kind, Setting

_WHAT = (
    Setting(
        key="camera",
        label="Camera",
        kind=Kind.STR,
        help="Name of the camera.",
        examples=("Camera", "Side"),
        group="Scene",
    ),
    Setting(
        key="passes",
        label="Passes",
        kind=Kind.STR,
        help="Name of the pass group, of which each pass is rendered.",
        examples=("Lights", "Colours"),
        group="Scene",
    ),
)

SETTINGS = (*_WHAT, *sizes.settings(least=2))
