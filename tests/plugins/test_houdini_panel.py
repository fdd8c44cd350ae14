"""The half of the plugin in an artist's Houdini: the window's host, the shelf, the ROP; on the double of `hou`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from doubles.houdini.parms import rop_values
from plugins.houdini_nodes import Load, node

from buildcat.inside import form
from buildcat.inside.host import HOW_WORDS, How
from buildcat.model.errors import RefusedError
from buildcat_houdini.dcc import DCC
from buildcat_houdini.panel import python

RANGE = {"trange": 1, "f1": 1, "f2": 10}
Open = Callable[..., Any]


@pytest.fixture
def panel(load: Load, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a scene, and return a module of the panel as Houdini would import it, with the process of the double."""

    def panel(name: str, nodes: dict[str, Any]) -> Any:
        load({"/out/only": node("Driver/comp"), **nodes}, rop="/out/only")
        for one in ("batch", "host", "sender", "window"):  # which know the `hou` that was there when they came
            monkeypatch.delitem(sys.modules, f"buildcat_houdini.panel.{one}", raising=False)
            monkeypatch.delattr(f"buildcat_houdini.panel.{one}", raising=False)
        return import_module(f"buildcat_houdini.{name}")

    return panel


def process() -> Any:
    """The process of the double."""
    return sys.modules["hou"]._session


def buildcat_rop(*rops: str, **more: Any) -> dict[str, Any]:
    """Our node, listing these."""
    inputs = more.pop("inputs", [])
    return {"type": "Driver/buildcat_rop", "parms": {"rops": " ".join(rops), **more}, "inputs": inputs}


def test_the_selected_rops_are_ticked(panel: Open) -> None:
    """Else the only one; what can't be rendered says why."""
    host = panel("panel.host", {"/out/a": node("Driver/ifd", **RANGE), "/out/b": node("Driver/ifd", vm_picture="")})
    process().selected = ["/out/a", "/obj/front"]

    found = {one.key: one for one in host.HoudiniHost().targets()}

    assert found["/out/a"].columns == ("/out/a", "ifd", "1-10")
    assert [one.key for one in found.values() if one.is_chosen] == ["/out/a"]
    assert found["/out/b"].problem == "/out/b names no file to write. Set its output."


def test_the_only_rop_is_ticked(panel: Open) -> None:
    """Nobody must choose where there is no choice."""
    assert [one.is_chosen for one in panel("panel.host", {}).HoudiniHost().targets()] == [True]


def test_rops_in_locked_assets_are_told(panel: Open) -> None:
    """Of the studio's assets, not of those that come with Houdini."""
    nodes = {
        "/obj/own": {"type": "Object/geo", "asset": "/studio/own.hda"},
        "/obj/own/ropnet": {"type": "Object/geo"},
        "/obj/own/ropnet/a": {**node("Driver/ifd"), "inside_asset": True},
        "/obj/here": {"type": "Object/geo", "asset": "Embedded"},
        "/obj/here/c": {**node("Driver/ifd"), "inside_asset": True},
        "/obj/theirs": {"type": "Object/geo", "asset": "/opt/hfs20.5.410/houdini/otls/x.hda"},
        "/obj/theirs/b": {**node("Driver/ifd"), "inside_asset": True},
    }
    host = panel("panel.host", nodes).HoudiniHost()

    (warning,) = host.warnings()

    assert warning.startswith("In locked assets, and not listed: /obj/own/ropnet/a. ")
    assert "/studio/own.hda" in host.files()
    assert not any("/opt/hfs" in one for one in host.files())


@pytest.mark.parametrize("how", How)
def test_the_scene_is_saved_as_the_artist_says(panel: Open, tmp_path: Path, how: How) -> None:
    """A copy beside it goes by a name of ours, and the open scene keeps its own."""
    host = panel("panel.host", {}).HoudiniHost()

    path = host.save(how)

    scene = str(tmp_path / "shot.hip")
    assert host.scene() == scene
    if how is How.SNAPSHOT:
        assert Path(path).name.startswith(".shot.bc-")
        assert path.endswith(".hip")
        assert process().saved == [path]
    else:
        assert path == scene
        assert process().saved == ([scene] if how is How.SAVE else [])


