"""What the Modo plugin does with a scene, on a double of `lx` that forgives nothing."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import modos
import pytest
from doubles.modo.session import Session

from buildcat.inside import loop
from buildcat.inside.messages import Loaded, Order
from buildcat.model.errors import BuildcatError, OutputError, RenderError
from buildcat.model.job import Output, Unit
from buildcat_modo import driver, names, script
from buildcat_modo.render import Modo


class Direct:
    """Stands for the process: a request goes to our script at once, by its files."""

    def __init__(self, executable: str, _more: object) -> None:
        self.executable = executable

    def start(self) -> dict[str, Any]:
        return self.ask("buildcat_modo.scene:about")

    def ask(self, do: str, **given: Any) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            request, answer = Path(folder, "request.json"), Path(folder, "answer.json")
            request.write_text(json.dumps({"do": do, "given": given, "answer": str(answer)}))
            sys.modules["lx"].arg = lambda: f"{{{request}}}"  # type: ignore[attr-defined]  # the double's
            script.main()
            told: dict[str, Any] = json.loads(answer.read_text())
        if "error" in told:
            raise driver._error(told)
        return told


class Opened:
    """The plugin with a scene that is loaded, and Modo's process."""

    def __init__(self, plugin: Modo, loaded: Loaded, process: Session) -> None:
        self.plugin, self.loaded, self.process = plugin, loaded, process

    def frame(self, number: int = 3, execution: str = "e1") -> list[Output]:
        return self.plugin.render(Unit(0, number), execution)


Load = Callable[..., Opened]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Open a scene of these outputs in a new Modo."""
    monkeypatch.setattr("buildcat_modo.render.Driver", Direct)

    def load(
        *outputs: dict[str, Any],
        frames: tuple[int, int] = (1, 10),
        output: str = "",
        content: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Opened:
        process = Session()
        process.is_headless = True
        monkeypatch.setitem(sys.modules, "lx", process.lx())
        path = modos.save(tmp_path / "shot.lxo", *outputs, **(content or {}))
        plugin = Modo("modo_cl")
        assert plugin.start() == modos.VERSION
        return Opened(plugin, plugin.load(Order(str(path), str(tmp_path), settings, output, frames)), process)

    return load


def refusal(load: Load, *outputs: dict[str, Any], **more: Any) -> str:
    """What the artist reads."""
    with pytest.raises(BuildcatError) as caught:
        load(*outputs, **more).frame()
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_a_frame_is_written_beside_its_place(load: Load, tmp_path: Path) -> None:
    """Alone, whatever range the scene has; named as Modo names it."""
    opened = load(content={"render": {"first": 1, "last": 50, "step": 2}})

    (picture,) = opened.frame(4)

    assert picture.path == str(tmp_path / "render/shot_0004.png")
    assert picture.written == str(tmp_path / "render/.bc-e1/shot_0004.png")
    assert (picture.kind, picture.size) == ("png", (64, 48))
    assert opened.plugin.expected(Unit(0, 4))[0].path == picture.path
    assert opened.loaded.folders == (str(tmp_path / "render"),)


def test_a_list_of_frames_in_the_scene_does_not_hold(load: Load) -> None:
    """Modo would render all that are on it, whatever its first and its last frame are."""
    opened = load(content={"render": {"frmRange": "2-4,9"}})

    assert [Path(one.path).name for one in opened.frame(5)] == ["shot_0005.png"]


def test_an_outputs_name_tells_its_file(load: Load, tmp_path: Path) -> None:
    """Also before it is there, so that it can be skipped."""
    outputs = [modos.output("a_", name=f"{one} Output") for one in ("Final Color", "Alpha")]
    opened = load(*outputs, output="b_####.png")
    named = load(*outputs)

    color, alpha = opened.frame()

    assert (color.path, alpha.path) == (str(tmp_path / "b_0003.png"), str(tmp_path / "a_Alpha Output0003.png"))
    assert Path(color.written).name == "a_Final Color Output0003.png"
    assert named.plugin.expected(Unit(0, 3))[0].path == str(tmp_path / "a_Final Color Output0003.png")


def test_the_pattern_may_make_folders(load: Load, tmp_path: Path) -> None:
    """One for each output, say; the filename is then a folder too."""
    outputs = [modos.output("r/", name="Final"), modos.output("r/", name="Alpha")]

    opened = load(*outputs, content={"render": {"outPat": "<output>/<FFFF>"}})

    assert opened.loaded.folders == (str(tmp_path / "r"),)
    pictures = opened.frame(4)
    assert sorted(one.path for one in pictures) == [str(tmp_path / f"r/{one}/0004.png") for one in ("Alpha", "Final")]
    assert all(Path(one.written).is_file() for one in pictures)


def test_an_ending_may_be_in_capitals(load: Load) -> None:
    """Modo writes such for some formats, and disks may tell them apart."""
    assert [Path(one.path).name for one in load(modos.output("a", format="BMP")).frame(4)] == ["a0004.BMP"]


def test_every_output_and_every_pass_is_written(load: Load, tmp_path: Path) -> None:
    """The first output's picture first; those that are off, or name no file, are none."""
    outputs = [
        modos.output("r/a_", name="Final"),
        modos.output("r/a_", name="Alpha"),
        modos.output("r/off_", enable=0),
        modos.output(""),
    ]
    content = {"passes": {"Other": ["x"], "Lights": ["sun", "lamp"]}}

    pictures = load(*outputs, content=content, passes="Lights").frame()

    assert [Path(one.path).name for one in pictures] == [
        "a_sunFinal0003.png",
        "a_lampAlpha0003.png",
        "a_lampFinal0003.png",
        "a_sunAlpha0003.png",
    ]
    assert {Path(one.path).parent for one in pictures} == {tmp_path / "r"}


