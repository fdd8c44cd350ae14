"""Scenes of Houdini for tests of the plugin, in this process, on the double of `hou`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from doubles.houdini.parms import MAIN, TYPES

from buildcat.inside.messages import Loaded
from buildcat.model.errors import BuildcatError
from buildcat.model.job import Output, Unit
from buildcat_houdini.render import Houdini

STAGE = {"type": "Lop/null", "stage": {"cameras": ["/cameras/main"], "resolution": [40, 30]}}


@dataclass
class Opened:
    """The plugin with a scene that is loaded, and what loading it told."""

    plugin: Houdini
    loaded: Loaded


Load = Callable[..., Opened]
#: Opens a scene, and returns a module of the panel.
Open = Callable[..., Any]
#: Ten frames.
RANGE = {"trange": 1, "f1": 1, "f2": 10}


def node(name: str, **parms: Any) -> dict[str, Any]:
    """A node of that type that writes one file a frame."""
    found = {MAIN[name.partition("/")[2]]: "$HIP/out/$OS.$F4.png", **parms}
    for camera in ("camera", "RS_renderCamera", "render_camera"):
        if camera in TYPES[name]:
            found.setdefault(camera, "/obj/front")
    if "loppath" in TYPES[name]:
        found.setdefault("loppath", "/stage/all")
    return {"type": name, "parms": found}


def frame(opened: Opened, number: int = 3, execution: str = "e1") -> list[Output]:
    """Render one frame."""
    return opened.plugin.render(Unit(0, number), execution)


def refusal(load: Load, nodes: dict[str, Any], **more: Any) -> str:
    """What the artist reads."""
    with pytest.raises(BuildcatError) as caught:
        frame(load(nodes, **more))
    assert str(caught.value).endswith(".")
    return str(caught.value)


def process() -> Any:
    """The process of the double."""
    return sys.modules["hou"]._session


def buildcat_rop(*rops: str, **more: Any) -> dict[str, Any]:
    """Our node, listing these."""
    inputs = more.pop("inputs", [])
    return {"type": "Driver/buildcat_rop", "parms": {"rops": " ".join(rops), **more}, "inputs": inputs}
