"""A DCC with a window, for tests and pictures of the shared Qt pages: toy scenes, and whatever a test says of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from buildcat.inside.host import Preferences, Target
from buildcat.model.errors import RefusedError
from buildcat_toy.dcc import DCC


class ToyHost:
    """The host; its attributes may be changed by a test."""

    dcc = DCC
    headings = ("Layer", "Frames")
    nouns = ("layer", "layers")
    without = ("layers",)

    def __init__(self, scene: Path | None, server: str, user: str = "ada", command: Sequence[str] = ()) -> None:
        self.path = scene
        self.known = Preferences(server, user, str(scene.parent) if scene else "", poll_s=0.3)
        self.is_changed = False
        self.odd: list[str] = []
        self.used: list[str] = []
        self.saved: list[str] = []
        self.can_copy = True
        self.layers = [Target("beauty", ("beauty", "1-3"), is_chosen=True), Target("matte", ("matte", "1-3"))]
        self._command = list(command) or [sys.executable, "-m", "buildcat.client"]

    def preferences(self) -> Preferences:
        return self.known

    def command(self) -> Sequence[str]:
        return self._command

    def scene(self) -> str:
        return str(self.path or "")

    def has_changes(self) -> bool:
        return self.is_changed

    def targets(self) -> list[Target]:
        return self.layers

    def warnings(self) -> list[str]:
        return self.odd

    def files(self) -> list[str]:
        return self.used

    def jobs(self, chosen: Sequence[str], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        if not chosen:
            raise RefusedError("No layer is chosen. Choose at least one.")
        return [
            {
                "spec": {
                    **fields,
                    "dcc": "toy",
                    "name": fields.get("name") or f"shot {layer}",
                    "frames": fields.get("frames") or "1-3",
                    "settings": {**fields["settings"], "layers": [layer]},
                },
                "after": [],
            }
            for layer in chosen
        ]

    def save(self) -> None:
        self.saved.append("save")

    def save_copy(self, path: str) -> None:
        self.saved.append("copy")
        if self.path and self.can_copy:
            Path(path).write_bytes(self.path.read_bytes())
