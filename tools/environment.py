"""Makes the project's own `.venv`. Any Python 3, stdlib only: it runs before anything is installed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
#: Those for which Blender exists as a Python module.
BLENDER_PYTHONS = ((3, 11), (3, 13))
#: What is installed, so that a second run installs nothing.
STAMP = VENV / "installed.json"


class SetupError(Exception):
    """The environment can't be made; the message says what to type."""


def prepare(extras: Iterable[str], folders: Iterable[str] = ()) -> Path:
    """Return the Python of `.venv`, with the project, these extras and the packages in these folders, all editable.

    Installs only what is new or has a changed pyproject.toml; what an earlier call asked for stays. The `blender`
    extra takes about 400 MB of download.

    Raises:
        SetupError: this Python can't do it, or pip failed.
    """
    extras = set(extras)
    _check_python("blender" in extras)
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    before = json.loads(STAMP.read_text(encoding="utf-8")) if STAMP.exists() else {}
    if before.get("python") != _identity() or not python.exists():
        before = {"python": _identity(), "extras": [], "folders": {}}
        # One without our stamp may be the user's own: what is in it stays.
        clear = ["--clear"] if STAMP.exists() else []
        _run([sys.executable, "-m", "venv", *clear, str(VENV)])
    wanted = {
        "python": _identity(),
        "extras": sorted(extras.union(before["extras"])),
        "folders": {**before["folders"], **{one: _fingerprint(one) for one in (".", *folders)}},
    }
    if wanted != before:
        _install(python, wanted)
        STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    return python


def _check_python(has_blender: bool) -> None:
    here = sys.version_info[:2]
    reason = ""
    if here < OLDEST_PYTHON:
        reason = "Python 3.11 or newer is needed"
    elif has_blender and here not in BLENDER_PYTHONS:
        reason = "Blender as a Python module exists for Python 3.11 and 3.13"
    if reason:
        raise SetupError(f"{reason}, and this is {here[0]}.{here[1]}. Type: {_other_python()} {' '.join(sys.argv)}")
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip is None or ensurepip.origin is None:  # Debian and Ubuntu ship it apart; empty folders may stay
        raise SetupError(f"This Python can't make environments. Type: sudo apt-get install python3.{here[1]}-venv")


def _other_python() -> str:
    """Return the command of a Python that would do; of one that is installed, if any is."""
    names = [f"python{major}.{minor}" for major, minor in BLENDER_PYTHONS]
    return next(filter(shutil.which, names), names[0])


def _identity() -> str:
    """What the environment is bound to; when it changes, the environment is made anew."""
    return f"{sys.version_info[:3]} {sys.base_prefix} {ROOT}"


def _fingerprint(folder: str) -> str:
    return hashlib.sha256((ROOT / folder / "pyproject.toml").read_bytes()).hexdigest()


def _install(python: Path, wanted: dict[str, Any]) -> None:
    print(f"Installing into {VENV} (once; {', '.join(wanted['extras'])}) ...", flush=True)
    arguments = []
    for folder in wanted["folders"]:
        extras = f"[{','.join(wanted['extras'])}]" if folder == "." else ""
        arguments += ["-e", f"{ROOT / folder}{extras}"]
    # Blender's download takes minutes on many a line: there pip shows its bar.
    if "blender" in wanted["extras"]:
        print("Blender as a Python module is a download of about 400 MB.", flush=True)
    quiet = [] if "blender" in wanted["extras"] else ["--quiet"]
    _run([str(python), "-m", "pip", "install", "--disable-pip-version-check", *quiet, *arguments])


def _run(command: list[str]) -> None:
    code = subprocess.run(command, check=False).returncode
    if code:
        raise SetupError(f"This ended with exit code {code}, see above: {' '.join(command)}")
