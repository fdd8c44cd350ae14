"""Checks what the plugin relies on in a real modo_cl, found by BUILDCAT_MODO or on PATH. Python 3.9, stdlib."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from buildcat.inside.messages import Order
from buildcat.model.job import Unit
from buildcat_modo.render import Modo
from selfcheck.rows import OK, WRONG, Row, tried

_FOUND: list[str] = []


def version() -> str:
    """Return Modo's version, as words."""
    return f"Modo {_FOUND[0]}" if _FOUND else "Modo"


def rows(folder: Path) -> Iterator[Row]:
    """Yield every check; files are made in this folder."""
    executable = os.environ.get("BUILDCAT_MODO") or shutil.which("modo_cl")
    if not executable:
        yield Row("modo_cl", WRONG, "not found; put its path into BUILDCAT_MODO")
        return
    modo = Modo(executable, {"selfcheck": str(Path(__file__).parent)})
    started = tried("modo_cl starts, and runs our script", modo.start)
    yield started
    if started.verdict != OK:
        return
    _FOUND.append(started.detail)
    scene = folder / "check.lxo"
    for one in modo.driver.ask("selfcheck.modo_inside:check", scene=scene.as_posix())["rows"]:
        yield Row(**one)
    order = Order(str(scene), str(folder), {"resolution_x": 64, "resolution_y": 48, "camera": "Camera"})
    yield tried("the scene is loaded", lambda: modo.load(order) is not None)
    for number in (1, 2):  # the second in the same process
        yield tried(f"frame {number} is rendered", partial(_frame, modo, number))
    modo.driver.quit()


def _frame(modo: Modo, number: int) -> str:
    return modo.render(Unit(0, number), "check")[0].written
