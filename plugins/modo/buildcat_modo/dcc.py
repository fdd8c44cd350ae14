"""Modo's description: how to find and start it, and what a job may change. Runs on any Python."""

from __future__ import annotations

from buildcat.model.dcc import Dcc, Launch
from buildcat_modo.settings import SETTINGS

#: What modo_cl prints when it can't be licensed. Sources: "Headless" of The Foundry's documentation, the server's own
#: words, and forums of its users; unproven.
NO_LICENCE = (
    r"[Nn]o (?:valid )?licen[sc]e",
    r"[Ll]icen[sc]e (?:(?:request )?failed|not found)",
    r"[Aa]ll licen[sc]es in use",
)

DCC = Dcc(
    name="modo",
    label="Modo",
    extensions=(".lxo", ".lxl"),
    settings=SETTINGS,
    package="buildcat_modo",
    executables=("modo_cl",),
    launch=Launch(("{python}", "-I", "-S", "{loop}", "{executable}")),
    version_arguments=("-version",),
    version_pattern=r"modo(?:_cl)?\s+(?:version\s+)?(\d+\.\d+)",
    version_of="buildcat_modo.version:version_of",
    # Source: Deadline's worker for Modo, which also meets numbers below zero; those tell nothing.
    progress_pattern=r"sceneProgress:\s?(\d+(?:\.\d+)?)",
    no_licence=NO_LICENCE,
    # Two of one host are said to wait for each other for ever.
    limits=("modo=1/host",),
    places={
        "linux": ("/opt/[Mm]odo*/modo_cl", "/usr/local/[Mm]odo*/modo_cl"),
        "darwin": ("/Applications/Modo*.app/Contents/MacOS/modo_cl",),
        "win32": (
            "C:/Program Files/Foundry/Modo/1[67]*/modo_cl.exe",
            "C:/Program Files/Modo*/modo/modo_cl.exe",
        ),
    },
    are_scenes_programs=True,
)
