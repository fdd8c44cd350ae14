"""What the tests of Blender share: one Blender, its scenes of all kinds, and what Blender itself renders of them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dccs import blender_scenes, blenders
from dccs.tasks import Worker

from buildcat.farm import outputs
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside.messages import Loaded, Order
from buildcat.model.job import Output, Unit
from buildcat_blender.dcc import DCC


@dataclass
class Studio:
    """One Blender, with all kinds of scenes and a warm session."""

    installation: Installation
    folder: Path
    warm: Session | None = None

    @property
    def is_wheel(self) -> bool:
        return blenders.is_wheel(self.installation)

    def run(self, *arguments: str | Path) -> None:
        """Run Blender, or the wheel's Python, with these arguments."""
        options = () if self.is_wheel else ("-b", "--factory-startup", "-noaudio", "--python-exit-code", "3")
        command = [self.installation.executable, *options, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def script(self, module: ModuleType, *arguments: str | Path) -> None:
        """Run one of the scripts for Blender."""
        self.run(*(() if self.is_wheel else ("--python",)), str(module.__file__), "--", *arguments)

    @cached_property
    def scenes(self) -> Path:
        """A folder with a scene of each kind, not rendered."""
        self.script(blender_scenes, "make", self.folder / "scenes")
        return self.folder / "scenes"

    @cached_property
    def reference(self) -> Path:
        """The same, rendered by Blender itself."""
        folder = self.folder / "reference"
        shutil.copytree(self.scenes, folder)
        if self.is_wheel:
            self.script(blender_scenes, "render", folder)
        else:
            every = (*blender_scenes.KINDS, *blender_scenes.MOVIES)
            kinds = [one for one in every if one != blender_scenes.NEGATIVE]
            self.run(*(word for one in kinds for word in (folder / one / "scene.blend", "-a")))
            self.script(blender_scenes, "render", folder, blender_scenes.NEGATIVE)
        return folder

    def copy(self, kind: str, folder: Path) -> str:
        """Copy a kind's folder, without what it has rendered; returns its scene, relative to the studio's folder."""
        shutil.copytree(self.scenes / kind, folder, ignore=shutil.ignore_patterns("out"))
        return (folder / "scene.blend").relative_to(self.folder).as_posix()

    @cached_property
    def worker(self) -> Worker:
        """A worker with this Blender, whose root is the studio's folder."""
        return Worker(self.installation, self.folder)

    def close(self) -> None:
        """End what is still warm."""
        self.worker.session.close()
        if self.warm:
            self.warm.close()

    @property
    def session(self) -> Session:
        """A session that can be used."""
        if self.warm is None or not self.warm.is_alive:
            self.warm = Session(DCC, self.installation)
            self.warm.start()
        return self.warm

    def load(self, scene: Path, **order: Any) -> Loaded:
        """Load a scene as a worker does; `order` has fields of an Order."""
        return self.session.load("e1", Order(str(scene), str(self.folder), **order))

    def render(self, *frames: int) -> list[Output]:
        """Render frames of the loaded scene, check them and put them where they belong."""
        rendered = []
        for frame in frames:
            found = self.session.render("e1", Unit(0, frame), lambda _progress: None)
            for output in found:
                outputs.check(output)
            outputs.move(found)
            rendered += found
        return rendered


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def pixels(path: Path) -> list[tuple[object, ...]]:
    """Return what can be seen of each part of a picture: neither dates nor other metadata."""
    if path.suffix == ".mkv":
        return movie_frames(path)
    oiio = pytest.importorskip("OpenImageIO", exc_type=ImportError)
    image = oiio.ImageInput.open(str(path))
    assert image, f"{path} can't be opened: {oiio.geterror()}"
    parts = []
    while image.seek_subimage(len(parts), 0):
        spec = image.spec()
        parts.append((spec.width, spec.height, tuple(spec.channelnames), image.read_image().tobytes()))
    return parts


def movie_frames(path: Path) -> list[tuple[object, ...]]:
    """Return the number, the time and the digest of each frame of a movie."""
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    command = [ffmpeg, "-v", "error", "-i", str(path), "-f", "framemd5", "-"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return [tuple(line.split(",")) for line in printed.splitlines() if not line.startswith("#")]
