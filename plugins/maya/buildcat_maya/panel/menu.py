"""The menu Buildcat, its shelf button and what they do. Runs inside Maya 2023 to 2027, in its window."""

from __future__ import annotations

import webbrowser
from typing import Any

from maya import OpenMayaUI, cmds, mel

from buildcat.inside import qt_window
from buildcat.inside.qt import QtWidgets, wrapped
from buildcat.model.errors import BuildcatError
from buildcat_maya.panel import host, preferences
from buildcat_maya.panel.settings import SettingsDialog

MENU = "buildcatMenu"
_SHELF_BUTTON = "buildcatSubmitButton"
_MAIN_WINDOW = "MayaWindow"


def build() -> None:
    """Make the menu; one that is there already is made anew."""
    remove()
    cmds.menu(MENU, label="Buildcat", parent=_MAIN_WINDOW, tearOff=True)
    for label, act in (
        ("Submit...", submit),
        ("Jobs...", jobs),
        ("Render test frame", test_frame),
        ("Open monitor", open_monitor),
        ("Settings...", settings),
    ):
        cmds.menuItem(label=label, parent=MENU, command=lambda *_, act=act: act())
    cmds.menuItem(divider=True, parent=MENU)
    cmds.menuItem(label="Add button to shelf", parent=MENU, command=lambda *_: add_to_shelf())


def remove() -> None:
    """Take the menu away."""
    if cmds.menu(MENU, exists=True):
        cmds.deleteUI(MENU, menu=True)


def _main_window() -> Any:
    return wrapped(OpenMayaUI.MQtUtil.mainWindow(), QtWidgets.QMainWindow)


def submit() -> None:
    """Open the window that submits."""
    qt_window.show(host.MayaHost, _main_window())


def jobs() -> None:
    """Open the window with my jobs."""
    qt_window.show(host.MayaHost, _main_window(), jobs=True)


def test_frame() -> None:
    """Submit the current frame of the current layer, as the window's form says."""
    window = qt_window.show(host.MayaHost, _main_window())
    try:
        chosen = host.key(*host.current())
    except BuildcatError as exc:
        cmds.warning(f"Buildcat: {exc}")
        return
    window.submit.submit_only([chosen], str(int(cmds.currentTime(query=True))))


def open_monitor() -> None:
    """Open the studio's page for jobs; without an address, the settings that ask for it."""
    address = preferences.get("monitor")
    if address:
        webbrowser.open(address)
    else:
        settings()


def settings() -> None:
    """Ask where the farm is."""
    SettingsDialog(_main_window()).show()


def add_to_shelf() -> None:
    """Put a button that submits on the shelf in front."""
    top = mel.eval("$buildcat = $gShelfTopLevel")  # type: ignore[no-untyped-call]  # only MEL knows it
    shelf = cmds.tabLayout(top, query=True, selectTab=True)
    if cmds.shelfButton(_SHELF_BUTTON, exists=True):
        cmds.deleteUI(_SHELF_BUTTON)
    cmds.shelfButton(
        _SHELF_BUTTON,
        parent=shelf,
        label="Buildcat",
        annotation="Submit this scene to the render farm",
        image="buildcat.png",
        sourceType="python",
        command="from buildcat_maya.panel import menu; menu.submit()",
    )
