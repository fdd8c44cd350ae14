"""What the shared window knows of the farm. Runs inside a DCC: Python 3.9, stdlib.

Nothing here waits: the client process does; a timer of the window calls `tick`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from buildcat.inside.client import Client, Fields
from buildcat.inside.host import Host

_NO_WORKER = "There is no worker. Start one with `buildcat worker` in the storage."
#: The fields of a job that decide which workers can render it.
_NEEDS = ("dcc", "pool", "split", "requires", "version_min")


class Watch:
    """The last answers of the farm."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._client = Client(host.command())
        self._asked_at = 0.0
        self._is_looking = False
        #: What a job needs, as JSON → how many workers could render it, and what keeps the first other one from it.
        self._fits: dict[str, tuple[int, str]] = {}
        self._wanted: dict[str, Fields] = {}
        self.jobs: list[Fields] = []
        #: Whether the farm has answered yet.
        self.is_known = False
        #: Why it can't be asked; empty when it can.
        self.error = ""
        self.workers = 0
        #: The storage, as the client found it for the open scene.
        self.root = ""

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._client.is_waiting

    def ask(self, do: str, on_answer: Callable[[Fields], None], **given: Any) -> None:
        """Ask the farm; `on_answer` is called by a later `tick`."""
        known = self._host.preferences()
        common = {"server": known.server, "user": known.user, "root": known.root, "dcc": self._host.dcc.name}
        self._client.ask(do, on_answer, **{**common, "scene": self._host.scene(), **given})

    def tick(self) -> bool:
        """Take what was answered, and look again when it is time; returns whether anything is new."""
        is_new = self._client.deliver()
        if not self._is_looking and time.monotonic() - self._asked_at > self._host.preferences().poll_s:
            self.look()
        return is_new

    def look(self) -> None:
        """Ask for my jobs, and for workers that could render what is wanted."""
        self._is_looking, self._asked_at = True, time.monotonic()
        wanted = dict(self._wanted)

        def take(answer: Fields) -> None:
            self._is_looking, self.is_known = False, True
            self.error = answer.get("error", "")
            if not self.error:
                self.jobs, self.root, self.workers = answer["jobs"], answer["root"], answer["workers"]
                fits = [(one["able"], one["obstacle"] or _NO_WORKER) for one in answer["fits"]]
                self._fits = dict(zip(wanted, fits))

        self.ask("look", take, specs=list(wanted.values()))

    def want(self, specs: list[Mapping[str, Any]]) -> None:
        """Say which jobs are to be submitted, so that workers for them are looked for, at once when it is new."""
        needs = [{key: one[key] for key in _NEEDS if key in one} for one in specs]
        self._wanted = {json.dumps(one, sort_keys=True): one for one in needs}
        if self._wanted.keys() - self._fits.keys() and not self._is_looking and not self.error:
            self.look()

    def fit(self) -> tuple[int | None, str]:
        """Return how many workers can render what is wanted, the fewest of any job; None while nothing is known."""
        known = [self._fits[key] for key in self._wanted if key in self._fits]
        if not known or len(known) < len(self._wanted):
            return None, ""
        return min(known)

    def close(self) -> None:
        """End the client process."""
        self._client.close()
