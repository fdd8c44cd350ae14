"""Toy scenes: JSON files. Inside the toy's Python; tests use `save`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from buildcat.inside.messages import Order
from buildcat.model.errors import PathError, RenderError

COLOURS = {"red": [220, 40, 30], "green": [40, 200, 60], "blue": [30, 60, 220]}


@dataclass
class Scene:
    """An open scene. The fields are the keys of its file; all may be left out."""

    path: Path
    width: int = 64
    height: int = 48
    #: Relative to the scene's folder, or absolute; `####` is the frame.
    output: str = "renders/toy_####.png"
    colour: list[int] = field(default_factory=lambda: [128, 128, 128])
    #: How long a frame takes.
    seconds: float = 0.0
    #: `png`, or `cache` for a text that is written in place.
    format: str = "png"
    camera: str = "front"
    invert: bool = False
    gamma: float = 1.0
    layers: list[str] = field(default_factory=list)
    texture: str | None = None
    #: Sentences that loading it returns.
    warnings: list[str] = field(default_factory=list)
    #: Name of a trouble that loading it meets.
    load_trouble: str = ""
    #: Whether each frame meets each of its troubles only the first time that it is rendered, by whomever.
    once: bool = False
    #: How much the trouble `flood` prints, and how long `nap` takes.
    flood_mb: int = 20
    nap_s: float = 20.0
    #: Whether tiles are parts of one picture, instead of files of their own.
    are_joined: bool = False
    #: Columns and rows, from the order.
    tiles: tuple[int, int] | None = None
    #: All other keys: name of a trouble → list of the frames that meet it, or true for all.
    troubles: dict[str, Any] = field(default_factory=dict)

    @property
    def pattern(self) -> Path:
        """Absolute pattern of the outputs."""
        return self.path.parent / self.output

    def has(self, trouble: str, frame: int | None) -> bool:
        """Whether this frame meets the trouble."""
        frames = self.troubles.get(trouble, [])
        return (frames is True or frame in frames) and not (self.once and self._was_met(trouble, frame))

    def _was_met(self, trouble: str, frame: int | None) -> bool:
        """Whether it was asked for before; a file beside the scene remembers."""
        try:
            self.path.with_name(f".{self.path.name}.{trouble}-{frame}").open("x").close()
        except FileExistsError:
            return True
        return False


def save(path: Path, **content: Any) -> Path:
    """Write a scene file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def open_scene(path: Path) -> Scene:
    """Read a scene file.

    Raises:
        PathError: there is none.
        RenderError: it is no toy scene.
    """
    if not path.is_file():
        raise PathError(f"There is no scene {path}. Save it where the workers can reach it.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = {one.name for one in fields(Scene)} - {"path", "troubles", "tiles"}
        troubles = {key: value for key, value in content.items() if key not in known}
        return Scene(path, troubles=troubles, **{key: content[key] for key in content if key in known})
    except (ValueError, TypeError, AttributeError) as exc:
        raise RenderError(f"{path.name} is no toy scene: {exc}. Save it again.") from exc


def read(scene: Scene) -> dict[str, Any]:
    """Return the settings as they are in the scene, for a panel to show."""
    names = [name for name, colour in COLOURS.items() if colour == scene.colour]
    return {
        "colour": names[0] if names else None,
        "percentage": 100,
        "camera": scene.camera,
        "invert": scene.invert,
        "gamma": scene.gamma,
        "layers": scene.layers,
        "texture": scene.texture,
    }


def apply(scene: Scene, order: Order) -> None:
    """Change the scene as the order says.

    Raises:
        PathError: the texture is missing.
    """
    settings = dict(order.settings)
    percentage = settings.pop("percentage", 100)
    scene.width = max(1, scene.width * percentage // 100)
    scene.height = max(1, scene.height * percentage // 100)
    if "colour" in settings:
        scene.colour = COLOURS[settings.pop("colour")]
    for key, value in settings.items():
        setattr(scene, key, value)
    if order.output:
        scene.output = str(Path(order.root, order.output))
    scene.tiles = order.tiles
    if scene.texture and not Path(order.root, scene.texture).is_file():
        raise PathError(f"There is no texture {scene.texture} below the root. Put it there, or choose another.")
    scene.texture = str(Path(order.root, scene.texture)) if scene.texture else None
