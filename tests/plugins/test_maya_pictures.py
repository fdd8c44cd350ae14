"""What the pictures of Maya are called, and which of the files that were written they are; on the double of `maya`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doubles.maya.nodes import REDSHIFT_FORMATS
from plugins.maya_scenes import NODES, PLACES, Load, frame, process, using

from buildcat.model.errors import OutputError
from buildcat.model.job import Unit
from buildcat_maya.renderers import base


@pytest.mark.parametrize(
    ("name", "beauty", "word"),
    [
        *((name, "", "") for name in ("arnold", "redshift", "vray", "renderman")),
        *(("arnold", one, "") for one in ("beauty/", "Beauty/", "rgba/")),
        *(("redshift", "Beauty/", ""), ("vray", "rgba/", ""), ("vray", "rgb/", ""), ("renderman", "beauty/", "")),
        *(("redshift", "Beauty/", ".Beauty"), ("redshift", "", "_Beauty"), ("vray", "rgba/", ".rgba")),
    ],
)
def test_aovs_keep_their_places(load_maya: Load, tmp_path: Path, name: str, beauty: str, word: str) -> None:
    """The picture comes first, be it in a folder of its own, or with a word more in its name."""
    content = {**using(name), "aovs": ["depth", "id"], "beauty": beauty, "word": word}
    folder, _, file = PLACES[name].rpartition("/")
    own = file.replace(".", f"{word}.", 1)

    paths = [one.path for one in frame(load_maya(content))]

    wanted = ((beauty, own), ("depth", file), ("id", file))
    assert paths == [str(tmp_path / "images" / folder / one / file) for one, file in wanted]


def test_a_picture_with_its_own_name_goes_before_one_with_a_word_more(load_maya: Load, tmp_path: Path) -> None:
    """Which is an AOV then."""
    content = {**using("redshift"), "beauty": "Beauty/", "word": ".Beauty", "aovs": ["", "depth"]}

    paths = [one.path for one in frame(load_maya(content))]

    assert paths[0] == str(tmp_path / "images/shot.0003.exr")
    assert len(paths) == 3


@pytest.mark.parametrize(
    ("folder", "word"),
    [("depth/", ""), ("beauty/more/", ""), ("beautiful/", ""), ("", ".depth"), ("", "beauty"), ("", ".beauty.more")],
)
def test_an_aov_is_no_picture(load_maya: Load, folder: str, word: str) -> None:
    """Nor is what lies anywhere else, where the picture itself is missing."""
    with pytest.raises(OutputError, match="didn't write"):
        frame(load_maya({**using("arnold"), "beauty": folder, "word": word}))


@pytest.mark.parametrize(("name", "is_picture"), [("tmp/other.png", True), ("tmp/shot.0003.log", False)])
def test_all_that_maya_itself_wrote_is_the_picture(
    load_maya: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_picture: bool
) -> None:
    """Whatever its name, if it has the ending: Maya's own renderers know no AOVs."""

    def write(_itself: object, _frame: int, _layer: object, _camera: str) -> None:
        path = Path(process().images(), name)
        path.parent.mkdir()
        path.write_text("a picture")

    monkeypatch.setattr(base.Renderer, "render", write)
    opened = load_maya()

    if is_picture:
        assert [one.path for one in frame(opened)] == [str(tmp_path / "images/shot.0003.png")]
    else:
        with pytest.raises(OutputError, match="didn't write"):
            frame(opened)


@pytest.mark.parametrize(
    ("name", "attribute", "value", "ending"),
    [
        ("arnold", "defaultArnoldDriver.aiTranslator", "jpeg", "jpg"),
        ("arnold", "defaultArnoldDriver.aiTranslator", "tif", "tif"),
        ("arnold", "defaultArnoldDriver.aiTranslator", "deepexr", "exr"),
        ("arnold", "defaultArnoldDriver.aiTranslator", "maya", "png"),
        *(("redshift", "redshiftOptions.imageFormat", *one) for one in REDSHIFT_FORMATS.items()),
        ("redshift", "redshiftOptions.imageFormat", 6, "png"),
        ("vray", "vraySettings.imageFormatStr", "exr (multichannel)", "exr"),
        ("vray", "vraySettings.imageFormatStr", "", "png"),
        ("vray", "vraySettings.fileNamePadding", 2, "png"),
    ],
)
def test_pictures_end_as_the_renderers_own_node_says(
    load_maya: Load, name: str, attribute: str, value: object, ending: str
) -> None:
    """Which Maya's render settings may not have heard of."""
    content = {**using(name, **{attribute.replace(".", "__"): value}), "nodes": NODES[name]}
    number = "03" if attribute.endswith("Padding") else "0003"

    assert load_maya(content).plugin.expected(Unit(0, 3))[0].path.endswith(f"shot.{number}.{ending}")


