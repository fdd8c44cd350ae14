"""Sends the jobs of a ROP without a window of ours. Runs inside Houdini 19.5 to 22, also in hython."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import hou

from buildcat.inside.client import Client, Fields
from buildcat.model.errors import RefusedError
from buildcat_houdini.panel.host import HoudiniHost

#: In hython nothing calls us back: this waits for the answer, at most so long.
_PATIENCE_S = 60.0
_PAUSE_S = 0.05


class Sender:
    """One submit; keeps itself alive until it is answered."""

    def __init__(self, host: HoudiniHost) -> None:
        self._client = Client(host.command())
        self._answer: Fields | None = None

    def send(self, path: str, jobs: Sequence[Mapping[str, Any]], *, is_copy: bool) -> None:
        """Send the jobs of the file; the end is told in Houdini's status line, an error also in a message.

        Raises:
            RefusedError: in hython, where there is nobody to tell, when it failed.
        """
        specs = [{**one, "spec": {**one["spec"], "snapshot": is_copy}} for one in jobs]
        given = {"snapshot": path} if is_copy else {}
        self._client.ask("submit", self._take, server="", user="", root="", scene=path, jobs=specs, **given)
        if hou.isUIAvailable():
            hou.ui.addEventLoopCallback(self._tick)
            return
        deadline = time.monotonic() + _PATIENCE_S
        while self._answer is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
            self._client.deliver()
        self._client.close()
        answer = self._answer or {"error": f"The farm didn't answer within {_PATIENCE_S:g} s. Is the server there?"}
        if "error" in answer:
            raise RefusedError(answer["error"])
        tell(words(answer))

    def _take(self, answer: Fields) -> None:
        self._answer = answer

    def _tick(self) -> None:
        self._client.deliver()
        if self._answer is None:
            return
        hou.ui.removeEventLoopCallback(self._tick)
        self._client.close()
        if "error" in self._answer:
            tell(self._answer["error"], is_error=True)
        else:
            tell(words(self._answer))


def words(answer: Fields) -> str:
    """Say what became of a submit."""
    return f"Submitted as {', '.join(answer['jobs'])}: {answer['units']:,} unit{'' if answer['units'] == 1 else 's'}."


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
