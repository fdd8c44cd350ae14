"""Houdinis that aren't there: folders with a fake hython, and scenes for it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from doubles import program, stubs

from buildcat.farm.plugins import Installation
from buildcat_houdini.dcc import DCC
from buildcat_houdini.standalone import HUSK, MANTRA

VERSION = "20.5.410"
#: The oldest that is meant to work.
OLDEST = "19.5.805"
STUBS = stubs.place("types-houdini", "hou")
_HYTHON = Path(__file__).parent / "doubles/houdini/hython.py"


def stub() -> stubs.Stub:
    """Return what the stubs say of `hou`."""
    return stubs.read("types-houdini", "hou")


def install(folder: Path, version: str = VERSION, python: str = sys.executable) -> Installation:
    """Put a Houdini into the folder, as SideFX's installer names it; returns it as the worker would find it."""
    home = folder / f"hfs{version}"
    return program.install(home / "bin/hython", DCC, version, _HYTHON, STUBS, home, version, python=python)


def install_renderer(folder: Path, name: str) -> Installation:
    """Put a Houdini with that renderer, `husk` or `mantra`, into the folder; returns it as the worker would find it."""
    path, script = folder / f"hfs{VERSION}/bin/{name}", _HYTHON.with_name("renderers.py")
    return program.install(path, {"husk": HUSK, "mantra": MANTRA}[name], VERSION, script, name, VERSION)


def camera(width: int = 64, height: int = 48) -> dict[str, Any]:
    """Return a camera for `save`."""
    return {"type": "Object/cam", "parms": {"resx": width, "resy": height}}


def mantra(output: str = "$HIP/render/$OS.$F4.png", **more: Any) -> dict[str, Any]:
    """Return a Mantra node for `save`; `parms` are added to those that it has."""
    parms = {"vm_picture": output, "camera": "/obj/front", **more.pop("parms", {})}
    return {"type": "Driver/ifd", "parms": parms, **more}


def save(path: Path, nodes: dict[str, Any] | None = None, **more: Any) -> Path:
    """Write a scene of these nodes; two cameras are always in it."""
    cameras = {"/obj/front": camera(), "/obj/side": camera()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"nodes": {**cameras, **(nodes or {})}, **more}), encoding="utf-8")
    return path
