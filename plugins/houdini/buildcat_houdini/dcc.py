"""Houdini's description: how to find and start it, and what a job may change. Runs on any Python."""

from __future__ import annotations

from buildcat.model.dcc import Dcc, Launch
from buildcat_houdini.settings import SETTINGS

DCC = Dcc(
    name="houdini",
    label="Houdini",
    extensions=(".hip", ".hiplc", ".hipnc"),
    settings=SETTINGS,
    package="buildcat_houdini",
    executables=("hython",),
    launch=Launch(("{executable}", "{loop}")),
    places={
        "linux": ("/opt/hfs*/bin/hython",),
        "darwin": (
            "/Applications/Houdini/Houdini*/Frameworks/Houdini.framework/Versions/Current/Resources/bin/hython",
            "/Applications/Houdini/Current/Frameworks/Houdini.framework/Versions/Current/Resources/bin/hython",
        ),
        "win32": ("C:/Program Files/Side Effects Software/Houdini */bin/hython.exe",),
    },
    are_scenes_programs=True,
)
