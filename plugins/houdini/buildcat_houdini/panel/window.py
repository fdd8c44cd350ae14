"""The window of Buildcat in Houdini: one, kept until it is closed. Runs inside Houdini 19.5 to 22, in its window."""

from __future__ import annotations

from typing import Any

import hou

from buildcat.inside.qt_window import Window
from buildcat_houdini.panel.host import HoudiniHost

_open: list[Any] = []


def show(*, jobs: bool = False) -> Any:
    """Bring the window up, at the page that submits or at the jobs, and return it."""
    if not _open:
        window = Window(HoudiniHost(), hou.qt.mainWindow())
        window.finished.connect(lambda *_: _open.clear())
        _open.append(window)
    window = _open[0]
    if jobs:
        window.show_jobs()
    else:
        window.submit.reload()
        window.pages.setCurrentWidget(window.submit)
    window.show()
    window.raise_()
    window.activateWindow()
    return window
