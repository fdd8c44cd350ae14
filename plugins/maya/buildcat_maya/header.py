"""Reads from a scene's first bytes which Maya saved it. Runs on any Python, without Maya; stdlib.

A .ma file begins with `//Maya ASCII 2025 scene`, and has a line `requires maya "2025";`. A .mb file is an IFF of the
form `Maya`, whose head holds the same version as a text.
"""

from __future__ import annotations

import re
from pathlib import Path

from buildcat.model.dcc import version_number
from buildcat.model.errors import RefusedError
from buildcat.model.scene_file import opened

_ASCII = re.compile(rb"//Maya ASCII (20\d\d)\S* scene")
#: In the chunk VERS of the head.
_BINARY = re.compile(rb"VERS.{4,16}?(20\d\d)", re.DOTALL)
_MARKS = (b"FOR4", b"FOR8")
_BYTES = 4_096


def needed_version(path: Path) -> int | None:
    """Return the version that saved the file, as an integer (2025 is 2025000000); an older Maya refuses to open it.

    None: the file doesn't tell.

    Raises:
        PathError: there is no such file, or it can't be read.
        RefusedError: it is empty, or no scene of Maya.
    """
    with opened(path, "Maya") as file:
        first = file.read(_BYTES)
    is_binary = first.startswith(_MARKS)
    if not is_binary and not first.startswith(b"//Maya"):
        raise RefusedError(f"{path} is not a Maya scene, whatever its name says. Save it again in Maya.")
    found = (_BINARY if is_binary else _ASCII).search(first)
    return version_number(found.group(1).decode()) if found else None
