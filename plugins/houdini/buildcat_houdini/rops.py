"""Finds the node that a job renders, and says what is wrong when there is none. Runs inside Houdini 19.5 to 22."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from buildcat.model.errors import RefusedError, SettingError, near_names
from buildcat_houdini import parms
from buildcat_houdini.nodes import EXECUTE, KINDS, PASSING, NodeKind

if TYPE_CHECKING:
    import hou

#: So many are named in a sentence.
_MOST_NAMED = 10


def type_name(node_type: hou.OpNodeType) -> str:
    """Return category and name of a type, without namespace and version, such as `Driver/ifd`."""
    return f"{node_type.category().name()}/{node_type.nameComponents()[2]}"


def every(*, inside_assets: bool = False) -> list[hou.OpNode]:
    """Return all nodes of the scene that write files, in the order of their paths; or those inside locked assets."""
    found = (node for node in _every() if node.isInsideLockedHDA() == inside_assets)
    return sorted(found, key=lambda node: node.path())


def _every() -> Iterator[hou.OpNode]:
    import hou

    for name in sorted({one.partition("/")[0] for one in KINDS}):
        category = hou.nodeTypeCategories().get(name)  # an older Houdini has no Cop
        types: Any = category.nodeTypes().values() if category else ()
        for node_type in types:
            if type_name(node_type) in KINDS:
                yield from node_type.instances()


def kind(node: hou.OpNode) -> NodeKind:
    """Return what is known of the node's type.

    Raises:
        RefusedError: it writes nothing, or it isn't known what it writes.
    """
    name = type_name(node.type())
    if name in KINDS:
        return KINDS[name]
    if name in PASSING:
        follows = parms.text(node, PASSING[name]) if PASSING[name] else ""
        what = f"It renders {follows}; submit that" if follows else "Submit the nodes that are wired into it"
        raise RefusedError(f"{node.path()} is of the type {name}, which writes no files itself. {what}.")
    raise RefusedError(
        f"{node.path()} is of the type {name}, and Buildcat doesn't know which files it writes. "
        f"It renders {', '.join(sorted(KINDS))}."
    )


def find(path: str | None) -> hou.OpNode:
    """Return the node of that path; without one, the only one that the scene has.

    Raises:
        SettingError: there is no such node, or none, or several; names those that there are.
        RefusedError: it isn't one that can be rendered.
    """
    if path:
        node = parms.node_at(path)
        if node is None:
            known = [one.path() for one in every()]
            raise SettingError(f"The scene has no node {path}.{near_names(path, known)} {_named(known)}")
        kind(node)
        return node
    found = [one for one in every() if not is_bypassed(one)]
    if len(found) != 1:
        raise SettingError(f"Name the node to render with the setting rop. {_named([one.path() for one in found])}")
    return found[0]


def is_bypassed(node: hou.OpNode) -> bool:
    """Whether the node renders nothing; then what is wired into it is wired into what follows."""
    import hou

    return isinstance(node, hou.RopNode) and node.isBypassed()


def _named(paths: list[str]) -> str:
    if not paths:
        return "The scene has none that writes files."
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return f"There are: {', '.join(paths[:_MOST_NAMED])}{more}."


def check_runs(node: hou.OpNode) -> None:
    """Check that the node can be told to render.

    Raises:
        RefusedError: it is no ROP, and has no button for it; or it is bypassed.
    """
    import hou

    if is_bypassed(node):
        raise RefusedError(f"{node.path()} is bypassed, so it renders nothing. Switch the bypass off, save, and retry.")
    if not isinstance(node, hou.RopNode) and not parms.has(node, EXECUTE):
        raise RefusedError(f"{node.path()} has no button to render it. Submit the ROP that renders it.")
