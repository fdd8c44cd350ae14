"""What a panel knows of the farm. Runs inside a DCC: Python 3.9, stdlib.

Nothing here waits: the client process does; a timer of the panel calls `tick`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from buildcat.inside.client import Client, Fields
from buildcat.inside.host import Place

_NO_WORKER = "There is no worker. Start one with `buildcat worker` in the storage."
#: The fields of a job that decide which workers can render it.
_NEEDS = ("dcc", "pool", "split", "requires", "version_min")


class Watch:
    """The last answers of the farm."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._client = Client(place.command())
        self.forget()

    def forget(self) -> None:
        """Know nothing of the farm."""
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
        known = self._place.preferences()
        common = {"server": known.server, "user": known.user, "root": known.root, "dcc": self._place.dcc.name}
        self._client.ask(do, on_answer, **{**common, "scene": self._place.scene(), **given})

    def tick(self) -> bool:
        """Take what was answered, and look again when it is time; returns whether anything is new."""
        is_new = self._client.deliver()
        if self.is_due():
            self.look()
        return is_new

    def is_due(self) -> bool:
        """Whether it is time to look again."""
        return not self._is_looking and time.monotonic() - self._asked_at > self._place.preferences().poll_s

    def look(self) -> None:
        """Ask for my jobs, and for workers that could render what is wanted."""
        self._is_looking, self._asked_at = True, time.monotonic()
        wanted = self._wanted or self._by_default()
        self.ask("look", partial(self._take, list(wanted)), specs=list(wanted.values()))

    def _by_default(self) -> dict[str, Fields]:
        """Return what is asked for while nothing is wanted."""
        return {}

    def _take(self, wanted: list[str], answer: Fields) -> None:
        self._is_looking, self.is_known = False, True
        self.error = answer.get("error", "")
        if not self.error:
            self.jobs, self.root, self.workers = answer["jobs"], answer["root"], answer["workers"]
            fits = [(one["able"], one["obstacle"] or _NO_WORKER) for one in answer["fits"]]
            self._fits = dict(zip(wanted, fits))

    def want(self, specs: Iterable[Mapping[str, Any]]) -> None:
        """Say which jobs are to be submitted, so that workers for them are looked for, at once when it is new."""
        self._wanted = by_need(specs)
        if self._wanted.keys() - self._fits.keys() and not self._is_looking and not self.error:
            self.look()

    def fit(self, specs: Iterable[Mapping[str, Any]] | None = None) -> tuple[int | None, str]:
        """Return how many workers can render these jobs, by default those that are wanted, and an obstacle.

        It is the fewest of any job; None while nothing is known.
        """
        wanted = self._wanted if specs is None else by_need(specs)
        known = [self._fits[key] for key in wanted if key in self._fits]
        return min(known) if known and len(known) == len(wanted) else (None, "")

    def job(self, job_id: str) -> Fields | None:
        """Return what is known of a job."""
        return next((one for one in self.jobs if one["id"] == job_id), None)

    def close(self) -> None:
        """End the client process."""
        self._client.close()


def by_need(specs: Iterable[Mapping[str, Any]]) -> dict[str, Fields]:
    """Return what these jobs need of a worker, by the same as JSON."""
    needs = [{key: one[key] for key in _NEEDS if key in one} for one in specs]
    return {json.dumps(one, sort_keys=True): one for one in needs}
