"""Maya's command `Render` as a DCC: its command line, and what is refused; by a fake that knows no other flags."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mayas
import pytest

from buildcat.inside.messages import Order
from buildcat.model.errors import BuildcatError, OutputError
from buildcat.model.job import Unit
from buildcat_maya.command_render import RENDER, Render
from buildcat_maya.dcc import VARIABLES

Open = Callable[..., Render]
LAYERS = {"layers": {"matte": "rs_matte"}}


@pytest.fixture
def load(tmp_path: Path) -> Open:
    """Load a scene of that content."""

    def load(content: dict[str, Any] | None = None, output: str = "out/a.####.png", **settings: Any) -> Render:
        scripts = settings.pop("allow_scripts", True)
        scene = mayas.save(tmp_path / "film/shot.ma", **(content or {}))
        (tmp_path / "film/workspace.mel").touch()
        opened = Render(RENDER, mayas.install_command(tmp_path).executable)
        opened.load(Order(str(scene), str(tmp_path), settings, output, (1, 3), allow_scripts=scripts))
        return opened

    return load


def test_a_frame_is_rendered_beside_its_place(load: Open, tmp_path: Path) -> None:
    """By the name that the job gives it, whatever number Maya adds; and the version is Maya's."""
    opened = load()

    (output,) = opened.render(Unit(1, 2), "e1")

    assert opened.start() == mayas.VERSION
    assert (output.path, output.kind, output.size) == (str(tmp_path / "out/a.0002.png"), "png", None)
    assert output.written == str(tmp_path / "out/.bc-e1/a.0002.png")
    assert [one.name for one in Path(output.written).parent.iterdir()] == ["a.0002.png"]


def test_the_command_is_told_all_that_the_job_says(
    load: Open, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One frame, in the nearest project, as text without a shell."""
    settings = {"layer": "matte", "camera": "side_cam", "resolution_x": 40, "resolution_y": 20, "percentage": 200}

    (output,) = load(LAYERS, **settings).render(Unit(0, 7), "e1")

    words = capfd.readouterr().out.splitlines()[0].split()[1:]
    assert words == [
        *("-r", "file", "-proj", str(tmp_path / "film"), "-rd", str(tmp_path / "out/.bc-e1"), "-im", "a.0007"),
        *("-fnc", "name.#.ext", "-pad", "4", "-s", "7", "-e", "7", "-b", "1", "-skipExistingFrames", "false"),
        *("-cam", "side_cam", "-rl", "rs_matte", "-x", "80", "-y", "40", str(tmp_path / "film/shot.ma")),
    ]
    assert output.size == (80, 40)


def test_no_run_of_it_asks_anybody(load: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Autodesk's servers at its start, nor a person after a crash."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    load().start()

    assert {os.environ[name] for name in VARIABLES} == {"1"}


def test_frames_cameras_and_layers_differ(load: Open) -> None:
    """Each changes the picture."""

    def picture(number: int, **settings: Any) -> bytes:
        content = {**LAYERS, "overrides": {"rs_matte": {}}}
        rendered = load(content, **{"layer": "masterLayer", **settings}).render(Unit(0, number), "e1")
        return Path(rendered[0].written).read_bytes()

    assert len({picture(1), picture(2), picture(1, layer="matte"), picture(1, camera="side_cam")}) == 4


def test_aovs_go_with_the_picture(load: Open, tmp_path: Path) -> None:
    """In their folders, by its name; it may lie in one beside them."""
    for folder in ("Beauty/", "rgba/", "rgb/", "matte/", "side_cam/", "matte/side_cam/rgba/"):
        content = {**LAYERS, "aovs": ["depth"], "beauty": folder}

        outputs = load(content, layer="matte", camera="side_cam").render(Unit(0, 3), "e1")

        wanted = [str(tmp_path / one) for one in ("out/a.0003.png", "out/depth/a.0003.png")]
        assert [one.path for one in outputs] == wanted
        assert all(Path(one.written).is_file() for one in outputs)


@pytest.mark.parametrize(
    ("content", "output", "says"),
    [
        ({"beauty": "depth/"}, "out/a.####.png", r"didn't write .*a\.0001\.png, but depth/a\.0001\.0001\.png"),
        ({}, "out/a.####.exr", r"didn't write .*a\.0001\.exr, but a\.0001\.0001\.png"),
        ({"trouble": "silent"}, "out/a.####.png", r"didn't write .*a\.0001\.png\. The frame's log"),
        (LAYERS, "out/a.####.png", r"didn't write .*, but masterLayer/a\.0001\.0001\.png, matte/a"),
    ],
)
def test_a_picture_has_its_own_name(load: Open, content: dict[str, Any], output: str, says: str) -> None:
    """What else was written is named, as it tells what to change."""
    with pytest.raises(OutputError, match=says):
        load(content, output).render(Unit(0, 1), "e1")


@pytest.mark.parametrize(
    ("content", "settings", "says"),
    [
        ({}, {"allow_scripts": False}, "runs the script nodes of a scene. Add --allow-scripts"),
        ({}, {"output": ""}, "Say where the pictures go: --output."),
        ({}, {"output": "out/a.png"}, "All frames would go to out/a.png. Put #### into the output."),
        ({}, {"camera": 'a"; system("x")'}, "can't be told 'a\"; system(\"x\")'. Use a name without quotes and $."),
        ({}, {"project": "gone"}, "There is no project folder"),
        ({}, {"resolution_x": 20, "percentage": 50}, "give both, or no percentage"),
        ({}, {"camera": "none"}, "mayarender ended with exit code 1. The frame's log has what it said."),
        ({}, {"layer": "none"}, "mayarender ended with exit code 1. The frame's log has what it said."),
        ({"trouble": "error"}, {}, "mayarender ended with exit code 1. The frame's log has what it said."),
    ],
)
def test_what_can_not_be_rendered_is_said(
    load: Open, content: dict[str, Any], settings: dict[str, Any], says: str
) -> None:
    """Before the command runs, where that can be."""
    with pytest.raises(BuildcatError) as caught:
        load(content, **settings).render(Unit(0, 1), "e1")

    assert says in str(caught.value)
    assert str(caught.value).endswith(".")


def test_what_is_refused_can_not_be_rendered_all_the_same(load: Open, tmp_path: Path) -> None:
    """The order is not kept."""
    opened = load()

    with pytest.raises(BuildcatError, match="script nodes"):
        opened.load(Order(str(tmp_path / "film/shot.ma"), str(tmp_path), {}, "a.####.png", (1, 3)))
    with pytest.raises(BuildcatError, match="No scene is loaded"):
        opened.render(Unit(0, 1), "e1")


def test_the_version_is_asked_for_where_the_path_does_not_tell(tmp_path: Path) -> None:
    """As in a folder of the studio's own."""
    program = tmp_path / "tools/Render"
    program.parent.mkdir()
    program.symlink_to(mayas.install_command(tmp_path / "opt").executable)
    copy = tmp_path / "tools/copy"
    copy.write_text(program.read_text())
    copy.chmod(0o755)

    assert Render(RENDER, str(program)).start() == mayas.VERSION
    assert Render(RENDER, str(copy)).start() == mayas.VERSION
