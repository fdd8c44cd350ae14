"""The double of `hou`: each call as the stubs have it, and as Houdini's documentation says what it does."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from doubles import strict
from doubles.houdini.model import Node as Held
from doubles.houdini.model import Scene
from doubles.houdini.parms import TYPES, is_known
from doubles.strict import MisuseError
from doubles.stubs import Stub

_FPS = 24.0


class _Session:
    """The process: what is open in it."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.scene = Scene("untitled.hip", {})
        self.module: Any = None
        self.has_licence = True


def make(stub: Stub, version: str = "20.5.410") -> types.ModuleType:
    """Return a `hou` with nothing open."""
    session = _Session(version)
    module = strict.module(
        stub, [*_exceptions(), *_enumerations(), *_nodes(session), *_classes(session), *_functions(session)]
    )
    session.module = module
    return module


def _exceptions() -> list[type]:
    class Error(Exception):
        """hou.Error"""

        def instanceMessage(self) -> str:
            return str(self.args[0])

    class OperationFailed(Error):
        """hou.OperationFailed"""

    class LoadWarning(Error):
        """hou.LoadWarning"""

    class PermissionError(Error):  # hou's own
        """hou.PermissionError"""

    return [Error, OperationFailed, LoadWarning, PermissionError]


def _enumerations() -> list[type]:
    class renderMethod:
        """hou.renderMethod"""

        RopByRop, FrameByFrame = "RopByRop", "FrameByFrame"

    class ropRenderEventType:
        """hou.ropRenderEventType"""

        PreRender, PreFrame, PostFrame, PostWrite, PostRender = (
            "PreRender",
            "PreFrame",
            "PostFrame",
            "PostWrite",
            "PostRender",
        )

    class parmTemplateType:
        """hou.parmTemplateType"""

        Int, Float, String, Toggle, Menu, Button = "Int", "Float", "String", "Toggle", "Menu", "Button"

    return [renderMethod, ropRenderEventType, parmTemplateType]


def _nodes(session: _Session) -> list[type]:
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
            return session.module.OpNodeType(self._held.type)

        def inputs(self) -> tuple[Any, ...]:
            return tuple(_wrapped(session, session.scene.nodes[one]) for one in self._held.inputs)

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
                    callback(self, kind, (frame - 1) / _FPS)

            self._held.callbacks.append(told)

        def inputDependencies(self) -> tuple[Any, ...]:
            frames = (1.0, 2.0)
            return tuple((_wrapped(session, session.scene.nodes[one]), frames) for one in self._held.inputs)

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
            for one in [] if ignore_inputs else held.inputs:
                session.module.RopNode(session.scene.nodes[one]).render(frame_range)
            _render(session, held, frame_range, is_told=verbose and output_progress)

    class LopNode(OpNode):
        """hou.LopNode"""

        def stage(self) -> Any:
            return _Stage(self._held.stage) if self._held.stage else None

    class SopNode(OpNode):
        """hou.SopNode"""

    class CopNode(OpNode):
        """hou.CopNode"""

    class ObjNode(OpNode):
        """hou.ObjNode"""

    return [Node, OpNode, RopNode, LopNode, SopNode, CopNode, ObjNode]


def _render(session: _Session, held: Held, frame_range: Sequence[float], *, is_told: bool) -> None:
    """Render the range, trimmed to the node's own where it has one that is on."""
    first, last, step = (*(int(one) for one in frame_range), 1)[:3]
    if "trange" in held.kinds and held.number("trange"):
        first, last = max(first, int(held.number("f1"))), min(last, int(held.number("f2")))
    held.render(list(range(first, last + 1, step)), is_told=is_told)


def _wrapped(session: _Session, held: Held) -> Any:
    names = {"Driver": "RopNode", "Lop": "LopNode", "Sop": "SopNode", "Cop": "CopNode", "Object": "ObjNode"}
    return getattr(session.module, names[held.type.partition("/")[0]])(held)


