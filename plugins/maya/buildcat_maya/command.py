"""Maya's command `Render` as a DCC of its own, for hosts where mayapy can't be used. Runs on any Python.

Options: "Common flags for the command line renderer" in Autodesk's documentation of Maya.
"""

from __future__ import annotations

from buildcat.model import sizes
from buildcat.model.dcc import Dcc, Launch
from buildcat_maya.dcc import DCC
from buildcat_maya.settings import SETTINGS

_KEYS = ("layer", "camera", "project")

RENDER = Dcc(
    name="mayarender",
    label="Maya Render",
    extensions=DCC.extensions,
    settings=(*(one for one in SETTINGS if one.key in _KEYS), *sizes.settings(least=2)),
    package="buildcat_maya",
    module="command_render",
    # Not looked for on PATH: a word as plain as `Render` names other programs too.
    executables=(),
    launch=Launch(("{python}", "-I", "-S", "{loop}", "{executable}")),
    version_arguments=("-help",),
    version_pattern=r"[Mm]aya\D{0,20}(20\d\d)",
    version_of=DCC.version_of,
    progress_pattern=DCC.progress_pattern,
    no_licence=DCC.no_licence,
    places={
        system: tuple(one.replace("/mayapy", "/Render") for one in patterns) for system, patterns in DCC.places.items()
    },
    are_scenes_programs=True,
    scene_version=DCC.scene_version,
)
