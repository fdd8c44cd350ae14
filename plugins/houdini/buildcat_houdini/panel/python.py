"""Which Python runs the client process: one beside Houdini, since hython takes a licence. Runs on any Python.

Places: the folders of SideFX's installers. Which of them a version has was not seen in a real Houdini.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping

#: Any Python will do that is as new as this.
_OLDEST = "3.9"


def candidates(hfs: str, version: tuple[int, int]) -> Iterator[str]:
    """Yield where Houdini's own Python of that version may be."""
    number = f"{version[0]}.{version[1]}"
    yield f"{hfs}/python/bin/python{number}"
    yield f"{hfs}/bin/python{number}"
    yield f"{hfs}/python{version[0]}{version[1]}/python.exe"
    yield f"{hfs}/Frameworks/Python.framework/Versions/Current/bin/python3"


def find(environment: Mapping[str, str] = os.environ) -> str:
    """Return a Python: Houdini's own, or one on PATH."""
    hfs = environment.get("HFS", "")
    for path in candidates(hfs, sys.version_info[:2]) if hfs else ():
        if os.access(path, os.X_OK):
            return path
    return shutil.which("python3") or shutil.which("python") or f"a Python {_OLDEST}"
