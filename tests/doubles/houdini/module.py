"""The double of `hou`: each call as the stubs have it, and as Houdini's documentation says what it does."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from doubles import strict
from doubles.houdini import classes
from doubles.houdini.model import Node as Held
from doubles.houdini.parms import TYPES, is_known
from doubles.houdini.session import FPS, Session, render, wrapped
from doubles.houdini.stage import Stage
from doubles.strict import MisuseError
from doubles.stubs import Stub


def make(stub: Stub, version: str = "20.5.410") -> types.ModuleType:
    """Return a `hou` with nothing open."""
    session = Session(version)
    smaller = [*classes.exceptions(), *classes.enumerations(), *classes.classes(session)]
    module = strict.module(stub, [*smaller, *nodes(session), *functions(session)])
    session.module = module
    shown = _as_in(version, module)
    shown._session = session  # type: ignore[attr-defined]  # for tests
    return shown


#: What came later than 19.5. Source: types-houdini 19.5.1 and 20.5.487; for 20.0 there are no stubs.
NEW = ("OpNode", "OpNodeType", "OpNodeTypeCategory")


def is_old(version: str) -> bool:
    """Whether this Houdini lacks what is new."""
    return version.startswith("19.5")


def _as_in(version: str, module: types.ModuleType) -> types.ModuleType:
    """Return the module as a Houdini of that version has it."""
    shown = types.ModuleType(module.__name__)

    def find(name: str) -> Any:
        if is_old(version) and name in NEW:
            raise AttributeError(f"module 'hou' has no attribute {name!r}")
        return getattr(module, name)

    shown.__getattr__ = find  # type: ignore[method-assign]  # PEP 562
    return shown


def nodes(session: Session) -> list[type]:
    class Node:
        """hou.Node"""

        def __init__(self, held: Held) -> None:
            self._held = held

        def path(self) -> str:
            return self._held.path

        def name(self) -> str:
            return self._held.path.rpartition("/")[2]

    class OpNode(Node):
        """hou.OpNode"""

        def parm(self, parm_path: str) -> Any:
            held = self._held
            if parm_path in held.kinds:
                return session.module.Parm(held, parm_path)
            if not is_known(parm_path):
                raise MisuseError(f"no source has a parameter {parm_path}, of any node")
            return None

        def type(self) -> Any:
            return session.module.OpNodeType(self._held.type, self._held.asset)

        def node(self, node_path: str) -> Any:
            parts = self._held.path.split("/")
            for one in node_path.split("/"):
                parts = [""] if one == "" and not parts[-1] else parts[:-1] if one == ".." else [*parts, one]
            found = node_path if node_path.startswith("/") else "/".join(parts)
            held = session.scene.nodes.get(found)
            return wrapped(session, held) if held else None

        def createNode(self, node_type_name: str, node_name: str | None = None) -> Any:
            if node_type_name == "buildcat_rop" and not session.installed:
                raise session.module.OperationFailed("Invalid node type name")
            return wrapped(session, session.scene.add(self._held, node_type_name, node_name))

        def destroy(self) -> None:
            for path in [one for one in session.scene.nodes if f"{one}/".startswith(f"{self._held.path}/")]:
                del session.scene.nodes[path]

        def parent(self) -> Any:
            held = session.scene.nodes.get(self._held.path.rpartition("/")[0])
            return wrapped(session, held) if held else None

        def isLockedHDA(self) -> bool:
            return bool(self._held.asset)

        def inputs(self) -> tuple[Any, ...]:
            return tuple(wrapped(session, session.scene.nodes[one]) for one in self._held.inputs)

        def isInsideLockedHDA(self) -> bool:
            return self._held.is_inside_asset

        def errors(self) -> tuple[str, ...]:
            return self._held.errors

    class RopNode(OpNode):
        """hou.RopNode"""

        def isBypassed(self) -> bool:
            return self._held.is_bypassed

        def addRenderEventCallback(self, callback: Callable[..., None], run_before_script: bool = False) -> None:
            event = session.module.ropRenderEventType

            def told(frame: float) -> None:
                for kind in (event.PreFrame, event.PostFrame, event.PostWrite):
                    callback(self, kind, (frame - 1) / FPS)

            self._held.callbacks.append(told)

        def inputDependencies(self) -> tuple[Any, ...]:
            frames = (1.0, 2.0)
            return tuple((wrapped(session, session.scene.nodes[one]), frames) for one in self._held.inputs)

        def render(
            self,
            frame_range: Sequence[float] = (),
            ignore_inputs: bool = False,
            method: Any = None,
            ignore_bypass_flags: bool = False,
            ignore_lock_flags: bool = False,
            verbose: bool = False,
            output_progress: bool = False,
        ) -> None:
            held = self._held
            if held.is_bypassed and not ignore_bypass_flags:
                return
            inputs = [] if ignore_inputs else [session.scene.nodes[one] for one in held.inputs]
            parts = [frame_range]
            if method == session.module.renderMethod.FrameByFrame and frame_range:
                first, last, step = (*(int(one) for one in frame_range), 1)[:3]
                parts = [(frame, frame) for frame in range(first, last + 1, step)]
            for part in parts:
                for one in inputs:
                    session.module.RopNode(one).render(part)
                render(session, held, part, is_told=verbose and output_progress)

    class LopNode(OpNode):
        """hou.LopNode"""

        def stage(self, **options: Any) -> Any:
            if options and is_old(session.version):
                raise TypeError("stage() got an unexpected keyword argument")
            frame = options.get("frame") or session.scene.frame
            return Stage(self._held.stage, frame) if self._held.stage else None

    class SopNode(OpNode):
        """hou.SopNode"""

    class CopNode(OpNode):
        """hou.CopNode"""

    class ObjNode(OpNode):
        """hou.ObjNode"""

    return [Node, OpNode, RopNode, LopNode, SopNode, CopNode, ObjNode]


def functions(session: Session) -> list[Callable[..., Any]]:
    def applicationVersionString() -> str:
        return session.version

    def applicationVersion(include_patch: bool = False) -> tuple[int, ...]:
        return tuple(int(one) for one in session.version.split("."))

    def frame() -> float:
        return session.scene.frame

    def hscript(command: str) -> tuple[str, ...]:
        if not command.startswith("mwrite -n "):
            raise MisuseError(f"the double knows no {command}")
        path = command[len("mwrite -n ") :].strip('"')
        if session.disk != "silent":
            Path(path).write_text("a copy")
            session.saved.append(path)
        return ("", "")

    def selectedNodes(include_hidden: bool = False) -> tuple[Any, ...]:
        return tuple(wrapped(session, session.scene.nodes[one]) for one in session.selected)

    def pwd() -> Any:
        return wrapped(session, session.scene.nodes[session.pwd])

    def isUIAvailable() -> bool:
        return session.has_window

    def getenv(name: str, default_value: str | None = None) -> str | None:
        return {"HFS": "/opt/hfs20.5.410"}.get(name, default_value)

    def node(path: str) -> Any:
        held = session.scene.nodes.get(path)
        return wrapped(session, held) if held else None

    def nodeTypeCategories() -> dict[str, Any]:
        names = dict.fromkeys(one.partition("/")[0] for one in TYPES)
        return {one: session.module.OpNodeTypeCategory(one) for one in names}

    def objNodeTypeCategory() -> Any:
        return session.module.OpNodeTypeCategory("Object")

    def nodeType(category_or_name: Any, internal_name: str) -> Any:
        name = f"{category_or_name.name()}/{internal_name}"
        if name not in TYPES:
            raise MisuseError(f"no source has a type {name}")
        return session.module.OpNodeType(name)

    def fileReferences() -> tuple[Any, ...]:
        return tuple(
            (session.module.Parm(held, name), str(held.raw(name)))
            for held in session.scene.nodes.values()
            for name, kind in held.kinds.items()
            if kind == "file" and held.raw(name)
        )

    def setFrame(frame_number: float) -> None:
        session.scene.frame = float(frame_number)

    def timeToFrame(time: float) -> float:
        return time * FPS + 1

    def releaseLicense() -> None:
        session.has_licence = False
        print("licence given back", flush=True)

    return [
        applicationVersion,
        applicationVersionString,
        frame,
        hscript,
        selectedNodes,
        pwd,
        isUIAvailable,
        getenv,
        node,
        nodeTypeCategories,
        objNodeTypeCategory,
        nodeType,
        fileReferences,
        setFrame,
        timeToFrame,
        releaseLicense,
    ]
