"""A Houdini in this process, for tests of its plugin."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import houdinis
import mayas
import pytest
from doubles.houdini import module
from doubles.maya import module as maya_module
from plugins.houdini_nodes import Load, Open, Opened, node
from plugins.maya_scenes import Load as LoadMaya
from plugins.maya_scenes import Opened as OpenedMaya

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
