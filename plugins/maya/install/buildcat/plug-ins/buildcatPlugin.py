"""Maya's plug-in Buildcat: the menu, and the command `buildcatSubmit`. Loaded by Maya's Plug-in Manager."""

from __future__ import annotations

from typing import Any

from maya.api import OpenMaya

from buildcat_maya.panel import command

maya_useNewAPI = True  # the name by which Maya knows that these are objects of its newer interface

_menus: list[Any] = []


def initializePlugin(plugin: Any) -> None:
    """Add the command; in a Maya with a window, the menu too."""
    made = OpenMaya.MFnPlugin(plugin, "Buildcat", "1.0.0")
    made.registerCommand(command.NAME, command.create, command.syntax)
    if command.has_window():
        from buildcat_maya.panel.menu import Menu

        _menus.append(Menu())
        _menus[0].add()


def uninitializePlugin(plugin: Any) -> None:
    """Take away what was added."""
    while _menus:
        _menus.pop().remove()
    OpenMaya.MFnPlugin(plugin).deregisterCommand(command.NAME)
