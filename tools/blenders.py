"""Makes an environment for each older Blender that the tests also run with. Any Python 3, stdlib only."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT, VENV, SetupError

#: Blender as a Python module of these versions exists for one Python only.
VERSIONS = ("4.2.0", "4.5.15")
PYTHON = (3, 11)
#: Where the tests look for them.
FOLDER = VENV / "blenders"


def prepare() -> None:
    """Make what is missing of `.venv/blenders/<version>/blender`, each a download of about 400 MB.

    Raises:
        SetupError: there is no Python for them, or pip failed.
    """
    for version in VERSIONS:
        launcher = FOLDER / version / "blender"
        if not launcher.exists():  # written last, so that half an environment is made again
            _make(launcher.parent, version)
            _write(launcher)


def _make(folder: Path, version: str) -> None:
    print(f"Installing Blender {version} into {folder} (once) ...", flush=True)
    _run([_python(), "-m", "venv", "--clear", str(folder)])
    # The wheels were built for NumPy 1, and don't say so.
    _run([str(_inner(folder)), "-m", "pip", "install", "--disable-pip-version-check", f"bpy=={version}", "numpy<2"])


def _write(launcher: Path) -> None:
    command = shlex.join([str(_inner(launcher.parent)), "-I", str(ROOT / "tests" / "wheel_as_blender.py")])
    launcher.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)


def _python() -> str:
    if sys.version_info[:2] == PYTHON:
        return sys.executable
    name = f"python{PYTHON[0]}.{PYTHON[1]}"
    found = shutil.which(name)
    if not found:
        raise SetupError(f"Blender {' and '.join(VERSIONS)} want {name}, which isn't on PATH. Install it.")
    return found


def _inner(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(command: list[str]) -> None:
    code = subprocess.run(command, check=False).returncode
    if code:
        raise SetupError(f"This ended with exit code {code}, see above: {' '.join(command)}")
