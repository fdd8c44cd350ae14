"""An executable of a DCC that isn't there: it runs one of our scripts on a double."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from buildcat.farm.plugins import Installation
from buildcat.model.dcc import Dcc, version_number


def install(
    path: Path, dcc: Dcc, version: str, script: Path, *arguments: str | Path, python: str = sys.executable
) -> Installation:
    """Write it there, and return it as a worker would find it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = shlex.join([python, "-I", "-S", str(script), *map(str, arguments)])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return Installation(str(path), version_number(version), dcc.launch.arguments)
