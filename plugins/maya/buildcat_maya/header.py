"""Reads from a scene's first bytes which Maya saved it. Runs on any Python, without Maya; stdlib.

A .ma file begins with `//Maya ASCII 2025 scene`, and has a line `requires maya "2025";`. A .mb file is an IFF of the
form `Maya`, whose head holds the same version as a text.
"""

from __future__ import annotations

import re
from pathlib import Path

from buildcat.model.dcc import version_number
from buildcat.model.errors import PathError, RefusedError

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
    try:
        with path.open("rb") as file:
            first = file.read(_BYTES)
    except FileNotFoundError:
        raise PathError(f"There is no file {path}. Check its name, and that this machine sees its folder.") from None
    except OSError as exc:
        raise PathError(f"{path} can't be read: {exc.strerror}. Check that it is a file, and its permissions.") from exc
    if not first:
        raise RefusedError(f"{path} is empty. Save it again in Maya.")
    is_binary = first.startswith(_MARKS)
    if not is_binary and not first.startswith(b"//Maya"):
        raise RefusedError(f"{path} is not a Maya scene, whatever its name says. Save it again in Maya.")
    found = (_BINARY if is_binary else _ASCII).search(first)
    return version_number(found.group(1).decode()) if found else None
