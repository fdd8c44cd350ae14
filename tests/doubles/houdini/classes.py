"""The smaller classes of the double's `hou`: parameters, types, takes, files; exceptions and enumerations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from doubles.houdini.model import Node as Held
from doubles.houdini.model import Scene
from doubles.houdini.parms import TYPES
from doubles.houdini.session import Session, render, wrapped
from doubles.strict import MisuseError


def exceptions() -> list[type]:
    class Error(Exception):
        """hou.Error"""

        def instanceMessage(self) -> str:
            return str(self.args[0])

    class OperationFailed(Error):
        """hou.OperationFailed"""

    class LoadWarning(Error):
        """hou.LoadWarning"""

    class NodeError(Error):
        """hou.NodeError"""

    class PermissionError(Error):  # hou's own
        """hou.PermissionError"""

    return [Error, OperationFailed, LoadWarning, NodeError, PermissionError]


def enumerations() -> list[type]:
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

    class severityType:
        """hou.severityType"""

        Message, ImportantMessage, Warning, Error, Fatal = "Message", "ImportantMessage", "Warning", "Error", "Fatal"

    return [renderMethod, ropRenderEventType, parmTemplateType, severityType]


def classes(session: Session) -> list[type]:
    class Parm:
        """hou.Parm"""

        def __init__(self, held: Held, name: str) -> None:
            self._held, self._name = held, name

        def name(self) -> str:
            return self._name

        def node(self) -> Any:
            return wrapped(session, self._held)

        def tuple(self) -> Any:
            return session.module.ParmTuple(self._held, self._name)

        def parmTemplate(self) -> Any:
            return session.module.ParmTemplate(self._held.kinds[self._name])

        def evalAsString(self) -> str:
            return self.evalAsStringAtFrame(session.scene.frame)

        def evalAsStringAtFrame(self, frame: float) -> str:
            try:
                return self._held.text(self._name, frame)
            except ValueError as exc:
                raise session.module.OperationFailed(str(exc)) from exc

        def evalAsFloat(self) -> float:
            if self._held.raw(self._name) == "BROKEN":
                raise session.module.OperationFailed("Unable to evaluate expression")
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
            render(session, held, span, is_told=True)

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

        def __init__(self, name: str, asset: str = "") -> None:
            self._name, self._asset = name, asset

        def category(self) -> Any:
            return session.module.OpNodeTypeCategory(self._name.partition("/")[0])

        def nameComponents(self) -> tuple[str, ...]:
            parts = self._name.partition("/")[2].split("::")
            space, name, version = parts if len(parts) == 3 else ("", parts[0], "")
            return ("", space, name, version)

    class OpNodeType(NodeType):
        """hou.OpNodeType"""

        def definition(self) -> Any:
            return session.module.HDADefinition(self._asset) if self._asset else None

        def instances(self) -> tuple[Any, ...]:
            return tuple(wrapped(session, one) for one in session.scene.of_type(self._name))

    class NodeTypeCategory:
        """hou.NodeTypeCategory"""

        def __init__(self, name: str) -> None:
            self._name = name

        def name(self) -> str:
            return self._name

        def nodeTypes(self) -> dict[str, Any]:
            names = [one for one in TYPES if one.startswith(f"{self._name}/")]
            assets = {one.type: one.asset for one in session.scene.nodes.values() if one.asset.startswith("/studio")}
            return {one.partition("/")[2]: session.module.OpNodeType(one, assets.get(one, "")) for one in names}

    class OpNodeTypeCategory(NodeTypeCategory):
        """hou.OpNodeTypeCategory"""

    class HDADefinition:
        """hou.HDADefinition"""

        def __init__(self, path: str) -> None:
            self._path = path

        def libraryFilePath(self) -> str:
            return self._path

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
            if session.scene.says:
                print(session.scene.says, flush=True)
            if session.scene.warning and not ignore_load_warnings:
                raise session.module.LoadWarning(session.scene.warning)

        @staticmethod
        def path() -> str:
            return session.scene.path

        @staticmethod
        def clear(suppress_save_prompt: bool = False) -> None:
            if not suppress_save_prompt:
                raise MisuseError("hou.hipFile.clear would ask whether to save")
            session.scene = Scene("untitled.hip", {})

        @staticmethod
        def setName(file_name: str) -> None:
            session.scene.path = file_name

        @staticmethod
        def basename() -> str:
            return session.scene.path.rpartition("/")[2]

        @staticmethod
        def save(file_name: str | None = None, save_to_recent_files: bool = True) -> None:
            if session.disk == "full":
                raise session.module.OperationFailed("Disk full.")
            session.saved.append(file_name or session.scene.path)
            if file_name:
                session.scene.write(file_name)
            session.is_unsaved = False

        @staticmethod
        def isNewFile() -> bool:
            return session.scene.path == "untitled.hip"

        @staticmethod
        def hasUnsavedChanges() -> bool:
            return session.is_unsaved

    class hda:
        """hou.hda"""

        @staticmethod
        def installFile(file_path: str) -> None:
            if not Path(file_path, "houdini.hdalibrary").is_file():
                raise session.module.OperationFailed(f"{file_path} is no library of assets")
            session.installed.append(file_path)

        @staticmethod
        def uninstallFile(file_path: str) -> None:
            session.installed.remove(file_path)

    class ui:
        """hou.ui"""

        @staticmethod
        def displayMessage(
            text: str,
            buttons: Sequence[str] = ("OK",),
            severity: Any = None,
            close_choice: int = -1,
            title: str | None = None,
        ) -> int:
            session.messages.append(text)
            session.shown.append((title, tuple(buttons), close_choice))
            return session.answer

        @staticmethod
        def setStatusMessage(message: str, severity: Any = None) -> None:
            session.status.append((message, severity))

        @staticmethod
        def addEventLoopCallback(callback: Any) -> None:
            session.callbacks.append(callback)

        @staticmethod
        def removeEventLoopCallback(callback: Any) -> None:
            session.callbacks.remove(callback)

    class qt:
        """hou.qt"""

        @staticmethod
        def mainWindow() -> Any:
            return session.main_window

    return [
        HDADefinition,
        hda,
        ui,
        qt,
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
