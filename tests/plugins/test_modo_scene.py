"""What Modo tells of an open scene, on a double of `lx` that forgives nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import modos
import pytest
from doubles.modo.session import Session

from buildcat_modo import scene

Open = Callable[..., Session]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a scene with this content in a new Modo."""

    def opened(**content: Any) -> Session:
        process = Session()
        monkeypatch.setitem(sys.modules, "lx", process.lx())
        process.eval(f"!scene.open {{{modos.save(tmp_path / 'shot.lxo', **content)}}} normal")
        return process

    return opened


@pytest.mark.parametrize(
    ("render", "frames"),
    [
        ({"first": 5, "last": 9, "step": 2}, "5-9x2"),
        ({"first": 7, "last": 7}, "7"),
        ({"first": 10, "last": 1, "step": -3}, "1-10x3"),
        ({"first": 10, "last": 1, "step": 0}, "1-10"),
        ({"frmRange": "1-5, 9"}, "1-5,9"),
        ({"frmRange": "1-9:2,last"}, "1-10"),
    ],
)
def test_frames_are_those_that_modo_would_render(opened: Open, render: dict[str, Any], frames: str) -> None:
    """Also backwards, and of its own list; what Buildcat can't read of that is left out."""
    opened(render=render)

    assert scene.frames() == frames


def test_the_files_that_the_scene_reads_are_told(opened: Open, tmp_path: Path) -> None:
    """Absolute, each once; of many the first that is there; and where a name for a folder leads."""
    (tmp_path / "tex").mkdir()
    for name in ("sea.0002.png", "sea.0001.png", "skin[a].1001.tif", "hash#1.png"):
        (tmp_path / "tex" / name).touch()
    reads = [
        ("videoStill", "tex/wood.png"),
        *[("videoStill", "/lib/sky.exr")] * 2,
        ("videoStill", "tex/skin[a].<UDIM>.tif"),
        ("videoStill", "tex/hash#1.png"),
        ("videoSequence", "tex/sea.<FFFF>.png"),
        ("videoSequence", "tex/fire.[####].png"),
        ("photometryLight", "art:lamps/a.ies"),
        ("deformMDD", "tex/cloth.mdd"),
        ("deformMDD2", "tex/flag.mdd"),
        ("deformMDD2", ""),
    ]

    opened(reads=reads, references=["/lib/house.lxo"]).aliases["art"] = "/mnt/art"

    beside = ("cloth.mdd", "fire.[####].png", "flag.mdd", "hash#1.png", "sea.0001.png", "skin[a].1001.tif", "wood.png")
    others = ("/lib/house.lxo", "/lib/sky.exr", "/mnt/art/lamps/a.ies")
    assert scene.files() == sorted([*others, *(str(tmp_path / "tex" / one) for one in beside)])


@pytest.mark.parametrize(("named", "where"), [("art:r/a_", "/mnt/art/r/a_"), ("C:/r/a_", "C:/r/a_"), ("r/a_", "r/a_")])
def test_an_output_may_begin_with_a_name_for_a_folder(opened: Open, tmp_path: Path, named: str, where: str) -> None:
    """Which isn't a drive of Windows'."""
    process = opened()
    process.aliases["art"] = "/mnt/art"
    path = modos.save(tmp_path / "next.lxo", modos.output(named))

    assert [one["filename"] for one in scene.load(str(path), {})["outputs"]] == [where]


def test_a_pass_group_may_have_other_tags(opened: Open) -> None:
    """Such as a comment."""
    opened(passes={"Lights": ["sun"]}, assemblies=["Walls"], tags=["a comment"])

    assert scene.pass_groups() == ["Lights"]


@pytest.mark.parametrize(
    ("pattern", "passes", "count"), [("<FFFF>", True, 1), ("", True, 1), ("[_<pass>]", True, 0), ("<FFFF>", False, 0)]
)
def test_passes_that_overwrite_each_other_are_told(
    opened: Open, tmp_path: Path, pattern: str, passes: bool, count: int
) -> None:
    """Where the pattern of names has no place for theirs."""
    process = opened(passes={"Lights": ["sun"]}, render={"outPat": pattern})

    told = scene.load(process.path, {"passes": "Lights"} if passes else {})["warnings"]

    assert told == ["The output pattern has no <pass>: passes may overwrite each other's files."] * count


def test_without_a_pattern_files_have_the_frames_number(opened: Open) -> None:
    """Else each frame would overwrite the one before."""
    process = opened(render={"outPat": ""})

    told = scene.load(process.path, {})["pattern"]

    assert told == process.render["outPat"] == "<FFFF>"


def test_a_scene_that_reads_nothing_tells_nothing(opened: Open) -> None:
    """Nor has a new one anything odd."""
    opened()

    assert (scene.files(), scene.oddities()) == ([], [])
