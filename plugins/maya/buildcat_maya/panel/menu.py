"""The menu Buildcat, and what its entries do. Runs inside Maya 2023 to 2027, in its window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from maya import OpenMayaUI, cmds, mel
from maya.api import OpenMaya

from buildcat.inside import qt_window
from buildcat.inside.qt import QtCore, QtGui, QtWidgets, wrapped
from buildcat.model.errors import BuildcatError
from buildcat_maya.panel import preferences
from buildcat_maya.panel.host import MayaHost
from buildcat_maya.panel.settings import SettingsDialog

MENU = "buildcatMenu"
LABEL = "Buildcat"
_MAIN_WINDOW = "MayaWindow"
#: In a monitor's address: where the id of a job goes.
_JOB = "{job}"


class Menu:
    """The menu, from when the plug-in is loaded until it is unloaded."""

    def __init__(self) -> None:
        """Make nothing yet."""
        self._is_wanted = False

    def add(self) -> None:
        """Make the menu, as soon as Maya has its window: plug-ins that it loads by itself come before."""
        self._is_wanted = True
        if cmds.window(_MAIN_WINDOW, exists=True):
            self._build()
        else:
            cmds.evalDeferred(self._build, lowestPriority=True)

    def _build(self) -> None:
        if not self._is_wanted:
            return
        _delete()
        cmds.menu(MENU, label=LABEL, parent=_MAIN_WINDOW, tearOff=True)
        for label, tip, act in ENTRIES:
            cmds.menuItem(label=label, annotation=tip, parent=MENU, command=_told(act))
        cmds.menuItem(divider=True, parent=MENU)
        cmds.menuItem(label="Add to shelf", annotation=_SHELF_TIP, parent=MENU, command=_told(add_to_shelf))

    def remove(self) -> None:
        """Take the menu away, and close our windows."""
        self._is_wanted = False
        _delete()
        qt_window.close()
        main = _main_window()
        dialogs: list[SettingsDialog] = main.findChildren(SettingsDialog) if main else []
        for one in dialogs:
            one.reject()


def _delete() -> None:
    if cmds.menu(MENU, exists=True):
        cmds.deleteUI(MENU, menu=True)


def _told(act: Callable[[], object]) -> Callable[..., None]:
    """Return what an entry calls; Maya gives it an argument, and shows its errors in a line."""

    def call(*_: object) -> None:
        try:
            act()
        except BuildcatError as exc:
            OpenMaya.MGlobal.displayError(f"Buildcat: {exc}")

    return call


def _main_window() -> Any:
    return wrapped(OpenMayaUI.MQtUtil.mainWindow(), QtWidgets.QMainWindow)


def submit() -> None:
    """Open the window that submits."""
    qt_window.show(MayaHost, _main_window())


def jobs() -> None:
    """Open the window with my jobs."""
    qt_window.show(MayaHost, _main_window(), jobs=True)


def test_frame() -> None:
    """Submit the current frame of the current layer and camera at once, as the window's form says."""
    window = qt_window.show(MayaHost, _main_window())
    window.submit.submit_now(MayaHost().test_jobs)


def open_monitor() -> None:
    """Open the studio's page about the farm; without an address, the settings, which ask for it."""
    address = preferences.get("monitor")
    if not address:
        settings().say("Name the address of your studio's web page about the farm, if it has one.")
        return
    chosen = qt_window.chosen_job()
    url = address.replace(_JOB, chosen) if chosen else address.partition(_JOB)[0]
    QtGui.QDesktopServices.openUrl(QtCore.QUrl(url))


def settings() -> SettingsDialog:
    """Ask where the farm is."""
    dialog = SettingsDialog(_main_window())
    dialog.show()
    return dialog


def add_to_shelf() -> None:
    """Put a button that submits on the shelf in front, unless it has one; it works without the plug-in too."""
    top = mel.eval("$buildcat = $gShelfTopLevel")  # type: ignore[no-untyped-call]  # only MEL knows it
    shelf = cmds.tabLayout(top, query=True, selectTab=True)
    for one in cmds.shelfLayout(shelf, query=True, childArray=True) or ():
        if cmds.objectTypeUI(one) == "shelfButton" and cmds.shelfButton(one, query=True, label=True) == LABEL:
            return
    cmds.shelfButton(
        parent=shelf,
        label=LABEL,
        annotation=_SHELF_TIP,
        image="buildcat.png",
        sourceType="python",
        command="from buildcat_maya.panel import menu; menu.submit()",
    )


_SHELF_TIP = "A button that opens Buildcat"
#: Label, help and deed of each entry.
ENTRIES = (
    ("Submit...", "Choose layers and cameras, and send them to the farm", submit),
    ("Jobs...", "See how far my jobs are", jobs),
    ("Render test frame", "Send the current frame of the current layer and camera at once", test_frame),
    ("Open monitor", "Open the studio's web page about the farm", open_monitor),
    ("Settings...", "Say where the farm is", settings),
)
