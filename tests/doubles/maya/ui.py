"""What the double has of Maya's window and of its interface for plug-ins."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from doubles import strict
from doubles.maya.session import Session
from doubles.strict import MisuseError
from doubles.stubs import Stub


def commands(session: Session) -> list[Callable[..., Any]]:
    """Return the commands of menus, shelves and preferences."""

    def menu(name: str, *, exists: bool = False, **flags: Any) -> Any:
        if exists:
            return name in session.menus
        if not session.has_window or flags.get("parent") != "MayaWindow":
            raise RuntimeError(f"menu: Object 'MayaWindow' not found: {flags}")
        if name in session.menus:
            raise RuntimeError(f"menu: the name '{name}' is not unique")
        session.menus[name] = []
        return name

    def menuItem(*, parent: str, label: str = "", command: Any = None, divider: bool = False) -> None:
        session.menus[parent].append((label, command))

    def deleteUI(name: str, *, menu: bool = False) -> None:
        known = session.menus if menu else session.shelf
        if name not in known:
            raise RuntimeError(f"deleteUI: Object '{name}' not found.")
        del known[name]

    def shelfButton(name: str, *, exists: bool = False, **flags: Any) -> Any:
        if exists:
            return name in session.shelf
        if name in session.shelf or flags["parent"] != "Custom":
            raise RuntimeError(f"shelfButton: '{name}' can't be made in {flags['parent']}")
        session.shelf[name] = flags
        return name

    def tabLayout(name: str, *, query: bool, selectTab: bool) -> str:
        if name != "Shelves":
            raise RuntimeError(f"Object '{name}' not found.")
        return "Custom"

    def optionVar(*, exists: str = "", query: str = "", stringValue: tuple[str, str] = ("", "")) -> Any:
        if exists:
            return exists in session.remembered
        if query:
            return session.remembered[query]
        session.remembered.update([stringValue])
        return None

    def warning(text: str) -> None:
        session.warnings.append(text)

    return [menu, menuItem, deleteUI, shelfButton, tabLayout, optionVar, warning]


def open_maya(stub: Stub, session: Session) -> types.ModuleType:
    """Return `maya.api.OpenMaya`."""

    class MGlobal:
        """OpenMaya.MGlobal"""

        kInteractive, kBatch, kLibraryApp, kBaseUIMode = 0, 1, 2, 3

        @staticmethod
        def mayaState() -> int:
            return 0 if session.has_window else 2

    class MSyntax:
        """OpenMaya.MSyntax"""

        kString, kLong = "text", "whole number"

        def __init__(self) -> None:
            object.__setattr__(self, "_flags", {})

        def addFlag(self, short: str, long: str, kind: str) -> None:
            if not (short.startswith("-") and 2 <= len(short) <= 4 and long.startswith("-") and len(long) >= 5):
                raise MisuseError(f"Maya takes no flag {short} {long}")
            self._flags[short] = (long, kind)

    class MArgParser:
        """OpenMaya.MArgParser"""

        def __init__(self, syntax: Any, given: dict[str, Any]) -> None:
            long = {long[1:]: (short, kind) for short, (long, kind) in syntax._flags.items()}
            unknown = set(given) - set(long)
            if unknown:
                raise TypeError(f"Invalid flag '{min(unknown)}'")
            object.__setattr__(self, "_given", {long[key][0]: (long[key][1], value) for key, value in given.items()})

        def isFlagSet(self, flag: str) -> bool:
            return flag in self._given

        def flagArgumentString(self, flag: str, place: int) -> str:
            return self._value(flag, "text")

        def flagArgumentInt(self, flag: str, place: int) -> int:
            return self._value(flag, "whole number")

        def _value(self, flag: str, kind: str) -> Any:
            if self._given[flag][0] != kind:
                raise MisuseError(f"{flag} is no {kind}")
            return self._given[flag][1]

    class MPxCommand:
        """OpenMaya.MPxCommand"""

        def syntax(self) -> Any:
            return session.syntax

        @staticmethod
        def setResult(value: Any) -> None:
            session.result = value

    class MFnPlugin:
        """OpenMaya.MFnPlugin"""

        def __init__(self, plugin: Any, vendor: str = "", version: str = "") -> None:
            pass

        def registerCommand(self, name: str, create: Any, syntax: Any) -> None:
            if name in session.registry:
                raise RuntimeError(f"{name} is registered already")

            def run(**given: Any) -> Any:
                session.syntax, session.result = syntax(), None
                create().doIt(given)
                return session.result

            session.registry[name] = run

        def deregisterCommand(self, name: str) -> None:
            del session.registry[name]

    return strict.module(stub, [MGlobal, MSyntax, MArgParser, MPxCommand, MFnPlugin])


def open_maya_ui(stub: Stub, session: Session) -> types.ModuleType:
    """Return `maya.OpenMayaUI`."""

    class MQtUtil:
        """OpenMayaUI.MQtUtil"""

        @staticmethod
        def mainWindow() -> Any:
            return session.main_window

    return strict.module(stub, [MQtUtil])
