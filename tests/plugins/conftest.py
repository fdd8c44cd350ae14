"""A Houdini and a Maya in this process, for tests of their plugins."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import houdinis
import mayas
import pytest
from doubles.houdini import module
from doubles.maya import api as maya_api
from doubles.maya import module as maya_module
from doubles.maya.model import Scene
from plugins.houdini_nodes import Load, Open, Opened, node
from plugins.maya_scenes import Load as LoadMaya
from plugins.maya_scenes import Opened as OpenedMaya
from plugins.maya_scenes import OpenPanel

from buildcat.inside.messages import Order
from buildcat_houdini.render import Houdini
from buildcat_maya.render import Maya


@pytest.fixture(params=[houdinis.VERSION, houdinis.OLDEST])
def load(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Open a scene of these nodes in a new Houdini; with each test, in a new one and in the oldest."""

    def start() -> Houdini:
        monkeypatch.setitem(sys.modules, "hou", module.make(houdinis.stub(), request.param))
        return Houdini()

    def load(nodes: dict[str, Any], frames: tuple[int, int] = (1, 10), output: str = "", **settings: Any) -> Opened:
        plugin = start()
        scene = houdinis.save(tmp_path / "shot.hip", nodes, **settings.pop("content", {}))
        return Opened(plugin, plugin.load(Order(str(scene), str(tmp_path), settings, output, frames)))

    start()
    return load


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


@pytest.fixture
def load_maya(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadMaya:
    """Open a scene of this content in a new Maya."""

    def load(
        content: dict[str, Any] | None = None,
        frames: tuple[int, int] = (1, 10),
        output: str = "",
        name: str = "shot.ma",
        **settings: Any,
    ) -> OpenedMaya:
        for one in ("maya.cmds", "maya.mel"):
            monkeypatch.delitem(sys.modules, one, raising=False)
        session = maya_module.make(mayas.stub())
        session.installed -= set(settings.pop("without", ()))
        for key, value in session.modules.items():
            monkeypatch.setitem(sys.modules, key, value)
        monkeypatch.setattr(sys.modules["maya"], "session", session, raising=False)
        scene = mayas.save(tmp_path / name, **(content or {}))
        plugin = Maya()
        assert plugin.start() == mayas.VERSION
        scripts = settings.pop("allow_scripts", False)
        order = Order(str(scene), str(tmp_path), settings, output, frames, allow_scripts=scripts)
        return OpenedMaya(plugin, plugin.load(order))

    return load


@pytest.fixture
def maya(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An artist's Maya, with a window."""
    session = maya_module.make(mayas.stub())
    session.modules["maya.standalone"].initialize()
    top = session.modules["maya"]
    more = {"maya.cmds": top.cmds, "maya.mel": top.mel, **maya_api.modules(session, mayas.STUBS.parents[1])}
    for key, value in {**session.modules, **more}.items():
        monkeypatch.setitem(sys.modules, key, value)
    for name in [one for one in sys.modules if one.startswith("buildcat_maya.panel")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("MAYA_LOCATION", "/opt/maya")
    return session


@pytest.fixture
def maya_panel(maya: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPanel:
    """Open a scene below a root, and return a module of the panel as Maya would import it."""
    (tmp_path / ".buildcat").mkdir()
    (tmp_path / ".buildcat/root.json").write_text('{"id": "1"}')

    def panel(name: str, attributes: dict[str, Any] | None = None, **content: Any) -> Any:
        given = {**content.pop("attributes", {}), **(attributes or {})}
        maya.scene = Scene.read(str(mayas.save(tmp_path / "shot.ma", given, **content)))
        maya.set_project(str(tmp_path))
        module = import_module(f"buildcat_maya.panel.{name}")
        monkeypatch.setattr("buildcat_maya.panel.host._ARCHIVE", "/none.pyz")
        return module

    return panel


@pytest.fixture
def maya_window(maya: Any) -> Iterator[Any]:
    """Maya's main window, as a bare pointer too; our windows are closed in the end."""
    pytest.importorskip("PySide6")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import shiboken6
    from PySide6 import QtWidgets

    from buildcat.inside import qt_window

    application = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    main = QtWidgets.QMainWindow()
    (maya.main_window,) = shiboken6.getCppPointer(main)
    yield SimpleNamespace(main=main, windows=qt_window._open, application=application)
    qt_window.close()
    qt_window._remembered.clear()
    application.processEvents()
