"""What the Maya plugin does with each renderer, on a double of `maya` that forgives nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from plugins.maya_scenes import NODES, PLACES, RENDERERS, Load, frame, process, using

from buildcat.inside.messages import Order
from buildcat.model.errors import OutputError, RenderError
from buildcat.model.job import Unit
from buildcat_maya.renderers import known
from buildcat_maya.renderers.hardware import Hardware


def test_each_renderer_has_its_scene() -> None:
    """A new one is tested too."""
    assert set(RENDERERS) == set(known.RENDERERS)


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_a_frame_of_each_renderer_is_written_beside_its_place(load_maya: Load, tmp_path: Path, name: str) -> None:
    """Each by its own command; the folder that it is written beside is named when the scene is loaded."""
    opened = load_maya(using(name))

    (output,) = frame(opened)

    assert output.path == str(tmp_path / "images" / PLACES[name])
    assert "/.bc-e1/" in output.written
    assert Path(output.written).stat().st_size > 0
    assert opened.plugin.expected(Unit(0, 3))[0].path == output.path
    assert str(Path(output.written.partition("/.bc-e1/")[0])) in opened.loaded.folders
    assert (output.kind, output.size) == (output.path[-3:], (64, 48))


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_frame_camera_and_layer_are_those_that_were_asked_for(load_maya: Load, name: str) -> None:
    """Each changes the picture, in every renderer."""
    content = {**using(name), "layers": {"matte": "renamed"}, "overrides": {"renamed": {}}}

    def picture(number: int, **settings: Any) -> bytes:
        return Path(frame(load_maya(content, **{"layer": "masterLayer", **settings}), number)[0].written).read_bytes()

    found = [picture(3), picture(4), picture(3, camera="side_cam"), picture(3, layer="matte")]

    assert len(set(found)) == 4
    assert picture(3) == found[0]


def test_cameras_of_one_name_are_told_apart(load_maya: Load) -> None:
    """By as much of their paths as is needed."""
    content = {"cameras": ["left|cam", "right|cam"]}

    left, right = (
        Path(frame(load_maya(content, camera=f"{one}|cam"))[0].written).read_bytes() for one in ("left", "right")
    )

    assert left != right


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_size_is_read_and_changed(load_maya: Load, name: str) -> None:
    """In the node of each renderer, the aspect with it."""
    content = using(name)
    sizes = [
        frame(load_maya(content, **settings))[0].size
        for settings in ({}, {"percentage": 50}, {"resolution_x": 20, "resolution_y": 10, "percentage": 200})
    ]

    assert sizes == [(64, 48), (32, 24), (40, 20)]


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_what_a_failed_frame_left_is_not_the_next_ones(load_maya: Load, name: str) -> None:
    """Frames of a chunk share the folder of their execution."""
    opened = load_maya({**using(name), "troubles": {"3": "late", "4": "silent"}})

    with pytest.raises(RenderError, match="Frame 3 of masterLayer can't be rendered: Render failed after"):
        frame(opened, 3)
    with pytest.raises(OutputError, match="rendered frame 4 of masterLayer and didn't write"):
        frame(opened, 4)

    assert len(frame(opened, 5)) == 1


def test_all_is_rendered_whatever_was_selected(load_maya: Load) -> None:
    """A scene keeps that only the selection was, and not what it was."""
    assert frame(load_maya({"attributes": {"defaultRenderGlobals.renderAll": False}}))


def test_the_project_is_the_nearest_above_the_scene(load_maya: Load, tmp_path: Path) -> None:
    """Unless the job names another."""
    for name, images in (("film", "frames"), ("other", "pictures")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "workspace.mel").write_text(f'workspace -fr "images" "{images}";')

    nearest = frame(load_maya(name="film/scenes/shot.ma"))[0].path
    named = frame(load_maya(name="film/scenes/shot.ma", project="other"))[0].path

    assert nearest == str(tmp_path / "film/frames/shot.0003.png")
    assert named == str(tmp_path / "other/pictures/shot.0003.png")


def test_the_project_before_leaves_nothing_to_the_next(load_maya: Load, tmp_path: Path) -> None:
    """Neither a folder for one that names none; nor is what Maya may save of it when it ends another than it was."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one/workspace.mel").write_text('workspace -fr "images" "renders";')
    opened = load_maya(name="one/shot.ma")
    first = frame(opened)[0].path
    rule = process().rules["images"]

    (tmp_path / "two/shot.ma").write_bytes((tmp_path / "one/shot.ma").read_bytes())
    opened.plugin.load(Order(str(tmp_path / "two/shot.ma"), str(tmp_path)))

    assert (first, rule) == (str(tmp_path / "one/renders/shot.0003.png"), "renders")
    assert frame(opened)[0].path == str(tmp_path / "two/images/shot.0003.png")


