"""From the ROPs that an artist chose to the jobs of one batch, in the order in which they must run. Inside Houdini.

It only reads the scene.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import hou

from buildcat.model.dcc import version_number
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat.model.frames import expand, text
from buildcat_houdini import parms, rops
from buildcat_houdini.nodes import PASSING, RANGE, RANGE_MODE, SWITCH, SWITCH_INDEX
from buildcat_houdini.outputs import Outputs

#: Our own node, which renders nothing.
OURS = "Driver/buildcat_rop"


@dataclass(frozen=True)
class Rop:
    """One node that a job can render, as it is in the scene."""

    path: str
    type: str
    #: Its own frames, such as `1-240`.
    frames: str
    #: Those that must be rendered before, directly.
    inputs: tuple[str, ...]
    #: Why it can't be rendered; empty when it can.
    problem: str = ""


@dataclass(frozen=True)
class Job:
    """One job of the batch."""

    #: The fields of its JobSpec, without those of the scene's file.
    spec: Mapping[str, Any]
    #: The folder that its first frame is written to.
    place: str
    #: Places in the batch of the jobs that it waits for.
    after: tuple[int, ...]


def every() -> list[Rop]:
    """Return all ROPs of the scene, in the order of their paths."""
    return [look(node) for node in rops.every()]


def look(node: hou.OpNode) -> Rop:
    """Return what is to be known of a node before it is submitted; an odd one is a problem of its own only."""
    problem, own = "", ""
    inputs: tuple[str, ...] = ()
    try:
        own = text(frames(node))
        rops.check_runs(node)
        outputs = Outputs(node, rops.kind(node))
        outputs.split(frames(node))
        outputs.paths(frames(node)[0])
        inputs = tuple(one.path() for one in feeding(node))
    except BuildcatError as exc:
        problem = str(exc)
    except hou.Error as exc:
        problem = f"{node.path()} can't be read: {exc.instanceMessage().strip().rstrip('.')}. Look at its parameters."
    return Rop(node.path(), rops.type_name(node.type()), own, inputs, problem)


def feeding(node: hou.OpNode) -> Iterator[hou.OpNode]:
    """Yield the nearest nodes that write files and are wired into this one, through those that pass on; each once.

    Raises:
        RefusedError: one of ours is among them, which renders nothing; or a type of which nobody knows what it writes;
            or a node feeds itself.
    """
    yield from _feeding(node, (node.path(),), set())


def _feeding(node: hou.OpNode, way: tuple[str, ...], done: set[str]) -> Iterator[hou.OpNode]:
    for one in _sources(node):
        name, path = rops.type_name(one.type()), one.path()
        if name == OURS:
            raise RefusedError(f"{path} is wired into {node.path()}. Wire ROPs into it instead, or choose them.")
        if path in way:
            raise RefusedError(f"{path} is rendered by itself. Look at what is wired into it, and at its source.")
        if path in done:
            continue
        done.add(path)
        if rops.is_bypassed(one) or name in PASSING:
            yield from _feeding(one, (*way, path), done)
        else:
            rops.kind(one)
            yield one


def _sources(node: hou.OpNode) -> list[hou.OpNode]:
    """Return what Houdini renders before, or instead of, this node. What is wired into a LOP or SOP is no ROP."""
    name = rops.type_name(node.type())
    if not name.startswith("Driver/"):
        return []
    found: list[Any] = list(node.inputs())
    if name == SWITCH:
        chosen = int(parms.number(node, SWITCH_INDEX))
        found = [one for place, one in enumerate(found) if place == chosen]
    if PASSING.get(name) and not rops.is_bypassed(node):
        path = parms.text(node, PASSING[name])
        found.append(node.node(path))
        if path and found[-1] is None:
            raise RefusedError(f"{node.path()} renders {path}, which isn't there. Set another, or bypass the node.")
    return [one for one in found if one is not None]


def frames(node: hou.OpNode) -> range:
    """Return the node's own frames; the current one where it has no range, or doesn't use it."""
    if not parms.has(node, RANGE_MODE) or not parms.number(node, RANGE_MODE):
        now = int(hou.frame())
        return range(now, now + 1)
    first, last, step = (int(parms.number(node, f"{RANGE}{place}")) for place in (1, 2, 3))
    return range(first, max(first, last) + 1, max(1, step))


def ordered(paths: Iterable[str]) -> list[hou.OpNode]:
    """Return the chosen nodes with all that must be rendered before them; each after those that it waits for.

    Raises:
        RefusedError: nothing was chosen, or a node writes nothing and nothing that does is wired into it.
        SettingError: the scene has no such node.
    """
    found: dict[str, hou.OpNode] = {}
    for path in paths:
        node = parms.node_at(path)
        if node is not None and rops.type_name(node.type()) in (*PASSING, OURS):
            first = list(feeding(node))
            if not first:
                raise RefusedError(f"Nothing that writes files is wired into {path}.")
        else:
            first = [rops.find(path)]
        for one in first:
            _add(one, found, ())
    if not found:
        raise RefusedError("No ROP is chosen. Choose at least one.")
    return list(found.values())


def _add(node: hou.OpNode, found: dict[str, hou.OpNode], waiting: tuple[str, ...]) -> None:
    if node.path() in waiting:
        raise RefusedError(f"{node.path()} waits for itself. Look at what is wired into it.")
    if node.path() in found:
        return
    for one in feeding(node):
        _add(one, found, (*waiting, node.path()))
    found[node.path()] = node


def jobs(paths: Sequence[str], fields: Mapping[str, Any]) -> list[Job]:
    """Return the batch; `fields` are those that the form holds, for all of its jobs.

    Raises:
        BuildcatError: a node can't be rendered; says why.
    """
    nodes = ordered(paths)
    places = {node.path(): place for place, node in enumerate(nodes)}
    return [_job(node, places, fields) for node in nodes]


def _job(node: hou.OpNode, places: Mapping[str, int], fields: Mapping[str, Any]) -> Job:
    rops.check_runs(node)
    settings: dict[str, Any] = {**fields.get("settings", {}), "rop": node.path()}
    wanted, asked = _asked(node, str(fields.get("frames") or ""), int(settings.pop("frame_step", 1)))
    own = range(min(asked), max(asked) + 1)
    outputs = Outputs(node, rops.kind(node))
    split = outputs.split(own)
    if split == "whole":
        step = _step(node, wanted, asked)
        wanted = text(own)
        settings.update({"frame_step": step} if step > 1 else {})
    scene = os.path.splitext(hou.hipFile.basename())[0]  # noqa: PTH122  # text
    title = fields.get("name") or scene
    spec = {
        **fields,
        "dcc": "houdini",
        "frames": wanted,
        "split": split,
        "settings": settings,
        "name": f"{title} {node.path()}",
        "version_min": version_number(".".join(str(one) for one in hou.applicationVersion()[:2])),
    }
    if split == "whole":
        spec["order"] = "forward"
    after = tuple(sorted(places[one.path()] for one in feeding(node)))
    return Job(spec, os.path.dirname(outputs.paths(own[0])[0]), after)  # noqa: PTH120  # text


def _asked(node: hou.OpNode, wanted: str, step: int) -> tuple[str, Sequence[int]]:
    """Return the frames of the form, else the node's own, with only each `step`th: as a JobSpec has them, and each."""
    wanted = wanted or text(frames(node))
    asked = expand(wanted)[::step]
    if step > 1:
        wanted = text(asked) if isinstance(asked, range) else ",".join(str(one) for one in asked)
    return wanted, asked


def _step(node: hou.OpNode, wanted: str, asked: Sequence[int]) -> int:
    """Return how far these frames of one unit are from each other.

    Raises:
        RefusedError: not all as far.
    """
    every = sorted(asked)
    steps = {after - before for before, after in zip(every, every[1:])}
    if len(steps) > 1:
        raise RefusedError(
            f"{node.path()} writes its frames in one go, so they must be a range with one step, such as "
            f"{every[0]}-{every[-1]}, not {wanted}."
        )
    return steps.pop() if steps else 1