def test_an_output_is_off_with_all_above_it(load: Load) -> None:
    """As in the Shader Tree: one below a mask that is off writes nothing, and nothing is missing."""
    outputs = [modos.output("r/a", mask=True), modos.output("r/b")]

    assert len(load(*outputs).frame()) == 2
    (picture,) = load(*outputs, content={"mask": 0}).frame()

    assert Path(picture.path).name == "b0003.png"


def test_passes_may_switch_outputs_off(load: Load) -> None:
    """The first that is written comes first; nothing at all is a failure."""
    content: dict[str, Any] = {"passes": {"Lights": ["sun"]}}
    off = modos.output("r/a", **{"not in": ["sun"]})

    (picture,) = load(off, modos.output("r/b"), content=content, passes="Lights").frame()

    assert Path(picture.path).name == "bsun0003.png"
    with pytest.raises(OutputError, match=r"didn't write .*r/a"):
        load(off, content=content, passes="Lights").frame()


def test_camera_and_frame_change_the_picture(load: Load) -> None:
    """The scene's own camera without the setting."""

    def picture(number: int = 3, **settings: Any) -> bytes:
        return Path(load(**settings).frame(number)[0].written).read_bytes()

    own = picture()

    assert own == picture(camera="Camera")
    assert len({own, picture(4), picture(camera="Side")}) == 3


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, (64, 48)),
        ({"percentage": 50}, (32, 24)),
        ({"resolution_x": 20, "resolution_y": 10, "percentage": 200}, (40, 20)),
        ({"resolution_y": 20}, (64, 20)),
        ({"resolution_x": 20}, (20, 48)),
    ],
)
def test_size_is_read_and_changed(load: Load, settings: dict[str, Any], size: tuple[int, int]) -> None:
    """And the file has it."""
    from buildcat.farm import outputs

    (picture,) = load(**settings).frame()

    assert picture.size == size
    outputs.check(picture)


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({"camera": "Side"}, (20, 12)),
        ({"camera": "Side", "percentage": 50}, (10, 6)),
        ({"camera": "Side", "resolution_x": 40}, (40, 12)),
        ({"percentage": 50}, (32, 24)),
    ],
)
def test_a_camera_may_have_a_size_of_its_own(load: Load, settings: dict[str, Any], size: tuple[int, int]) -> None:
    """Which holds in place of the scene's."""
    from buildcat.farm import outputs

    own = {"Side": {"resOverride": 1, "resX": 20, "resY": 12}}

    (picture,) = load(content={"sizes": own}, **settings).frame()

    assert picture.size == size
    outputs.check(picture)


