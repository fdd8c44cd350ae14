"""Reads and sets attributes of nodes. Runs inside mayapy."""

from __future__ import annotations

from typing import Any

from buildcat.model.errors import RenderError


def has(name: str) -> bool:
    """Whether there is this node, or this `node.attribute`."""
    from maya import cmds

    return bool(cmds.objExists(name))


def get(name: str, default: Any = None) -> Any:
    """Return the value of `node.attribute` at the current frame; the default where there is no such attribute."""
    from maya import cmds

    if not has(name):
        return default
    value = cmds.getAttr(name)
    return default if value is None else value


def put(name: str, value: object) -> None:
    """Set `node.attribute`, whatever holds it: a lock, a key or another connection.

    Raises:
        RenderError: Maya doesn't let it be set, as in a referenced file that is locked.
    """
    from maya import cmds

    try:
        if cmds.getAttr(name, lock=True):
            cmds.setAttr(name, lock=False)
        for source in cmds.listConnections(name, source=True, destination=False, plugs=True) or ():
            cmds.disconnectAttr(source, name)
        if isinstance(value, str):
            cmds.setAttr(name, value, type="string")
        else:
            cmds.setAttr(name, value)
    except RuntimeError as exc:
        raise RenderError(f"{name} can't be set to {value!r}: {' '.join(str(exc).split()).rstrip('.')}.") from exc


def put_if_there(values: dict[str, object]) -> None:
    """Set those of the attributes that exist: renderers of other versions lack some."""
    for name, value in values.items():
        if has(name):
            put(name, value)
