"""What the Maya plugin refuses, and what the artist reads; on the double of `maya`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import mayas
import pytest
from doubles.maya import module
from plugins.maya_scenes import Load, frame, process, refusal, using

from buildcat.inside.messages import Order
from buildcat.model.dcc import version_number
from buildcat.model.errors import LicenceError, PathError, RefusedError, RenderError
from buildcat_maya.header import needed_version
from buildcat_maya.render import Maya
from buildcat_maya.version import version_of

OFF = {"attributes": {"front_camShape.renderable": False}}
LAYERS = {"layers": {"matte": "rs_matte", "sky": "rs_sky"}}


@pytest.mark.parametrize(
    ("content", "settings", "says"),
    [
        (
            LAYERS,
            {"layer": "mate"},
            "The scene has no layer 'mate'. Did you mean 'matte'? There are: masterLayer, matte, sky.",
        ),
        (LAYERS, {}, "Name the layer to render with the setting layer. There are: masterLayer, matte, sky."),
        (
            {"attributes": {"defaultRenderLayer.renderable": False}},
            {},
            "Name the layer to render with the setting layer. None is switched on.",
        ),
        (
            {"legacy": ["old"]},
            {"layer": "old"},
            "old is a legacy render layer, which Buildcat doesn't render. Convert it to Render Setup.",
        ),
        (
            {},
            {"camera": "side"},
            "The scene has no camera side. Did you mean 'side_cam'? There are: front_cam, side_cam.",
        ),
        (
            OFF,
            {},
            "Name the camera to render with the setting camera. "
            "Switched on: none; switch one on, or choose one of front_cam, side_cam.",
        ),
        (
            {"attributes": {"side_camShape.renderable": True}},
            {},
            "Name the camera to render with the setting camera. Switched on: front_cam, side_cam.",
        ),
        (
            {"attributes": {"defaultRenderGlobals.currentRenderer": "mentalRay"}},
            {},
            "The scene renders with mentalRay. Buildcat knows mayaSoftware, mayaHardware2, arnold, "
            "redshift, vray, renderman.",
        ),
        (
            using("vray", vraySettings__fileNamePrefix="<Take>/a"),
            {},
            "The name '<Take>/a' has <Take>, which Buildcat can't replace. Leave it out.",
        ),
        (
            {},
            {"dirmap": ("P:/films",)},
            "dirmap takes FOLDER=PLACE, with a place below the root, such as P:/films=., not P:/films.",
        ),
        ({}, {"dirmap": ("P:/films=../x",)}, "not P:/films=../x."),
        ({}, {"dirmap": ("/=.",)}, "not /=."),
        ({"trouble": "not opened"}, {}, "Maya didn't open shot.ma, and didn't say why. Open it in Maya's window."),
        ({"trouble": "error"}, {}, "Frame 3 of masterLayer can't be rendered: Render failed."),
        (
            {"locked": ["defaultResolution.width"], "referenced": ["defaultResolution"]},
            {"percentage": 50},
            "defaultResolution.width can't be set to 32: setAttr: 'defaultResolution.width' is from a referenced file",
        ),
    ],
)
def test_what_can_not_be_rendered_is_said(
    load_maya: Load, content: dict[str, Any], settings: dict[str, Any], says: str
) -> None:
    """Each with what to do."""
    assert says in refusal(load_maya, content, **settings)


def test_a_renderer_that_is_not_installed_is_named(load_maya: Load) -> None:
    """With Maya's words."""
    words = refusal(load_maya, using("arnold"), without=["mtoa"])

    assert (
        words == 'mtoa, the plug-in of arnold, can\'t be loaded: Plug-in, "mtoa", was not found on MAYA_PLUG_IN_PATH.'
    )


def test_the_output_ends_as_the_scene_writes(load_maya: Load) -> None:
    """The job can't change the format."""
    words = refusal(load_maya, output="render/a.####.exr")

    assert words == (
        "The scene writes png files, and the output is a.0001.exr. Let it end with .png, or change the format in the "
        "render settings."
    )


def test_a_scene_or_project_that_is_not_there_is_said(load_maya: Load, tmp_path: Path) -> None:
    """With its path."""
    plugin = load_maya().plugin

    with pytest.raises(RenderError, match=r"There is no scene .*gone\.ma\. Save it where"):
        plugin.load(Order(str(tmp_path / "gone.ma"), str(tmp_path)))
    with pytest.raises(PathError, match=r"There is no project folder .*gone\. Check the setting project\."):
        plugin.load(Order(str(tmp_path / "shot.ma"), str(tmp_path), {"project": "gone"}))


def test_a_folder_that_can_not_be_written_is_said(load_maya: Load, tmp_path: Path) -> None:
    """With the reason."""
    opened = load_maya()
    (tmp_path / "images").write_text("a file")

    with pytest.raises(Exception, match=r"images can't be written: Not a directory\. Check its permissions"):
        frame(opened)


def test_a_maya_without_a_licence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its units wait."""
    session = module.make(mayas.stub())
    session.has_licence = False
    for key, value in session.modules.items():
        monkeypatch.setitem(sys.modules, key, value)

    with pytest.raises(LicenceError, match=r"^No licence of Maya is free\.$"):
        Maya().start()


def test_an_arnold_without_a_licence_fails(load_maya: Load) -> None:
    """It would write pictures with a watermark."""
    opened = load_maya({**using("arnold"), "trouble": "licence"})

    with pytest.raises(RenderError):
        frame(opened)
    assert process().scene.get("defaultArnoldRenderOptions.abortOnLicenseFail")


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (b"//Maya ASCII 2025ff03 scene\nrequires maya", 2025),
        (b"//Maya ASCII scene", None),
        (b"FOR4\0\0\0\x50MayaFOR4VERS\0\0\0\x05\0\0\0\x002024\0", 2024),
        (b"FOR8" + b"\0" * 12 + b"Maya", None),
    ],
)
def test_the_version_that_saved_a_scene_is_read(tmp_path: Path, content: bytes, version: int | None) -> None:
    """From texts and from binary files."""
    (tmp_path / "a.ma").write_bytes(content)

    assert needed_version(tmp_path / "a.ma") == (version_number(str(version)) if version else None)


def test_what_is_no_scene_is_said(tmp_path: Path) -> None:
    """Before anything is sent."""
    (tmp_path / "empty.ma").write_bytes(b"")
    (tmp_path / "other.mb").write_bytes(b"BLENDER")

    with pytest.raises(RefusedError, match=r"empty\.ma is empty"):
        needed_version(tmp_path / "empty.ma")
    with pytest.raises(RefusedError, match=r"other\.mb is not a Maya scene"):
        needed_version(tmp_path / "other.mb")
    with pytest.raises(PathError, match=r"There is no file .*gone\.ma"):
        needed_version(tmp_path / "gone.ma")
    with pytest.raises(PathError, match="can't be read: Is a directory"):
        needed_version(tmp_path)


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/usr/autodesk/maya2025/bin/mayapy", "2025"),
        ("C:/Program Files/Autodesk/Maya2024.2/bin/mayapy.exe", "2024.2"),
        ("/opt/tools/mayapy", ""),
    ],
)
def test_the_version_is_read_from_the_path(path: str, version: str) -> None:
    """Maya takes a licence to say it."""
    assert version_of(path) == version