@pytest.mark.parametrize("pattern", ["final/b_####.png", "final/b_{frame:04}.png"])
def test_the_job_names_the_output(load: Load, tmp_path: Path, pattern: str) -> None:
    """Of the first output; the others go with it."""
    opened = load(modos.output("a", name=""), modos.output("z/depth", name=""), output=pattern)

    picture, depth = opened.frame(12)

    assert picture.path == str(tmp_path / "final/b_0012.png")
    assert depth.path == str(tmp_path / "final/depth0012.png")
    assert opened.loaded.folders == (str(tmp_path / "final"),)


def test_what_a_failed_frame_left_is_not_the_next_ones(load: Load) -> None:
    """Frames of a chunk share the folder of their execution."""
    opened = load(content={"troubles": {"3": "late", "4": "silent"}})

    with pytest.raises(RenderError, match="Frame 3 can't be rendered: Rendering failed after"):
        opened.frame(3)
    with pytest.raises(OutputError, match=r"Modo rendered frame 4 and didn't write .*shot_"):
        opened.frame(4)

    assert [Path(one.path).name for one in opened.frame(5)] == ["shot_0005.png"]


def test_one_output_that_is_missing_fails_the_frame(load: Load, tmp_path: Path) -> None:
    """Though the others are there."""
    opened = load(modos.output("a"), modos.output("b"))
    opened.process.outputs["output1"]["enable"] = 0

    with pytest.raises(OutputError, match=r"didn't write .*/b\."):
        opened.frame()


@pytest.mark.parametrize(
    ("outputs", "more", "says"),
    [
        ([modos.output("")], {}, "No render output of the scene is switched on and names a file."),
        ([modos.output(format="PSD")], {}, "The render output writes PSD. Buildcat knows openexr, "),
        ([], {"camera": "Sid"}, "The scene has no camera 'Sid'. Did you mean 'Side'? There are: Camera, Side."),
        ([], {"passes": "Lights"}, "The scene has no pass group 'Lights'. There is none."),
        (
            [],
            {"passes": "Walls", "content": {"passes": {"Lights": []}, "assemblies": ["Walls"]}},
            "The scene has no pass group 'Walls'. There are: Lights.",
        ),
        ([], {"output": "a.####.exr"}, "The scene writes png files, and the output is a.####.exr. Let it end"),
        ([], {"output": "a.png"}, "All frames would go to a.png. Put #### into the output."),
        (
            [],
            {"content": {"render": {"outPat": "<none>"}}},
            "All frames would go to the same files. Put <FFFF> into the scene's output pattern.",
        ),
        ([], {"content": {"trouble": "error"}}, "Frame 3 can't be rendered: Rendering failed."),
        ([], {"content": {"trouble": "not opened"}}, "Modo didn't open "),
        ([modos.output("a{b")], {}, "has a brace or a line break in it, which Modo's commands can't hold. Rename it."),
    ],
)
def test_what_can_not_be_rendered_is_said(
    load: Load, outputs: list[dict[str, Any]], more: dict[str, Any], says: str
) -> None:
    """Each with what to do."""
    assert says in refusal(load, *outputs, **more)


