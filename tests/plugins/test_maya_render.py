"""What the Maya plugin does with each renderer, on a double of `maya` that forgives nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from plugins.maya_scenes import NODES, RENDERERS, Load, frame, process, using

from buildcat.inside.messages import Order
from buildcat.model.errors import OutputError, RenderError
from buildcat.model.job import Unit
from buildcat_maya import renderers

#: How each names frame 3 of shot.ma, where nothing else is set.
NAMES = {
    **dict.fromkeys(RENDERERS, "shot.0003.png"),
    **dict.fromkeys(("arnold", "redshift"), "shot.0003.exr"),
    "renderman": "shot_v001_t01/shot_masterLayer_front_cam_beauty.0003.exr",
}


def test_each_renderer_has_its_scene() -> None:
    """A new one is tested too."""
    assert set(RENDERERS) == set(renderers.RENDERERS)


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_a_frame_of_each_renderer_is_written_beside_its_place(load_maya: Load, tmp_path: Path, name: str) -> None:
    """Each by its own command; the folder that it is written beside is named when the scene is loaded."""
    opened = load_maya(using(name))

    (output,) = frame(opened)

    assert output.path == str(tmp_path / "images" / NAMES[name])
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


def test_all_is_rendered_whatever_was_selected(load_maya: Load) -> None:
    """A scene keeps that only the selection was, and not what it was."""
    assert frame(load_maya({"attributes": {"defaultRenderGlobals.renderAll": False}}))


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
    folder, _, file = NAMES[name].rpartition("/")
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

    monkeypatch.setattr(renderers.Renderer, "render", write)
    opened = load_maya()

    if is_picture:
        assert [one.path for one in frame(opened)] == [str(tmp_path / "images/shot.0003.png")]
    else:
        with pytest.raises(OutputError, match="didn't write"):
            frame(opened)


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


def test_a_layers_own_settings_count(load_maya: Load, tmp_path: Path) -> None:
    """Its renderer, its size; and they are changed in it."""
    overrides = {"rs_m": {"defaultRenderGlobals.currentRenderer": "mayaHardware2", "defaultResolution.width": 60}}
    content = {"layers": {"m": "rs_m"}, "overrides": overrides}

    opened = load_maya(content, layer="m", percentage=50)

    assert type(opened.plugin._images.renderer) is renderers.Hardware
    assert frame(opened)[0].size == (30, 24)


@pytest.mark.parametrize("is_allowed", [True, False])
def test_scripts_run_only_when_they_may(load_maya: Load, capsys: pytest.CaptureFixture[str], is_allowed: bool) -> None:
    """Script nodes, and MEL around renders."""
    content = {"script": "a script node ran", "attributes": {"defaultRenderGlobals.preMel": "ran"}}

    load_maya(content, allow_scripts=is_allowed)

    assert ("a script node ran" in capsys.readouterr().out) == is_allowed
    assert process().scene.get("defaultRenderGlobals.preMel") == ("ran" if is_allowed else "")


@pytest.mark.parametrize("is_allowed", [True, False])
def test_mel_before_a_render_runs_when_it_may(
    load_maya: Load, capsys: pytest.CaptureFixture[str], is_allowed: bool
) -> None:
    """Maya's batch render runs it, the commands of the renderers don't; the layer's comes when it is current."""
    mel = {"defaultRenderGlobals.preMel": "before-all", "defaultRenderGlobals.preRenderLayerMel": "before-layer"}

    load_maya({"attributes": mel}, allow_scripts=is_allowed)

    assert capsys.readouterr().out.split() == (["before-all", "before-layer"] if is_allowed else [])


def test_mel_that_fails_is_told(load_maya: Load) -> None:
    """As of a plug-in that this worker doesn't have."""
    opened = load_maya({"attributes": {"defaultRenderGlobals.preMel": "fails"}}, allow_scripts=True)

    assert opened.loaded.warnings == ("The scene's preMel fails: Cannot find procedure.",)
    assert frame(opened)


