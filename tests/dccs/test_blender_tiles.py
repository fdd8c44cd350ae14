"""Blender renders frames in tiles: joined, they are what it renders whole."""

from __future__ import annotations

import re

import pytest
from dccs import blender_scenes
from dccs.studios import Studio, files, pixels
from dccs.tasks import job
from needs import require

from buildcat.farm import join
from buildcat.model.job import Output, Unit

#: What is made of pixels that are rendered one by one, in kinds of files that keep them.
EXACT = (
    "png",
    "no_extension",
    "exr",
    "multilayer_exr",
    "negative",
    "cameras_at_markers",
    "tiff_from_a_path_with_another_extension",
    "stereo_in_two_files",
    "stereo_in_one_exr",
    "cropped_border",
    "motion_blur",
    "persistent_data",
    "library_and_texture",
    "unicode_and_spaces",
)
#: The others, and what they are told.
REFUSED = {
    "jpeg": "file format loses .* Set format to one of png, tiff, exr, exr-multilayer, or leave the tiles out",
    "border": "border leaves the rest of the picture black. Set crop to yes",
    "compositor": "compositor would see one tile at a time. Set compositor to no",
    "stamped": "stamp would be burnt into each of them. Set stamp to no",
    "sequencer_with_a_scene": "sequencer would see one tile at a time. Set sequencer to no",
    "stereo_side_by_side": "both its views are in one picture. Set Views Format",
    "movie": "file format loses .* Set format to one of png",
}


@pytest.fixture(autouse=True)
def openimageio() -> None:
    """Tiles can't be joined without it."""
    require(join.is_possible(), "OpenImageIO is not installed")


def check_tiles(studio: Studio, kind: str, split: str) -> None:
    """Check that a kind in tiles has the files and the pixels that Blender writes."""
    frames = ",".join(map(str, blender_scenes.KINDS[kind][1]))
    folder = studio.folder / "tiled" / split.replace(":", "") / kind
    scene = studio.copy(kind, folder)

    kept = studio.worker.run(job(scene, f"tiles-{split}-{kind}", frames, split=split))

    assert [one.message for one in kept.failures] == []
    reference = studio.reference / kind / "out"
    assert files(folder / "out") == files(reference) != []
    for file in files(reference):
        assert pixels(folder / "out" / file) == pixels(reference / file), file


@pytest.mark.parametrize("kind", EXACT)
def test_joined_tiles_are_the_whole_frame(studio: Studio, kind: str) -> None:
    """The same files, each pixel as in Blender's own; neither width nor height can be divided by the tiles."""
    check_tiles(studio, kind, "tiles:3x5")


@pytest.mark.parametrize("split", ["tiles:1x1", "tiles:64x1", "tiles:1x48"])
def test_tiles_may_be_one_or_as_narrow_as_a_pixel(studio: Studio, split: str) -> None:
    """All of them at once; one line each."""
    check_tiles(studio, "exr", split)


def test_workbench_is_exact_too(studio: Studio) -> None:
    """It draws on what it has of a GPU."""
    whole, tiled = (studio.folder / "workbench" / one for one in ("whole", "tiled"))
    given = {"settings": {"engine": "workbench"}}
    for folder, split in ((whole, "frames"), (tiled, "tiles:3x2")):
        scene = studio.copy("exr", folder)
        kept = studio.worker.run(job(scene, f"workbench-{folder.name}", split=split, **given))
        assert [one.message for one in kept.failures] == []

    assert pixels(whole / "out" / "a_0001.exr") == pixels(tiled / "out" / "a_0001.exr")


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_joined_is_refused(studio: Studio, kind: str) -> None:
    """With what to change, and at once: every worker would say so."""
    spec = job(f"{studio.scenes.name}/{kind}/scene.blend", f"refused-{kind}", "2", split="tiles:2x2")

    (failed,) = studio.worker.run(spec).failures

    assert failed.kind == "SettingError"
    assert failed.is_final
    assert re.search(REFUSED[kind], failed.message)


def test_a_setting_makes_it_fit(studio: Studio) -> None:
    """As the refusal says."""
    settings = {"compositor": False, "format": "png", "stamp": False}
    kept = studio.worker.run(
        job(
            f"{studio.scenes.name}/compositor/scene.blend",
            "mended",
            split="tiles:2x2",
            settings=settings,
            output="mended/a",
        )
    )

    assert [one.message for one in kept.failures] == []


def test_more_tiles_than_pixels_are_refused(studio: Studio) -> None:
    """The picture is 64 x 48."""
    (failed,) = studio.worker.run(job(f"{studio.scenes.name}/exr/scene.blend", "narrow", split="tiles:65x1")).failures

    assert failed.message == "64 x 48 pixels can't be 65 x 1 tiles. Use fewer."


def test_what_is_not_exact_is_said(studio: Studio) -> None:
    """Denoising sees one tile at a time."""
    loaded = studio.load(studio.scenes / "exr" / "scene.blend", settings={"denoising": True}, tiles=(2, 2))

    assert loaded.warnings == ("Denoising sees one tile at a time: seams may show. Set denoising to no.",)


def test_the_scene_is_as_before_after_a_tile(studio: Studio) -> None:
    """What is expected of a tile is the whole picture, also after a render."""
    studio.load(studio.folder / studio.copy("cropped_border", studio.folder / "before"), tiles=(2, 2))
    before = studio.session.expected("e1", Unit(3, 1, 3))

    studio.session.render("e1", Unit(3, 1, 3), lambda _progress: None)

    assert studio.session.expected("e1", Unit(3, 1, 3)) == before
    assert isinstance(before[0], Output)
    assert before[0].tile_size != before[0].size
