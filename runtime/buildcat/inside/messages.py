"""What a worker and a session tell each other about a scene, as JSON. Runs inside a DCC: Python 3.9, stdlib."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Order:
    """Which scene to load, and what to change in it."""

    #: Absolute path of the scene on this host.
    scene: str
    #: Absolute path of the root on this host.
    root: str
    #: The DCC's settings, checked against its description.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Output pattern relative to the root; empty: as in the scene.
    output: str = ""
    #: First and last frame of the job; equal for a still.
    frames: tuple[int, int] = (1, 1)
    #: Columns and rows when frames are split into tiles.
    tiles: tuple[int, int] | None = None
    #: Whether job and worker both allow scripts in the scene.
    allow_scripts: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the order as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        """Read an order from a message of the worker."""
        tiles = data["tiles"]
        first, last = data["frames"]
        return cls(**{**data, "frames": (first, last), "tiles": (tiles[0], tiles[1]) if tiles else None})


@dataclass(frozen=True)
class Loaded:
    """What loading a scene found."""

    #: Absolute folders that rendering will write to; the worker checks them before the first render.
    folders: tuple[str, ...] = ()
    #: Sentences for the log and the job: what is odd, though not fatal.
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Loaded:
        """Read it from a message of the session."""
        return cls(folders=tuple(data["folders"]), warnings=tuple(data["warnings"]))


@dataclass(frozen=True)
class Progress:
    """How far the unit being rendered is."""

    #: From 0 to 1; None when the DCC doesn't say.
    fraction: float | None = None
    #: The DCC's own words.
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Progress:
        """Read it from a message of the session."""
        return cls(fraction=data["fraction"], text=str(data["text"]))
