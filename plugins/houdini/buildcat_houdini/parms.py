"""Parameters of nodes: read at a frame, and set whatever stands in the way. Runs inside Houdini 19.5 to 22."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import hou

#: No node has more of one kind.
_MOST = 1_000


def node_at(path: str) -> hou.OpNode | None:
    """Return the node of that path. What such nodes have was in `hou.Node` itself before there was an OpNode (20.5)."""
    import hou

    found: Any = hou.node(path)
    return found  # type: ignore[no-any-return]  # see above


def has(node: hou.OpNode, name: str) -> bool:
    """Whether the node has this parameter."""
    return node.parm(name) is not None


def text(node: hou.OpNode, name: str, frame: float | None = None) -> str:
    """Return a parameter's text at that frame, or now, with all variables and expressions replaced; empty: none."""
    parm = node.parm(name)
    if parm is None:
        return ""
    found = parm.evalAsString() if frame is None else parm.evalAsStringAtFrame(frame)
    return found.strip()


def number(node: hou.OpNode, name: str) -> float:
    """Return a parameter's number; 0 when there is no such parameter."""
    parm = node.parm(name)
    return 0.0 if parm is None else float(parm.evalAsFloat())


def put(node: hou.OpNode, name: str, value: object) -> None:
    """Set a parameter: unlocked, without keyframes and expressions, and in the take that is rendered.

    In a take other than the main one a parameter can only be set when the take includes it.
    """
    import hou

    parm = node.parm(name)
    assert parm is not None, f"{node.path()} has no parameter {name}"
    take = hou.takes.currentTake()
    if take.name() != hou.takes.rootTake().name():
        take.addParmTuple(parm.tuple())
    if parm.isLocked():
        parm.lock(False)
    parm.deleteAllKeyframes()
    parm.set(value)  # type: ignore[arg-type]  # its kind is that of the parameter


def numbered(node: hou.OpNode, pattern: str) -> Iterator[str]:
    """Yield the names that a node has of a pattern such as `vm_filename_plane#`, counted from 0 or 1."""
    if "#" not in pattern:
        if has(node, pattern):
            yield pattern
        return
    for place in range(_MOST):
        name = pattern.replace("#", str(place))
        if has(node, name):
            yield name
        elif place:
            return


class Kept:
    """A parameter as the artist left it, to be put back after something else was set."""

    def __init__(self, node: hou.OpNode, name: str) -> None:
        """Remember its keyframes, expressions among them, else its text as it was typed."""
        parm = node.parm(name)
        assert parm is not None, f"{node.path()} has no parameter {name}"
        self._parm = parm
        self._keyframes = parm.keyframes()
        self._text = "" if self._keyframes else parm.rawValue()

    def restore(self) -> None:
        """Put it back."""
        if self._keyframes:
            self._parm.setKeyframes(self._keyframes)
        else:
            self._parm.set(self._text)
