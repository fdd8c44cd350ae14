"""What every DCC's integration does with the files of a frame. Runs inside a DCC: Python 3.9, stdlib.

A frame is written into an empty folder beside its place; the worker checks what is there, and moves it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

from buildcat.model.errors import OutputError
from buildcat.model.job import Unit
from buildcat.model.patterns import fill

_HASHES = re.compile(r"#+")
#: Ending → the word that workers know, where they differ.
_KINDS = {"jpg": "jpeg", "tif": "tiff"}


def kind_of(path: str) -> str:
    """Return the kind of a picture, by its ending, in the word that workers know."""
    ending = os.path.splitext(path)[1].lstrip(".").lower()  # noqa: PTH122  # text, as DCCs write it
    return _KINDS.get(ending, ending)


def numbered(pattern: str, frame: int) -> str:
    """Return a job's output for one frame; `####` and `{frame:04}` are its places."""
    return fill(_HASHES.sub(lambda match: f"{{frame:0{len(match.group())}}}", pattern), Unit(0, frame))


def has_number(pattern: str) -> bool:
    """Whether a job's output differs from frame to frame."""
    return numbered(pattern, 1) != numbered(pattern, 2)


def emptied(place: str, execution: str) -> str:
    """Make the folder in which an execution writes what is to be in `place`, and return it; it is empty.

    What an earlier frame of the same task left there, since it failed, must not pass for this one's.

    Raises:
        OutputError: it can't be made, or emptied.
    """
    folder = os.path.join(place, f".bc-{execution}")  # noqa: PTH118  # text
    try:
        if os.path.isdir(folder):  # noqa: PTH112  # as above
            shutil.rmtree(folder)
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103  # as above
    except OSError as exc:
        raise OutputError(f"{place} can't be written: {exc.strerror}. Check its permissions.") from exc
    return folder


def written(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each file in an execution's folder: where it is to be, and where it was written."""
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            place = os.path.join(parent, name)  # noqa: PTH118  # text
            below = os.path.relpath(place, folder)
            yield os.path.join(os.path.dirname(folder), below), place  # noqa: PTH118, PTH120  # as above
