"""What the USD stage of a node says of its pictures. Runs inside Houdini 19.5 to 22.

Only calls of `Usd.Stage`, `Usd.Prim` and `Usd.Attribute` as in OpenUSD's documentation; no module of it is imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from buildcat.model.errors import SettingError
from buildcat_houdini import parms

if TYPE_CHECKING:
    import hou

#: The LOP that a render node renders; a node inside a LOP network without it renders its input.
_LOP_PATH = "loppath"


def stage(node: hou.OpNode, frame: float | None = None) -> Any:
    """Return the stage that the node renders, cooked at that frame, or now; None where there is none.

    A LOP cooks at one frame, and its stage holds the values of that frame only. Before 20.5 that is the current frame;
    there the scene goes to the other one and back.
    """
    import hou

    path = parms.text(node, _LOP_PATH)
    source: Any = hou.node(path) if path else next((one for one in node.inputs() if one is not None), None)
    if not isinstance(source, hou.LopNode):
        return None
    if frame is None:
        return source.stage()
    try:
        return source.stage(frame=frame)
    except TypeError:
        now = hou.frame()
        hou.setFrame(frame)
        try:
            return source.stage()
        finally:
            hou.setFrame(now)


def products(node: hou.OpNode, frame: float) -> list[str]:
    """Return the paths of the pictures that the stage's render products name at that frame."""
    prims = _of_type(node, "RenderProduct", frame)
    return [str(name) for one in prims if (name := one.GetAttribute("productName").Get(frame))]


def size(node: hou.OpNode) -> tuple[int, int] | None:
    """Return the size that the stage's render settings name in pixels; None where there is none, or several."""
    found = {
        tuple(pixels) for one in _of_type(node, "RenderSettings") if (pixels := one.GetAttribute("resolution").Get())
    }
    if len(found) != 1:
        return None
    width, height = found.pop()
    return int(width), int(height)


def check_camera(node: hou.OpNode, path: str) -> None:
    """Check that the stage has this camera.

    Raises:
        SettingError: it has none of that path; names those that it has.
    """
    known = [str(one.GetPath()) for one in _of_type(node, "Camera")]
    if known and path not in known:
        raise SettingError(f"The stage has no camera {path}. There are: {', '.join(known)}.")


def _of_type(node: hou.OpNode, name: str, frame: float | None = None) -> Iterator[Any]:
    found = stage(node, frame)
    for prim in found.Traverse() if found else ():
        if prim.GetTypeName() == name:
            yield prim
