"""What the toy's licence server answers. Outside the toy: our own Python."""

from __future__ import annotations

import os

from buildcat.model.errors import LicenceError

#: How many licences there are.
VARIABLE = "TOY_LICENCES"


def answer() -> str:
    """Return what it says; a LicenceError when there is none."""
    many = int(os.environ.get(VARIABLE, "1"))
    if not many:
        raise LicenceError("none is free.")
    return f"{many} free"
