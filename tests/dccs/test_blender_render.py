"""The farm's Blender against Blender itself: same file names, same pixels; and the sentences for what Blender hides."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dccs import blender_refusals, blender_scenes
from needs import require

import buildcat_blender
from buildcat.farm import outputs, plugins
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.dcc import version_text
from buildcat.model.errors import VersionError
from buildcat.model.job import Output, Unit
from buildcat_blender.dcc import DCC
from buildcat_blender.progress import FrameProgress

MODULES = [Path(module.__file__ or "").parents[levels] for module, levels in ((plugins, 2), (buildcat_blender, 1))]
FOUND = plugins.installations(DCC).installations


@dataclass
class Studio:
    """One Blender, with all kinds of scenes and a warm session."""

    installation: Installation
    folder: Path
    warm: Session | None = None

    @property
    def is_wheel(self) -> bool:
        return self.installation.launch == DCC.wheel_launch.arguments

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
            kinds = [one for one in blender_scenes.KINDS if one != blender_scenes.NEGATIVE]
            self.run(*(word for one in kinds for word in (folder / one / "scene.blend", "-a")))
            self.script(blender_scenes, "render", folder, blender_scenes.NEGATIVE)
        return folder

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


def name(installation: Installation | None) -> str:
    if installation is None:
        return "missing"
    kind = "wheel" if installation.launch == DCC.wheel_launch.arguments else "blender"
    return f"{kind}-{version_text(installation.version)}"


@pytest.fixture(scope="module", params=FOUND or [None], ids=name)
def studio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Each Blender that is installed here."""
    require(request.param, "Blender is not installed")
    studio = Studio(request.param, tmp_path_factory.mktemp("blender"))
    yield studio
    if studio.warm:
        studio.warm.close()


@pytest.fixture(scope="module")
def looked(studio: Studio) -> Path:
    """A folder with what the plugin said to each scene that isn't fit, and what it read of one that is."""
    studio.script(blender_refusals, studio.folder / "looked", *MODULES)
    return studio.folder / "looked"


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def pixels(path: Path) -> list[tuple[object, ...]]:
    """Return what can be seen of each part of a picture: neither dates nor other metadata."""
    oiio = pytest.importorskip("OpenImageIO", exc_type=ImportError)
    image = oiio.ImageInput.open(str(path))
    assert image, f"{path} can't be opened: {oiio.geterror()}"
    parts = []
    while image.seek_subimage(len(parts), 0):
        spec = image.spec()
        parts.append((spec.width, spec.height, tuple(spec.channelnames), image.read_image().tobytes()))
    return parts


def test_there_is_a_wheel_and_a_blender() -> None:
    """Both ways to have Blender are tested here."""
    require(len({name(one).partition("-")[0] for one in FOUND}) == 2, "only one kind of Blender is installed")

    assert all(one.version > 3_000_000 for one in FOUND)


@pytest.mark.parametrize("kind", blender_scenes.KINDS)
def test_the_farm_writes_what_blender_writes(studio: Studio, kind: str) -> None:
    """Same names, same pixels, of every file; in a Blender that is warm from another kind of scene."""
    farm, reference = studio.scenes / kind, studio.reference / kind / "out"
    _, frames = blender_scenes.KINDS[kind]

    loaded = studio.load(farm / "scene.blend")
    rendered = studio.render(*frames)
    outputs.clean([Path(one) for one in loaded.folders], "e1")

    assert files(farm / "out") == files(reference) != []
    assert {str(Path(one.path).relative_to(farm / "out")) for one in rendered} == set(files(reference))
    for file in files(reference):
        if Path(file).suffix or kind == "no_extension":
            assert pixels(farm / "out" / file) == pixels(reference / file), file


def test_the_scene_says_the_size_of_its_own_output(studio: Studio) -> None:
    """A frame of another size is a broken frame, so the size is not taken from the file."""
    studio.load(studio.scenes / "cropped_border" / "scene.blend")
    (cropped,) = studio.render(1)
    studio.load(studio.scenes / "stereo_side_by_side" / "scene.blend", settings={"percentage": 50})
    (stereo,) = studio.render(1)

    assert cropped.size == (31, 25)
    assert stereo.size == (64, 24)
    assert cropped.kind == stereo.kind == "png"


@pytest.mark.parametrize("case", blender_refusals.CASES)
def test_what_blender_hides_is_said_in_a_sentence(looked: Path, case: str) -> None:
    """Blender renders these wrongly and says nothing, or says it in words that don't help."""
    expected = blender_refusals.CASES[case]

    kind, words = json.loads((looked / "refusals.json").read_text(encoding="utf-8"))[case]

    assert kind == expected.kind, words
    assert [one for one in expected.says if one not in words] == [], words
    assert words.endswith(".") or kind == "Loaded"


def test_what_is_applied_is_read_again(looked: Path) -> None:
    """A panel shows the scene's own values: they are the words in which a job sets them."""
    values = json.loads((looked / "read.json").read_text(encoding="utf-8"))

    assert set(values) == {one.key for one in DCC.settings} - {"scene_name", "missing_ok", "addons", "device"}
    for key, pairs in values.items():
        assert [applied for applied, _ in pairs] == [read for _, read in pairs], key


def test_a_file_of_a_newer_blender_is_refused_unopened(studio: Studio, tmp_path: Path) -> None:
    """3.4.1 crashes on files of newer ones, others lose data; so the header is read first."""
    saved = (studio.scenes / "png" / "scene.blend").read_bytes()
    is_new_form = saved.startswith(b"BLENDER1")
    newer = saved[:13] + b"0999" + saved[17:] if is_new_form else saved[:9] + b"499" + saved[12:]
    (tmp_path / "newer.blend").write_bytes(newer)

    with pytest.raises(VersionError, match=r"newer\.blend was saved by Blender (9\.99|4\.99)") as caught:
        studio.load(tmp_path / "newer.blend")

    assert version_text(studio.installation.version).rpartition(".")[0] in str(caught.value)


def test_a_file_replaced_on_disk_is_seen_after_loading_again(studio: Studio) -> None:
    """A retry loads again, so that a corrected scene or library is what is rendered."""
    folder = studio.folder / "replaced"
    shutil.copytree(studio.scenes / "png", folder)
    studio.load(folder / "scene.blend")
    (before,) = studio.render(1)
    looked = pixels(Path(before.path))

    shutil.copy(studio.scenes / "motion_blur" / "scene.blend", folder / "scene.blend")
    studio.load(folder / "scene.blend")
    (after,) = studio.render(1)

    assert before.path == after.path
    assert pixels(Path(after.path)) != looked


def test_progress_counts_all_pictures_of_a_frame() -> None:
    """Two view layers are two pictures: the bar goes on from the first to the second, never back."""
    progress = FrameProgress()
    progress.begin(2)
    texts = [
        "Mem: 0M | Synchronizing",
        "Sample 1/4",
        "Sample 4/4",
        "Mem: 0M | Synchronizing",
        "Sample 1/4",
        "Sample 4/4",
    ]

    fractions = []
    for text in texts:
        progress.take(text)
        fractions.append(progress.latest().fraction)

    assert fractions == [None, 0.125, 0.5, 0.5, 0.625, 1.0]
    assert progress.latest().text == "Sample 4/4"


def test_progress_is_unknown_where_blender_tells_nothing() -> None:
    """Blender 3.4 calls the handler with nothing in it."""
    progress = FrameProgress()
    progress.begin(1)

    progress.take(None)

    assert progress.latest() == Progress()
