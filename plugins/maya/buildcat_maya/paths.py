"""Paths as Maya writes them: texts with slashes, on every system."""

from __future__ import annotations

import os
import re


def clean(path: str) -> str:
    """Return the path with slashes, without `..` and doubled ones."""
    return os.path.normpath(path).replace("\\", "/")


def joined(folder: str, below: str) -> str:
    """Return the path of what lies below a folder."""
    return clean(os.path.join(folder, below))  # noqa: PTH118  # text


def folder(path: str) -> str:
    """Return the folder that a path lies in."""
    return os.path.dirname(clean(path))  # noqa: PTH120  # text


def name(path: str) -> str:
    """Return a path's last part."""
    return clean(path).rpartition("/")[2]


def plain(path: str) -> str:
    """Return the path without the number that Maya adds to a file that is referenced several times, such as `{1}`.

    Of one that stands for several, such as `skin.<UDIM>.tx`, the folder.
    """
    return folder(path[: path.index("<") + 1]) if "<" in path else re.sub(r"\{\d+\}$", "", path)


def is_absolute(path: str) -> bool:
    """Whether the path begins at a drive, a share or `/`."""
    return bool(re.match(r"[\\/]|[A-Za-z]:", path))


def is_below(path: str, root: str) -> bool:
    """Whether the path is the root, or lies in it."""
    return clean(path) == clean(root) or clean(path).startswith(clean(root).rstrip("/") + "/")