def test_a_copy_writes_what_its_scene_would(load_maya: Load, tmp_path: Path) -> None:
    """Names are made of the scene's, not of the hidden copy's."""
    opened = load_maya(name=".shot.bc-0123456789ab.ma")

    assert frame(opened)[0].path == str(tmp_path / "images/shot.0003.png")


def test_locks_and_connections_do_not_stand_in_the_way(load_maya: Load) -> None:
    """As where a Render Setup layer, or an expression, holds the range."""
    driven = {"defaultRenderGlobals.startFrame": "time1.outTime", "defaultResolution.height": "defaultResolution.width"}
    content = {"locked": ["defaultResolution.width"], "driven": driven}

    assert frame(load_maya(content, resolution_x=32, resolution_y=24))[0].size == (32, 24)
    assert process().scene.locked == set()


def test_a_lock_of_a_reference_on_what_is_right_already_does_no_harm(load_maya: Load) -> None:
    """Maya lets nobody take it off: as of the cameras of a rig, which are switched off for good."""
    held = {"referenced": ["rig:camShape"], "locked": ["rig:camShape.renderable"]}
    content = {"cameras": ["front_cam", "rig:cam"], **held}

    assert frame(load_maya(content))


def test_one_side_and_pixels_that_are_not_square(load_maya: Load) -> None:
    """The picture's own aspect goes with both."""
    content = {"attributes": {"defaultResolution.pixelAspect": 2.0, "defaultResolution.deviceAspectRatio": 2.666}}

    sizes = [frame(load_maya(content, **one))[0].size for one in ({"resolution_x": 32}, {"resolution_y": 32})]

    assert sizes == [(32, 48), (64, 32)]


