"""Waits for the answer to a submit without holding up the window. Runs inside a DCC: Python 3.9, its Qt."""

from __future__ import annotations

from collections.abc import Callable

from buildcat.inside.client import Fields
from buildcat.inside.qt import QtCore, QtWidgets
from buildcat.inside.sending import Sending

_TICK_MS = 100


def when_answered(sending: Sending, then: Callable[[Fields], None]) -> None:
    """Return at once, and call `then` with the farm's answer when it is there."""
    timer = QtCore.QTimer(QtWidgets.QApplication.instance())

    def tick() -> None:  # holds what is sent as long as the timer lives; a bound method would be held weakly
        answer = sending.answer()
        if answer is not None:
            timer.stop()
            timer.deleteLater()
            then(answer)

    timer.timeout.connect(tick)
    timer.start(_TICK_MS)
