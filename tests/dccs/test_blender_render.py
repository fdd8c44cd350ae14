"""Blender as a session runs it: the sentences for what Blender hides, sizes, newer files, progress."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dccs import blender_refusals, blenders
from dccs.studios import Studio
from needs import require

import buildcat_blender
from buildcat.farm import plugins
from buildcat.inside.messages import Progress
from buildcat.model.dcc import version_text
from buildcat.model.errors import VersionError
from buildcat.model.job import Unit
from buildcat_blender.dcc import DCC
from buildcat_blender.progress import FrameProgress

MODULES = [Path(module.__file__ or "").parents[levels] for module, levels in ((plugins, 2), (buildcat_blender, 1))]


@pytest.fixture(scope="module")
def looked(studio: Studio) -> Path:
    """A folder with what the plugin said to each scene that isn't fit, and what it read of one that is."""
    studio.script(blender_refusals, studio.folder / "looked", *MODULES)
    return studio.folder / "looked"


def test_there_is_a_wheel_and_old_blenders() -> None:
    """Blender changed what files it writes in 4.2, 4.5 and 5.0; each is tested here, and both ways to have it."""
    versions = {version_text(one.version).rpartition(".")[0] for one in blenders.FOUND}
    kinds = {blenders.is_wheel(one) for one in blenders.FOUND}
    require(len(kinds) == 2 and len(versions) > 3, "only some Blenders are installed")

    assert versions >= {"4.2", "4.5"}


def test_the_scene_says_the_size_of_its_own_output(studio: Studio) -> None:
    """A frame of another size is a broken frame, so the size is not taken from the file."""
    studio.load(studio.scenes / "cropped_border" / "scene.blend")
    (cropped,) = studio.render(1)
    studio.load(studio.scenes / "stereo_side_by_side" / "scene.blend", settings={"percentage": 50})
    (stereo,) = studio.render(1)

    assert cropped.size == (31, 25)
    assert stereo.size == (64, 24)
    assert cropped.kind == stereo.kind == "png"


def test_what_a_failed_frame_left_is_no_picture_of_the_next(studio: Studio, tmp_path: Path) -> None:
    """Both are of one task, and so have one folder; storages are too coarse in their times to tell old from new."""
    studio.load(studio.scenes / "png" / "scene.blend", output=f"left/{tmp_path.name}_####.png")
    left = studio.folder / "left/.bc-e1"
    left.mkdir(parents=True, exist_ok=True)
    (left / "half_0001.png").write_text("half of it")

    found = studio.session.render("e1", Unit(0, 2), lambda _progress: None)

    assert [Path(one.written) for one in found] == list(left.iterdir())


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
