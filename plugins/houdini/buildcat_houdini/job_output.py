"""Lets a node write to the output that a job names, instead of its own. Runs inside Houdini 19.5 to 22."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildcat.model.errors import PathError
from buildcat_houdini import outputs, parms
from buildcat_houdini.nodes import NodeKind

if TYPE_CHECKING:
    import hou

_FRAME = re.compile(r"\{frame(?::0?(\d+))?\}|(#+)")


def apply(node: hou.OpNode, kind: NodeKind, root: str, pattern: str) -> None:
    """Let the node write its main file to this pattern below the root; the frame is `####` or `{frame:04}`.

    Raises:
        PathError: the root has a sign in it that Houdini replaces.
    """
    if "$" in root or "`" in root:
        raise PathError(f"The root {root!r} has a sign in it that Houdini replaces. Mount it under another name.")
    text = re.sub(r"([$`\\])", r"\\\1", pattern)
    text = _FRAME.sub(lambda match: f"${{F{match.group(1) or len(match.group(2) or '#')}}}", text)
    name = next(parms.numbered(node, outputs.as_now(node, kind).files[0]))
    parms.put(node, name, f"{root.rstrip('/')}/{text}")
