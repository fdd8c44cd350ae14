"""The farm's Blender against Blender itself: same file names, same pixels, of every kind of scene."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from dccs import blender_scenes
from dccs.studios import Studio, files, pixels
from dccs.tasks import Kept, job

from buildcat.model import copies, patterns

#: Two jobs that differ in all that a process could keep from one to the other.
ONE = {"samples": 8, "transparent": True, "view_transform": "Raw", "percentage": 50, "persistent_data": True}
OTHER = {"camera": "Side", "border": ("0.2", "0.2", "0.9", "0.8"), "seed": 7, "compositor": True}


def rendered(kept: Kept) -> set[str]:
    """Return the names of all outputs, relative to the root, by the patterns that the farm keeps."""
    assert kept.failures == []
    return {patterns.fill(row, one.unit) for one in kept.rendered for row in one.rows}


def looks(kept: Kept, root: Path) -> dict[str, Any]:
    """Return the pixels of all outputs."""
    return {name: pixels(root / name) for name in sorted(rendered(kept))}


def check_equal(farm: Path, reference: Path) -> None:
    """Check that both folders have the same files, with the same pixels."""
    assert files(farm) == files(reference) != []
    for file in files(reference):
        assert pixels(farm / file) == pixels(reference / file), file


def frames_of(kind: str) -> str:
    """Return the frames of a kind as a job has them."""
    return ",".join(map(str, blender_scenes.KINDS[kind][1]))


@pytest.mark.parametrize("kind", blender_scenes.KINDS)
def test_the_farm_writes_what_blender_writes(studio: Studio, kind: str) -> None:
    """Warm from another kind of scene: the first task has one unit, the second all others, in the same session."""
    spec = job(f"scenes/{kind}/scene.blend", kind, frames_of(kind))
    out = studio.scenes / kind / "out"

    names = rendered(studio.worker.run(spec, count=1)) | rendered(studio.worker.run(spec, first=1))

    check_equal(out, studio.reference / kind / "out")
    assert names == {(out / one).relative_to(studio.folder).as_posix() for one in files(out)}


@pytest.mark.parametrize("kind", blender_scenes.KINDS)
def test_a_cold_blender_writes_the_same(studio: Studio, kind: str) -> None:
    """A Blender that has just been started, with several units in its first task."""
    folder = studio.folder / "cold" / kind
    spec = job(studio.copy(kind, folder), f"cold-{kind}", frames_of(kind))

    kept = studio.worker.cold().run(spec)

    assert kept.failures == []
    check_equal(folder / "out", studio.reference / kind / "out")


def test_a_copy_writes_what_its_scene_would(studio: Studio) -> None:
    """Where outputs are named after the file, which is a hidden one then."""
    kind = "named_after_the_file"
    folder = studio.folder / "copy"
    scene = studio.folder / studio.copy(kind, folder)
    copy = scene.rename(scene.with_name(copies.copy_name(scene.name)))

    kept = studio.worker.run(job(copy.relative_to(studio.folder).as_posix(), "copy", frames_of(kind)))

    assert kept.failures == []
    check_equal(folder / "out", studio.reference / kind / "out")


def test_a_movie_is_rendered_in_one_go(studio: Studio) -> None:
    """One unit writes the movie, and the nodes' files of all its frames."""
    out, reference = (one / "movie" / "out" for one in (studio.scenes, studio.reference))

    kept = studio.worker.run(job("scenes/movie/scene.blend", "movie", "2-4", split="whole"))

    names = rendered(kept)
    check_equal(out, reference)
    assert names == {(out / one).relative_to(studio.folder).as_posix() for one in files(out)}
    assert json.loads(kept.rendered[0].rows["scenes/movie/out/movie_0002-0004.mkv"])["kind"] == "mkv"
    assert len(pixels(out / "movie_0002-0004.mkv")) == 3


def test_a_movie_of_each_second_frame_is_what_blender_makes(studio: Studio) -> None:
    """As the scene says; a job may say otherwise."""
    out, reference = (one / "movie_step" / "out" for one in (studio.scenes, studio.reference))
    scene = "scenes/movie_step/scene.blend"
    other = job(scene, "all of it", "1-4", split="whole", settings={"frame_step": 1}, output="step/all.mkv")

    rendered(studio.worker.run(job(scene, "step", "1-4", split="whole")))
    check_equal(out, reference)
    rendered(studio.worker.run(other))

    assert len(pixels(out / "movie_0001-0004.mkv")) == 2
    assert len(pixels(studio.folder / "step" / "all.mkv")) == 4


@pytest.mark.parametrize("text", ["cut/{frame:04}", "cut/named.mkv"])
def test_a_movie_goes_where_the_job_says(studio: Studio, text: str) -> None:
    """With its range in its name where the name has a place for it, and by the whole name else."""
    spec = job(f"{studio.scenes.name}/movie/scene.blend", text, "2-3", split="whole", output=text)

    names = rendered(studio.worker.run(spec))

    assert {"cut/{frame:04}": "cut/0002-0003.mkv"}.get(text, text) in names


def test_a_job_leaves_nothing_to_the_next_one(studio: Studio) -> None:
    """Two jobs with other settings, one after the other in one process, look as each does alone."""
    worker, scene = studio.worker, f"{studio.scenes.name}/png/scene.blend"
    one = job(scene, "one", "1-2", settings=ONE, output="mixed/one_####")
    other = job(scene, "other", "1-2", settings=OTHER, output="mixed/other_####")
    alone = [looks(worker.cold().run(spec), studio.folder) for spec in (one, other)]

    after = [looks(worker.run(spec, generation=2), studio.folder) for spec in (one, other, one)]

    assert after == [*alone, alone[0]]
    assert len({str(picture) for look in alone for picture in look.values()}) == 4


@pytest.mark.parametrize("persistent", [False, True])
def test_a_library_replaced_on_disk_is_seen_by_a_retry(studio: Studio, persistent: bool) -> None:
    """A retry is a new generation, which loads again: the corrected library is what is rendered."""
    folder = studio.folder / f"replaced-{persistent}"
    scene = studio.copy("library_and_texture", folder)
    spec = job(scene, folder.name, settings={"persistent_data": persistent})
    before = looks(studio.worker.run(spec), studio.folder)

    (folder / "corrected.blend").replace(folder / "library.blend")
    after = looks(studio.worker.run(spec, generation=2), studio.folder)

    assert before.keys() == after.keys()
    assert before != after


def test_a_scene_replaced_on_disk_is_seen_by_a_retry(studio: Studio) -> None:
    """As with libraries; whether a changed scene may be rendered at all is asked before."""
    folder = studio.folder / "saved-again"
    spec = job(studio.copy("png", folder), folder.name)
    before = looks(studio.worker.run(spec), studio.folder)

    shutil.copy(studio.scenes / "motion_blur" / "scene.blend", folder / "scene.blend")
    after = looks(studio.worker.run(spec, generation=2), studio.folder)

    assert before.keys() == after.keys()
    assert before != after
