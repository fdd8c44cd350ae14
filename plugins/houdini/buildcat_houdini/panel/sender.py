"""Sends the jobs of a ROP without a window of ours. Runs inside Houdini 19.5 to 22, also in hython."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import hou

from buildcat.inside.host import How
from buildcat.inside.sending import Sending, words
from buildcat_houdini.panel.host import HoudiniHost


class Sender:
    """One submit; keeps itself alive until it is answered."""

    def __init__(self, host: HoudiniHost) -> None:
        self._sending = Sending(host)

    def send(self, jobs: Sequence[Mapping[str, Any]], how: How) -> None:
        """Save the scene as asked for, and send its jobs; the end is told in Houdini's status line.

        Raises:
            RefusedError: it can't be saved; in hython, where there is nobody to tell, when it failed.
        """
        self._sending.send(jobs, how)
        if hou.isUIAvailable():
            hou.ui.addEventLoopCallback(self._tick)
        else:
            tell(words(self._sending.wait()))

    def _tick(self) -> None:
        answer = self._sending.answer()
        if answer is None:
            return
        hou.ui.removeEventLoopCallback(self._tick)
        if "error" in answer:
            tell(answer["error"], is_error=True)
        else:
            tell(words(answer))


def tell(sentence: str, *, is_error: bool = False) -> None:
    """Show a sentence in the status line, in hython on its output; it waits for nobody."""
    if not hou.isUIAvailable():
        print(sentence)  # noqa: T201  # hython's user reads its output
        return
    kinds = hou.severityType
    hou.ui.setStatusMessage(f"Buildcat: {sentence}", severity=kinds.Error if is_error else kinds.ImportantMessage)


def table(jobs: Sequence[Mapping[str, Any]]) -> str:
    """Return the jobs as text, for whoever wants to see what would be submitted."""
    lines = []
    for place, job in enumerate(jobs, start=1):
        spec = job["spec"]
        after = f", after {', '.join(str(one + 1) for one in job['after'])}" if job["after"] else ""
        how = " in one go" if spec["split"] == "whole" else ""
        folder = os.path.normpath(job["place"])
        lines.append(f"{place}. {spec['settings']['rop']}: frames {spec['frames']}{how}, to {folder}{after}")
    return "\n".join(lines)