def _classes(session: _Session) -> list[type]:
    class Parm:
        """hou.Parm"""

        def __init__(self, held: Held, name: str) -> None:
            self._held, self._name = held, name

        def name(self) -> str:
            return self._name

        def node(self) -> Any:
            return _wrapped(session, self._held)

        def tuple(self) -> Any:
            return session.module.ParmTuple(self._held, self._name)

        def parmTemplate(self) -> Any:
            return session.module.ParmTemplate(self._held.kinds[self._name])

        def evalAsString(self) -> str:
            return self._held.text(self._name)

        def evalAsStringAtFrame(self, frame: float) -> str:
            return self._held.text(self._name, frame)

        def evalAsFloat(self) -> float:
            return self._held.number(self._name)

        def rawValue(self) -> str:
            return str(self._held.raw(self._name))

        def keyframes(self) -> tuple[Any, ...]:
            return (self._held.keys[self._name],) if self._name in self._held.keys else ()

        def setKeyframes(self, keyframes: Sequence[Any]) -> None:
            (self._held.keys[self._name],) = keyframes

        def deleteAllKeyframes(self) -> None:
            self._check_is_editable()
            self._held.keys.pop(self._name, None)

        def isLocked(self) -> bool:
            return self._name in self._held.locked

        def lock(self, on: bool) -> None:
            self._held.locked.add(self._name) if on else self._held.locked.discard(self._name)

        def set(self, value: Any) -> None:
            self._check_is_editable()
            kind, _, tokens = self._held.kinds[self._name].partition(":")
            wanted = {"file": str, "text": str, "menu": (str, int)}.get(kind, (int, float))
            if not isinstance(value, wanted) or kind == "button":
                raise MisuseError(f"{self._name} is of the kind {kind}, and is set to {value!r}")
            if kind == "menu" and isinstance(value, str) and value not in tokens.split():
                raise MisuseError(f"{self._name} has no token {value!r}, but {tokens}")
            if self._name in self._held.keys:
                return  # an expression goes on counting
            scene, path = session.scene, self._held.path
            if scene.take == "Main":
                self._held.values[self._name] = value
            else:
                scene.takes[scene.take][path][self._name] = value

        def pressButton(self) -> None:
            if self._held.kinds[self._name] != "button":
                raise MisuseError(f"{self._name} is no button")
            held = self._held
            if "f1" not in held.kinds:
                held.render([int(session.scene.frame)], is_told=True)
                return
            on = held.number("trange")
            span = (held.number("f1"), held.number("f2"), held.number("f3")) if on else (session.scene.frame,) * 2
            _render(session, held, span, is_told=True)

        def _check_is_editable(self) -> None:
            scene = session.scene
            if self._name in self._held.locked:
                raise session.module.PermissionError(f"{self._name} is locked")
            if scene.take != "Main" and self._name not in scene.takes[scene.take].get(self._held.path, {}):
                raise session.module.PermissionError(f"{self._name} is not in the take {scene.take}")

    class ParmTuple:
        """hou.ParmTuple"""

        def __init__(self, held: Held, name: str) -> None:
            self._held, self._name = held, name

    class ParmTemplate:
        """hou.ParmTemplate"""

        def __init__(self, kind: str) -> None:
            self._kind = kind.partition(":")[0]

        def type(self) -> Any:
            kinds = session.module.parmTemplateType
            return {
                "file": kinds.String,
                "text": kinds.String,
                "menu": kinds.String,
                "ordinal": kinds.Menu,
                "toggle": kinds.Toggle,
                "int": kinds.Int,
                "float": kinds.Float,
                "button": kinds.Button,
            }[self._kind]

    class NodeType:
        """hou.NodeType"""

        def __init__(self, name: str) -> None:
            self._name = name

        def category(self) -> Any:
            return session.module.OpNodeTypeCategory(self._name.partition("/")[0])

        def nameComponents(self) -> tuple[str, ...]:
            parts = self._name.partition("/")[2].split("::")
            space, name, version = parts if len(parts) == 3 else ("", parts[0], "")
            return ("", space, name, version)

    class OpNodeType(NodeType):
        """hou.OpNodeType"""

        def instances(self) -> tuple[Any, ...]:
            return tuple(_wrapped(session, one) for one in session.scene.of_type(self._name))

    class NodeTypeCategory:
        """hou.NodeTypeCategory"""

        def __init__(self, name: str) -> None:
            self._name = name

        def name(self) -> str:
            return self._name

        def nodeTypes(self) -> dict[str, Any]:
            names = [one for one in TYPES if one.startswith(f"{self._name}/")]
            return {one.partition("/")[2]: session.module.OpNodeType(one) for one in names}

    class OpNodeTypeCategory(NodeTypeCategory):
        """hou.OpNodeTypeCategory"""

    class Take:
        """hou.Take"""

        def __init__(self, name: str) -> None:
            self._name = name

        def name(self) -> str:
            return self._name

        def addParmTuple(self, parm_tuple: Any) -> None:
            held, name = parm_tuple._held, parm_tuple._name
            session.scene.takes[self._name].setdefault(held.path, {}).setdefault(name, held.values[name])

    class takes:
        """hou.takes"""

        @staticmethod
        def currentTake() -> Any:
            return session.module.Take(session.scene.take)

        @staticmethod
        def rootTake() -> Any:
            return session.module.Take("Main")

        @staticmethod
        def findTake(take_name: str) -> Any:
            return session.module.Take(take_name) if take_name in session.scene.takes else None

        @staticmethod
        def setCurrentTake(take: Any) -> None:
            session.scene.take = take.name()

        @staticmethod
        def takes() -> tuple[Any, ...]:
            return tuple(session.module.Take(name) for name in session.scene.takes)

    class hipFile:
        """hou.hipFile"""

        @staticmethod
        def load(file_name: str, suppress_save_prompt: bool = False, ignore_load_warnings: bool = False) -> None:
            if not suppress_save_prompt:
                raise MisuseError("hou.hipFile.load would ask whether to save")
            try:
                session.scene = Scene.read(file_name)
            except ValueError as exc:
                raise session.module.OperationFailed(f"Bad scene file {file_name}: {exc}") from exc
            if session.scene.warning and not ignore_load_warnings:
                raise session.module.LoadWarning(session.scene.warning)

        @staticmethod
        def path() -> str:
            return session.scene.path

        @staticmethod
        def hasUnsavedChanges() -> bool:
            return False

    return [
        Parm,
        ParmTuple,
        ParmTemplate,
        NodeType,
        OpNodeType,
        NodeTypeCategory,
        OpNodeTypeCategory,
        Take,
        takes,
        hipFile,
    ]


