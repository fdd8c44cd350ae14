"""Mayas that aren't there: folders with a fake mayapy, and scenes for it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from doubles import program, stubs

from buildcat.farm.plugins import Installation
from buildcat_maya.command import RENDER
from buildcat_maya.dcc import DCC

VERSION = "2025"
STUBS = stubs.place("types-maya-strict", "maya.cmds")
_MAYAPY = Path(__file__).parent / "doubles/maya/mayapy.py"


def stub() -> stubs.Stub:
    """Return what the stubs say of `maya.cmds`."""
    return stubs.read("types-maya-strict", "maya.cmds")


def install(folder: Path, version: str = VERSION, python: str = sys.executable) -> Installation:
    """Put a Maya into the folder, as Autodesk's installer names it; returns it as the worker would find it."""
    home = folder / f"maya{version}"
    return program.install(home / "bin/mayapy", DCC, version, _MAYAPY, STUBS, home, version, python=python)


def install_command(folder: Path, version: str = VERSION) -> Installation:
    """Put a Maya into the folder that has the command `Render`, and nothing else."""
    home = folder / f"maya{version}"
    return program.install(home / "bin/Render", RENDER, version, _MAYAPY.with_name("render.py"), home, version)


def save(path: Path, attributes: dict[str, Any] | None = None, version: str = VERSION, **content: Any) -> Path:
    """Write a scene with these attributes; one of its two cameras is switched on."""
    own = {"defaultRenderGlobals.animation": True, "defaultRenderGlobals.putFrameBeforeExt": True}
    if "front_cam" in content.get("cameras", ["front_cam"]):
        own["front_camShape.renderable"] = True
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"attributes": {**own, **(attributes or {})}, **content})
    path.write_text(f"//Maya ASCII {version} scene\n{text}", encoding="utf-8")
    return path