@pytest.mark.parametrize(
    "name",
    [*(f"MAYA_DISABLE_{one}" for one in ("CIP", "CLIC_IPM", "ADP", "CER")), "ARNOLD_FORCE_ABORT_ON_LICENSE_FAIL"],
)
def test_maya_asks_no_server_of_its_makers(load_maya: Load, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """At each start; nor anybody at a crash, which would hold the worker; and Arnold makes no watermarks."""
    monkeypatch.setenv(name, "0")

    load_maya()

    assert os.environ[name] == "1"


@pytest.mark.parametrize("name", ["VRAY_TERMINATE_ON_FRAME_END", "VRAY_TERMINATE_ON_SEQUENCE_END"])
def test_vray_ends_no_maya(load_maya: Load, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As hosts tell it that render for farms with a process for each frame; its picture would be nobody's."""
    monkeypatch.setenv(name, "1")

    assert frame(load_maya(using("vray")))


def test_a_layers_own_settings_count(load_maya: Load, tmp_path: Path) -> None:
    """Its renderer, its size; and they are changed in it."""
    overrides = {"rs_m": {"defaultRenderGlobals.currentRenderer": "mayaHardware2", "defaultResolution.width": 60}}
    content = {"layers": {"m": "rs_m"}, "overrides": overrides}

    opened = load_maya(content, layer="m", percentage=50)

    assert type(opened.plugin._images.renderer) is Hardware
    assert frame(opened)[0].size == (30, 24)


def test_what_would_make_a_render_empty_is_switched_off(load_maya: Load) -> None:
    """Exports, frames that are there already, other hosts."""
    arnold = using(
        "arnold", defaultArnoldRenderOptions__renderType=1, defaultArnoldRenderOptions__skipExistingFrames=True
    )
    arnold["nodes"] = NODES["arnold"]
    redshift = using("redshift", redshiftOptions__skipExistingFrames=True, redshiftOptions__noSaveImage=True)
    redshift["nodes"] = NODES["redshift"]
    vray = using("vray", vraySettings__vrscene_on=True, vraySettings__dontSaveImage=True)
    vray["attributes"].update({f"vraySettings.{one}": True for one in ("dontSaveRgbChannel", "animBatchOnly")})
    vray["attributes"]["vraySettings.sys_distributed_rendering_on"] = True

    assert frame(load_maya(arnold))
    assert not process().scene.get("defaultArnoldRenderOptions.skipExistingFrames")
    assert process().scene.get("defaultArnoldRenderOptions.log_verbosity") == 2
    assert process().scene.get("defaultArnoldRenderOptions.log_to_console")
    assert frame(load_maya(redshift))
    assert not process().scene.get("redshiftOptions.skipExistingFrames")
    assert frame(load_maya(vray))
    assert process().scene.get("vraySettings.sys_message_level") == 3
    assert not process().scene.get("defaultRenderGlobals.skipExistingFrames")


@pytest.mark.parametrize("name", sorted(NODES))
def test_a_scene_without_a_renderers_nodes_gets_them(load_maya: Load, name: str) -> None:
    """As when its settings were never opened."""
    assert frame(load_maya({"attributes": {"defaultRenderGlobals.currentRenderer": name}}))


@pytest.mark.parametrize(
    ("name", "plug", "least"),
    [("arnold", "defaultArnoldRenderOptions.log_verbosity", 2), ("vray", "vraySettings.sys_message_level", 3)],
)
def test_renderers_say_as_much_as_is_needed_or_more(load_maya: Load, name: str, plug: str, least: int) -> None:
    """Else their progress isn't known."""
    for level in (0, least + 1):
        load_maya({**using(name, **{plug.replace(".", "__"): level}), "nodes": NODES[name]})

        assert process().scene.get(plug) == max(level, least)


def test_layers_have_all_lights_as_the_artists_maya_says(load_maya: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as the worker's Maya; by default they have, as in a new Maya."""
    monkeypatch.setenv("MAYA_RENDER_SETUP_INCLUDE_ALL_LIGHTS", "0")
    pictures = []

    for settings in ({}, {"all_lights": True}, {"all_lights": False}):
        opened = load_maya(**settings)
        pictures.append(Path(frame(opened)[0].written).read_bytes())

        assert os.environ["MAYA_RENDER_SETUP_INCLUDE_ALL_LIGHTS"] == ("0" if settings == {"all_lights": False} else "1")
    assert pictures[0] == pictures[1] != pictures[2]


def test_only_the_wanted_layer_is_switched_on(load_maya: Load) -> None:
    """Else Redshift would render all of them."""
    content = {**using("redshift"), "layers": {"a": "rs_a", "b": "rs_b"}}

    outputs = frame(load_maya(content, layer="b"))

    assert process().renderable_layers() == ["rs_b"]
    assert len(outputs) == 1


def test_the_size_is_not_checked_where_arnold_adds_to_it(load_maya: Load) -> None:
    """Overscan makes the file larger than the resolution."""
    content = using("arnold", defaultArnoldRenderOptions__outputOverscan="10%")
    content["nodes"] = NODES["arnold"]

    assert frame(load_maya(content))[0].size is None


def test_what_maya_warns_of_is_passed_on(load_maya: Load, tmp_path: Path) -> None:
    """The scene is open all the same; files that are not there are named once, however often they are referenced."""
    warned = load_maya({"warning": "Could not open reference a.ma\n"}).loaded.warnings
    (tmp_path / "chair.ma").touch()
    files = [f"{tmp_path}/{one}" for one in ("gone.tx", "chair.ma{1}", "gone.tx{2}", "skin.<UDIM>.<f>.tx")]
    lost = load_maya({"files": files}).loaded.warnings

    assert warned == ("Maya warns of shot.ma: Could not open reference a.ma.",)
    assert lost == (f"Files that the scene names are not there: {tmp_path}/gone.tx.",)


@pytest.mark.parametrize(
    ("config", "switched_off", "is_lost"),
    [
        ("/gone/config.ocio", "", True),
        ("/gone/config.ocio", "cmEnabled", False),
        ("/gone/config.ocio", "configFileEnabled", False),
        ("<MAYA_RESOURCES>/OCIO-configs/config.ocio", "", False),
    ],
)
def test_a_lost_configuration_of_colours_is_told(
    load_maya: Load, config: str, switched_off: str, is_lost: bool
) -> None:
    """Maya takes another, and the colours are others."""
    given = {"configFilePath": config, **({switched_off: False} if switched_off else {})}

    opened = load_maya({"attributes": {f"defaultColorMgtGlobals.{key}": one for key, one in given.items()}})

    assert opened.loaded.warnings == (f"Files that the scene names are not there: {config}.",) * is_lost


def test_another_scene_is_rendered_after_the_first(load_maya: Load, tmp_path: Path) -> None:
    """In the same process; what failed to open leaves nothing of the one before."""
    opened = load_maya()
    (tmp_path / "bad.ma").write_text("no scene")

    with pytest.raises(RenderError, match=r"Maya can't open bad\.ma: File is not a Maya file"):
        opened.plugin.load(Order(str(tmp_path / "bad.ma"), str(tmp_path)))
    with pytest.raises(RenderError, match="No scene is loaded"):
        frame(opened)
