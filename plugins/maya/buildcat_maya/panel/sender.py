"""Submits without the window: a script waits for the ids, or the end is told in Maya's own line. Runs inside Maya."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from maya.api import OpenMaya

from buildcat.inside.host import How
from buildcat.inside.sending import Sending, words
from buildcat_maya.panel.host import MayaHost

_TICK_MS = 100


class Sender:
    """One submit; its timer keeps it alive until it is answered."""

    def __init__(self, host: MayaHost, jobs: Sequence[dict[str, Any]], how: How) -> None:
        """Save as asked for, and send.

        Raises:
            RefusedError: Maya can't save the scene.
        """
        self._sending = Sending(host)
        self._sending.send(host.save(how), jobs, is_copy=how is How.SNAPSHOT)

    def wait(self) -> list[str]:
        """Wait for the ids of the jobs.

        Raises:
            RefusedError: the farm takes them not, or nobody answered.
        """
        return list(self._sending.wait()["jobs"])

    def tell(self) -> None:
        """Go on, and tell the end when it is there."""
        from buildcat.inside.qt import QtCore, QtWidgets

        self._timer = QtCore.QTimer(QtWidgets.QApplication.instance())
        self._timer.timeout.connect(partial(Sender._tick, self))  # a bound method would be held weakly
        self._timer.start(_TICK_MS)

    def _tick(self) -> None:
        answer = self._sending.answer()
        if answer is None:
            return
        self._timer.stop()
        self._timer.deleteLater()
        if "error" in answer:
            OpenMaya.MGlobal.displayError(f"Buildcat: {answer['error']}")
        else:
            OpenMaya.MGlobal.displayInfo(f"Buildcat: {words(answer)}")
