"""The root and the paths below it: relative, with forward slashes, in every record. Runs on any Python."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from buildcat.model.errors import PathError

#: The folder below the root that holds everything of ours.
FARM_FOLDER = ".buildcat"
MARKER = "root.json"
#: Below a job's folder: a small copy of the frame that was done last.
THUMBNAIL = "thumbs/last.jpg"


def find_root(start: Path) -> Path | None:
    """Return the nearest folder at or above `start` that is marked as a root, or None."""
    start = Path(os.path.abspath(start))  # noqa: PTH100  # takes `..` out, and follows no symlink
    for folder in (start, *start.parents):
        if (folder / FARM_FOLDER / MARKER).is_file():
            return folder
    return None


def mark_root(root: Path) -> str:
    """Mark the folder as a root, unless it is marked already, and return the root's id.

    Raises:
        PathError: the folder is a home folder or the top of a drive, is missing, or can't be written.
    """
    marker = root / FARM_FOLDER / MARKER
    if not marker.is_file():
        _refuse_home(root)
        if not root.is_dir():
            raise PathError(f"There is no folder {root}. Make it, or start the worker in the shared storage.")
        try:
            marker.parent.mkdir(exist_ok=True)
            _write_new(marker, json.dumps({"id": uuid.uuid4().hex}) + "\n")
        except OSError as exc:
            raise PathError(f"The root {root} can't be written: {exc.strerror}. Check its permissions.") from exc
    return root_id(root)


def root_id(root: Path) -> str:
    """Return the id of a marked root.

    Raises:
        PathError: its marker is missing or damaged.
    """
    marker = root / FARM_FOLDER / MARKER
    try:
        return str(json.loads(marker.read_text(encoding="utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise PathError(f"{marker} is missing or damaged. Remove it and start a worker in {root}.") from exc


def _refuse_home(root: Path) -> None:
    resolved = root.resolve()
    if resolved == Path.home().resolve() or resolved == Path(resolved.anchor):
        raise PathError(
            f"{resolved} can't be the root: it is a home folder or the top of a drive. "
            "Start the worker in a folder made for the farm, or pass --root."
        )


def _write_new(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all; the first of several writers wins."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    temporary.write_text(text, encoding="utf-8")
    if path.exists():
        temporary.unlink()
    else:
        temporary.replace(path)


def is_absolute_elsewhere(text: str) -> bool:
    """Whether the text is an absolute path on some system: `/x`, `C:\\x`, `C:/x`, `\\\\server\\share`."""
    return bool(re.match(r"([A-Za-z]:|[\\/])", text))


def is_inside(folder: Path, path: Path) -> bool:
    """Whether the path, symlinks resolved, is the folder or lies in it."""
    resolved = path.resolve()
    return folder.resolve() in (resolved, *resolved.parents)


def below_root(root: Path, path: Path) -> str:
    """Return the path relative to the root, with forward slashes, symlinks resolved for the check only.

    Raises:
        PathError: it lies outside the root.
    """
    if not is_inside(root, path):
        raise PathError(f"{path} lies outside the root {root}. Choose a place below it: workers reach no other.")
    try:
        return path.absolute().relative_to(root.absolute()).as_posix()
    except ValueError:  # reached through another name of the same folder
        return path.resolve().relative_to(root.resolve()).as_posix()


def check_relative(text: str, what: str) -> str:
    """Return a record's path when it is relative, with forward slashes and no way up.

    Raises:
        PathError: it is absolute on some system, climbs with `..`, or holds a NUL.
    """
    if not text or "\0" in text or is_absolute_elsewhere(text) or "\\" in text or ".." in PurePosixPath(text).parts:
        raise PathError(f"The {what} {text!r} must be a path below the root, with forward slashes and without '..'.")
    return text


def resolve(root: Path, relative: str, what: str, also: Iterable[Path] = ()) -> Path:
    """Return a record's path on this host.

    `also` are further folders in which symlinks below the root may end.

    Raises:
        PathError: it leads outside the root, also by a symlink.
    """
    path = root / check_relative(relative, what)
    check_inside(root, path, what, also)
    return path


def check_inside(root: Path, path: Path, what: str, also: Iterable[Path] = ()) -> None:
    """Check that the path, symlinks resolved, lies under the root or one of `also`.

    Raises:
        PathError: it doesn't.
    """
    if not any(is_inside(one, path) for one in (root, *also)):
        raise PathError(f"The {what} {path} leads outside the root {root}. Put it below the root.")


def job_folder(root: Path, job_id: str) -> Path:
    """Return the folder of a job's logs and thumbnails.

    Raises:
        PathError: the id, which whoever reaches the server may have made, is no plain word.
    """
    if not job_id.isalnum():
        raise PathError(f"{job_id!r} is no id of a job. `buildcat jobs` lists them.")
    return root / FARM_FOLDER / "jobs" / job_id
