"""What the window is told of an artist's Maya and its scene; on the double of `maya`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from doubles.maya.model import Scene
from plugins.maya_scenes import RENDERERS, OpenPanel

from buildcat.inside.host import HOW_WORDS, How, saved
from buildcat.model.errors import RefusedError, SettingError
from buildcat.model.job import JobSpec

LAYERS = {"layers": {"matte": "rs_matte"}, "attributes": {"rs_matte.renderable": False}}


def test_layers_and_cameras_are_a_table(maya_panel: OpenPanel) -> None:
    """Ticked is what a batch render would render; Maya's own cameras are left out unless they are switched on."""
    host = maya_panel("host", **LAYERS, cameras=["front_cam", "side_cam", "persp"])

    rows = host.MayaHost().targets()

    assert [(one.columns, one.is_chosen) for one in rows] == [
        (("masterLayer", "front_cam", "1-10"), True),
        (("masterLayer", "side_cam", "1-10"), False),
        (("matte", "front_cam", "1-10"), False),
        (("matte", "side_cam", "1-10"), False),
    ]
    assert len({one.key for one in rows}) == 4


def test_legacy_layers_are_shown_with_their_reason(maya_panel: OpenPanel) -> None:
    """They can't be ticked."""
    rows = maya_panel("host", legacy=["old"]).MayaHost().targets()

    assert [(one.columns[0], one.problem) for one in rows][-1] == (
        "old",
        "This is a legacy render layer. Convert it to Render Setup.",
    )
    assert not rows[-1].is_chosen


def test_each_ticked_row_is_a_job_that_the_farm_takes(maya_panel: OpenPanel, tmp_path: Path) -> None:
    """With its layer and camera, and the scene's frames unless the form says others."""
    host = maya_panel("host", {"defaultRenderGlobals.byFrameStep": 3.0}, layers=LAYERS["layers"]).MayaHost()
    chosen = [one.key for one in host.targets()][:3:2]

    own, named = (host.jobs(chosen, {"settings": {"percentage": 50}, **more}) for more in ({}, {"frames": "5"}))

    specs = [JobSpec(**one["spec"], scene="shot.ma").checked() for one in own]
    common = {"percentage": 50, "camera": "front_cam", "project": "."}
    assert [one.settings for one in specs] == [{**common, "layer": "masterLayer"}, {**common, "layer": "matte"}]
    assert {(one.dcc, one.frames, one.version_min) for one in specs} == {("maya", "1-10x3", 2025000000)}
    assert [one.name for one in specs] == ["shot masterLayer front_cam", "shot matte front_cam"]
    assert {one["spec"]["frames"] for one in named} == {"5"}
    assert [(one["after"], one["place"]) for one in own] == [([], f"{tmp_path}/images")] * 2
    with pytest.raises(RefusedError, match="No layer is ticked"):
        host.jobs([], {})


@pytest.mark.parametrize(
    ("prefix", "place"),
    [("<Scene>/<Camera>", "images"), ("/mnt/renders/<Layer>/a_<Scene>", "/mnt/renders"), ("/mnt/a.b/c", "/mnt/a.b")],
)
def test_the_place_of_the_pictures_is_told(maya_panel: OpenPanel, tmp_path: Path, prefix: str, place: str) -> None:
    """So that the farm says at once when it can't be reached by workers."""
    host = maya_panel("host", {"defaultRenderGlobals.imageFilePrefix": prefix}).MayaHost()

    (job,) = host.jobs([host.targets()[0].key], {})

    assert job["place"] == str(tmp_path / place)


def test_the_project_that_is_open_is_the_jobs(maya_panel: OpenPanel, maya: Any, tmp_path: Path) -> None:
    """As on this machine; one that the form names goes before; one outside the storage is left to the workers."""
    host = maya_panel("host").MayaHost()
    target = host.targets()[0].key

    def told() -> tuple[Any, Any, list[str]]:
        (job,) = host.jobs([target], {})
        return job["spec"]["settings"].get("project"), job.get("place"), host.warnings()

    maya.set_project(str(tmp_path / "films/one"))
    assert told()[:2] == ("films/one", f"{tmp_path}/films/one/images")
    assert told()[2] == [f"The scene is not in the project {tmp_path}/films/one, where its pictures go."]
    (named,) = host.jobs([target], {"settings": {"project": "two"}})
    assert (named["spec"]["settings"]["project"], "place" in named) == ("two", False)
    maya.set_project("/home/ada/maya")
    assert told()[:2] == (None, None)
    assert told()[2][0].startswith("The project /home/ada/maya lies outside the storage.")


def test_pictures_with_a_fixed_folder_have_a_place_in_any_project(maya_panel: OpenPanel, maya: Any) -> None:
    """So that one outside the storage is refused at once."""
    host = maya_panel("host", {"defaultRenderGlobals.imageFilePrefix": "/mnt/renders/<Scene>"}).MayaHost()
    maya.set_project("/home/ada/maya")

    (job,) = host.jobs([host.targets()[0].key], {})

    assert job["place"] == "/mnt/renders"


