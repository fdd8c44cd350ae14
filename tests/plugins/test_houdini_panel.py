"""The window's host and the shelf in an artist's Houdini; on the double of `hou`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from plugins.houdini_nodes import RANGE, Open, node, process

from buildcat.inside.host import How, saved
from buildcat.model.errors import RefusedError
from buildcat_houdini.panel import python


def test_the_selected_rops_are_ticked(panel: Open) -> None:
    """Else the only one; what can't be rendered says why."""
    host = panel("panel.host", {"/out/a": node("Driver/ifd", **RANGE), "/out/b": node("Driver/ifd", vm_picture="")})
    process().selected = ["/out/a", "/obj/front"]

    found = {one.key: one for one in host.HoudiniHost().targets()}

    assert found["/out/a"].columns == ("/out/a", "ifd", "1-10")
    assert [one.key for one in found.values() if one.is_chosen] == ["/out/a"]
    assert found["/out/b"].problem == "/out/b names no file to write. Set its output."


def test_a_rop_is_shown_below_the_one_that_waits_for_it(panel: Open) -> None:
    """As what it is: a step on the way. Of several that wait, below the first."""
    nodes = {
        "/out/sim": node("Driver/geometry"),
        "/out/a": {**node("Driver/ifd"), "inputs": ["/out/sim"]},
        "/out/b": {**node("Driver/ifd"), "inputs": ["/out/sim"]},
    }

    found = {one.key: one.parent for one in panel("panel.host", nodes).HoudiniHost().targets()}

    assert found == {"/out/a": "", "/out/b": "", "/out/only": "", "/out/sim": "/out/a"}


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

    path = saved(host, how)

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
        saved(host, How.SAVE)
    process().disk = "silent"

    with pytest.raises(RefusedError, match=r"^Houdini wrote no copy to "):
        saved(host, How.SNAPSHOT)


def test_a_scene_that_was_never_saved_has_no_path(panel: Open) -> None:
    """Houdini calls it untitled.hip."""
    host = panel("panel.host", {}).HoudiniHost()
    process().scene.path = "untitled.hip"

    assert host.scene() == ""


def test_the_client_runs_in_a_python_that_takes_no_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Houdini's own, else one on PATH; never hython. One that is named goes before."""
    own = tmp_path / f"python/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    own.parent.mkdir(parents=True)
    own.write_text("")
    own.chmod(0o755)

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

    from buildcat.inside import qt_window

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    shelf = panel("shelf", {"/out/a": node("Driver/ifd", **RANGE)})
    process().main_window = QtWidgets.QMainWindow()
    monkeypatch.setattr("buildcat_houdini.panel.host._ARCHIVE", "/none.pyz")

    shelf.submit()
    (first,) = qt_window._open
    shelf.jobs()

    assert qt_window._open == [first]
    assert first.parent() is process().main_window
    assert first.pages.currentWidget() is first.jobs
    assert first.submit.targets.topLevelItemCount() == 2
    first.close()
    application.processEvents()
    assert qt_window._open == []


@pytest.mark.parametrize("sign", ['"', "`", "$"])
def test_a_name_that_houdini_would_replace_is_not_copied(panel: Open, sign: str) -> None:
    """The copy is written by a command of hscript, which would read more in it than a name."""
    host = panel("panel.host", {}).HoudiniHost()
    process().scene.path = f"/farm/a{sign}b.hip"

    with pytest.raises(RefusedError, match="a sign in it that Houdini replaces"):
        saved(host, How.SNAPSHOT)

    assert process().saved == []
