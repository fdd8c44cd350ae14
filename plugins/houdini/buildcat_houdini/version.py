"""Which Houdini an executable belongs to, read from where it lies. Runs on any Python.

`hython` takes a licence to say its version, so it is asked only when its place tells nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

#: `hfs20.5.410`, `Houdini 20.5.410`, `Houdini20.5.410`: the folders that SideFX's installers make.
_FOLDER = re.compile(r"(?:hfs|houdini\s?)(\d+\.\d+\.\d+)\b", re.IGNORECASE)
#: In Houdini's own headers, which a plain folder name doesn't hide.
_HEADER = "toolkit/include/SYS/SYS_Version.h"
_FULL = re.compile(r'#define\s+SYS_VERSION_FULL\s+"(\d+\.\d+\.\d+)')


def version_of(executable: str) -> str:
    """Return the version, such as `20.5.410`; empty when neither its path nor a file beside it tells."""
    place = Path(executable).resolve()
    found = [match.group(1) for part in (executable, str(place)) for match in _FOLDER.finditer(part)]
    if found:
        return found[-1]
    for folder in list(place.parents)[:6]:  # on macOS $HFS is five folders above
        header = folder / _HEADER
        if header.is_file():
            match = _FULL.search(header.read_text(encoding="utf-8", errors="replace"))
            return match.group(1) if match else ""
    return ""
