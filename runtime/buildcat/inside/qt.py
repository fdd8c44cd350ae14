"""Qt, as the DCC has it. Runs inside a DCC: Python 3.9.

Never chosen by the DCC's version: Houdini 21 exists with Qt 5 and with Qt 6. Enumerations are written with the name of
their class, which both bindings understand.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

try:
    from PySide6 import QtCore, QtGui, QtWidgets
except ImportError:  # a DCC of before 2024
    from PySide2 import QtCore, QtGui, QtWidgets  # type: ignore[import-not-found, no-redef]  # one of the two

__all__ = ["QtCore", "QtGui", "QtWidgets", "error_colour", "icon", "warning_colour", "wrapped"]

_ICONS = {
    "error": "SP_MessageBoxCritical",
    "warning": "SP_MessageBoxWarning",
    "info": "SP_MessageBoxInformation",
    "done": "SP_DialogApplyButton",
    "folder": "SP_DirOpenIcon",
    "log": "SP_FileDialogDetailedView",
    "pause": "SP_MediaPause",
    "resume": "SP_MediaPlay",
    "cancel": "SP_DialogCancelButton",
    "retry": "SP_BrowserReload",
}


def icon(widget: QtWidgets.QWidget, name: str) -> QtGui.QIcon:
    """Return an icon of the application's own style."""
    return widget.style().standardIcon(getattr(QtWidgets.QStyle.StandardPixmap, _ICONS[name]))


def error_colour(widget: QtWidgets.QWidget) -> str:
    """Return a red that can be read on the application's background."""
    return "#ff8a80" if _is_dark(widget) else "#b3261e"


def warning_colour(widget: QtWidgets.QWidget) -> str:
    """Return a yellow that can be read there."""
    return "#ffd54f" if _is_dark(widget) else "#8a5a00"


def _is_dark(widget: QtWidgets.QWidget) -> bool:
    return widget.palette().color(QtGui.QPalette.ColorRole.Window).lightness() < 128


def wrapped(pointer: Any, kind: type) -> Any:
    """Return the widget that an application hands out as a bare pointer; None where it has none."""
    if not pointer:
        return None
    shiboken = import_module(QtCore.__name__.partition(".")[0].replace("PySide", "shiboken"))
    return shiboken.wrapInstance(int(pointer), kind)
