"""Tells the records what became of a task's units. The worker's side."""

from __future__ import annotations

import logging

from buildcat.client.connection import Connection
from buildcat.farm.queue import Picked
from buildcat.farm.task import Answer, FailedTry, Rendered
from buildcat.model.job import Unit

log = logging.getLogger(__name__)


class RecordsReport:
    """The report of a task that a worker picked."""

    def __init__(self, connection: Connection, worker: str, picked: Picked) -> None:
        self._connection = connection
        self._ids = {"execution": picked.execution, "job": picked.job, "generation": picked.generation}
        self._worker = worker
        #: Units that were rendered and counted.
        self.rendered = 0

    def is_wanted(self, unit: Unit) -> bool:
        """Ask whether the unit's outputs still count."""
        return bool(self._connection.call("wanted", unit=unit.index, **self._ids)["is_wanted"])

    def done(self, rendered: Rendered) -> Answer:
        """Count the unit as done, unless it is its frame's last tile; whether the execution still holds more."""
        facts = {"index": rendered.unit.index, "seconds": rendered.seconds, "peak_mb": rendered.peak_mb}
        reply = self._connection.call(
            "done",
            worker=self._worker,
            units=[facts],
            outputs=dict(rendered.rows),
            is_skipped=rendered.is_skipped,
            **({"tiles": rendered.tiles} if rendered.tiles else {"last": rendered.path}),
            **self._ids,
        )
        if reply.get("is_last_tile"):
            return Answer(go=True, is_last_tile=True)
        self.rendered += 0 if rendered.is_skipped else reply["counted"]
        done = "was there" if rendered.is_skipped else "done"
        log.info("Job %s: %s %s in %.2f s", self._ids["job"], rendered.unit.label, done, rendered.seconds)
        return Answer(go=bool(reply["go"]), is_counted=bool(reply["counted"]))

    def failed(self, failed: FailedTry) -> bool:
        """Count a failed try; returns whether the execution still holds more."""
        reply = self._connection.call(
            "failed",
            worker=self._worker,
            unit=failed.unit.index,
            kind=failed.kind,
            message=failed.message,
            log=failed.log,
            seconds=failed.seconds,
            peak_mb=0,
            is_final=failed.is_final,
            **self._ids,
        )
        return bool(reply["go"])

    def give_back(self, reason: str, pause_why: str = "") -> None:
        """Let the units that are left wait again, without a try; with `pause_why`, pause the job."""
        given = {"pause_why": pause_why} if pause_why else {}
        self._connection.call("give_back", reason=reason, **self._ids, **given)
        log.info("Job %s: units given back: %s", self._ids["job"], reason)
