"""Scenes of Maya for tests of the plugin, in this process, on the double of `maya`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from doubles.maya.nodes import PLUGINS

from buildcat.inside.messages import Loaded
from buildcat.model.errors import BuildcatError
from buildcat.model.job import Output, Unit
from buildcat_maya.render import Maya

#: Renderer → what a scene that uses it needs besides its word.
RENDERERS: dict[str, dict[str, Any]] = {
    "mayaSoftware": {},
    "mayaHardware2": {},
    "arnold": {},
    "redshift": {},
    "vray": {"nodes": {"vraySettings": "VRaySettingsNode"}},
    "renderman": {"nodes": PLUGINS["renderman"][1]},
}
#: How each names frame 3 of shot.ma, where nothing else is set.
PLACES = {
    **dict.fromkeys(RENDERERS, "shot.0003.png"),
    **dict.fromkeys(("arnold", "redshift"), "shot.0003.exr"),
    "renderman": "shot_v001_t01/shot_masterLayer_front_cam_beauty.0003.exr",
}
#: Renderer → its nodes with their types.
NODES = {name: nodes for name, (_, nodes) in PLUGINS.items()}


@dataclass
class Opened:
    """The plugin with a scene that is loaded, and what loading it told."""

    plugin: Maya
    loaded: Loaded


Load = Callable[..., Opened]
OpenPanel = Callable[..., Any]


def using(renderer: str, **attributes: Any) -> dict[str, Any]:
    """The content of a scene that renders so; `node__attribute` are attributes of its nodes."""
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    return {"attributes": {"defaultRenderGlobals.currentRenderer": renderer, **named}, **RENDERERS[renderer]}


def frame(opened: Opened, number: int = 3, execution: str = "e1") -> list[Output]:
    """Render one frame."""
    return opened.plugin.render(Unit(0, number), execution)


def refusal(load: Load, content: dict[str, Any] | None = None, **more: Any) -> str:
    """What the artist reads."""
    with pytest.raises(BuildcatError) as caught:
        frame(load(content, **more))
    assert str(caught.value).endswith(".")
    return str(caught.value)


def process() -> Any:
    """The process of the double."""
    return sys.modules["maya"].session  # type: ignore[attr-defined]  # the double's own
