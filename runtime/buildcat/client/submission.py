"""From a scene on this machine to a JobSpec: root, paths, fingerprint, settings. Python 3.9, stdlib."""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import replace
from pathlib import Path

from buildcat.model import paths
from buildcat.model.dcc import Dcc, function
from buildcat.model.errors import PathError
from buildcat.model.job import JobSpec

#: A scene's head and tail of this many bytes make its fingerprint: instant at any size.
FINGERPRINT_BYTES = 65_536


def prepare(spec: JobSpec, dcc: Dcc, scene: Path | None, root: Path | None = None, output: str = "") -> JobSpec:
    """Return the spec for a scene file on this machine, checked against the DCC's description.

    `scene` and `output` are as a person types them: relative to the current folder. Without `root`, it is found
    above the scene, or above the current folder for a command that needs no scene.

    Raises:
        PathError: the scene is missing, of another kind, or outside the root; or there is no root.
        SettingError: a setting is unknown or doesn't fit.
        UsageError: another field of the spec doesn't fit.
    """
    dcc.check_split(spec.split)
    if scene:
        check_scene_file(scene, dcc)
    root = root or paths.find_root(scene.parent if scene else Path())
    if root is None:
        raise PathError(
            f"{scene or Path.cwd()} is not in the farm's shared storage: no folder above it is marked as a root. "
            "Start `buildcat worker` in the shared storage once, or pass --root."
        )
    return replace(
        with_scene(spec, dcc, scene, root) if scene else spec,
        dcc=dcc.name,
        output=paths.below_root(root, Path(output)) if output else "",
        settings=dcc.check_settings(spec.settings),
        host=spec.host or socket.gethostname(),
    ).checked()


def with_scene(spec: JobSpec, dcc: Dcc, scene: Path, root: Path) -> JobSpec:
    """Return the spec with all that is known of its scene file.

    Raises:
        PathError: the scene is outside the root.
        RefusedError: the file is no scene of the DCC.
    """
    version = max(spec.version_min, needed_version(dcc, scene))
    return replace(with_file(spec, scene, root), version_min=version, name=spec.name or scene.stem)


def with_file(spec: JobSpec, scene: Path, root: Path) -> JobSpec:
    """Return the spec with the scene's place and fingerprint, which needs no DCC.

    Raises:
        PathError: the scene is outside the root.
        OSError: it can't be read.
    """
    size, mtime_ns, digest = fingerprint(scene)
    place = paths.below_root(root, scene)
    return replace(spec, scene=place, scene_size=size, scene_mtime_ns=mtime_ns, scene_hash=digest)


def check_scene_file(scene: Path, dcc: Dcc) -> None:
    """Check that the scene is a file that the DCC can open.

    Raises:
        PathError: it is missing, a folder, unreadable, or has another ending.
    """
    if paths.is_absolute_elsewhere(str(scene)) and not scene.is_absolute():
        raise PathError(f"{scene} is a path of another system. Name the scene by its path on this machine.")
    try:
        is_folder, is_file = scene.is_dir(), scene.is_file()
    except OSError as exc:  # such as a name that is too long
        raise PathError(f"{scene} can't be read: {exc.strerror}. Check the path.") from exc
    if is_folder:
        raise PathError(f"{scene} is a folder. Name the scene file in it.")
    if not is_file:
        raise PathError(f"There is no scene {scene}. Check the path; it is relative to the current folder.")
    if not os.access(scene, os.R_OK):
        raise PathError(f"{scene} can't be read. Check its permissions.")
    if dcc.extensions and scene.suffix.lower() not in dcc.extensions:
        raise PathError(f"{scene.name} is no {dcc.label} scene; those end in {', '.join(dcc.extensions)}.")


def fingerprint(scene: Path) -> tuple[int, int, str]:
    """Return the file's size in bytes, its time of change in nanoseconds, and a digest of its head and tail."""
    status = scene.stat()
    digest = hashlib.blake2b(digest_size=16)
    with scene.open("rb") as file:
        digest.update(file.read(FINGERPRINT_BYTES))
        file.seek(max(0, status.st_size - FINGERPRINT_BYTES))
        digest.update(file.read(FINGERPRINT_BYTES))
    return status.st_size, status.st_mtime_ns, digest.hexdigest()


def has_changed(spec: JobSpec, scene: Path) -> bool:
    """Whether the scene file differs from what was submitted. A new time with the same bytes is no change."""
    if not spec.scene_hash:
        return False
    status = scene.stat()
    if (status.st_size, status.st_mtime_ns) == (spec.scene_size, spec.scene_mtime_ns):
        return False
    size, _, digest = fingerprint(scene)
    return (size, digest) != (spec.scene_size, spec.scene_hash)


def needed_version(dcc: Dcc, scene: Path) -> int:
    """Return the DCC version that wrote the scene, as an integer; 0 when that can't be told.

    Raises:
        RefusedError: the file is no scene of the DCC.
    """
    if not dcc.scene_version:
        return 0
    version: int | None = function(dcc.scene_version)(scene)
    return version or 0
