"""Which Modo an executable belongs to, read from where it lies. Runs on any Python."""

from __future__ import annotations

import re
from pathlib import Path

#: Older ones have a Python that can't run our scripts: Modo 15 has 3.7, Modo 16 has 3.9. Sources: modo-api on the
#: package index, a dump of 15.1; MoonRay for Modo, which was made for 16.1.
OLDEST = 16
#: `Modo16.1v9`, `Modo/15.1v1`, `Modo16.1v9.app`: the folders that The Foundry's installers make.
_FOLDER = re.compile(r"modo[/\\ ]?(\d+\.\d+)v\d+", re.IGNORECASE)


def version_of(executable: str) -> str:
    """Return the version, such as `16.1`; empty when the path doesn't tell."""
    found = [
        match.group(1) for part in (executable, str(Path(executable).resolve())) for match in _FOLDER.finditer(part)
    ]
    return found[-1] if found else ""
