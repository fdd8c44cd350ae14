"""The buttons of the Buildcat ROP, and its "Render to Disk"; on the double of `hou`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from doubles.houdini.parms import rop_values
from plugins.houdini_nodes import RANGE, Open, buildcat_rop, node, process

from buildcat.inside import form
from buildcat.inside.host import HOW_WORDS, How
from buildcat.model.errors import RefusedError
from buildcat_houdini.dcc import DCC


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


def test_a_changed_render_is_another_one(
    panel: Open, farm_client: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it comes a moment after the first."""
    rop_node = panel("rop_node", {"/out/a": node("Driver/ifd", **RANGE), "/out/farm": buildcat_rop("/out/a")})
    process().pwd = "/out/farm"
    process().has_window = False
    monkeypatch.setattr(rop_node, "_last_call", {})

    rop_node.render_from_soho()
    sys.modules["hou"].node("/out/a").parm("f2").set(20)
    rop_node.render_from_soho()

    assert [one["jobs"][0]["spec"]["frames"] for one in farm_client if one["do"] == "submit"] == ["1-10", "1-20"]


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


@pytest.mark.parametrize("method", ["RopByRop", "FrameByFrame"])
def test_what_is_wired_in_is_never_submitted_by_a_render(
    panel: Open, farm_client: list[dict[str, Any]], method: str
) -> None:
    """Houdini has rendered it here first, ROP by ROP or frame by frame: nothing is sent, and it is said why."""
    nodes = {"/out/a": node("Driver/ifd", **RANGE, soho_foreground=1), "/out/farm": buildcat_rop(inputs=["/out/a"])}
    rop_node = panel("rop_node", nodes)
    rop_node._last_call.clear()
    hou = sys.modules["hou"]
    (Path(process().scene.path).parent / "out").mkdir()

    with pytest.raises(hou.NodeError, match="Press Submit instead"):
        hou.node("/out/farm").render(frame_range=(1, 3), method=getattr(hou.renderMethod, method))

    assert farm_client == []


def test_a_render_without_wires_submits_once_and_renders_nothing_here(
    panel: Open, farm_client: list[dict[str, Any]]
) -> None:
    """For a range, in whichever order Houdini plays it."""
    rop_node = panel("rop_node", {"/out/a": node("Driver/ifd", **RANGE), "/out/farm": buildcat_rop("/out/a")})
    rop_node._last_call.clear()
    process().has_window = False
    hou = sys.modules["hou"]

    hou.node("/out/farm").render(frame_range=(1, 3), method=hou.renderMethod.FrameByFrame)

    assert [one["do"] for one in farm_client].count("submit") == 1
    assert not (Path(process().scene.path).parent / "out").exists()


def test_in_hython_the_answer_is_waited_for(
    panel: Open, farm_client: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nobody to call us back; a failure is raised."""
    sender = panel("panel.sender", {})
    process().has_window = False
    host = import_module("buildcat_houdini.panel.host").HoudiniHost()

    sender.Sender(host).send([{"spec": {}}], How.LAST)
    with pytest.raises(RefusedError, match="The farm fails"):
        sender.Sender(host).send([{"spec": {"name": "fails"}}], How.LAST)

    assert capsys.readouterr().out == "Submitted as ab12: 10 units.\n"


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
    monkeypatch.setattr("buildcat.inside.sending.PATIENCE_S", 0.1)
    host = import_module("buildcat_houdini.panel.host").HoudiniHost()

    with pytest.raises(RefusedError, match=r"didn't answer within 0\.1 s"):
        sender.Sender(host).send([{"spec": {}}], How.LAST)


def test_the_buttons_work_in_hython_too(
    panel: Open, farm_client: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """A script may press them: there is nobody to ask, and words go to the output."""
    rop_node = panel("rop_node", {"/out/a": node("Driver/ifd", **RANGE), "/out/farm": buildcat_rop("/out/a")})
    process().has_window = False
    farm = {"node": sys.modules["hou"].node("/out/farm")}

    rop_node.dry_run(farm)
    rop_node.submit(farm)
    process().is_unsaved = True
    rop_node.submit(farm)

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("1. /out/a: frames 1-10, to ")
    assert said[1] == "Submitted as ab12: 10 units."
    assert said[2].startswith("This file has unsaved changes. ")
    assert process().messages == []
