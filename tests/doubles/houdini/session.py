"""The process of the double: what is open in it, and how its nodes are handed out."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from doubles.houdini.model import Node as Held
from doubles.houdini.model import Scene

FPS = 24.0
_SOHO = Path(__file__).parents[3] / "plugins/houdini/install/buildcat/soho/buildcat_submit.py"


class Session:
    """One process."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.scene = Scene("untitled.hip", {})
        #: The module that is made for it.
        self.module: Any = None
        self.has_licence = True
        self.is_unsaved = False
        #: Files that were saved, in their order.
        self.saved: list[str] = []
        #: Files of assets that were installed.
        self.installed: list[str] = []
        #: What is wrong with the disk: `full` is told, `silent` isn't.
        self.disk = ""
        #: Paths of the selected nodes, and of the one whose script runs.
        self.selected: list[str] = []
        self.pwd = ""
        #: Whether there is a window, what was shown in it, and which button the artist presses.
        self.has_window = True
        self.main_window: Any = None
        self.messages: list[str] = []
        self.shown: list[tuple[Any, ...]] = []
        self.status: list[tuple[str, str]] = []
        self.answer = 0
        self.callbacks: list[Any] = []

    def run_soho(self) -> None:
        """Run the program of our ROP, as it lies in the zip."""
        runpy.run_path(str(_SOHO))

    def run_event_loop(self) -> None:
        """Call what asked to be called, once."""
        for one in list(self.callbacks):
            one()


def render(session: Session, held: Held, frame_range: Sequence[float], *, is_told: bool) -> None:
    """Render the range, trimmed to the node's own where it has one that is on."""
    if held.trouble == "raise":
        raise session.module.OperationFailed("The attempted operation failed.")
    if held.type == "Driver/buildcat_rop":  # SOHO: its program is run for the node, once for a range
        session.pwd = held.path
        session.run_soho()
        return
    first, last, step = (*(int(one) for one in frame_range), 1)[:3]
    if "trange" in held.kinds and held.number("trange"):
        first, last = max(first, int(held.number("f1"))), min(last, int(held.number("f2")))
    held.render(list(range(first, last + 1, step)), is_told=is_told)


def wrapped(session: Session, held: Held) -> Any:
    names = {"Driver": "RopNode", "Lop": "LopNode", "Sop": "SopNode", "Cop": "CopNode", "Object": "ObjNode"}
    return getattr(session.module, names.get(held.type.partition("/")[0], "OpNode"))(held)
