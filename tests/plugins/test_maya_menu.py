"""The plug-in, its menu, the window and the settings in an artist's Maya; on the double, with real Qt."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from doubles.maya.model import Scene
from plugins.maya_scenes import OpenPanel

PLUGIN = Path(__file__).parents[2] / "plugins/maya/install/buildcat/plug-ins/buildcatPlugin.py"
SETUP = PLUGIN.parents[1] / "scripts/userSetup.py"
LAYERS = {"layers": {"matte": "rs_matte"}, "attributes": {"rs_matte.renderable": False}}
ENTRIES = ["Submit...", "Jobs...", "Render test frame", "Open monitor", "Settings...", "", "Add to shelf"]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the window would submit."""
    found: list[dict[str, Any]] = []

    def ask(_watch: object, do: str, _on_answer: object, **given: Any) -> None:
        if do == "submit":
            found.append(given)

    monkeypatch.setattr("buildcat.inside.watch.Watch.ask", ask)
    return found


class ClientOf:
    """A client process that has an answer, and notes what it is asked; an end as nothing."""

    def __init__(self, answer: dict[str, Any], asked: list[dict[str, Any]]) -> None:
        self._answer, self._asked = answer, asked
        self._takers: list[Any] = []

    def ask(self, do: str, on_answer: Any, **given: Any) -> None:
        self._asked.append({"do": do, **given})
        self._takers.append(on_answer)

    def deliver(self) -> None:
        self._takers.pop()(self._answer)

    def close(self) -> None:
        self._asked.append({})


def entries(maya: Any) -> dict[str, Any]:
    """What each entry of the menu calls."""
    return dict(maya.menus["buildcatMenu"])


@pytest.mark.parametrize("state", range(4))
def test_the_plug_in_comes_and_goes(maya_panel: OpenPanel, maya: Any, maya_window: Any, state: int) -> None:
    """It leaves nothing, and may come again; in a batch Maya it makes no menu."""
    maya_panel("host")
    maya.state, maya.is_batch = state, state in (1, 2)

    for _ in range(2):
        maya.load_script(PLUGIN)
        during = ("buildcatSubmit" in maya.registry, list(maya.menus))
        maya.unload_script(PLUGIN.stem)

        assert during == (True, ["buildcatMenu"] if state in (0, 3) else [])
        assert "buildcatSubmit" not in maya.registry
        assert maya.menus == {}


def test_a_mayapy_that_says_it_had_a_window_gets_no_menu(maya_panel: OpenPanel, maya: Any) -> None:
    """Maya 2023.2 was seen to."""
    maya_panel("host")
    maya.state, maya.is_batch = 0, True

    maya.load_script(PLUGIN)

    assert maya.menus == {}


def test_unloading_closes_our_windows(maya_panel: OpenPanel, maya: Any, maya_window: Any) -> None:
    """Their code is about to go."""
    menu = maya_panel("menu")
    maya.load_script(PLUGIN)
    entries(maya)["Submit..."](False)
    entries(maya)["Settings..."](False)
    (dialog,) = maya_window.main.findChildren(menu.SettingsDialog)

    maya.unload_script(PLUGIN.stem)

    assert maya_window.windows == []
    assert not dialog.isVisible()


def test_a_menu_waits_for_mayas_window(maya_panel: OpenPanel, maya: Any, maya_window: Any) -> None:
    """Maya loads plug-ins by itself before; one that is unloaded again makes none."""
    maya_panel("host")
    maya.is_window_up = False
    maya.load_script(PLUGIN)
    maya.unload_script(PLUGIN.stem)
    maya.load_script(PLUGIN)

    maya.is_window_up = True
    first, second = maya.deferred
    first()
    assert maya.menus == {}
    second()

    assert list(entries(maya)) == ENTRIES