@pytest.mark.parametrize("is_allowed", [True, False])
def test_script_nodes_stay_silent_after_the_scene_was_opened(
    load_maya: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_allowed: bool
) -> None:
    """Some run with each frame; and what is to run at the end does when the next scene is opened, whatever the type."""
    nodes = {"onDemand": 0, "openClose": 1, "ownByMaya": 6, "eachRender": 4, "eachFrame": 5, "eachTime": 7}
    parts = {f"{one}.{part}": f"{one}:{part}" for one in nodes for part in ("before", "after")}
    types = {f"{one}.scriptType": kind for one, kind in nodes.items()}
    content = {"nodes": dict.fromkeys(nodes, "script"), "attributes": {**types, **parts}}

    opened = load_maya(content, allow_scripts=is_allowed)
    frame(opened)
    opened.plugin.load(Order(str(tmp_path / "shot.ma"), str(tmp_path)))

    ran = set(capsys.readouterr().out.split())
    assert ran == ({*parts.values()} - {"onDemand:before"} if is_allowed else set())


def test_what_maya_itself_keeps_in_a_script_node_is_left_alone(load_maya: Load) -> None:
    """It runs only when the scene is opened, and may lie in a reference that is locked."""
    own = {"set:own.scriptType": 6, "set:own.before": "playbackOptions"}
    held = {"referenced": ["set:own"], "locked": ["set:own.before"]}

    assert frame(load_maya({"nodes": {"set:own": "script"}, "attributes": own, **held}))


@pytest.mark.parametrize(
    ("name", "plug"),
    [
        ("arnold", "defaultArnoldRenderOptions.PostTranslation"),
        *(
            ("redshift", f"redshiftOptions.{when}Render{what}Mel")
            for when in ("pre", "post")
            for what in ("", "Layer", "Frame")
        ),
        *(("vray", f"vraySettings.{one}") for one in ("postTranslatePython", "preKeyframeMel", "rtImageReadyMel")),
    ],
)
@pytest.mark.parametrize("is_allowed", [True, False])
def test_scripts_of_renderers_run_only_when_they_may(load_maya: Load, name: str, plug: str, is_allowed: bool) -> None:
    """Each has its own attributes for them."""
    content = {**using(name, **{plug.replace(".", "__"): "ran"}), "nodes": NODES[name]}

    load_maya(content, allow_scripts=is_allowed)

    assert process().scene.get(plug) == ("ran" if is_allowed else "")


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
    ("name", "attribute", "value", "ending"),
    [
        ("arnold", "defaultArnoldDriver.aiTranslator", "jpeg", "jpg"),
        ("arnold", "defaultArnoldDriver.aiTranslator", "tif", "tif"),
        ("arnold", "defaultArnoldDriver.aiTranslator", "deepexr", "exr"),
        ("arnold", "defaultArnoldDriver.aiTranslator", "maya", "png"),
        *(
            ("redshift", "redshiftOptions.imageFormat", number, ending)
            for number, ending in enumerate(("iff", "exr", "png", "tga", "jpg", "tif"))
        ),
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


@pytest.mark.parametrize(
    ("name", "plug", "least"),
    [("arnold", "defaultArnoldRenderOptions.log_verbosity", 2), ("vray", "vraySettings.sys_message_level", 3)],
)
def test_renderers_say_as_much_as_is_needed_or_more(load_maya: Load, name: str, plug: str, least: int) -> None:
    """Else their progress isn't known."""
    for level in (0, least + 1):
        load_maya({**using(name, **{plug.replace(".", "__"): level}), "nodes": NODES[name]})

        assert process().scene.get(plug) == max(level, least)


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


def test_another_scene_is_rendered_after_the_first(load_maya: Load, tmp_path: Path) -> None:
    """In the same process; what failed to open leaves nothing of the one before."""
    opened = load_maya()
    (tmp_path / "bad.ma").write_text("no scene")

    with pytest.raises(RenderError, match=r"Maya can't open bad\.ma: File is not a Maya file"):
        opened.plugin.load(Order(str(tmp_path / "bad.ma"), str(tmp_path)))
    with pytest.raises(RenderError, match="No scene is loaded"):
        frame(opened)
