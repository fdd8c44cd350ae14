"""Which Maya an executable belongs to, read from where it lies. Runs on any Python."""

from __future__ import annotations

import re
from pathlib import Path

#: `maya2025`, `Maya2025`: the folders that Autodesk's installers make.
_FOLDER = re.compile(r"maya(20\d\d(?:\.\d+)?)\b", re.IGNORECASE)


def version_of(executable: str) -> str:
    """Return the version, such as `2025`; empty when the path doesn't tell."""
    found = [
        match.group(1) for part in (executable, str(Path(executable).resolve())) for match in _FOLDER.finditer(part)
    ]
    return found[-1] if found else ""
