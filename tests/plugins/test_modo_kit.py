"""The kit in an artist's Modo: commands, window, and its configuration; on the double of `lx`, with real Qt."""

from __future__ import annotations

import os
import re
import runpy
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import modos
import pytest
from doubles.modo import kit
from doubles.modo.session import Session

from buildcat.inside.host import How, saved
from buildcat.model.dcc import Kind
from buildcat.model.errors import BuildcatError, RefusedError, RenderError
from buildcat.model.job import JobSpec

INSTALL = Path(__file__).parents[2] / "plugins/modo/install/buildcat"
LIGHTS = {"passes": {"Lights": ["sun"], "Colours": ["red"]}}

Open = Callable[..., Any]


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Session:
    """An artist's Modo."""
    session = Session()
    for name, module in kit.modules(session).items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in [one for one in sys.modules if one.startswith("buildcat_modo.panel")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delenv("BUILDCAT_PYTHON", raising=False)
    return session


@pytest.fixture
def panel(process: Session, tmp_path: Path) -> Open:
    """Open a scene, and return a module of the panel as Modo would import it."""

    def panel(name: str, *outputs: dict[str, Any], **content: Any) -> Any:
        process.eval(f"!scene.open {{{modos.save(tmp_path / 'shot.lxo', *outputs, **content)}}} normal")
        return import_module(f"buildcat_modo.panel.{name}")

    return panel


@pytest.fixture
def shown() -> Iterator[Any]:
    """A main window of Qt's, and our windows; all are closed in the end."""
    pytest.importorskip("PySide6")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import shiboken6
    from PySide6 import QtWidgets

    from buildcat.inside import qt_window

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    for one in application.topLevelWidgets():
        if isinstance(one, QtWidgets.QMainWindow):  # another test's: Modo has one only
            shiboken6.delete(one)
    main = QtWidgets.QMainWindow()

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not condition() and time.monotonic() < deadline:
            application.processEvents()
        assert condition()

    yield SimpleNamespace(main=main, windows=qt_window._open, wait=wait)
    for one in list(qt_window._open):
        one.close()
    application.processEvents()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A farm that answers at once, and what it was sent."""
    asked: list[dict[str, Any]] = []

    class Client:
        def __init__(self, command: Any) -> None:
            self._on_answer: Any = None

        def ask(self, do: str, on_answer: Any, **given: Any) -> None:
            asked.append({"do": do, **given})
            self._on_answer = on_answer

        def deliver(self) -> bool:
            self._on_answer({"error": "The farm fails."} if "fails" in str(asked) else {"jobs": ["ab12"], "units": 10})
            return True

        def close(self) -> None:
            asked.append({"do": "closed"})

    monkeypatch.setattr("buildcat.inside.client.Client", Client)
    return asked


def test_the_scene_and_its_pass_groups_can_be_rendered(panel: Open) -> None:
    """Ticked is the scene as it is."""
    host = panel("host", render={"first": 5, "last": 9, "step": 2}, **LIGHTS).ModoHost()

    rows = host.targets()

    assert [(one.columns, one.is_chosen) for one in rows] == [
        (("The scene", "5-9x2"), True),
        (("Colours", "5-9x2"), False),
        (("Lights", "5-9x2"), False),
    ]


def test_what_is_odd_and_what_is_read_is_told(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing where Modo tells nothing: the job is worth more."""
    more = {"reads": [("videoStill", "/lib/sky.exr")], "render": {"region": 1}}
    host = panel("host", **more).ModoHost()

    told = (host.files(), host.warnings())

    assert told == (["/lib/sky.exr"], ["A render region is on: only that part of each frame is rendered."])
    monkeypatch.setattr("buildcat_modo.scene._run", busy)
    assert (host.files(), host.warnings()) == ([], [])


def busy(*_words: str, **_more: str) -> list[str]:
    """A Modo that answers nothing."""
    raise RenderError("Modo is busy.")


def test_a_scene_that_writes_nothing_says_so(panel: Open) -> None:
    """In its row."""
    (row,) = panel("host", modos.output("")).ModoHost().targets()

    assert row.problem == "No render output is switched on and names a file. Set one in the Shader Tree."
    assert not row.is_chosen


def test_each_ticked_row_is_a_job_that_the_farm_takes(panel: Open) -> None:
    """With its pass group, and the scene's frames unless the form says others."""
    host = panel("host", render={"first": 7, "last": 7}, **LIGHTS).ModoHost()

    whole, lights = host.jobs(["", "Lights"], {"settings": {"percentage": 50}, "priority": 70})
    (named,) = host.jobs([""], {"frames": "1-3", "name": "test"})

    specs = [JobSpec(**one["spec"], scene="shot.lxo").checked() for one in (whole, lights, named)]
    assert [one.settings for one in specs] == [{"percentage": 50}, {"percentage": 50, "passes": "Lights"}, {}]
    assert [one.name for one in specs] == ["shot", "shot Lights", "test"]
    assert [one.frames for one in specs] == ["7", "7", "1-3"]
    assert {(one.dcc, one.priority) for one in specs[:2]} == {("modo", 70)}
    with pytest.raises(RefusedError, match="Nothing is ticked"):
        host.jobs([], {})


@pytest.mark.parametrize("how", How)
def test_a_scene_is_saved_as_the_artist_says(panel: Open, process: Session, tmp_path: Path, how: How) -> None:
    """A copy leaves the scene's name, its file and its unsaved changes alone."""
    host = panel("host").ModoHost()
    process.is_changed = True
    before = (tmp_path / "shot.lxo").read_text()
    process.render["resX"] = 99

    path = Path(saved(host, how))

    assert host.scene() == str(tmp_path / "shot.lxo")
    assert ("99" in path.read_text()) == (how is not How.LAST)
    assert ((tmp_path / "shot.lxo").read_text() == before) == (how is not How.SAVE)
    assert host.has_changes() == (how is not How.SAVE)
    assert path.name.startswith(".shot.bc-") == (how is How.SNAPSHOT)


@pytest.mark.parametrize(
    ("how", "disk", "says"),
    [
        (How.SAVE, "full", "Modo can't save here: The disk is full."),
        (How.SNAPSHOT, "full", "Modo can't save a copy here: The disk is full."),
        (How.SNAPSHOT, "silent", "Modo wrote no copy to "),
    ],
)
def test_what_can_not_be_saved_is_told(panel: Open, process: Session, how: How, disk: str, says: str) -> None:
    """With Modo's words."""
    host = panel("host").ModoHost()
    process.disk = disk

    with pytest.raises(BuildcatError, match=says):
        saved(host, how)


def test_the_client_runs_in_another_python(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modo has none that could be started; Windows has one under another name."""
    host = panel("host").ModoHost()

    assert "python3" in host.command()
    monkeypatch.setattr(sys, "platform", "win32")
    assert "py" in host.command()
    monkeypatch.setenv("BUILDCAT_PYTHON", "/opt/python")
    assert "/opt/python" in host.command()


def blessed(process: Session) -> None:
    """Run what lies in the kit's `lxserv`, as Modo does at its start."""
    runpy.run_path(str(INSTALL / "lxserv/buildcat_commands.py"))
    assert sorted(process.blessed) == ["buildcat.jobs", "buildcat.submit"]


@pytest.fixture
def run(panel: Open, process: Session) -> Open:
    """Run a command of the kit, in a Modo with a scene."""
    panel("host", **LIGHTS)
    blessed(process)
    return partial(kit.run, process, kit=INSTALL)


def test_the_commands_open_one_window(run: Open, shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In front of Modo's own; the second turns to the jobs in it."""
    monkeypatch.setattr("buildcat_modo.panel.host._ARCHIVE", "/none.pyz")
    from PySide6 import QtWidgets

    shown.main.resize(1900, 1000)
    other = QtWidgets.QMainWindow()  # of another kit
    both = staticmethod(lambda: [other, shown.main])
    monkeypatch.setattr(QtWidgets.QApplication, "topLevelWidgets", both)
    run("buildcat.submit")
    (first,) = shown.windows
    other.close()
    run("buildcat.jobs")

    assert shown.windows == [first]
    assert first.parent() is shown.main
    assert first.pages.currentWidget() is first.jobs
    assert first.submit.targets.topLevelItemCount() == 3


def test_a_script_without_a_window_waits_for_the_farm(run: Open, process: Session, sent: list[dict[str, Any]]) -> None:
    """Each row of the form is an argument; the answer is in Modo's log."""
    process.is_headless = True

    run("buildcat.submit frames:{1-3} priority:70 passes:{Lights} skip_existing:true")

    (job,) = sent[0]["jobs"]
    assert (job["spec"]["frames"], job["spec"]["priority"], job["spec"]["skip_existing"]) == ("1-3", 70, True)
    assert (job["spec"]["settings"], job["spec"]["name"]) == ({"passes": "Lights"}, "shot Lights")
    assert sent[0]["scene"].endswith("shot.lxo")
    assert process.printed == ["Buildcat: Submitted as ab12: 10 units."]


@pytest.mark.parametrize("name", ["good", "fails"])
def test_with_a_window_it_goes_on(
    run: Open, process: Session, shown: Any, sent: list[dict[str, Any]], name: str
) -> None:
    """The end is told when it is there: a good one in the log, a bad one in a window."""
    run(f"buildcat.submit name:{name}")
    before = (list(process.printed), list(process.alerts))

    shown.wait(lambda: process.printed or process.alerts)

    assert before == ([], [])
    if name == "good":
        assert (process.printed, process.alerts) == (["Buildcat: Submitted as ab12: 10 units."], [])
    else:
        assert (process.printed, process.alerts) == ([], [("Buildcat", "The farm fails.", "error")])
    assert sent[-1] == {"do": "closed"}


def test_modos_own_dialog_shows_the_form(run: Open, process: Session, sent: list[dict[str, Any]]) -> None:
    """What isn't touched there is as in the scene; names can be chosen, and typed."""
    process.is_headless = True

    dialog = run("?buildcat.submit frames:{5}", camera="Side")

    assert dialog.values["frames"] == "5"
    assert (dialog.values["priority"], dialog.values["order"], dialog.values["chunk"]) == (50, "forward", 1)
    assert dialog.lists["camera"] == {"Camera": "Camera", "Side": "Side"}
    assert dialog.lists["passes"] == {"Colours": "Colours", "Lights": "Lights"}
    assert dialog.lists["order"]["ends-first"] == "Ends first"
    assert sorted(dialog.lists) == ["camera", "order", "passes"]
    assert dialog.typed == {"camera", "passes"}
    (job,) = sent[0]["jobs"]
    assert job["spec"]["settings"] == {"camera": "Side"}
    assert (job["spec"]["frames"], job["spec"]["paused"], job["spec"]["name"]) == ("5", False, "shot")


def test_the_dialog_opens_though_the_scene_tells_no_names(
    run: Open, process: Session, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can be typed."""
    monkeypatch.setitem(import_module("buildcat_modo.panel.arguments")._NAMES, "camera", busy)
    process.is_headless = True

    dialog = run("?buildcat.submit")

    assert dialog.lists["camera"] == {}
    assert "camera" in dialog.typed
    assert sent[0]["do"] == "submit"


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    ("line", "state", "says"),
    [
        ("buildcat.submit name:fails", {}, "The farm fails."),
        ("buildcat.submit", {"is_changed": True}, "This file has unsaved changes. Save it, then submit."),
        ("buildcat.submit", {"path": ""}, "This file was never saved. Save it in the farm's shared storage, then "),
        ("buildcat.submit", {"path": "/a.lwo"}, "a.lwo is no Modo scene. Save it as .lxo, then submit."),
        ("buildcat.submit priority:101", {}, "priority takes a whole number from 0 to 100, not 101."),
        ("buildcat.jobs", {}, "This Modo has no window. Use the command line: buildcat jobs."),
    ],
)
def test_a_command_that_fails_says_why(
    run: Open, process: Session, line: str, state: dict[str, Any], says: str
) -> None:
    """In Modo's own window; a script gets it as an error."""
    vars(process).update(state, is_headless=True)

    with pytest.raises(RuntimeError, match=f"^Buildcat: {re.escape(says)}"):
        run(line)

    assert process.printed == process.alerts == []


def test_every_command_of_the_menu_is_blessed(panel: Open, process: Session) -> None:
    """And each of them is in the menu."""
    panel("host")
    blessed(process)
    menu = ET.parse(INSTALL / "configs/menu.cfg")

    named = [one.attrib["val"] for one in menu.iter("list") if one.attrib["type"] == "Control"]

    assert sorted(named) == sorted(f"cmd {one}" for one in process.blessed)
    assert [one.attrib["key"] for one in menu.iter("hash")] == ["buildcat:sheet", "menubar#tail"]


def test_every_argument_has_its_help(panel: Open, process: Session) -> None:
    """In the words of the description."""
    arguments = panel("arguments")
    blessed(process)
    tree = ET.parse(INSTALL / "configs/help.cfg")

    helped = {one.attrib["key"]: one for one in tree.iter("hash") if one.attrib["type"] == "Command"}
    submit = helped["buildcat.submit@en_US"]
    told = [(one.attrib["key"], *(atom.text for atom in one)) for one in submit.iter("hash") if one is not submit]

    assert sorted(helped) == sorted(f"{one}@en_US" for one in process.blessed)
    assert {row.setting.kind for row in arguments.ROWS} <= {Kind.BOOL, Kind.INT, Kind.STR, Kind.CHOICE}, (
        "no type for it"
    )
    assert told == [(row.key, row.setting.label, row.setting.help) for row in arguments.ROWS]


def test_the_kits_index_leads_to_what_is_there() -> None:
    """Modo reads it first; a kit's name has letters, digits and `_` only."""
    index = ET.parse(INSTALL / "index.cfg").getroot()

    folders = [one.text or "" for one in index.iter("import")]

    assert index.attrib == {"kit": "BUILDCAT", "version": "1.0", "and": "rel]1600"}
    assert folders == ["", "configs"]
    assert all((INSTALL / one).is_dir() for one in folders)
    assert {one.name for one in (INSTALL / "configs").iterdir()} == {"menu.cfg", "help.cfg", "messages.cfg"}


def test_our_script_says_what_it_is() -> None:
    """Modo takes a script for one of Perl or its macros unless its first line names Python."""
    from buildcat_modo import driver

    assert driver._SCRIPT.read_text(encoding="utf-8").splitlines()[0] == "# python"
