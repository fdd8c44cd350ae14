"""What a job would have rendered if nothing had gone wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from buildcat.farm import local
from buildcat.inside.messages import Progress
from buildcat.model.job import JobSpec, Unit
from buildcat_toy import scene


class _Silence:
    """Nobody watches."""

    def done(self, unit: Unit, seconds: float, path: str) -> None:
        """Say nothing."""

    def failed(self, unit: Unit, message: str) -> None:
        """A unit must not fail here."""
        raise AssertionError(f"{unit.label} failed in an undisturbed run: {message}")

    def progress(self, unit: Unit, progress: Progress) -> None:
        """Say nothing."""


def render_undisturbed(spec: JobSpec, root: Path, folder: Path) -> Path:
    """Render the job's scene, without its troubles and delays, with no farm, below that folder; returns the folder."""
    if spec.dcc == "toy":
        _save_peaceful(root / spec.scene, folder / spec.scene)
    else:
        folder.mkdir(parents=True)
        shutil.copy(root / spec.scene, folder)
        (folder / "left-once").touch()  # see blender_shot.py
    local.render(folder, spec, {}, _Silence())
    return folder


def _save_peaceful(source: Path, target: Path) -> None:
    content = json.loads(source.read_text(encoding="utf-8"))
    opened = scene.open_scene(source)
    peaceful = {key: content[key] for key in content if key not in {*opened.troubles, "seconds", "load_trouble"}}
    scene.save(target, **peaceful)


def pixels(path: Path) -> tuple[object, ...]:
    """Decode a picture to its last line; returns its size, its channels and all values."""
    oiio = pytest.importorskip("OpenImageIO", exc_type=ImportError)
    image = oiio.ImageInput.open(str(path))
    assert image, f"{path} can't be opened: {oiio.geterror()}"
    described, values = image.spec(), image.read_image()
    assert values is not None, f"{path} can't be decoded: {image.geterror()}"
    return described.width, described.height, tuple(described.channelnames), values.tobytes()