@pytest.mark.parametrize(
    ("told", "wanted"),
    [(("", None), None), (("", 1), None), (("", 0), False), (("0", 1), False), (("1", 0), None)],
)
def test_whether_layers_have_all_lights_is_the_jobs(
    maya_panel: OpenPanel, maya: Any, monkeypatch: pytest.MonkeyPatch, told: tuple[str, int | None], wanted: bool | None
) -> None:
    """Each Maya has that for itself, in a preference and in a variable, which goes before it."""
    host = maya_panel("host", **LAYERS).MayaHost()
    variable, remembered = told
    monkeypatch.setenv("MAYA_RENDER_SETUP_INCLUDE_ALL_LIGHTS", variable)
    if remembered is not None:
        maya.remembered["renderSetup_includeAllLights"] = remembered

    (job,) = host.jobs([host.targets()[0].key], {})

    assert JobSpec(**job["spec"], scene="shot.ma").checked().settings.get("all_lights") is wanted


def test_what_is_there_no_more_is_not_submitted(maya_panel: OpenPanel) -> None:
    """Another scene was opened since the window listed its layers."""
    first = maya_panel("host", **LAYERS).MayaHost()
    gone = [one.key for one in first.targets() if one.columns[0] == "matte"]
    host = maya_panel("host").MayaHost()

    with pytest.raises(RefusedError, match=r"^The open scene has no matte, seen by front_cam\. Click Reload\.$"):
        host.jobs(gone, {})


def test_a_storage_that_is_named_goes_before_the_one_that_is_found(maya_panel: OpenPanel, tmp_path: Path) -> None:
    """Where the storage has another name on this machine."""
    host = maya_panel("host").MayaHost()
    maya_panel("preferences").keep({"root": str(tmp_path.parent)})

    (job,) = host.jobs([host.targets()[0].key], {})

    assert job["spec"]["settings"]["project"] == tmp_path.name


def test_a_scene_that_is_no_scene_of_mayas_is_refused(maya_panel: OpenPanel, maya: Any) -> None:
    """Maya opens other files too, which a worker could not."""
    host = maya_panel("host").MayaHost()
    maya.scene.path = maya.scene.path.replace(".ma", ".fbx")

    with pytest.raises(RefusedError, match=r"^shot\.fbx is no Maya scene\. Save it as \.ma or \.mb, then submit\.$"):
        host.jobs([host.targets()[0].key], {})


def test_a_scene_without_an_animation_has_its_current_frame(maya_panel: OpenPanel, maya: Any) -> None:
    """As Maya's own batch render."""
    batch = maya_panel("batch", {"defaultRenderGlobals.animation": False})
    maya.scene.frame = 7.0

    assert batch.frames() == "7"


@pytest.mark.parametrize(
    ("kind", "listed", "told"),
    [
        (0, "", ("7", "")),
        (1, "5", ("1-48", "")),
        (2, "1-9; 2, 12", ("1-9x2,12", "")),
        (2, "1 to 9", ("", "'1to9' is not a frame range. Write frames such as 1-100, 1-100x5 or 1,5,8-12.")),
    ],
)
def test_vrays_frames_are_those_of_its_own_node(
    maya_panel: OpenPanel, maya: Any, kind: int, listed: str, told: tuple[str, str]
) -> None:
    """One, Maya's range, or a list in its own words."""
    own = {"vraySettings.animType": kind, "vraySettings.animFrames": listed}
    attributes = {"defaultRenderGlobals.currentRenderer": "vray", "defaultRenderGlobals.endFrame": 48.0, **own}
    host = maya_panel("host", attributes, **RENDERERS["vray"]).MayaHost()
    maya.scene.frame = 7.0

    (row, *_) = host.targets()

    assert (row.columns[2], row.problem) == told


def test_what_is_odd_is_told(maya_panel: OpenPanel, tmp_path: Path) -> None:
    """No camera, a renderer that nobody knows; files are listed without the scene, and once however often they are."""
    odd = {"front_camShape.renderable": False, "defaultRenderGlobals.currentRenderer": "mentalRay"}
    files = [f"{tmp_path}/a.tx", f"{tmp_path}/./a.tx", f"{tmp_path}/chair.ma", f"{tmp_path}/chair.ma{{1}}"]
    host = maya_panel("host", odd, files=files).MayaHost()

    first, second = host.warnings()

    assert first.startswith("No camera is switched on for renders.")
    assert second.startswith("The scene renders with mentalRay. Buildcat knows mayaSoftware")
    assert host.files() == [f"{tmp_path}/a.tx", f"{tmp_path}/chair.ma"]
    assert maya_panel("host").MayaHost().warnings() == []