def test_the_plug_in_is_loaded_when_maya_starts(maya: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the module's own start-up script, when the window is there; not in a batch."""
    runpy.run_path(str(SETUP))

    (text,) = maya.deferred
    maya.installed.add(PLUGIN.name)
    exec(text, {})

    assert PLUGIN.name in maya.plugins
    maya.is_batch = True
    runpy.run_path(str(SETUP))
    assert len(maya.deferred) == 1


def test_the_menu_opens_one_window(maya_panel: OpenPanel, maya: Any, maya_window: Any) -> None:
    """In front of Maya's own; the second entry turns to the jobs in it. A menu that was left over is made anew."""
    menu = maya_panel("menu", **LAYERS)
    menu.Menu().add()
    menu.Menu().add()

    entries(maya)["Submit..."](False)
    (first,) = maya_window.windows
    entries(maya)["Jobs..."](False)

    assert list(entries(maya)) == ENTRIES
    assert maya_window.windows == [first]
    assert first.parent() is maya_window.main
    assert first.pages.currentWidget() is first.jobs
    assert first.submit.targets.topLevelItemCount() == 4


def test_a_test_frame_is_the_current_one_at_once(
    maya_panel: OpenPanel, maya: Any, maya_window: Any, sent: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Of the layer and the camera that the artist looks at, whatever is ticked; as the form says, to its own folder."""
    menu = maya_panel("menu", layer="rs_matte", **LAYERS)
    maya.views, maya.focus = {"modelPanel4": "side_camShape"}, "modelPanel4"
    maya.scene.frame = 12.0
    menu.submit()
    (window,) = maya_window.windows
    held = {"frames": "1-90", "paused": True, "order": "reverse", "chunk": 5, "skip_existing": True, "priority": 10}
    window.submit.form.hold({**held, "percentage": 25, "pool": "gpu"})

    menu.test_frame()

    (given,) = sent
    (job,) = given["jobs"]
    spec = job["spec"]
    assert spec["settings"] == {"layer": "matte", "camera": "side_cam", "project": ".", "percentage": 25}
    assert [spec[key] for key in held] == ["12", False, "forward", 1, False, 90]
    assert (spec["name"], spec["pool"], spec["snapshot"]) == ("shot test matte side_cam", "gpu", False)
    assert job["output"] == f"{tmp_path}/images/test/shot_matte_side_cam.####.png"
    assert given["scene"] == str(tmp_path / "shot.ma")


def test_a_test_frame_has_a_name_that_every_system_takes(
    maya_panel: OpenPanel, maya_window: Any, sent: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Cameras of references have a colon in their names."""
    on = {"front_camShape.renderable": False, "rig:camShape.renderable": True}
    menu = maya_panel("menu", on, cameras=["rig:cam", "front_cam"])

    menu.test_frame()

    (job,) = sent[0]["jobs"]
    assert job["output"] == f"{tmp_path}/images/test/shot_masterLayer_rig_cam.####.png"


def test_a_test_frame_takes_unsaved_changes_along(
    maya_panel: OpenPanel, maya: Any, maya_window: Any, sent: list[dict[str, Any]]
) -> None:
    """In a copy; it asks nothing, and leaves the scene alone."""
    menu = maya_panel("menu")
    maya.scene.is_modified = True

    menu.test_frame()

    (given,) = sent
    assert Path(given["scene"]).name.startswith(".shot.bc-")
    assert given["jobs"][0]["spec"]["snapshot"]
    assert maya.scene.is_modified


@pytest.mark.parametrize(
    ("views", "focus", "camera"),
    [
        ({"modelPanel4": "side_cam"}, "modelPanel4", "side_cam"),
        ({"modelPanel1": "side_cam", "modelPanel4": "front_cam"}, "outlinerPanel1", "side_cam"),
        ({}, "", "front_cam"),
        ({"modelPanel4": "persp"}, "modelPanel4", "front_cam"),
    ],
)
def test_the_camera_of_a_test_frame(
    maya_panel: OpenPanel, maya: Any, views: dict[str, str], focus: str, camera: str
) -> None:
    """That of the view with the focus, of the first view, or else the one that is switched on."""
    batch = maya_panel("batch")
    maya.views, maya.focus = views, focus

    layer, found = batch.current()

    assert (layer.name, found) == ("masterLayer", camera)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"attributes": {"front_camShape.renderable": False}}, "Name the camera to render"),
        ({"attributes": {"defaultRenderGlobals.currentRenderer": "mentalRay"}}, "Buildcat doesn't know the scene's"),
        ({"legacy": ["old"], "layer": "old"}, "The current layer old is none of Render Setup."),
    ],
)
def test_a_test_frame_that_can_not_be_is_said(
    maya_panel: OpenPanel, maya_window: Any, sent: list[Any], content: dict[str, Any], says: str
) -> None:
    """In the window, below the button."""
    menu = maya_panel("menu", **content)

    menu.test_frame()

    (window,) = maya_window.windows
    assert window.submit.said.text.startswith(says)
    assert sent == []


def test_a_scene_that_was_never_saved_has_no_test_frame(
    maya_panel: OpenPanel, maya: Any, maya_window: Any, sent: list[Any]
) -> None:
    """There is no file that a worker could open."""
    menu = maya_panel("menu")
    maya.scene = Scene("", {})

    menu.test_frame()

    assert maya_window.windows[0].submit.said.text.startswith("This file was never saved.")
    assert sent == []


def test_what_the_form_held_is_remembered(maya_panel: OpenPanel, maya: Any, maya_window: Any) -> None:
    """When the window is opened again for the same scene; not for another."""
    menu = maya_panel("menu")
    held = {"percentage": 25, "pool": "gpu", "dirmap": ("P:/a=.", "Q:/b=."), "paused": True, "chunk": 3}
    menu.submit()
    maya_window.windows[0].submit.form.hold(held)
    maya_window.windows[0].close()

    menu.submit()
    again = maya_window.windows[0].submit.form.values()
    maya_window.windows[0].close()
    maya.scene.path = maya.scene.path.replace("shot", "other")
    menu.submit()

    assert {key: again[key] for key in held} == held
    assert again["resolution_x"] is None
    assert maya_window.windows[0].submit.form.values()["percentage"] is None


