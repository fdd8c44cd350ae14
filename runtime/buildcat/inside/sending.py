"""Submits jobs of the open scene without the window. Runs inside a DCC: Python 3.9, stdlib."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from buildcat.inside import client
from buildcat.inside.client import Fields
from buildcat.inside.host import Host, How, saved
from buildcat.model.errors import RefusedError
from buildcat.model.nouns import many

#: Without a window nothing calls us back: `wait` waits at most so long.
PATIENCE_S = 60.0
_PAUSE_S = 0.05


class Sending:
    """One submit, with a client process of its own, which ends with the answer."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._client = client.Client(host.command())
        self._answer: Fields | None = None

    def send(self, jobs: Sequence[Mapping[str, Any]], how: How) -> None:
        """Save the scene as asked for, send its jobs, and go on.

        Raises:
            BuildcatError: it can't be saved.
        """
        known = self._host.preferences()
        where = {"server": known.server, "user": known.user, "root": known.root}
        self._client.ask("submit", self._take, **where, **request(self._host, jobs, how))

    def _take(self, answer: Fields) -> None:
        self._answer = answer

    def answer(self) -> Fields | None:
        """Return what the farm answered; None while it hasn't."""
        self._client.deliver()
        if self._answer is not None:
            self._client.close()
        return self._answer

    def wait(self) -> Fields:
        """Return what the farm answered, when it has.

        Raises:
            RefusedError: it takes the jobs not, or nobody answered.
        """
        deadline = time.monotonic() + PATIENCE_S
        while self.answer() is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
        self._client.close()
        answer = self._answer or {"error": f"The farm didn't answer within {PATIENCE_S:g} s. Is the server there?"}
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer


def request(host: Host, jobs: Sequence[Mapping[str, Any]], how: How) -> Fields:
    """Save the scene as asked for, and return what the client is to submit; a copy goes with its jobs.

    Raises:
        BuildcatError: it can't be saved.
    """
    path, is_copy = saved(host, how), how is How.SNAPSHOT
    specs = [{**one, "spec": {**one["spec"], "snapshot": is_copy}} for one in jobs]
    return {"scene": path, "jobs": specs, **({"snapshot": path} if is_copy else {})}


def words(answer: Fields) -> str:
    """Say what became of a submit."""
    return f"Submitted as {', '.join(answer['jobs'])}: {many(answer['units'], 'unit')}."
