"""The settings of a job: read from a node, and applied to it. Runs inside Houdini 19.5 to 22."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from buildcat.model.errors import SettingError, near_names
from buildcat_houdini import parms, rops, stage
from buildcat_houdini.nodes import CURRENT_TAKE, TAKE, NodeKind, Size

if TYPE_CHECKING:
    import hou

Pixels = tuple[int, int]


def read(node: hou.OpNode) -> dict[str, Any]:
    """Return the settings as they are in the scene, for a panel to show; None where a node has no such thing."""
    kind = rops.kind(node)
    pixels = size(node, kind)
    return {
        "rop": node.path(),
        "take": take(node),
        "camera": parms.text(node, kind.camera) or None if kind.camera else None,
        "resolution_x": pixels[0] if pixels else None,
        "resolution_y": pixels[1] if pixels else None,
        "percentage": 100,
        "frame_step": 1,
    }


def apply(node: hou.OpNode, settings: Mapping[str, Any]) -> None:
    """Change the node as the job says; the take first, as all else is set in it.

    Raises:
        SettingError: the scene has no such take or camera, or the node has no such setting.
    """
    kind = rops.kind(node)
    _choose_take(node, settings.get("take"))
    if "camera" in settings:
        _choose_camera(node, kind, settings["camera"])
    if {"resolution_x", "resolution_y", "percentage"} & set(settings):
        _resize(node, kind, settings)


def take(node: hou.OpNode) -> str:
    """Return the name of the take that the node renders: its own, else the current one."""
    import hou

    own = parms.text(node, TAKE)
    return own if own and own != CURRENT_TAKE else hou.takes.currentTake().name()


def _choose_take(node: hou.OpNode, name: str | None) -> None:
    import hou

    wanted = name or take(node)
    found = hou.takes.findTake(wanted)
    if found is None:
        known = [one.name() for one in hou.takes.takes()]
        raise SettingError(
            f"The scene has no take {wanted!r}.{near_names(wanted, known)} There are: {', '.join(known)}."
        )
    hou.takes.setCurrentTake(found)
    if name and parms.has(node, TAKE):
        parms.put(node, TAKE, name)


def _choose_camera(node: hou.OpNode, kind: NodeKind, path: str) -> None:
    import hou

    if not kind.camera:
        raise SettingError(f"{node.path()} renders from no camera. Leave the setting camera out.")
    if kind.is_usd:
        stage.check_camera(node, path)
    elif hou.node(path) is None:
        known = [one.path() for one in _cameras()]
        raise SettingError(
            f"The scene has no camera {path}.{near_names(path, known)} There are: {', '.join(known) or 'none'}."
        )
    parms.put(node, kind.camera, path)


def _cameras() -> tuple[hou.OpNode, ...]:
    import hou

    node_type: Any = hou.nodeType(hou.objNodeTypeCategory(), "cam")
    return node_type.instances() if node_type else ()


def _resize(node: hou.OpNode, kind: NodeKind, settings: Mapping[str, Any]) -> None:
    if kind.size is None:
        raise SettingError(f"{node.path()} has no size that a job could change. Leave resolution and percentage out.")
    now = size(node, kind) or (0, 0)
    base = (settings.get("resolution_x", now[0]), settings.get("resolution_y", now[1]))
    if not all(base):
        raise SettingError(
            f"It can't be told how large the pictures of {node.path()} are. Set resolution_x and resolution_y both."
        )
    width, height = (max(1, round(one * settings.get("percentage", 100) / 100)) for one in base)
    if kind.size.switch:
        parms.put(node, kind.size.switch, kind.size.on)
    if kind.size.mode:
        parms.put(node, kind.size.mode, kind.size.exact)
    parms.put(node, kind.size.width, width)
    parms.put(node, kind.size.height, height)


def size(node: hou.OpNode, kind: NodeKind) -> Pixels | None:
    """Return width and height of the node's pictures in pixels; None where it can't be told."""
    if kind.size is None:
        return None
    if _has_own_size(node, kind.size):
        pixels = int(parms.number(node, kind.size.width)), int(parms.number(node, kind.size.height))
        return pixels if all(pixels) else None
    if kind.size.is_cameras:
        return _cameras_size(node, kind, kind.size)
    return stage.size(node) if kind.is_usd else None


def _has_own_size(node: hou.OpNode, own: Size) -> bool:
    if own.switch and parms.text(node, own.switch) not in (str(own.on), "on"):
        return False
    return not own.mode or parms.text(node, own.mode) == own.exact


def _cameras_size(node: hou.OpNode, kind: NodeKind, own: Size) -> Pixels | None:
    camera = parms.node_at(parms.text(node, kind.camera))
    if camera is None:
        return None
    pixels = int(parms.number(camera, "resx")), int(parms.number(camera, "resy"))
    if parms.text(node, own.switch) not in (str(own.on), "on"):
        return pixels if all(pixels) else None
    try:
        scale = float(parms.text(node, own.mode))  # Mantra's tokens are the factors
    except ValueError:  # Redshift's are words
        return None
    exact = pixels[0] * scale, pixels[1] * scale
    # How Houdini rounds is not known, and a wrong size would fail every frame.
    return (int(exact[0]), int(exact[1])) if all(one.is_integer() for one in exact) else None