def test_a_scene_that_can_not_be_saved_is_said(panel: Open) -> None:
    """With Houdini's words, or when it writes nothing without a word."""
    host = panel("panel.host", {}).HoudiniHost()
    process().disk = "full"
    with pytest.raises(RefusedError, match=r"^Houdini can't save here: Disk full\. Save it elsewhere\.$"):
        host.save(How.SAVE)
    process().disk = "silent"

    with pytest.raises(RefusedError, match=r"^Houdini wrote no copy to "):
        host.save(How.SNAPSHOT)


def test_a_scene_that_was_never_saved_has_no_path(panel: Open) -> None:
    """Houdini calls it untitled.hip."""
    host = panel("panel.host", {}).HoudiniHost()
    process().scene.path = "untitled.hip"

    assert host.scene() == ""


def test_the_rop_plans_what_it_lists_and_what_is_wired_in(panel: Open) -> None:
    """Relative paths too; with the rows that are switched on."""
    nodes = {
        "/out/sim": node("Driver/geometry", **RANGE, initsim=1),
        "/out/a": {**node("Driver/ifd", **RANGE), "inputs": ["/out/sim"]},
        "/out/b": node("Driver/ifd", **RANGE),
        "/out/farm": buildcat_rop(
            "../b", inputs=["/out/a"], priority=70, percentage=50, use_percentage=1, camera="/obj/side"
        ),
    }
    rop_node = panel("rop_node", nodes)

    jobs = rop_node.planned(sys.modules["hou"].node("/out/farm"))

    assert [one["spec"]["settings"]["rop"] for one in jobs] == ["/out/b", "/out/sim", "/out/a"]
    assert jobs[2]["after"] == (1,)
    assert {one["spec"]["priority"] for one in jobs} == {70}
    assert jobs[0]["spec"]["settings"] == {"percentage": 50, "rop": "/out/b"}


def test_each_row_of_the_rop_is_read_as_what_it_is(panel: Open) -> None:
    """What is not switched on is as in the scene."""
    from buildcat_houdini import rop_parms

    rop_node = panel("rop_node", {"/out/farm": buildcat_rop(**rop_values(is_on=True)), "/out/off": buildcat_rop()})
    on, off = (sys.modules["hou"].node(path) for path in ("/out/farm", "/out/off"))

    for row in rop_parms.shown():
        value = rop_node.value(on, row)
        assert form.fields(DCC, {row.key: value}), row.key
        assert rop_node.value(off, row) == row.default


def test_dry_run_shows_what_would_be_submitted(panel: Open) -> None:
    """In the order in which it would run, or why it can't."""
    nodes = {
        "/out/sim": node("Driver/geometry", **RANGE, initsim=1),
        "/out/a": {**node("Driver/ifd", **RANGE), "inputs": ["/out/sim"]},
        "/out/farm": buildcat_rop("/out/a"),
        "/out/empty": buildcat_rop(),
    }
    rop_node = panel("rop_node", nodes)

    rop_node.dry_run({"node": sys.modules["hou"].node("/out/farm")})
    rop_node.dry_run({"node": sys.modules["hou"].node("/out/empty")})

    folder = Path(process().scene.path).parent / "out"
    assert process().messages == [
        f"1. /out/sim: frames 1-10 in one go, to {folder}\n2. /out/a: frames 1-10, to {folder}, after 1",
        "No ROP is chosen. Choose at least one.",
    ]