def test_an_odd_node_is_a_sentence(maya_panel: OpenPanel, maya: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its row, above the form, and below the button; the window lives."""
    host = maya_panel("host").MayaHost()
    target = host.targets()[0].key

    def refuse(*_: object) -> Any:
        raise RuntimeError("No object matches name: x\n")

    monkeypatch.setattr(maya.scene, "get", refuse)

    (row,) = host.targets()
    assert row.problem == "Its layers and cameras can't be read: No object matches name: x. Look at Render Setup."
    assert host.warnings() == ["The scene can't be read: No object matches name: x."]
    with pytest.raises(RefusedError, match=r"^The scene can't be read: No object matches name: x\. Look at"):
        host.jobs([target], {})


def test_render_settings_that_can_not_be_read_are_the_rows_problem(
    maya_panel: OpenPanel, maya: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Layers and cameras are shown all the same."""
    host = maya_panel("host").MayaHost()
    real = maya.scene.get

    def get(name: str) -> Any:
        if name == "defaultRenderGlobals.startFrame":
            raise ValueError("No object matches name: defaultRenderGlobals")
        return real(name)

    monkeypatch.setattr(maya.scene, "get", get)

    rows = host.targets()

    assert {one.columns[1] for one in rows} == {"front_cam", "side_cam"}
    assert {one.problem.partition(":")[0] for one in rows} == {"The render settings can't be read"}


@pytest.mark.parametrize("how", How)
def test_a_scene_is_saved_as_the_artist_says(maya_panel: OpenPanel, maya: Any, tmp_path: Path, how: How) -> None:
    """A copy leaves the scene's name, its file and its unsaved changes alone."""
    host = maya_panel("host").MayaHost()
    maya.scene.is_modified = True
    before = (tmp_path / "shot.ma").read_text()
    maya.scene.values["defaultResolution.width"] = 99

    path = Path(saved(host, how))

    assert how in HOW_WORDS
    assert host.scene() == str(tmp_path / "shot.ma")
    assert ("99" in path.read_text()) == (how is not How.LAST)
    assert ((tmp_path / "shot.ma").read_text() == before) == (how is not How.SAVE)
    assert host.has_changes() == (how is not How.SAVE)
    assert bool(re.fullmatch(r"\.shot\.bc-[0-9a-f]{12}\.ma", path.name)) == (how is How.SNAPSHOT)


@pytest.mark.parametrize("how", [How.SAVE, How.SNAPSHOT])
def test_a_full_disk_is_told(maya_panel: OpenPanel, maya: Any, how: How) -> None:
    """And the scene keeps its name and its changes."""
    host = maya_panel("host").MayaHost()
    maya.scene.is_modified = maya.is_disk_full = True

    with pytest.raises(RefusedError, match=r"^Maya can't save here: The disk is full\. Save it elsewhere\.$"):
        saved(host, how)

    assert host.scene().endswith("/shot.ma")
    assert host.has_changes()


def test_the_client_runs_in_mayas_own_python(maya_panel: OpenPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes a licence only when it brings Maya up."""
    host = maya_panel("host").MayaHost()

    assert "/opt/maya/bin/mayapy" in host.command()
    monkeypatch.setattr("sys.platform", "win32")
    assert "/opt/maya/bin/mayapy.exe" in host.command()
    monkeypatch.setenv("BUILDCAT_PYTHON", "/opt/python")
    assert "/opt/python" in host.command()
    monkeypatch.delenv("BUILDCAT_PYTHON")
    monkeypatch.delenv("MAYA_LOCATION")
    assert "python3" in host.command()


def test_settings_are_remembered_by_maya(maya_panel: OpenPanel, maya: Any) -> None:
    """In its own preferences; an address that no browser opens is refused."""
    preferences = maya_panel("preferences")

    assert preferences.get("server") == ""
    preferences.keep({"server": "redis://farm:6379/0", "user": "ada", "monitor": "https://farm/"})
    with pytest.raises(SettingError, match="begins with http:// or https://, not as 'file:///bin/sh' does"):
        preferences.keep({"server": "redis://other", "monitor": "file:///bin/sh"})

    known = preferences.preferences()
    assert (known.server, known.user, known.root) == ("redis://farm:6379/0", "ada", "")
    assert set(preferences.LINES) == {"server", "user", "root", "monitor"}
    assert maya.remembered == {
        "buildcat_server": "redis://farm:6379/0",
        "buildcat_user": "ada",
        "buildcat_monitor": "https://farm/",
    }


def test_a_scene_that_was_never_saved_has_rows_and_no_path(maya_panel: OpenPanel, maya: Any) -> None:
    """The window says that it must be saved; nothing is said of a project."""
    host = maya_panel("host").MayaHost()
    maya.scene = Scene("", {"cameras": ["front_cam"], "attributes": {"front_camShape.renderable": True}})

    assert host.scene() == ""
    assert [one.columns for one in host.targets()] == [("masterLayer", "front_cam", "1")]
    assert host.warnings() == []
