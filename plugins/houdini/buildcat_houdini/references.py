"""Files that a scene reads and that aren't there. Runs inside Houdini 19.5 to 22."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from buildcat_houdini import rops
from buildcat_houdini.nodes import KINDS

if TYPE_CHECKING:
    import hou

#: What only looks like a path: parts of the scene, and of Houdini itself.
_NOT_FILES = ("opdef:", "oplib:", "temp:", "op:")
_MANY_FILES = re.compile(r"<udim>|<UDIM>|%\(UDIM\)d")
_DIGITS = re.compile(r"\d+")
_MOST_NAMED = 5


def missing(frame: int) -> list[str]:
    """Return the files that the scene reads at that frame and that aren't there, absolute, each once."""
    return list(dict.fromkeys(path for path in read(frame) if not _is_there(path)))


def assets() -> list[str]:
    """Return the files of assets that the scene uses, without those that come with Houdini."""
    import hou

    types: list[Any] = [one for category in hou.nodeTypeCategories().values() for one in category.nodeTypes().values()]
    found = {_file_of(one) for one in types if one.instances()}
    return sorted(found - {""})


def asset_of(node: hou.OpNode) -> str:
    """Return the file of the locked asset around the node; empty where there is none, or it comes with Houdini."""
    around: Any = node.parent()
    while around is not None:
        if around.isLockedHDA():
            return _file_of(around.type())
        around = around.parent()
    return ""


def _file_of(node_type: hou.OpNodeType) -> str:
    import hou

    definition = node_type.definition()
    path = definition.libraryFilePath() if definition else ""
    return "" if path.startswith((hou.getenv("HFS") or "$HFS", "Embedded")) else path


def read(frame: int) -> Iterator[str]:
    """Yield the files that the scene reads at that frame, as they are written there, with variables replaced."""
    import hou

    for parm, path in hou.fileReferences():
        if parm is None or path.startswith(_NOT_FILES) or _is_output(parm):
            continue
        try:
            found = parm.evalAsStringAtFrame(frame)
        except hou.Error:  # an expression that can't be evaluated: the node tells, if it is needed
            continue
        if found and not found.startswith(_NOT_FILES):
            yield found


def _is_output(parm: hou.Parm) -> bool:
    """Whether a node writes this file, instead of reading it."""
    kind = KINDS.get(rops.type_name(parm.node().type()))
    written = (*kind.files, *(kind.exports or {}).values()) if kind else ()
    return parm.name() in written or _DIGITS.sub("#", parm.name()) in written


def _is_there(path: str) -> bool:
    many = _MANY_FILES.sub("*", path)
    return bool(glob.glob(many)) if many != path else os.path.exists(path)  # noqa: PTH110, PTH207  # text


def warnings(frame: int) -> list[str]:
    """Return a sentence about missing files; none when all are there.

    It is no error: a scene has many nodes that no render needs, and those that one needs tell their own.
    """
    lost = missing(frame)
    if not lost:
        return []
    more = f" and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
    return [f"Files that the scene names are not there: {', '.join(lost[:_MOST_NAMED])}{more}."]