@pytest.fixture
def farm_client(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A client process that answers at once, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Client:
        def __init__(self, command: Any) -> None:
            self._answers: list[Any] = []

        def ask(self, do: str, on_answer: Any, **given: Any) -> None:
            asked.append({"do": do, **given})
            self._answers.append(on_answer)

        def deliver(self) -> bool:
            for one in self._answers:
                one({"jobs": ["ab12"], "units": 10} if "fails" not in str(asked[-1]) else {"error": "The farm fails."})
            self._answers = []
            return True

        def close(self) -> None:
            asked.append({"do": "closed"})

    monkeypatch.setattr("buildcat.inside.client.Client", Client)
    return asked


def test_the_submit_button_sends_and_tells_in_the_status_line(panel: Open, farm_client: list[dict[str, Any]]) -> None:
    """Nothing waits: Houdini's event loop brings the answer, and then our callback is gone."""
    rop_node = panel("rop_node", {"/out/a": node("Driver/ifd", **RANGE), "/out/farm": buildcat_rop("/out/a")})

    rop_node.submit({"node": sys.modules["hou"].node("/out/farm")})
    assert process().status == []
    process().run_event_loop()

    assert (farm_client[0]["do"], len(farm_client[0]["jobs"]), farm_client[-1]) == ("submit", 1, {"do": "closed"})
    assert set(farm_client[0]) == {"do", "server", "user", "root", "scene", "jobs"}
    assert process().status == [("Buildcat: Submitted as ab12: 10 units.", "ImportantMessage")]
    assert process().callbacks == []


@pytest.mark.parametrize(("answer", "sent"), [(0, "saved"), (1, "copy"), (2, "last"), (3, "")])
def test_the_submit_button_asks_about_unsaved_changes(
    panel: Open, farm_client: list[dict[str, Any]], answer: int, sent: str
) -> None:
    """And does what the artist says."""
    rop_node = panel("rop_node", {"/out/a": node("Driver/ifd", **RANGE), "/out/farm": buildcat_rop("/out/a")})
    process().is_unsaved, process().answer = True, answer

    rop_node.submit({"node": sys.modules["hou"].node("/out/farm")})

    assert process().messages == ["This file has unsaved changes."]
    words = [one for one, _ in HOW_WORDS.values()]
    assert process().shown == [("Buildcat", (*words, "Cancel"), 3)]
    assert bool(farm_client) is bool(sent)
    if sent:
        assert farm_client[0]["jobs"][0]["spec"]["snapshot"] is (sent == "copy")
        assert ("snapshot" in farm_client[0]) is (sent == "copy")
        assert len(process().saved) == (sent != "last")


def test_what_is_wrong_is_told_in_the_status_line(panel: Open, farm_client: list[dict[str, Any]]) -> None:
    """By us, and by the farm."""
    rop_node = panel("rop_node", {"/out/farm": buildcat_rop(), "/out/b": buildcat_rop("/out/only", name="fails")})

    rop_node.submit({"node": sys.modules["hou"].node("/out/farm")})
    rop_node.submit({"node": sys.modules["hou"].node("/out/b")})
    process().run_event_loop()

    assert process().status == [
        ("Buildcat: No ROP is chosen. Choose at least one.", "Error"),
        ("Buildcat: The farm fails.", "Error"),
    ]


def test_render_to_disk_submits_once_for_a_range(
    panel: Open, farm_client: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often Houdini calls the script for it; a second render later is another."""
    rop_node = panel("rop_node", {"/out/a": node("Driver/ifd", **RANGE), "/out/farm": buildcat_rop("/out/a")})
    process().pwd = "/out/farm"
    process().has_window = False
    now = [100.0]
    monkeypatch.setattr(rop_node, "_last_call", {})
    monkeypatch.setattr(rop_node.time, "monotonic", lambda: now[0])

    for _ in range(5):
        rop_node.render_from_soho()
        now[0] += 0.5
    now[0] += 60
    rop_node.render_from_soho()

    assert [one["do"] for one in farm_client].count("submit") == 2


@pytest.mark.parametrize("wired", [True, False])
def test_render_to_disk_refuses_what_it_must(panel: Open, farm_client: list[dict[str, Any]], wired: bool) -> None:
    """What is wired in was rendered here first, in whatever order; unsaved changes are never asked about."""
    farm = buildcat_rop("/out/a", inputs=["/out/a"] if wired else [])
    rop_node = panel("rop_node", {"/out/a": node("Driver/ifd", **RANGE), f"/out/farm{wired}": farm})
    process().pwd = f"/out/farm{wired}"
    process().is_unsaved = not wired

    with pytest.raises(sys.modules["hou"].NodeError, match="Press Submit instead" if wired else "unsaved changes"):
        rop_node.render_from_soho()

    assert farm_client == []


def test_in_hython_the_answer_is_waited_for(
    panel: Open, farm_client: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nobody to call us back; a failure is raised."""
    sender = panel("panel.sender", {})
    process().has_window = False
    host = import_module("buildcat_houdini.panel.host").HoudiniHost()

    sender.Sender(host).send("/a.hip", [{"spec": {}}], is_copy=False)
    with pytest.raises(RefusedError, match="The farm fails"):
        sender.Sender(host).send("/fails.hip", [{"spec": {}}], is_copy=False)

    assert capsys.readouterr().out == "Submitted as ab12: 10 units.\n"


def test_the_client_runs_in_a_python_that_takes_no_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is named, Houdini's own, else one on PATH; never hython."""
    own = tmp_path / f"python/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    own.parent.mkdir(parents=True)
    own.write_text("")
    own.chmod(0o755)

    assert python.find({"HFS": str(tmp_path), "BUILDCAT_PYTHON": "/my/python"}) == "/my/python"
    assert python.find({"HFS": str(tmp_path)}) == str(own)
    assert Path(python.find({"HFS": str(tmp_path / "none")})).name.startswith("python")
    monkeypatch.setattr("shutil.which", {"python3": "/usr/bin/python3"}.get)
    assert python.find({}) == "/usr/bin/python3"
    monkeypatch.setattr("shutil.which", {"python": "C:/python.exe"}.get)
    assert python.find({}) == "C:/python.exe"
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert python.find({}) == "a Python 3.9"
    assert set(python.candidates("H", (3, 11))) >= {"H/python/bin/python3.11", "H/python311/python.exe"}


def test_the_shelf_opens_one_window(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """In front of Houdini's own; the second tool turns to the jobs in it; closed, it is made anew."""
    pytest.importorskip("PySide6")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6 import QtWidgets

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    shelf = panel("shelf", {"/out/a": node("Driver/ifd", **RANGE)})
    process().main_window = QtWidgets.QMainWindow()
    window = import_module("buildcat_houdini.panel.window")
    monkeypatch.setattr("buildcat_houdini.panel.host._ARCHIVE", "/none.pyz")

    shelf.submit()
    (first,) = window._open
    shelf.jobs()

    assert window._open == [first]
    assert first.parent() is process().main_window
    assert first.pages.currentWidget() is first.jobs
    assert first.submit.targets.topLevelItemCount() == 2
    first.close()
    application.processEvents()
    assert window._open == []


def test_the_jobs_button_opens_the_window_at_the_jobs(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same window as that of the shelf."""
    rop_node = panel("rop_node", {})
    shown: list[bool] = []
    window = SimpleNamespace(show=lambda *, jobs: shown.append(jobs))
    monkeypatch.setitem(sys.modules, "buildcat_houdini.panel.window", window)
    monkeypatch.setattr("buildcat_houdini.panel.window", window, raising=False)

    rop_node.jobs({})

    assert shown == [True]


def test_in_hython_a_farm_that_does_not_answer_is_told(panel: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while."""
    quiet = SimpleNamespace(ask=lambda *_, **__: None, deliver=lambda: False, close=lambda: None)
    monkeypatch.setattr("buildcat.inside.client.Client", lambda command: quiet)
    sender = panel("panel.sender", {})
    process().has_window = False
    monkeypatch.setattr(sender, "_PATIENCE_S", 0.1)
    host = import_module("buildcat_houdini.panel.host").HoudiniHost()

    with pytest.raises(RefusedError, match=r"didn't answer within 0\.1 s"):
        sender.Sender(host).send("/a.hip", [{"spec": {}}], is_copy=False)
