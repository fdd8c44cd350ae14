"""husk and mantra: their command lines, and what is refused; by fakes that refuse what their manuals don't have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import houdinis
import pytest

from buildcat.inside.messages import Order
from buildcat.model.errors import BuildcatError
from buildcat.model.job import Unit
from buildcat_houdini.standalone_render import Standalone

Open = Callable[..., Standalone]


@pytest.fixture
def load(tmp_path: Path) -> Open:
    """Load a scene of that content for one of the programs."""

    def load(
        program: str, output: str = "out/a.####.png", frames: tuple[int, int] = (1, 3), **given: Any
    ) -> Standalone:
        ending = {"husk": "usd", "mantra": "ifd"}[program]
        content = given.pop("content", {})
        for number in (1, 2):
            (tmp_path / f"v2.{number:04}.{ending}").write_text(json.dumps(content))
        opened = Standalone(program, houdinis.install_renderer(tmp_path, program).executable)
        opened.load(Order(str(tmp_path / f"v2.0001.{ending}"), str(tmp_path), given, output, frames))
        return opened

    return load


@pytest.mark.parametrize("program", ["husk", "mantra"])
def test_a_frame_is_rendered_beside_its_place(load: Open, tmp_path: Path, program: str) -> None:
    """And the version is Houdini's."""
    opened = load(program)

    (output,) = opened.render(Unit(1, 2), "e1")

    assert opened.start() == houdinis.VERSION
    assert (output.path, output.kind) == (str(tmp_path / "out/a.0002.png"), "png")
    assert output.written == str(tmp_path / "out/.bc-e1/a.0002.png")
    assert Path(output.written).is_file()


def test_husk_is_told_all_that_the_job_says(load: Open, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One frame: the count is a count, not an end."""
    settings = {"renderer": "BRAY_HdKarma", "camera": "/cam", "resolution": ("64", "48"), "percentage": 50}

    (output,) = load("husk", **settings).render(Unit(0, 7), "e1")

    words = capfd.readouterr().out.splitlines()[0].split()[1:]
    assert words[:6] == ["--frame", "7", "--frame-count", "1", "--frame-inc", "1"]
    scaled = ["--res", "64", "48", "--res-scale", "50"]
    assert words[-10:] == ["-R", "BRAY_HdKarma", "-c", "/cam", *scaled, str(tmp_path / "v2.0001.usd")]
    assert output.size is None
    assert load("husk", resolution=("64", "48")).expected(Unit(0, 7))[0].size == (64, 48)


def test_mantra_takes_each_frames_own_file(load: Open, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The last number of the name is the frame; also when a single frame is asked for, or a frame without a number."""
    (tmp_path / "v2.0005.ifd").write_text("{}")
    load("mantra", threads=2).render(Unit(1, 2), "e1")
    load("mantra", frames=(5, 5)).render(Unit(0, 5), "e2")

    first, second = (line.split()[1:] for line in capfd.readouterr().out.splitlines() if "mantra" in line)
    assert first == [
        "-V",
        "2a",
        "-j",
        "2",
        "-f",
        str(tmp_path / "v2.0002.ifd"),
        str(tmp_path / "out/.bc-e1/a.0002.png"),
    ]
    assert str(tmp_path / "v2.0005.ifd") in second


def test_more_files_of_a_frame_come_along(load: Open) -> None:
    """Products of their own; the named picture comes first."""
    found = load("husk", content={"aov": True}).render(Unit(0, 1), "e1")

    assert [Path(one.path).name for one in found] == ["a.0001.png", "a.0001.depth.png"]


@pytest.mark.parametrize(
    ("given", "frame", "says"),
    [
        ({"output": ""}, 1, "Say where the pictures go: --output."),
        ({"output": "a.png"}, 1, "All frames would go to a.png. Put #### into the output."),
        ({"resolution": ("64",)}, 1, "resolution takes a width and a height in pixels, such as 1920,1080, not 64."),
        ({"resolution": ("64", "x")}, 1, "not 64,x."),
        ({"content": {"trouble": "error"}}, 1, "husk ended with exit code 1."),
        ({"content": {"trouble": "crash"}}, 1, "husk ended with exit code -6."),
        ({"content": {"trouble": "silent"}}, 1, "husk ended well and didn't write "),
    ],
)
def test_what_goes_wrong_is_said(load: Open, given: dict[str, Any], frame: int, says: str) -> None:
    """A sentence for each, with what to do."""
    with pytest.raises(BuildcatError) as caught:
        load("husk", **given).render(Unit(0, frame), "e1")

    assert says in str(caught.value)


def test_a_frame_without_its_ifd_is_said(load: Open, tmp_path: Path) -> None:
    """And a name without a number is one frame."""
    with pytest.raises(BuildcatError, match=r"There is no .*v2\.0003\.ifd for frame 3"):
        load("mantra").render(Unit(2, 3), "e1")
    (tmp_path / "still.ifd").write_text("{}")
    opened = load("mantra")
    opened.load(Order(str(tmp_path / "still.ifd"), str(tmp_path), output="a.####.png", frames=(1, 2)))

    with pytest.raises(BuildcatError, match="has no number, so it is one frame"):
        opened.render(Unit(0, 1), "e1")


def test_a_program_that_is_gone_is_said(load: Open) -> None:
    """As when the storage with it went away."""
    opened = load("husk")
    Path(opened._executable).unlink()

    with pytest.raises(BuildcatError, match="can't be started: No such file"):
        opened.render(Unit(0, 1), "e1")


def test_the_log_begins_with_the_command(load: Open, capfd: pytest.CaptureFixture[str]) -> None:
    """Before anything that the program prints."""
    load("husk", content={"seconds": 0.01}).render(Unit(0, 1), "e1")

    first, second, *_ = capfd.readouterr().out.splitlines()

    assert "--frame 1" in first
    assert second == "ALF_PROGRESS 0%"


@pytest.mark.parametrize(("says", "version"), [("Husk 21.0.512 (Linux)", "21.0.512"), ("nothing", "0.0.0")])
def test_a_program_whose_path_tells_no_version_is_asked(tmp_path: Path, says: str, version: str) -> None:
    """Whatever it ends with."""
    program = tmp_path / "husk"
    program.write_text(f"#!/bin/sh\n[ $1 = --version ] && echo '{says}'\nexit 1\n")
    program.chmod(0o755)

    assert Standalone("husk", str(program)).start() == version