def test_files_that_are_not_there_are_a_warning(load: Load, tmp_path: Path) -> None:
    """The frame may not need them; the first are named."""
    (tmp_path / "there.png").touch()
    names = ("/no/a.png", "/no/b.png", "/no/c.png", "/no/d.png", "there.png")
    reads = [("videoStill", one) for one in names]

    opened = load(content={"reads": reads})

    assert opened.loaded.warnings == (
        "Files that the scene names are not there: /no/a.png, /no/b.png, /no/c.png and 1 more.",
    )
    assert load(content={"reads": reads[-1:]}).loaded.warnings == ()


def test_a_scene_is_known_by_another_path(load: Load, tmp_path: Path) -> None:
    """Modo tells where it is in its own words: links, and on Windows capitals and slashes, may differ."""
    opened = load()
    (tmp_path / "link").symlink_to(tmp_path)

    opened.plugin.load(Order(str(tmp_path / "link/shot.lxo"), str(tmp_path / "link")))

    assert opened.frame()[0].path == str(tmp_path / "link/render/shot_0003.png")


def test_a_scene_that_is_none_is_said(load: Load, tmp_path: Path) -> None:
    """And after it nothing of the scene before is rendered."""
    opened = load()
    (tmp_path / "bad.lxo").write_text("no scene")

    with pytest.raises(RenderError, match=r"Modo can't open bad\.lxo: Failed to open scene file\."):
        opened.plugin.load(Order(str(tmp_path / "bad.lxo"), str(tmp_path)))
    with pytest.raises(RenderError, match=r"There is no scene .*gone\.lxo"):
        opened.plugin.load(Order(str(tmp_path / "gone.lxo"), str(tmp_path)))
    with pytest.raises(RenderError, match="No scene is loaded"):
        opened.frame()


def test_the_scene_before_is_closed_first(load: Load, tmp_path: Path) -> None:
    """A warm Modo renders job after job: else all their scenes would stay in its memory, and a new one of the same
    name might be the old one."""
    opened = load()

    opened.plugin.load(Order(str(modos.save(tmp_path / "next.lxo", modos.output("next_"))), str(tmp_path)))

    assert Path(opened.frame()[0].path).name == "next_0003.png"


def test_a_mistake_of_ours_is_told_too(load: Load) -> None:
    """With its kind, so that it can be found."""
    opened = load()

    with pytest.raises(RenderError, match=r"Modo failed: TypeError: render\(\) got an unexpected .*'colour'\."):
        opened.plugin.driver.ask("buildcat_modo.scene:render", colour="red")


def test_our_packages_are_found_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modo's Python has none of ours; the request says where they are."""
    (tmp_path / "found_in_modo").mkdir()
    (tmp_path / "found_in_modo/__init__.py").write_text("here = True")
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "buildcat")

    script.find_ours({"loop": loop.__file__, "folders": {"found_in_modo": str(tmp_path / "found_in_modo")}})

    assert importlib.import_module("found_in_modo").here
    assert type(sys.meta_path[0]).__name__ == "Finder"


def test_a_folder_that_can_not_be_written_is_said(load: Load, tmp_path: Path) -> None:
    """With the reason."""
    opened = load()
    (tmp_path / "render").write_text("a file")

    with pytest.raises(OutputError, match=r"render can't be written: Not a directory\. Check its permissions"):
        opened.frame()


@pytest.mark.parametrize(
    ("pattern", "render_pass", "output", "wanted"),
    [
        ("[<pass>][<output>][<LR>]<FFFF>", "", "", "0007"),
        (".<FFF>", "sun", "Final", ".007"),
        ("[_<pass>][.<output>].<FFFF>", "sun", "", "_sun.0007"),
        ("[<pass>-][<output>_]<FFFFF>", "", "Final", "Final_00007"),
    ],
)
def test_the_pattern_of_names_is_modos(pattern: str, render_pass: str, output: str, wanted: str) -> None:
    """A group whose token is empty is left out."""
    assert names.expanded(pattern, 7, render_pass, output) == wanted
