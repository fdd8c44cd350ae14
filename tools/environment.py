"""Makes the project's own `.venv`. Python 3.11 or 3.13, stdlib only: it runs before anything is installed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
#: Those for which Blender exists as a Python module.
VERSIONS = ((3, 11), (3, 13))
_STAMP = VENV / "installed.json"


class EnvironmentError_(Exception):
    """The environment can't be made; the message says what to type."""


def prepare(extras: Sequence[str], packages: Sequence[str] = ()) -> Path:
    """Return the Python of `.venv`, which has the project with these extras and the packages in these folders.

    Nothing is installed when nothing has changed since the last time; extras installed before stay.

    Raises:
        EnvironmentError_: this Python is of the wrong version, or can't make environments.
    """
