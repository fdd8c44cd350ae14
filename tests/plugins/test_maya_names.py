"""That jobs of one scene don't write over each other's pictures, and find folders of another host."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from doubles.maya.nodes import RENDERMAN_FORMATS
from plugins.maya_scenes import RENDERERS, Load, frame, process, refusal, using

from buildcat.inside.messages import Order
from buildcat.model.errors import RefusedError, RenderError
from buildcat_maya import layers

LAYERS = {"layers": {"matte": "rs_matte", "sky": "rs_sky"}}


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_each_layer_and_camera_has_pictures_of_its_own(load_maya: Load, name: str) -> None:
    """Though the scene's name tells neither; whatever is switched on, and by whatever it is rendered."""
    scene = {**using(name), **LAYERS}
    views = [(layer, camera) for layer in ("masterLayer", "matte", "sky") for camera in ("front_cam", "side_cam")]

    for is_on in ({}, {"defaultRenderLayer.renderable": False}, {"front_camShape.renderable": False}):
        content = {**scene, "attributes": {**scene["attributes"], **is_on}}
        paths = {frame(load_maya(content, layer=layer, camera=camera))[0].path for layer, camera in views}

        assert len(paths) == len(views)


@pytest.mark.parametrize("name", sorted(RENDERERS))
def test_cameras_of_one_name_have_pictures_of_their_own(load_maya: Load, name: str) -> None:
    """By as much of their paths as is needed, without what no file may have in its name."""
    content = {**using(name), "cameras": ["left|cam", "right|cam", "set:cam"]}

    paths = {frame(load_maya(content, camera=one))[0].path for one in content["cameras"]}

    assert len(paths) == 3
    assert not re.search(r"[|:]", "".join(paths))


@pytest.mark.parametrize(
    ("prefix", "settings", "wanted"),
    [
        ("", {"layer": "matte"}, "matte/shot.0003.png"),
        ("", {"layer": "matte", "camera": "side_cam"}, "matte/side_cam/shot.0003.png"),
        ("a/<Scene>", {"layer": "matte"}, "matte/a/shot.0003.png"),
        ("<Scene>_<RenderLayer>", {"layer": "sky", "camera": "side_cam"}, "side_cam/shot_sky.0003.png"),
        ("<renderlayer>/<camera>", {"layer": "sky", "camera": "side_cam"}, "sky/side_cam.0003.png"),
    ],
)
def test_folders_tell_what_names_do_not(
    load_maya: Load, tmp_path: Path, prefix: str, settings: dict[str, Any], wanted: str
) -> None:
    """As Maya makes them where it renders several: layer, then camera."""
    content = {**LAYERS, "attributes": {"defaultRenderGlobals.imageFilePrefix": prefix}}

    assert frame(load_maya(content, **settings))[0].path == str(tmp_path / "images" / wanted)


def test_what_is_rendered_alone_needs_no_folder(load_maya: Load, tmp_path: Path) -> None:
    """Of a scene with one layer and one camera that are switched on."""
    off = {"defaultRenderLayer.renderable": False, "rs_sky.renderable": False}

    assert frame(load_maya({**LAYERS, "attributes": off}))[0].path == str(tmp_path / "images/shot.0003.png")


def test_vray_makes_a_folder_for_a_layer_that_alone_is_switched_on(load_maya: Load, tmp_path: Path) -> None:
    """It does where a scene has several, whatever of them it renders."""
    off = {"defaultRenderLayer.renderable": False, "rs_sky.renderable": False}
    scene = using("vray")

    opened = load_maya({**scene, **LAYERS, "attributes": {**scene["attributes"], **off}})

    assert frame(opened)[0].path == str(tmp_path / "images/matte/shot.0003.png")


def test_older_tokens_of_vray_are_known(load_maya: Load, tmp_path: Path) -> None:
    """They need no folder, and become names."""
    content = {**using("vray", vraySettings__fileNamePrefix="%s_%l_%c"), **LAYERS}

    found = load_maya(content, layer="matte").plugin._images.picture(3)

    assert found.path == str(tmp_path / "images/shot_matte_front_cam.0003.png")


@pytest.mark.parametrize(
    ("folder", "name", "wanted"),
    [
        ("<ws>/images/<scene>", "<scene>_<layer>.<f4>.<ext>", "images/shot/shot_matte.0003.exr"),
        ("<ws>/out/<layer>/<camera>/<version>", "<aov>/a.<f4>.<ext>", "out/matte/side_cam/001/beauty/a.0003.exr"),
        ("<ws>/out/v<version>/<Layer>", "a_<camera>.<frame>.<ext>", "out/v001/matte/a_side_cam.3.exr"),
        ("<ws>/out", "<aovdir>/<layer>_<camera>.<f4>.<ext>", "out/beauty/matte_side_cam.0003.exr"),
    ],
)
def test_tokens_of_renderman_are_replaced(load_maya: Load, tmp_path: Path, folder: str, name: str, wanted: str) -> None:
    """In its folder too; what only it knows, by itself. The camera has a folder where nothing else tells it."""
    content = {**using("renderman", rmanGlobals__imageOutputDir=folder, rmanGlobals__imageFileFormat=name), **LAYERS}

    (output,) = frame(load_maya(content, layer="matte", camera="side_cam"))

    assert output.path == str(tmp_path / wanted).replace("/shot/shot", "/shot/side_cam/shot")


