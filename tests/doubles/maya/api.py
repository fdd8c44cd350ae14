"""What the double has of Maya's interface for plug-ins: `maya.api.OpenMaya`, and `maya.OpenMayaUI`."""

from __future__ import annotations

import types
from functools import cache
from pathlib import Path
from typing import Any

from doubles import strict, stubs
from doubles.maya.session import Session
from doubles.strict import MisuseError
from doubles.stubs import Stub

#: What each kind of a flag takes from Python.
_TAKES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "whole": (int,),
    "number": (int, float),
    "yes or no": (bool, int),
}


def modules(session: Session, folder: Path) -> dict[str, types.ModuleType]:
    """Return each module of a Maya with a window, and let `maya` have them; `folder` is that of the stubs of `maya`."""
    maya = session.modules["maya"]
    maya.OpenMayaUI = open_maya_ui(_stub("maya.OpenMayaUI", folder / "OpenMayaUI.pyi"), session)
    return {"maya.OpenMayaUI": maya.OpenMayaUI, **batch(session, folder)}


def batch(session: Session, folder: Path) -> dict[str, types.ModuleType]:
    """Return what a mayapy has of them; made when it is asked for, since the stubs are long."""
    api = types.ModuleType("maya.api")

    def find(name: str) -> types.ModuleType:
        if name != "OpenMaya":
            raise AttributeError(name)
        api.OpenMaya = made = open_maya(_stub("maya.api.OpenMaya", folder / "api/OpenMaya.pyi"), session)  # type: ignore[attr-defined]  # a module
        return made

    api.__getattr__ = find  # type: ignore[method-assign]  # PEP 562
    session.modules["maya"].api = api
    return {"maya.api": api}


@cache
def _stub(name: str, path: Path) -> Stub:
    return stubs.parse(name, path)


def open_maya(stub: Stub, session: Session) -> types.ModuleType:
    """Return `maya.api.OpenMaya`."""
    return strict.module(stub, [_global(session), *_flags(session), *_plugins(session)])


def _global(session: Session) -> type:
    class MGlobal:
        """OpenMaya.MGlobal"""

        kInteractive, kBatch, kLibraryApp, kBaseUIMode = 0, 1, 2, 3

        @staticmethod
        def mayaState() -> int:
            return session.state

        @staticmethod
        def displayError(msg: str) -> None:
            session.said.append(("error", msg))

        @staticmethod
        def displayInfo(msg: str) -> None:
            session.said.append(("info", msg))

    return MGlobal


def _flags(session: Session) -> list[type]:
    class MSyntax:
        """OpenMaya.MSyntax"""

        kString, kLong, kDouble, kBoolean = "text", "whole", "number", "yes or no"

        def __init__(self) -> None:
            object.__setattr__(self, "_kinds", {})
            object.__setattr__(self, "_short", {})
            object.__setattr__(self, "_many", set())

        def addFlag(self, short: str, long: str, kind: str) -> None:
            if not (short.startswith("-") and 2 <= len(short) <= 4 and long.startswith("-") and len(long) >= 5):
                raise MisuseError(f"Maya takes no flag {short} {long}")
            if short in self._kinds or long in self._short:
                raise MisuseError(f"{short} {long} is there already")
            self._kinds[short], self._short[long] = kind, short

        def makeFlagMultiUse(self, flag: str) -> None:
            if flag not in self._kinds:
                raise MisuseError(f"there is no flag {flag}")
            self._many.add(flag)

    class MArgList:
        """OpenMaya.MArgList"""

        def __init__(self, values: list[Any]) -> None:
            object.__setattr__(self, "_values", values)

        def asString(self, index: int) -> str:
            return str(self._values[index])

    class MArgParser:
        """OpenMaya.MArgParser"""

        def __init__(self, syntax: Any, given: dict[str, Any]) -> None:
            object.__setattr__(self, "_syntax", syntax)
            object.__setattr__(self, "_uses", {})
            for name, value in given.items():
                flag = syntax._short.get(f"-{name}", f"-{name}")
                if flag not in syntax._kinds:
                    raise TypeError(f"Invalid flag '{name}'")
                self._uses[flag] = list(value) if flag in syntax._many and isinstance(value, (list, tuple)) else [value]
                if not all(isinstance(one, _TAKES[syntax._kinds[flag]]) for one in self._uses[flag]):
                    raise TypeError(f"Invalid arguments for flag '{name}'.  Expected {syntax._kinds[flag]}")

        def isFlagSet(self, flag: str) -> bool:
            if flag not in self._syntax._kinds:
                raise MisuseError(f"there is no flag {flag}")
            return flag in self._uses

        def numberOfFlagUses(self, flag: str) -> int:
            return len(self._uses[flag])

        def getFlagArgumentList(self, flag: str, occurrence: int) -> MArgList:
            return MArgList([self._uses[flag][occurrence]])

        def flagArgumentString(self, flag: str, place: int) -> str:
            return self._value(flag, "text")

        def flagArgumentInt(self, flag: str, place: int) -> int:
            return self._value(flag, "whole")

        def flagArgumentDouble(self, flag: str, place: int) -> float:
            return float(self._value(flag, "number"))

        def flagArgumentBool(self, flag: str, place: int) -> bool:
            return bool(self._value(flag, "yes or no"))

        def _value(self, flag: str, kind: str) -> Any:
            if self._syntax._kinds[flag] != kind or flag in self._syntax._many:
                raise MisuseError(f"{flag} is no single {kind}")
            return self._uses[flag][0]

    return [MSyntax, MArgList, MArgParser]


def _plugins(session: Session) -> list[type]:
    class MPxCommand:
        """OpenMaya.MPxCommand"""

        def syntax(self) -> Any:
            return session.syntax

        @staticmethod
        def setResult(value: Any) -> None:
            if not (isinstance(value, (str, int, float)) or (value and all(isinstance(one, str) for one in value))):
                raise MisuseError(f"a command can't return {value!r}")
            session.result = value

    class MFnPlugin:
        """OpenMaya.MFnPlugin"""

        def __init__(self, plugin: Any, vendor: str = "Unknown", version: str = "Unknown") -> None:
            object.__setattr__(self, "_plugin", plugin)

        def registerCommand(self, name: str, create: Any, syntax: Any) -> None:
            if name in session.registry:
                raise RuntimeError(f"{name} is registered already")

            def run(**given: Any) -> Any:
                session.syntax, session.result = syntax(), None
                create().doIt(given)
                return session.result

            session.registry[name] = run

        def deregisterCommand(self, name: str) -> None:
            if name not in session.registry:
                raise RuntimeError(f"{name} is not registered")
            del session.registry[name]

    return [MPxCommand, MFnPlugin]


def open_maya_ui(stub: Stub, session: Session) -> types.ModuleType:
    """Return `maya.OpenMayaUI`."""

    class MQtUtil:
        """OpenMayaUI.MQtUtil"""

        @staticmethod
        def mainWindow() -> Any:
            return session.main_window

    return strict.module(stub, [MQtUtil])
