"""Menu, window, plug-in and command in an artist's Maya; on the double of `maya`, with real Qt."""

from __future__ import annotations

import os
import re
import runpy
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mayas
import pytest
from doubles import stubs
from doubles.maya import module, ui
from doubles.maya.model import Scene

from buildcat.inside.host import HOW_WORDS, How
from buildcat.model.errors import RefusedError, SettingError
from buildcat.model.job import JobSpec

PLUGIN = Path(__file__).parents[2] / "plugins/maya/install/buildcat/plug-ins/buildcatPlugin.py"
LAYERS = {"layers": {"matte": "rs_matte"}, "attributes": {"rs_matte.renderable": False}}

Open = Callable[..., Any]


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An artist's Maya."""
    session = module.make(mayas.stub())
    session.modules["maya.standalone"].initialize()
    for key, value in session.modules.items():
        monkeypatch.setitem(sys.modules, key, value)
    maya = sys.modules["maya"]
    api = SimpleNamespace(OpenMaya=ui.open_maya(stubs.read("types-maya-strict", "maya.api.OpenMaya"), session))
    maya.OpenMayaUI = ui.open_maya_ui(stubs.read("types-maya-strict", "maya.OpenMayaUI"), session)
    for key, value in {"maya.api": api, "maya.cmds": maya.cmds, "maya.mel": maya.mel}.items():
        monkeypatch.setitem(sys.modules, key, value)
    for name in [one for one in sys.modules if one.startswith("buildcat_maya.panel")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("MAYA_LOCATION", "/opt/maya")
    return session


@pytest.fixture
def panel(process: Any, tmp_path: Path) -> Open:
    """Open a scene, and return a module of the panel as Maya would import it."""

    def panel(name: str, attributes: dict[str, Any] | None = None, **content: Any) -> Any:
        given = {**content.pop("attributes", {}), **(attributes or {})}
        process.scene = Scene.read(str(mayas.save(tmp_path / "shot.ma", given, **content)))
        return import_module(f"buildcat_maya.panel.{name}")

    return panel


@pytest.fixture
def shown(process: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A main window of Qt's, as a bare pointer, and the application; all windows are closed in the end."""
    pytest.importorskip("PySide6")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import shiboken6
    from PySide6 import QtWidgets

    from buildcat.inside import qt_window

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    main = QtWidgets.QMainWindow()
    (process.main_window,) = shiboken6.getCppPointer(main)
    yield SimpleNamespace(main=main, windows=qt_window._open, application=application)
    for one in list(qt_window._open):
        one.close()
    application.processEvents()


class Client:
    """A client process that answers at once, and what it was asked."""

    asked: list[dict[str, Any]]
    answer: dict[str, Any]

    def __init__(self, command: Any) -> None:
        self._answers: list[Any] = []

    def ask(self, do: str, on_answer: Any, **given: Any) -> None:
        self.asked.append({"do": do, **given})
        self._answers.append(on_answer)

    def deliver(self) -> bool:
        for one in self._answers:
            one(self.answer)
        self._answers = []
        return True

    def close(self) -> None:
        self.asked.append({"do": "closed"})


@pytest.fixture
def client(process: Any, monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    Client.asked, Client.answer = [], {"jobs": ["ab12", "cd34"], "units": 20}
    monkeypatch.setattr("buildcat.inside.client.Client", Client)
    return Client


def test_layers_and_cameras_are_a_table(panel: Open) -> None:
    """Ticked is what a batch render would render; Maya's own cameras are left out unless they are switched on."""
    host = panel("host", LAYERS["attributes"], layers=LAYERS["layers"], cameras=["front_cam", "side_cam", "persp"])

    rows = host.MayaHost().targets()

    assert [(one.columns, one.is_chosen) for one in rows] == [
        (("masterLayer", "front_cam", "1-10"), True),
        (("masterLayer", "side_cam", "1-10"), False),
        (("matte", "front_cam", "1-10"), False),
        (("matte", "side_cam", "1-10"), False),
    ]
    assert len({one.key for one in rows}) == 4


def test_legacy_layers_are_shown_with_their_reason(panel: Open) -> None:
    """They can't be ticked."""
    rows = panel("host", legacy=["old"]).MayaHost().targets()

    assert [(one.columns[0], one.problem) for one in rows][-1] == (
        "old",
        "This is a legacy render layer. Convert it to Render Setup.",
    )
    assert not rows[-1].is_chosen


def test_each_ticked_row_is_a_job_that_the_farm_takes(panel: Open) -> None:
    """With its layer and camera, and the scene's frames unless the form says others."""
    host = panel("host", {"defaultRenderGlobals.byFrameStep": 3.0}, **{"layers": LAYERS["layers"]}).MayaHost()
    chosen = [one.key for one in host.targets()][:3:2]

    own, named = (host.jobs(chosen, {"settings": {"percentage": 50}, **more}) for more in ({}, {"frames": "5"}))

    specs = [JobSpec(**one["spec"], scene="shot.ma").checked() for one in own]
    assert [one.settings for one in specs] == [
        {"percentage": 50, "layer": "masterLayer", "camera": "front_cam"},
        {"percentage": 50, "layer": "matte", "camera": "front_cam"},
    ]
    assert {(one.dcc, one.frames, one.version_min) for one in specs} == {("maya", "1-10x3", 2025000000)}
    assert [one.name for one in specs] == ["shot masterLayer front_cam", "shot matte front_cam"]
    assert {one["spec"]["frames"] for one in named} == {"5"}
    assert [one["after"] for one in own] == [[], []]
    with pytest.raises(RefusedError, match="No layer is ticked"):
        host.jobs([], {})


def test_a_scene_without_an_animation_has_its_current_frame(panel: Open, process: Any) -> None:
    """As Maya's own batch render."""
    host = panel("host", {"defaultRenderGlobals.animation": False})
    process.scene.frame = 7.0

    assert host.words(host.span()) == "7"


def test_what_is_odd_is_told(panel: Open, tmp_path: Path) -> None:
    """No camera, a renderer that nobody knows; files are listed without the scene."""
    odd = {"front_camShape.renderable": False, "defaultRenderGlobals.currentRenderer": "mentalRay"}
    host = panel("host", odd, files=[f"{tmp_path}/a.tx", f"{tmp_path}/./a.tx"]).MayaHost()

    first, second = host.warnings()

    assert first.startswith("No camera is switched on for renders.")
    assert second.startswith("The scene renders with mentalRay. Buildcat knows mayaSoftware")
    assert host.files() == [f"{tmp_path}/a.tx"]
    assert panel("host").MayaHost().warnings() == []


@pytest.mark.parametrize("how", How)
def test_a_scene_is_saved_as_the_artist_says(panel: Open, process: Any, tmp_path: Path, how: How) -> None:
    """A copy leaves the scene's name, its file and its unsaved changes alone."""
    host = panel("host").MayaHost()
    process.scene.is_modified = True
    before = (tmp_path / "shot.ma").read_text()
    process.scene.values["defaultResolution.width"] = 99

    path = Path(host.save(how))

    assert how in HOW_WORDS
    assert host.scene() == str(tmp_path / "shot.ma")
    assert ("99" in path.read_text()) == (how is not How.LAST)
    assert ((tmp_path / "shot.ma").read_text() == before) == (how is not How.SAVE)
    assert host.has_changes() == (how is not How.SAVE)
    assert bool(re.fullmatch(r"\.shot\.bc-[0-9a-f]{12}\.ma", path.name)) == (how is How.SNAPSHOT)


@pytest.mark.parametrize("how", [How.SAVE, How.SNAPSHOT])
def test_a_full_disk_is_told(panel: Open, process: Any, how: How) -> None:
    """And the scene keeps its name and its changes."""
    host = panel("host").MayaHost()
    process.scene.is_modified = process.is_disk_full = True

    with pytest.raises(RefusedError, match=r"^Maya can't save here: The disk is full\. Save it elsewhere\.$"):
        host.save(how)

    assert host.scene().endswith("/shot.ma")
    assert host.has_changes()


def test_the_client_runs_in_mayas_own_python(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes a licence only when it brings Maya up."""
    host = panel("host").MayaHost()

    assert "/opt/maya/bin/mayapy" in host.command()
    monkeypatch.setenv("BUILDCAT_PYTHON", "/opt/python")
    assert "/opt/python" in host.command()
    monkeypatch.delenv("BUILDCAT_PYTHON")
    monkeypatch.delenv("MAYA_LOCATION")
    assert "python3" in host.command()


def test_settings_are_remembered_by_maya(panel: Open, process: Any) -> None:
    """In its own preferences; an address that no browser opens is refused."""
    preferences = panel("preferences")

    assert preferences.get("server") == ""
    preferences.put("server", "redis://farm:6379/0")
    preferences.put("monitor", "https://farm/")
    with pytest.raises(SettingError, match="begins with http:// or https://, not as 'farm' does"):
        preferences.put("monitor", "farm")

    assert preferences.preferences().server == "redis://farm:6379/0"
    assert process.remembered == {"buildcat_server": "redis://farm:6379/0", "buildcat_monitor": "https://farm/"}


def test_the_menu_opens_one_window(panel: Open, process: Any, shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In front of Maya's own; the second entry turns to the jobs in it."""
    menu = panel("menu", **LAYERS)
    monkeypatch.setattr("buildcat_maya.panel.host._ARCHIVE", "/none.pyz")
    menu.build()
    menu.build()
    entries = dict(process.menus[menu.MENU])

    entries["Submit..."](False)
    (first,) = shown.windows
    entries["Jobs..."](False)

    assert list(entries) == [
        *("Submit...", "Jobs...", "Render test frame", "Open monitor", "Settings..."),
        *("", "Add button to shelf"),
    ]
    assert shown.windows == [first]
    assert first.parent() is shown.main
    assert first.pages.currentWidget() is first.jobs
    assert first.submit.targets.topLevelItemCount() == 4


def test_a_test_frame_is_the_current_one(
    panel: Open, process: Any, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the layer and the camera that the artist looks at, whatever is ticked."""
    menu = panel("menu", layer="rs_matte", **LAYERS)
    monkeypatch.setattr("buildcat_maya.panel.host._ARCHIVE", "/none.pyz")
    sent: list[Any] = []
    monkeypatch.setattr("buildcat.inside.watch.Watch.ask", lambda _self, *given, **more: sent.append((given[0], more)))
    process.scene.frame = 12.0

    menu.test_frame()

    ((_, given),) = [one for one in sent if one[0] == "submit"]
    (job,) = given["jobs"]
    assert (job["spec"]["frames"], job["spec"]["settings"]) == ("12", {"layer": "matte", "camera": "front_cam"})


def test_without_a_camera_a_test_frame_is_refused(
    panel: Open, process: Any, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a warning in Maya's own line."""
    menu = panel("menu", {"perspShape.renderable": False}, cameras=["persp", "front_cam"])
    monkeypatch.setattr("buildcat_maya.panel.host._ARCHIVE", "/none.pyz")
    process.scene.values["front_camShape.renderable"] = False
    del process.scene.types["front_cam"], process.scene.types["front_camShape"]

    menu.test_frame()

    assert process.warnings == [
        "Buildcat: The scene has no camera of its own. Make one, or switch persp on for renders."
    ]


def test_the_monitor_is_a_page_that_the_studio_names(
    panel: Open, process: Any, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an address, the settings ask for it."""
    menu = panel("menu")
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    menu.open_monitor()
    dialog = shown.main.findChildren(menu.SettingsDialog)[0]
    dialog.lines["monitor"].setText("farm")
    dialog.save()
    refused = dialog.said.text
    dialog.lines["monitor"].setText("https://farm/")
    dialog.save()
    menu.open_monitor()

    assert refused.startswith("The monitor's address begins with")
    assert opened == ["https://farm/"]


def test_a_button_is_put_on_the_shelf_once(panel: Open, process: Any) -> None:
    """And its command opens the window."""
    menu = panel("menu")

    menu.add_to_shelf()
    menu.add_to_shelf()

    ((_, button),) = process.shelf.items()
    assert button["command"] == "from buildcat_maya.panel import menu; menu.submit()"
    assert button["sourceType"] == "python"


@pytest.mark.parametrize("has_window", [True, False])
def test_the_plug_in_comes_and_goes(panel: Open, process: Any, has_window: bool) -> None:
    """It leaves nothing; in a batch Maya it makes no menu."""
    panel("host")
    process.has_window = has_window
    plugin = runpy.run_path(str(PLUGIN))

    plugin["initializePlugin"](object())
    during = ("buildcatSubmit" in process.registry, bool(process.menus))
    plugin["uninitializePlugin"](object())

    assert plugin["maya_useNewAPI"]
    assert during == (True, has_window)
    assert "buildcatSubmit" not in process.registry
    assert process.menus == {}


def test_a_script_submits_with_the_command(panel: Open, process: Any, client: type[Client]) -> None:
    """The scene as last saved; it gets the ids."""
    panel("host", **LAYERS)
    runpy.run_path(str(PLUGIN))["initializePlugin"](object())
    submit = process.registry["buildcatSubmit"]

    ids = submit()
    submit(layer="matte", camera="side_cam", frames="1-3", priority=70, name="test")

    first, second = (one for one in client.asked if one["do"] == "submit")
    assert ids == ["ab12", "cd34"]
    assert [one["spec"]["settings"]["layer"] for one in first["jobs"]] == ["masterLayer"]
    (job,) = second["jobs"]
    assert (job["spec"]["frames"], job["spec"]["priority"]) == ("1-3", 70)
    assert job["spec"]["name"] == "test matte side_cam"
    assert first["scene"].endswith("shot.ma")
    assert client.asked[-1] == {"do": "closed"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"layer": "matte"}, "Buildcat: Name a layer and a camera, or none of both."),
        ({"frames": "fails"}, "Buildcat: The farm fails."),
    ],
)
def test_what_a_script_can_not_submit_is_raised(
    panel: Open, process: Any, client: type[Client], given: dict[str, str], says: str
) -> None:
    """As Maya raises what a command can't do."""
    panel("host")
    runpy.run_path(str(PLUGIN))["initializePlugin"](object())
    client.answer = {"error": "The farm fails."}

    with pytest.raises(RuntimeError) as caught:
        process.registry["buildcatSubmit"](**given)

    assert str(caught.value) == says


def test_a_scene_that_was_never_saved_is_not_submitted(panel: Open, process: Any, client: type[Client]) -> None:
    """There is no file that a worker could open."""
    command = panel("command")
    process.scene = Scene("", {})

    with pytest.raises(RefusedError, match="never saved"):
        command.submit({})


def test_a_farm_that_does_not_answer_is_told(
    panel: Open, client: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while."""
    command = panel("command")
    monkeypatch.setattr(command, "_PATIENCE_S", 0.1)
    monkeypatch.setattr(client, "deliver", lambda self: False)

    with pytest.raises(RefusedError, match=r"didn't answer within 0\.1 s"):
        command.submit({})
