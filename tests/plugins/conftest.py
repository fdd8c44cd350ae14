"""A Houdini in this process, for tests of its plugin."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import houdinis
import pytest
from doubles.houdini import module
from plugins.houdini_nodes import Load, Open, Opened, node

from buildcat.inside.messages import Order
from buildcat_houdini.render import Houdini


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
