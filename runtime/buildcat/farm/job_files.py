"""A job's files that are ours to remove: logs, a snapshot of its scene, what dead workers left. Our own Python."""

from __future__ import annotations

import logging
import re
import shutil
import time
import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from buildcat.client import submission
from buildcat.farm import images, outputs
from buildcat.model import copies, paths
from buildcat.model.dcc import Dcc
from buildcat.model.errors import OutputError, RefusedError
from buildcat.model.job import JobSpec

log = logging.getLogger(__name__)

#: A worker that has just been told to stop may write a last line into the folder that is being removed.
_PATIENCE_S = 2.0
_EXECUTION = re.compile(r"[0-9a-f]{12}")
_FOLDERS = "folders"
#: A thumbnail is made anew after so many seconds, and so many pixels wide.
_THUMBNAIL_S, _THUMBNAIL_WIDTH = 2.0, 320


def take_snapshot(spec: JobSpec, dcc: Dcc, root: Path) -> JobSpec:
    """Copy the scene beside itself, where its relative paths hold, and return the spec of the copy.

    Raises:
        RefusedError: it can't be copied.
    """
    scene = paths.resolve(root, spec.scene, "scene")
    copy = scene.with_name(copies.copy_name(scene.name))
    try:
        shutil.copy2(scene, copy)
    except OSError as exc:
        copy.unlink(missing_ok=True)
        raise RefusedError(
            f"{scene} can't be copied beside itself: {exc.strerror}. Check the folder, or leave --snapshot out."
        ) from exc
    return replace(submission.with_scene(spec, dcc, copy, root), snapshot=True)


def remove_snapshot(root: Path, spec: JobSpec) -> None:
    """Remove the copy of the scene, if there is one; no file that doesn't go by a snapshot's name.

    Raises:
        PathError: the scene leads outside the root.
        RefusedError: it can't be removed.
    """
    if not spec.snapshot:
        return
    scene = paths.resolve(root, spec.scene, "scene")
    if copies.own_name(scene.name) != scene.name:
        try:
            scene.unlink(missing_ok=True)
        except OSError as exc:
            raise RefusedError(f"{scene} can't be removed: {exc.strerror}. Remove it by hand.") from exc


def remove(root: Path, job_id: str, spec: JobSpec, *, is_scene_shared: bool = False) -> None:
    """Remove the job's folder and its snapshot, which stays while another job renders it.

    Raises:
        PathError: the job's id or scene leads outside the root.
        RefusedError: something can't be removed; names it.
    """
    folder = paths.job_folder(root, job_id)
    deadline = time.monotonic() + _PATIENCE_S
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError as exc:
            if time.monotonic() > deadline:
                raise RefusedError(f"{folder} can't be removed: {exc.strerror}. Remove it by hand.") from exc
            time.sleep(0.1)
    if not is_scene_shared:
        remove_snapshot(root, spec)


def keep_thumbnail(root: Path, job_id: str, picture: Path) -> None:
    """Keep a small copy of the picture, for panels, unless there is one of a moment ago. A failure is logged."""
    target = paths.job_folder(root, job_id) / paths.THUMBNAIL
    written = target.with_name(f".{uuid.uuid4().hex[:12]}{target.suffix}")
    try:
        if target.exists() and time.time() - target.stat().st_mtime < _THUMBNAIL_S:
            return
        target.parent.mkdir(exist_ok=True)  # not its parent: a deleted job stays deleted
        images.thumbnail(picture, written, _THUMBNAIL_WIDTH)
        written.replace(target)
    except (OutputError, OSError) as exc:  # no OpenImageIO, no picture, or the job was deleted meanwhile
        log.debug("Job %s has no thumbnail: %s", job_id, exc)


def note_folders(root: Path, job_id: str, folders: Iterable[Path]) -> None:
    """Note where the job's sessions write to, for whoever tidies up after a dead worker. A failure is logged."""
    note = paths.job_folder(root, job_id) / _FOLDERS
    try:
        known = set(note.read_text(encoding="utf-8").splitlines()) if note.exists() else set()
        new = {paths.below_root(root, one) for one in folders} - known
        if new:
            note.parent.mkdir(parents=True, exist_ok=True)
            with note.open("a", encoding="utf-8") as file:
                file.write("".join(f"{one}\n" for one in sorted(new)))
    except OSError as exc:
        log.warning("%s can't be written: %s", note, exc.strerror)


def remove_temporary(root: Path, job_id: str, execution: str) -> None:
    """Remove the temporary folders of an execution whose worker died.

    Raises:
        PathError: the job's id or one of its folders leads outside the root.
    """
    note = paths.job_folder(root, job_id) / _FOLDERS
    if _EXECUTION.fullmatch(execution) and note.exists():
        folders = note.read_text(encoding="utf-8").splitlines()
        outputs.clean([paths.resolve(root, one, "output folder") for one in folders], execution)
