"""A Houdini in this process, for tests of its plugin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import houdinis
import pytest
from doubles.houdini import module
from plugins.houdini_nodes import Load, Opened

from buildcat.inside.messages import Order
from buildcat_houdini.render import Houdini


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Open a scene of these nodes in a new Houdini."""

    def start() -> Houdini:
        monkeypatch.setitem(sys.modules, "hou", module.make(houdinis.stub()))
        return Houdini()

    def load(nodes: dict[str, Any], frames: tuple[int, int] = (1, 10), output: str = "", **settings: Any) -> Opened:
        plugin = start()
        scene = houdinis.save(tmp_path / "shot.hip", nodes, **settings.pop("content", {}))
        return Opened(plugin, plugin.load(Order(str(scene), str(tmp_path), settings, output, frames)))

    start()
    return load