class _Prim:
    """A prim of a USD stage, as OpenUSD's documentation has it."""

    def __init__(self, path: str, kind: str, values: dict[str, Any]) -> None:
        self._path, self._kind, self._values = path, kind, values

    def GetPath(self) -> str:
        return self._path

    def GetTypeName(self) -> str:
        return self._kind

    def GetAttribute(self, name: str) -> Any:
        if name not in self._values:
            raise MisuseError(f"a {self._kind} has no attribute {name}")
        value = self._values[name]
        return types.SimpleNamespace(Get=lambda frame=None: value(frame) if callable(value) else value)


class _Stage:
    """A USD stage with what renders."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def Traverse(self) -> list[_Prim]:
        found = [_Prim(path, "Camera", {}) for path in self._content.get("cameras", [])]
        if "resolution" in self._content:
            found.append(_Prim("/Render/rendersettings", "RenderSettings", {"resolution": self._content["resolution"]}))
        for place, name in enumerate(self._content.get("products", [])):
            found.append(_Prim(f"/Render/Products/p{place}", "RenderProduct", {"productName": _at(name)}))
        return found


def _at(name: str) -> Callable[[float], str]:
    return lambda frame: name.replace("$F4", str(int(frame)).zfill(4))


def _functions(session: _Session) -> list[Callable[..., Any]]:
    def applicationVersionString() -> str:
        return session.version

    def node(path: str) -> Any:
        held = session.scene.nodes.get(path)
        return _wrapped(session, held) if held else None

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
        return time * _FPS + 1

    def releaseLicense() -> None:
        session.has_licence = False
        print("licence given back", flush=True)

    return [
        applicationVersionString,
        node,
        nodeTypeCategories,
        objNodeTypeCategory,
        nodeType,
        fileReferences,
        setFrame,
        timeToFrame,
        releaseLicense,
    ]