def test_the_monitor_is_a_page_that_the_studio_names(
    maya_panel: OpenPanel, maya_window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an address, the settings ask for it; a place in it is for the job that is chosen."""
    menu = maya_panel("menu")
    opened: list[str] = []
    monkeypatch.setattr(menu.QtGui.QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))

    menu.open_monitor()
    (dialog,) = maya_window.main.findChildren(menu.SettingsDialog)
    asked = dialog.said.text
    dialog.lines["monitor"].setText("farm")
    dialog.save()
    refused = dialog.said.text
    dialog.lines["monitor"].setText("https://farm/job/{job}")
    dialog.save()
    menu.open_monitor()
    monkeypatch.setattr("buildcat.inside.qt_window.chosen_job", lambda: "ab12")
    menu.open_monitor()

    assert asked.startswith("Name the address")
    assert refused.startswith("The monitor's address begins with")
    assert opened == ["https://farm/job/", "https://farm/job/ab12"]


def test_the_chosen_job_is_the_windows(maya_panel: OpenPanel, maya_window: Any) -> None:
    """None while the window is closed, or nothing is chosen in it."""
    menu = maya_panel("menu")
    from buildcat.inside import qt_window

    before = qt_window.chosen_job()
    menu.jobs()
    (window,) = maya_window.windows
    counts = {"done": 0, "skipped": 0, "failed": 0, "total": 3}
    job = {"id": "ab12", "name": "shot", "state": "waiting", "counts": counts, "eta": None}
    window.watch.jobs = [{**job, "why": "", "stopped_why": "", "failure": "", "last": ""}]
    window.jobs.refresh()

    assert (before, qt_window.chosen_job()) == ("", "")
    window.jobs.choose("ab12")
    assert qt_window.chosen_job() == "ab12"


def test_the_settings_show_what_is_remembered(maya_panel: OpenPanel, maya: Any, maya_window: Any) -> None:
    """And what holds where a line is empty; Cancel changes nothing."""
    maya_panel("preferences").keep({"server": "redis://farm:6379/0"})
    menu = maya_panel("menu")
    dialog = menu.settings()

    assert dialog.lines["server"].text() == "redis://farm:6379/0"
    assert dialog.lines["root"].placeholderText() == "found from the scene's own folder"
    labels = [one.text() for one in dialog.findChildren(menu.QtWidgets.QLabel)]
    assert [one for one in labels if one] == ["Server", "User", "Storage", "Monitor"]
    dialog.lines["server"].setText("redis://other")
    dialog.reject()

    assert maya.remembered == {"buildcat_server": "redis://farm:6379/0"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"workers": 3, "versions": ["2024", "2025"], "not_roots": []}, "Workers: 3 with Maya 2024, 2025."),
        ({"workers": 3, "versions": [], "not_roots": []}, "Workers: 3, none with Maya."),
        ({"workers": 0, "versions": [], "not_roots": ["/mnt"]}, "Workers: 0. /mnt is not marked as a farm's: start"),
        ({"error": "There is no server at redis://farm."}, "There is no server at redis://farm."),
    ],
)
def test_the_settings_ask_the_server(
    maya_panel: OpenPanel, maya_window: Any, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], says: str
) -> None:
    """That is named in the dialog now, not the one that is remembered; the dialog goes on meanwhile."""
    from PySide6 import QtTest

    asked: list[dict[str, Any]] = []
    client = ClientOf({"milliseconds": 1.5, **answer}, asked)
    monkeypatch.setattr("buildcat.inside.client.Client", lambda _command: client)
    dialog = maya_panel("menu").settings()
    dialog.lines["server"].setText("redis://farm")
    dialog.lines["root"].setText("/mnt")

    assert dialog.test.text() == "Test"
    dialog.test.click()
    first = dialog.said.text
    QtTest.QTest.qWait(250)

    assert first == "Asking the server ..."
    assert says in dialog.said.text
    assert asked == [{"do": "test", "server": "redis://farm", "user": "", "dcc": "maya", "roots": ["/mnt"]}, {}]


def test_a_button_is_put_on_the_shelf_once(maya_panel: OpenPanel, maya: Any, maya_window: Any) -> None:
    """Beside others; and its command opens the window, also when the plug-in isn't loaded."""
    menu = maya_panel("menu")
    maya.shelf = {"separator1": {}, "shelfButton1": {"label": "Sphere"}}
    menu.Menu().add()

    entries(maya)["Add to shelf"](False)
    entries(maya)["Add to shelf"](False)

    _, _, button = maya.shelf.values()
    assert (button["label"], button["sourceType"], button["image"]) == ("Buildcat", "python", "buildcat.png")
    exec(button["command"], {})
    assert len(maya_window.windows) == 1


def test_an_entry_tells_its_error_in_mayas_line(
    maya_panel: OpenPanel, maya: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of a trace in the Script Editor."""
    menu = maya_panel("menu")
    from buildcat.model.errors import RefusedError

    def refuse() -> None:
        raise RefusedError("It can't be.")

    menu._told(refuse)(False)

    assert maya.said == [("error", "Buildcat: It can't be.")]
