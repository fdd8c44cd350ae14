"""Modos that aren't there: folders with a fake modo_cl, and scenes for it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from doubles import program

from buildcat.farm.plugins import Installation
from buildcat_modo.dcc import DCC

VERSION = "16.1"
NUMBER = "1611"
_MODO_CL = Path(__file__).parent / "doubles/modo/modo_cl.py"


def install(folder: Path, python: str = sys.executable) -> Installation:
    """Put a Modo into the folder, as The Foundry's installer names it; returns it as the worker would find it."""
    home = folder / "Modo16.1v1"
    return program.install(home / "modo_cl", DCC, VERSION, _MODO_CL, home, NUMBER, python=python)


def output(filename: str = "render/shot_", **more: Any) -> dict[str, Any]:
    """Return a render output for `save`."""
    return {"filename": filename, "format": "PNG", "enable": 1, **more}


def save(path: Path, *outputs: dict[str, Any], **content: Any) -> Path:
    """Write a scene of these render outputs, or of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"outputs": list(outputs) or [output()], **content}), encoding="utf-8")
    return path
