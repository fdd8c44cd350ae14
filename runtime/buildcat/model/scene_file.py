"""Looks into a scene's file without its DCC. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from buildcat.model.errors import PathError, RefusedError


@contextmanager
def opened(path: Path, label: str) -> Iterator[BinaryIO]:
    """Open a scene's file at its beginning; `label` is the DCC's name for people.

    Raises:
        PathError: there is no such file, or it can't be read.
        RefusedError: it is empty.
    """
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise RefusedError(f"{path} is empty. Save it again in {label}.")
            file.seek(0)
            yield file
    except FileNotFoundError:
        raise PathError(f"There is no file {path}. Check its name, and that this machine sees its folder.") from None
    except OSError as exc:
        raise PathError(f"{path} can't be read: {exc.strerror}. Check that it is a file, and its permissions.") from exc
