"""Houdini's description: how to find and start it, and what a job may change. Runs on any Python."""

from __future__ import annotations

from buildcat.model.dcc import Dcc, Launch
from buildcat_houdini.settings import SETTINGS

#: What hython and the renderers print when no licence is free. Sources: SideFX's licensing FAQ and forum threads.
NO_LICENCE = (
    r"No licenses could be found",
    r"Failed to acquire (?:a )?license",
)

DCC = Dcc(
    name="houdini",
    label="Houdini",
    extensions=(".hip", ".hiplc", ".hipnc"),
    settings=SETTINGS,
    package="buildcat_houdini",
    executables=("hython",),
    launch=Launch(("{executable}", "{loop}")),
    # hython takes a licence even for this, so it is only asked where its path tells nothing.
    version_arguments=("-c", "import hou; print('Houdini', hou.applicationVersionString())"),
    version_pattern=r"Houdini (\d+\.\d+\.\d+)",
    version_of="buildcat_houdini.version:version_of",
    progress_pattern=r"ALF_PROGRESS (\d+)%",
    no_licence=NO_LICENCE,
    places={
        "linux": ("/opt/hfs*/bin/hython",),
        "darwin": (
            "/Applications/Houdini/Houdini*/Frameworks/Houdini.framework/Versions/Current/Resources/bin/hython",
            "/Applications/Houdini/Current/Frameworks/Houdini.framework/Versions/Current/Resources/bin/hython",
        ),
        "win32": ("C:/Program Files/Side Effects Software/Houdini */bin/hython.exe",),
    },
    are_scenes_programs=True,
    scene_version="buildcat_houdini.header:needed_version",
    splits=("whole",),
)