def test_an_arnold_scene_without_a_driver_ends_as_maya_says(load_maya: Load) -> None:
    """As one that was put together by a script."""
    content = {**using("arnold"), "nodes": {"defaultArnoldRenderOptions": "aiOptions"}}

    assert load_maya(content).plugin.expected(Unit(0, 3))[0].path.endswith("shot.0003.png")


def test_redshifts_older_name_counts_where_there_is_no_other(load_maya: Load) -> None:
    """Which of the two is used depends on its version, so both are set."""
    old = using("redshift", redshiftOptions__imageFilePrefix="old/<Scene>")
    both = using("redshift", redshiftOptions__imageFilePrefix="old", defaultRenderGlobals__imageFilePrefix="new")

    paths = [frame(load_maya({**one, "nodes": NODES["redshift"]}))[0].path for one in (old, both)]

    assert [one.partition("/images/")[2] for one in paths] == ["old/shot.0003.exr", "new.0003.exr"]


def test_the_name_in_arnolds_driver_goes_before_mayas(load_maya: Load, tmp_path: Path) -> None:
    """As MtoA has it."""
    named = {"defaultArnoldDriver__prefix": "own/<Scene>", "defaultRenderGlobals__imageFilePrefix": "other"}
    content = {**using("arnold", **named), "nodes": NODES["arnold"]}

    assert frame(load_maya(content))[0].path == str(tmp_path / "images/own/shot.0003.exr")


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ({"imageFilePrefix": "<Scene>/<RenderLayer>/<Camera>"}, "images/shot/masterLayer/front_cam.0003.png"),
        ({"extensionPadding": 2, "periodInExt": 2}, "images/shot_03.png"),
        ({"imageFilePrefix": "a", "imageFormat": 8}, "images/a.0003.jpg"),
        ({"animation": False, "putFrameBeforeExt": False}, "images/shot.0003.png"),
        ({"modifyExtension": True}, "images/shot.0003.png"),
        ({"putFrameBeforeExt": False}, "images/shot.0003.png"),
    ],
)
def test_names_are_those_of_the_scene(load_maya: Load, tmp_path: Path, attributes: dict[str, Any], wanted: str) -> None:
    """Tokens, padding and endings; a range has its numbers in any case."""
    content = {"attributes": {f"defaultRenderGlobals.{key}": value for key, value in attributes.items()}}

    assert frame(load_maya(content))[0].path == str(tmp_path / wanted)


def test_a_still_needs_no_frame_in_its_name(load_maya: Load, tmp_path: Path) -> None:
    """Of one frame there is one file."""
    content = {"attributes": {"defaultRenderGlobals.animation": False}}

    assert frame(load_maya(content, (3, 3)))[0].path == str(tmp_path / "images/shot.png")


@pytest.mark.parametrize(
    ("name", "prefix", "below"),
    [
        ("arnold", "defaultRenderGlobals.imageFilePrefix", "final/<Camera>/pic"),
        ("arnold", "defaultRenderGlobals.imageFilePrefix", r"final\<Camera>\pic"),
        ("vray", "vraySettings.fileNamePrefix", "final/<Camera>/pic"),
    ],
)
def test_an_absolute_name_stays_where_it_is(
    load_maya: Load, tmp_path: Path, name: str, prefix: str, below: str
) -> None:
    """Written beside its place, not into the project's images; with the slashes of either system."""
    content = using(name, **{prefix.replace(".", "__"): f"{tmp_path}/{below}"})

    (output,) = frame(load_maya(content))

    assert Path(output.path).with_suffix("") == tmp_path / "final/front_cam/pic.0003"
    assert output.written.startswith(str(tmp_path / "final/.bc-e1"))


@pytest.mark.parametrize("pattern", ["render/b_####.exr", "render/b_{frame:04}.exr"])
def test_the_job_names_the_output(load_maya: Load, tmp_path: Path, pattern: str) -> None:
    """Instead of the scene, below the root; AOVs go with it."""
    opened = load_maya({**using("arnold"), "aovs": ["depth"]}, output=pattern)

    picture, depth = frame(opened, 12)

    assert picture.path == str(tmp_path / "render/b_0012.exr")
    assert depth.path == str(tmp_path / "render/depth/shot.0012.exr")
    assert str(tmp_path / "render") in opened.loaded.folders


def test_a_redshift_that_is_not_loaded_ends_as_maya_says(load_maya: Load) -> None:
    """As in an artist's Maya without it; only Redshift knows what its numbers mean."""
    opened = load_maya(using("redshift"))
    process().plugins.clear()

    assert opened.plugin.expected(Unit(0, 3))[0].path.endswith("shot.0003.png")
