"""Submits without the window: a script waits for the ids, or the end is told in Maya's own line. Runs inside Maya."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maya.api import OpenMaya

from buildcat.inside.client import Fields
from buildcat.inside.host import How
from buildcat.inside.sending import Sending, words
from buildcat_maya.panel.host import MayaHost


class Sender:
    """One submit."""

    def __init__(self, host: MayaHost, jobs: Sequence[dict[str, Any]], how: How) -> None:
        """Save as asked for, and send.

        Raises:
            RefusedError: Maya can't save the scene.
        """
        self._sending = Sending(host)
        self._sending.send(jobs, how)

    def wait(self) -> list[str]:
        """Wait for the ids of the jobs.

        Raises:
            RefusedError: the farm takes them not, or nobody answered.
        """
        return list(self._sending.wait()["jobs"])

    def tell(self) -> None:
        """Go on, and tell the end when it is there."""
        from buildcat.inside.qt_sending import when_answered

        when_answered(self._sending, _tell)


def _tell(answer: Fields) -> None:
    if "error" in answer:
        OpenMaya.MGlobal.displayError(f"Buildcat: {answer['error']}")
    else:
        OpenMaya.MGlobal.displayInfo(f"Buildcat: {words(answer)}")
