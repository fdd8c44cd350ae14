"""What lies on the disk beside a frame must never pass for it; and where names come from. On the double of `hou`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plugins.houdini_nodes import STAGE, Load, frame, node

from buildcat.inside.messages import Order
from buildcat.model.dcc import version_number
from buildcat.model.errors import OutputError, PathError, RefusedError, RenderError
from buildcat_houdini.header import needed_version


def test_what_a_failed_frame_left_is_not_the_next_ones(load: Load) -> None:
    """Frames of a chunk share the folder of their execution: one that wrote nothing fails, one that did is alone."""
    opened = load({"/out/a": {**node("Driver/ifd"), "troubles": {"3": "late", "4": "silent"}}})

    with pytest.raises(RenderError):
        frame(opened, 3)
    with pytest.raises(OutputError, match=r"didn't write .*a\.0004\.png"):
        frame(opened, 4)

    assert [Path(one.path).name for one in frame(opened, 5)] == ["a.0005.png"]


@pytest.mark.parametrize(("name", "is_renaming"), [("Driver/vray_renderer", True), ("Driver/ifd", False)])
def test_a_longer_name_is_taken_from_those_that_lengthen_it(load: Load, name: str, is_renaming: bool) -> None:
    """V-Ray adds the frame; of others such a file is another one."""
    opened = load({"/out/a": {**node(name), "addition": ".0003"}})

    if is_renaming:
        assert Path(frame(opened)[0].path).name == "a.0003.0003.png"
    else:
        with pytest.raises(OutputError, match="didn't write"):
            frame(opened)


@pytest.mark.parametrize("name", ["Driver/usd", "Lop/usd_rop"])
def test_usd_files_are_written_where_they_stay(load: Load, tmp_path: Path, name: str) -> None:
    """They name other files relative to their own place."""
    opened = load({"/out/a": node(name, lopoutput="$HIP/usd/a.$F4.usd"), "/stage/all": STAGE})

    (output,) = frame(opened)

    assert output.in_place
    assert output.written == output.path == str(tmp_path / "usd/a.0003.usd")


def test_an_arnold_without_a_licence_fails(load: Load) -> None:
    """It would write pictures with a watermark."""
    with pytest.raises(RenderError):
        frame(load({"/out/a": {**node("Driver/arnold"), "trouble": "licence"}}))


@pytest.mark.parametrize(
    ("name", "wanted"), [(".shot.bc-0123456789ab.hip", "shot.0003.png"), (".shot.bc-no.hip", ".shot.bc-no.0003.png")]
)
def test_a_copy_writes_what_its_scene_would(load: Load, tmp_path: Path, name: str, wanted: str) -> None:
    """Where the output has the scene's name in it; only of a copy that we made."""
    opened = load({"/out/a": node("Driver/ifd", vm_picture="$HIP/$HIPNAME.$F4.png")})
    copy = Path(tmp_path / "shot.hip").rename(tmp_path / name)

    opened.plugin.load(Order(str(copy), str(tmp_path), {}, "", (1, 10)))

    assert Path(frame(opened)[0].path).name == wanted


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (b"070707\0.variables\0set -g _HIP_SAVEVERSION = '20.5.410'\n", "20.5"),
        (b"070707" + b"x" * 70_000 + b"set _HIP_SAVEVERSION='19.5.805'", "19.5"),
        (b"070707\0nothing of it", ""),
    ],
)
def test_the_version_that_saved_a_scene_is_read(tmp_path: Path, content: bytes, version: str) -> None:
    """Without its build; from the beginning of the file."""
    scene = tmp_path / "a.hip"
    scene.write_bytes(content)

    assert needed_version(scene) == (version_number(version) if version else None)


def test_a_scene_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    """With the file's name."""
    (tmp_path / "empty.hip").write_bytes(b"")

    with pytest.raises(RefusedError, match=r"empty\.hip is empty\. Save it again"):
        needed_version(tmp_path / "empty.hip")
    with pytest.raises(PathError, match=r"There is no file .*gone\.hip"):
        needed_version(tmp_path / "gone.hip")
    with pytest.raises(PathError, match="can't be read: Is a directory"):
        needed_version(tmp_path)


def test_folders_of_single_frames_are_all_named(load: Load, tmp_path: Path) -> None:
    """So that each is cleaned."""
    opened = load({"/out/a": node("Driver/ifd", vm_picture="$HIP/f$F/a.png")}, (1, 3))

    assert opened.loaded.folders == tuple(str(tmp_path / f"f{number}") for number in (1, 2, 3))


def test_a_word_may_follow_the_frame_in_an_output(load: Load, tmp_path: Path) -> None:
    """As in `a_####_beauty`."""
    nodes: dict[str, Any] = {"/out/a": node("Driver/ifd")}

    assert frame(load(nodes, output="r/a_####_beauty.png"))[0].path == str(tmp_path / "r/a_0003_beauty.png")