@pytest.mark.parametrize(("driver", "ending"), RENDERMAN_FORMATS.items())
def test_pictures_of_renderman_end_as_its_driver_writes(load_maya: Load, driver: str, ending: str) -> None:
    """Whatever the node is called, as in a scene that was put together."""
    content = using("renderman")
    nodes = {**content["nodes"], "set_driver": driver}

    (output,) = frame(load_maya({**content, "nodes": nodes, "display": "set_driver"}))

    assert output.path.endswith(f"_beauty.0003.{ending}")


def test_renderman_writes_exr_where_nothing_says_otherwise(load_maya: Load) -> None:
    """As before its settings were opened."""
    content = using("renderman")
    nodes = {name: kind for name, kind in content["nodes"].items() if kind != "rmanDisplay"}

    (output,) = frame(load_maya({**content, "nodes": nodes}))

    assert output.path.endswith("_beauty.0003.exr")


def test_what_only_renderman_can_replace_is_refused_where_it_is_not(
    load_maya: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it can't either."""
    unknown = using("renderman", rmanGlobals__imageFileFormat="<Who>.<f4>.<ext>")

    assert refusal(load_maya, unknown).startswith(
        "The name '<Who>.<f4>.<ext>' has <Who>, which Buildcat can't replace."
    )
    opened = load_maya(using("renderman"))
    process().scene.values.clear()
    monkeypatch.setitem(sys.modules, "rfm2.api.strings", None)
    with pytest.raises(RefusedError, match="has <version>, which Buildcat can't replace"):
        opened.plugin._images.renderer.base()


def test_cameras_of_references_have_names_for_files(load_maya: Load, tmp_path: Path) -> None:
    """A colon is none on Windows."""
    content = {**using("vray"), "cameras": ["set:cam", "set:other"]}

    picture = load_maya(content, camera="set:cam").plugin._images.picture(3)

    assert picture.path == str(tmp_path / "images/set_cam/shot.0003.png")


def test_a_legacy_layer_that_is_switched_on_is_refused(load_maya: Load) -> None:
    """The artist would miss it; the scene without layers is rendered when it is asked for."""
    assert refusal(load_maya, {"legacy": ["old"]}).startswith("old is a legacy render layer")
    assert frame(load_maya({"legacy": ["old"]}, layer="masterLayer"))
    assert process().renderable_layers() == ["defaultRenderLayer"]
    assert not process().scene.get("old.renderable")


def test_layers_that_an_import_left_behind_are_none(load_maya: Load, tmp_path: Path) -> None:
    """They belong to no manager; that they are switched on makes no difference, and they need no folder."""
    opened = load_maya({"strays": ["tree_defaultRenderLayer"]})

    assert frame(opened)[0].path == str(tmp_path / "images/shot.0003.png")
    words = refusal(load_maya, {"strays": ["tree_defaultRenderLayer"]}, layer="tree_defaultRenderLayer")
    assert words.startswith("The scene has no layer 'tree_defaultRenderLayer'.")


def test_redshift_renders_no_layer_that_an_import_left_behind(load_maya: Load) -> None:
    """It renders all that are switched on, whoever lists them."""
    outputs = frame(load_maya({**using("redshift"), "strays": ["tree_defaultRenderLayer"]}))

    assert process().renderable_layers() == ["defaultRenderLayer"]
    assert len(outputs) == 1


def test_layers_of_references_are_none(load_maya: Load) -> None:
    """Maya can't make them current; they have a manager of their own."""
    held = {"referenced": ["set:sky", "set:rs_sky"], "locked": ["set:rs_sky.renderable"]}
    content = {"layers": {"set:sky": "set:rs_sky"}, **held}

    assert frame(load_maya(content))
    assert refusal(load_maya, content, layer="set:sky").endswith("There are: masterLayer.")


def test_a_layer_that_does_not_become_current_is_an_error(load_maya: Load) -> None:
    """Else all that is read and set would be another layer's."""
    words = refusal(load_maya, {**LAYERS, "sticky": True}, layer="sky")

    assert words == ("Maya can't switch to the layer sky: it stays in defaultRenderLayer. Open the scene in Maya.")


def test_a_maya_with_the_older_layers_renders_none_of_render_setup(load_maya: Load) -> None:
    """It would render the scene without its overrides, and not say so; the scene without a layer is as ever."""
    opened = load_maya(LAYERS, layer="sky")
    process().has_legacy_layers = True

    layers.activate(layers.find("masterLayer"))
    with pytest.raises(RenderError, match="renders no layer of Render Setup"):
        layers.activate(opened.plugin._images.layer)


def test_folders_of_another_host_are_mapped(load_maya: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the root of this one, before the scene is opened; for Arnold too. They go with their job."""
    monkeypatch.setenv("ARNOLD_PATHMAP", "/studio.json")
    opened = load_maya(dirmap=("P:/films=.", "Q:/lib=library"))
    mapped = {"P:/films": str(tmp_path), "Q:/lib": str(tmp_path / "library")}
    file = Path(os.environ["ARNOLD_PATHMAP"])

    assert process().is_mapping
    assert process().mapped == mapped
    assert json.loads(file.read_text()) == {"linux": mapped, "mac": mapped, "windows": mapped}

    opened.plugin.load(Order(str(tmp_path / "shot.ma"), str(tmp_path)))

    assert process().mapped == {}
    assert not file.exists()
    assert os.environ["ARNOLD_PATHMAP"] == "/studio.json"


def test_redshift_is_told_of_folders_too(load_maya: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its proxies hold names of textures, which no other map reaches."""
    monkeypatch.setenv("REDSHIFT_PATHOVERRIDE_FILE", "/studio.txt")
    opened = load_maya(dirmap=("P:/films=.", "Q:=library"))
    file = Path(os.environ["REDSHIFT_PATHOVERRIDE_FILE"])

    assert file.suffix == ".txt"
    assert file.read_text() == f'"P:/films" "{tmp_path}"\n"Q:/" "{tmp_path}/library/"\n'

    opened.plugin.load(Order(str(tmp_path / "shot.ma"), str(tmp_path)))

    assert not file.exists()
    assert os.environ["REDSHIFT_PATHOVERRIDE_FILE"] == "/studio.txt"


def test_folders_to_map_are_told_as_maya_writes_them(load_maya: Load, tmp_path: Path) -> None:
    """It compares texts, with slashes; a drive has one at its end, and what it becomes too."""
    load_maya(dirmap=("P:\\films\\=.", "Q:=library", r"\\server\share=."))

    assert process().mapped == {
        "P:/films": str(tmp_path),
        "Q:/": f"{tmp_path}/library/",
        "//server/share": str(tmp_path),
    }


def test_textures_of_renderman_are_mapped(load_maya: Load, tmp_path: Path) -> None:
    """It opens them itself, past Maya's map, and renders without those that it doesn't find."""
    named = {"a": "PxrTexture", "b": "PxrNormalMap", "c": "PxrBump", "d": "PxrPtexture", "e": "PxrMultiTexture"}
    plugs = {f"{one}.filename": "P:/films/wood.<udim>.tex" for one in named}
    plugs.update({f"e.filename{number}": "P:/films/leaf.tex" for number in range(10)})
    plugs.update(
        {
            "sky.lightColorMap": "P:/films/sky.tex",
            "other.filename": "/mnt/own.tex",
            "back.filename": r"P:\films\oak.tex",
        }
    )
    content = using("renderman", **plugs)
    nodes = {
        **content["nodes"],
        **named,
        "sky": "PxrDomeLight",
        "other": "PxrTexture",
        "none": "PxrTexture",
        "back": "PxrTexture",
    }

    load_maya({**content, "nodes": nodes}, dirmap=("P:/films=.",))

    mapped = {plug: one.replace("\\", "/").replace("P:/films", str(tmp_path)) for plug, one in plugs.items()}
    assert {plug: process().scene.get(plug) for plug in plugs} == mapped


def test_the_studios_own_map_stays(load_maya: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a job brings none; and what a refused one brings is never there."""
    for name in ("ARNOLD_PATHMAP", "REDSHIFT_PATHOVERRIDE_FILE"):
        monkeypatch.delenv(name, raising=False)
    opened = load_maya()
    process().is_mapping, process().mapped = True, {"S:/": "/studio"}

    opened.plugin.load(Order(str(tmp_path / "shot.ma"), str(tmp_path)))
    with pytest.raises(Exception, match=r"not Q:/x=\.\./y"):
        opened.plugin.load(Order(str(tmp_path / "shot.ma"), str(tmp_path), {"dirmap": ("P:/a=.", "Q:/x=../y")}))

    assert process().is_mapping
    assert process().mapped == {"S:/": "/studio"}
    assert not {"ARNOLD_PATHMAP", "REDSHIFT_PATHOVERRIDE_FILE"} & set(os.environ)


def test_no_map_of_folders_is_left_behind(load_maya: Load) -> None:
    """When the session ends."""
    opened = load_maya(dirmap=("P:/films=.",))
    files = [Path(os.environ[name]) for name in ("ARNOLD_PATHMAP", "REDSHIFT_PATHOVERRIDE_FILE")]

    assert all(one.exists() for one in files)
    opened.plugin.close()

    assert not any(one.exists() for one in files)
