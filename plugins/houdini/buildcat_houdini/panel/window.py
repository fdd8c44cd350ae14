"""The window of Buildcat in Houdini: one, kept until it is closed. Runs inside Houdini 19.5 to 22, in its window."""

from __future__ import annotations

import hou

from buildcat.inside import qt_window
from buildcat_houdini.panel.host import HoudiniHost


def show(*, jobs: bool = False) -> qt_window.Window:
    """Bring the window up, at the page that submits or at the jobs, and return it."""
    return qt_window.show(HoudiniHost, hou.qt.mainWindow(), jobs=jobs)
