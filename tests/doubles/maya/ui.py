"""What the double has of Maya's window: menus, shelves, views and preferences; each with its real flags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from doubles.maya.flags import need
from doubles.maya.session import Session
from doubles.strict import MisuseError

#: A window has these from when Maya has started; the shelf in front is the second.
_MAIN, _SHELVES, _SHELF = "MayaWindow", "Shelves", "Custom"
#: The states in which Maya has a window.
_WITH_WINDOW = (0, 3)


def commands(session: Session) -> list[Callable[..., Any]]:
    """Return the commands of Maya's window."""
    return [*_menus(session), *_shelves(session), *_views(session), *_preferences(session)]


def _menus(session: Session) -> list[Callable[..., Any]]:
    def window(name: str, *, exists: bool) -> bool:
        need(exists=exists)
        return session.is_window_up and name == _MAIN

    def evalDeferred(act: str | Callable[[], None], *, lowestPriority: bool) -> None:
        need(lowestPriority=lowestPriority)
        session.deferred.append(act)

    def menu(name: str, **flags: Any) -> Any:
        if "exists" in flags:
            need(**flags)
            return name in session.menus
        need(tearOff=flags["tearOff"])
        if session.state not in _WITH_WINDOW or not session.is_window_up or flags.get("parent") != _MAIN:
            raise RuntimeError(f"menu: Object '{flags.get('parent')}' not found.")
        if name in session.menus:
            raise RuntimeError(f"menu: the name '{name}' is not unique")
        session.menus[name] = []
        return name

    def menuItem(
        *, parent: str, label: str = "", command: Any = None, divider: bool = False, annotation: str = ""
    ) -> None:
        if bool(label) == divider or bool(label) != bool(command and annotation):
            raise MisuseError("an entry has words, a help and a deed, or it is a line between others")
        session.menus[parent].append((label, command))

    def deleteUI(name: str, *, menu: bool = False) -> None:
        need(menu=menu)
        if name not in session.menus:
            raise RuntimeError(f"deleteUI: Object '{name}' not found.")
        del session.menus[name]

    return [window, evalDeferred, menu, menuItem, deleteUI]


def _shelves(session: Session) -> list[Callable[..., Any]]:
    def tabLayout(name: str, *, query: bool, selectTab: bool) -> str:
        need(query=query, selectTab=selectTab)
        if name != _SHELVES:
            raise RuntimeError(f"Object '{name}' not found.")
        return _SHELF

    def shelfLayout(name: str, *, query: bool, childArray: bool) -> list[str] | None:
        need(query=query, childArray=childArray)
        if name != _SHELF:
            raise RuntimeError(f"Object '{name}' not found.")
        return list(session.shelf) or None

    def objectTypeUI(name: str) -> str:
        return "separator" if "separator" in name else "shelfButton"

    def shelfButton(name: str = "", *, query: bool = False, label: Any = "", **flags: Any) -> Any:
        if name:
            need(query=query, label=label)
            if objectTypeUI(name) != "shelfButton":
                raise RuntimeError(f"shelfButton: Object '{name}' not found.")
            return session.shelf[name]["label"]
        if flags["parent"] != _SHELF:
            raise RuntimeError(f"shelfButton: Object '{flags['parent']}' not found.")
        made = f"shelfButton{len(session.shelf) + 1}"
        session.shelf[made] = {"label": label, **flags}
        return made

    return [tabLayout, shelfLayout, objectTypeUI, shelfButton]


def _views(session: Session) -> list[Callable[..., Any]]:
    def getPanel(*, typeOf: str = "", **flags: bool) -> Any:
        if typeOf:
            return "modelPanel" if typeOf in session.views else "outlinerPanel"
        need(**flags)
        return session.focus if "withFocus" in flags else list(session.views)

    def modelPanel(name: str, *, query: bool, camera: bool) -> str:
        need(query=query, camera=camera)
        if name not in session.views:
            raise RuntimeError(f"modelPanel: Object '{name}' not found.")
        return session.views[name]

    return [getPanel, modelPanel]


def _preferences(session: Session) -> list[Callable[..., Any]]:
    def optionVar(
        *,
        exists: str = "",
        query: str = "",
        intValue: tuple[str, int] | None = None,
        stringValue: tuple[str, str] = ("", ""),
    ) -> Any:
        if exists:
            return exists in session.remembered
        if query:
            return session.remembered.get(query, 0)
        if intValue:
            key, number = intValue
            session.remembered[key] = int(number)
            return None
        key, value = stringValue
        if not isinstance(value, str):
            raise MisuseError(f"optionVar {key} is no text")
        session.remembered[key] = value
        return None

    return [optionVar]
