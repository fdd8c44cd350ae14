"""Checks inside a real Houdini what the plugin relies on. Run by hython 19.5 to 22; stdlib."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import build_hda
import hou

from buildcat.inside.messages import Order
from buildcat.model.job import Unit
from buildcat_houdini import nodes, rop_parms
from buildcat_houdini.render import Houdini
from selfcheck.rows import ABSENT, OK, WRONG, Row, tried

PLUGIN = Path(inspect.getfile(nodes)).parent
#: Where nodes of a category are made: the network, and what must be made in it first.
NETWORKS = {"Driver": ("/out", ""), "Lop": ("/stage", ""), "Sop": ("/obj", "geo"), "Cop": ("/obj", "copnet")}
#: Methods that we call on what isn't named in the source: class → names. A test holds it to the source.
METHODS = {
    "OpNode": ("errors", "inputs", "isInsideLockedHDA", "isLockedHDA", "node", "parent", "parm", "path", "type"),
    "RopNode": ("addRenderEventCallback", "isBypassed", "render"),
    "LopNode": ("stage",),
    "Parm": (
        *("deleteAllKeyframes", "evalAsFloat", "evalAsString", "evalAsStringAtFrame", "isLocked", "keyframes", "lock"),
        *("name", "node", "parmTemplate", "pressButton", "rawValue", "set", "setKeyframes", "tuple"),
    ),
    "ParmTemplate": ("type",),
    "OpNodeType": ("category", "definition", "instances", "nameComponents"),
    "OpNodeTypeCategory": ("name", "nodeTypes"),
    "HDADefinition": ("libraryFilePath",),
    "Take": ("addParmTuple", "name"),
    "Error": ("instanceMessage",),
}
#: Only in a window.
_IN_WINDOW = ("ui", "qt")


def version() -> str:
    """Return Houdini's version, as words."""
    return f"Houdini {hou.applicationVersionString()}"


def rows(folder: Path) -> Iterator[Row]:
    """Yield every check; files are made in this folder."""
    for name in sorted(names()):
        yield _named(name)
    for owner, methods in METHODS.items():
        for method in methods:
            yield tried(f"hou.{owner}.{method}", partial(_has_method, owner, method))
    for place in (*nodes.KINDS, *nodes.PASSING):
        yield from _node_type(place)
    yield from _hda(folder)
    yield from _frame(folder)


def _has_method(owner: str, method: str) -> bool:
    older = owner.replace("OpNode", "Node")  # before 20.5 there was no OpNode, and its methods were in Node
    return callable(getattr(getattr(hou, owner, None) or getattr(hou, older), method))


def _node(path: str) -> Any:
    return hou.node(path)


def names() -> set[str]:
    """Return each dotted name below `hou` that the plugin's source has, but for annotations, which nothing runs."""
    found = set()
    for path in PLUGIN.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = {id(inner) for one in _annotations(tree) for inner in ast.walk(one)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node) not in skipped:
                found.add(ast.unparse(node))
    return {one for one in found if one.startswith("hou.") and all(part.isidentifier() for part in one.split("."))}


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            yield from (one for one in (node.returns, *(each.annotation for each in every)) if one)
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation


def _named(name: str) -> Row:
    found: Any = hou
    for part in name.split(".")[1:]:
        if part in _IN_WINDOW and not hou.isUIAvailable():
            return Row(name, ABSENT, "there is no window")
        if not hasattr(found, part):
            return Row(name, WRONG, "there is no such name")
        found = getattr(found, part)
    return Row(name, OK)


def _node_type(place: str) -> Iterator[Row]:
    """Make one node of the type, and look for each parameter."""
    category, _, name = place.partition("/")
    categories = hou.nodeTypeCategories()
    known = categories[category].nodeTypes() if category in categories else {}
    types = [key for key in known if key.split("::")[0] == name or f"::{name}" in key]
    if not types:
        yield Row(place, ABSENT, "no such node type: its renderer or this version doesn't bring it")
        return
    network, inner = NETWORKS[category]
    try:
        around = _node(network).createNode(inner) if inner else _node(network)
        made = around.createNode(name)
    except hou.Error as exc:
        yield Row(place, WRONG, exc.instanceMessage())
        return
    yield Row(place, OK, type(made).__name__)
    for parm in _parms(place):
        exists = made.parm(parm) is not None
        yield Row(f"{place}  {parm}", OK if exists else WRONG, "" if exists else "no such parameter")
    (around if inner else made).destroy()


def _parms(place: str) -> list[str]:
    """Return the parameters that we rely on for a type; of numbered ones those that a new node has are not known."""
    if place in nodes.PASSING:
        return [nodes.PASSING[place]] if nodes.PASSING[place] else []
    kind = nodes.KINDS[place]
    size = kind.size
    found = [one for one in (*kind.files[:1], kind.camera, *(kind.exports or {}), *(kind.exports or {}).values())]
    found += [one for one in (size.switch, size.mode, size.width, size.height)] if size else []
    return list(dict.fromkeys(one for one in (*found, *kind.sequential) if one and "#" not in one))


def _hda(folder: Path) -> Iterator[Row]:
    path = build_hda.build(folder)
    yield tried("the HDA is loaded", lambda: hou.hda.installFile(str(path)) is None)
    try:
        node = _node("/out").createNode("buildcat_rop")
    except hou.Error as exc:
        yield Row("Driver/buildcat_rop", WRONG, exc.instanceMessage())
        return
    wanted = [rop_parms.ROPS, *(rop_parms.name(row) for row in rop_parms.shown())]
    for parm in (*wanted, "submit", "jobs", "dry_run", "soho_program"):
        exists = node.parm(parm) is not None
        yield Row(f"Driver/buildcat_rop  {parm}", OK if exists else WRONG)
    node.destroy()
    yield tried("the HDA is removed", lambda: hou.hda.uninstallFile(str(path)) is None)


def _frame(folder: Path) -> Iterator[Row]:
    """Render one small frame the way a worker does, by Mantra, which every Houdini to 21 has, else by Karma."""
    hou.hipFile.clear(suppress_save_prompt=True)
    camera = _node("/obj").createNode("cam", "front")
    known = hou.nodeTypeCategories()["Driver"].nodeTypes()
    name, output = ("ifd", "vm_picture") if "ifd" in known else ("karma", "picture")
    rop = _node("/out").createNode(name, "check")
    rop.parm(output).set("$HIP/check.$F4.png")
    rop.parm("camera").set(camera.path())
    scene = (folder / "check.hip").as_posix()
    hou.hipFile.save(scene)
    settings = {"rop": rop.path(), "resolution_x": 64, "resolution_y": 48}
    plugin = Houdini()
    yield tried("the scene is loaded", lambda: plugin.load(Order(scene, str(folder), settings)) is not None)
    yield tried(f"a frame is rendered by {name}", lambda: plugin.render(Unit(0, 1), "check")[0].written)
