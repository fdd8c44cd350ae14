"""Reads from a scene's first bytes which Houdini saved it. Runs on any Python, without Houdini; stdlib.

A .hip file is a cpio archive. One of its first members, `.variables`, sets `_HIP_SAVEVERSION = '20.5.410'`.
"""

from __future__ import annotations

import re
from pathlib import Path

from buildcat.model.dcc import version_number
from buildcat.model.scene_file import opened

_VERSION = re.compile(rb"_HIP_SAVEVERSION\s*=\s*'(\d+\.\d+)")
#: The variables stand at the beginning, after a start script that may be some pages long.
_MOST_BYTES = 1_000_000


def needed_version(path: Path) -> int | None:
    """Return the version that saved the file, without its build, as an integer (20.5 is 20005000).

    An older Houdini warns of a newer file, and loads it without what it doesn't know. None: the file doesn't tell.

    Raises:
        PathError: there is no such file, or it can't be read.
        RefusedError: it is empty.
    """
    with opened(path, "Houdini") as file:
        first = file.read(_MOST_BYTES)
    found = _VERSION.search(first)
    return version_number(found.group(1).decode()) if found else None
