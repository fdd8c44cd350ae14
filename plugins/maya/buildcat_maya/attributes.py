"""Reads and sets attributes of nodes. Runs inside Maya."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buildcat.model.errors import RenderError


def has(node: str, name: str = "") -> bool:
    """Whether there is this node; with a name, whether it has this attribute."""
    from maya import cmds

    return bool(cmds.objExists(f"{node}.{name}" if name else node))


def get(node: str, name: str, default: Any = None) -> Any:
    """Return the value of an attribute at the current frame; the default where there is none, or it is empty."""
    from maya import cmds

    value = cmds.getAttr(f"{node}.{name}") if has(node, name) else None
    return default if value in (None, "") else value


def put(node: str, name: str, value: object) -> None:
    """Set an attribute, whatever holds it: a lock, a key or another connection. What has the value is left alone.

    Raises:
        RenderError: Maya doesn't let it be set, as in a referenced file that is locked.
    """
    from maya import cmds

    plug = f"{node}.{name}"
    try:
        sources = cmds.listConnections(plug, source=True, destination=False, plugs=True) or ()
        if not sources and get(node, name, "" if isinstance(value, str) else None) == value:
            return  # nobody can take the lock off that a referenced file brings
        if cmds.getAttr(plug, lock=True):
            cmds.setAttr(plug, lock=False)
        for source in sources:
            cmds.disconnectAttr(source, plug)
        if isinstance(value, str):
            cmds.setAttr(plug, value, type="string")
        else:
            cmds.setAttr(plug, value)
    except RuntimeError as exc:
        raise RenderError(f"{plug} can't be set to {value!r}: {' '.join(str(exc).split()).rstrip('.')}.") from exc


def put_those(node: str, values: Mapping[str, object]) -> None:
    """Set those of the attributes that the node has: renderers of other versions lack some."""
    for name, value in values.items():
        if has(node, name):
            put(node, name, value)
