# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's description: how to find and start it, and what a job may change. Runs on any Python."""

from __future__ import annotations

from buildcat.model.dcc import Dcc, Launch
from buildcat_blender.settings import SETTINGS

DCC = Dcc(
    name="blender",
    label="Blender",
    extensions=(".blend",),
    settings=SETTINGS,
    package="buildcat_blender",
    executables=("blender",),
    launch=Launch(
        (
            "{executable}",
            "-b",
            "--factory-startup",
            "-noaudio",
            "--disable-autoexec",
            "--python-exit-code",  # only counts for a script that comes after it
            "3",
            "--python",
            "{loop}",
        )
    ),
    version_pattern=r"Blender (\d+\.\d+(?:\.\d+)?)",
    places={
        "linux": ("/usr/bin/blender", "/usr/local/bin/blender", "/snap/bin/blender", "/opt/[Bb]lender*/blender"),
        "darwin": ("/Applications/Blender*.app/Contents/MacOS/Blender",),
        "win32": (
            "C:/Program Files/Blender Foundation/Blender*/blender.exe",
            "C:/Program Files (x86)/Steam/steamapps/common/Blender/blender.exe",
        ),
    },
    wheel="bpy",
    scene_version="buildcat_blender.header:needed_version",
    splits=("whole", "tiles"),
)
