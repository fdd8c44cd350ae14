"""The worker's beat: says that it lives, holds its lease, hears of stops, does housekeeping. The worker's side."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import redis

from buildcat.client.connection import Connection
from buildcat.client.records import WorkerRecord
from buildcat.farm import housekeeping
from buildcat.farm.task import Task
from buildcat.model.errors import BuildcatError

log = logging.getLogger(__name__)

BEAT_S = 2.0
#: With nothing to tell. A slot is held for 10 s, and a worker lost after 15.
IDLE_BEAT_S = 6.0
#: While something renders, so that a person sees it move.
BUSY_BEAT_S = 1.0
#: A record that stays as it is is told again after so long, long before the server forgets it.
RECORD_S = 3600.0
#: A clock that is further off than this is worth a warning.
CLOCK_WARNING_S = 2.0


class Beat(threading.Thread):
    """Beats on a connection of its own until told to end. Never raises: an outage is waited out."""

    def __init__(self, connection: Connection, worker: str, root: Path, record: Callable[[], WorkerRecord]) -> None:
        super().__init__(name="beat", daemon=True)
        self._connection = connection
        self._worker = worker
        self._root = root
        self._record = record
        self._ended = threading.Event()
        #: The record as it was told last, and when.
        self._told, self._told_at = "", 0.0
        self._swept = 0.0
        self._is_out = False
        self._is_clock_told = False
        #: What runs now, set by the worker's main thread.
        self.busy: Task | None = None
        #: Further work of a beat, such as RQ's own heartbeats.
        self.also: Callable[[], None] = lambda: None
        #: Called with what the worker was told: `pause`, `drain`, `stop`, or nothing, with each beat.
        self.on_order: Callable[[str], None] = lambda _order: None
        #: Whether others wait for a slot that the worker's session holds.
        self.are_slots_wanted = False

    def run(self) -> None:
        """Beat until `end`."""
        while not self._ended.is_set():
            try:
                self.once()
                self._wait()
            except (BuildcatError, redis.RedisError) as exc:
                self._lost_server(exc)
            except Exception:  # the outermost loop of this thread: without it the worker would seem dead
                log.exception("A beat failed")
                self._ended.wait(BEAT_S)

    def once(self) -> None:
        """Beat now, and stop the task if the farm took its units away."""
        record, busy = self._record().to_json(), self.busy
        is_news = self._is_news(record)
        progress = json.dumps(busy.latest.to_json()) if busy else ""
        reply = self._connection.call(
            "beat",
            worker=self._worker,
            record=record if is_news else "",
            executions={busy.execution: progress} if busy else {},
        )
        if is_news:
            self._told, self._told_at = record, time.monotonic()
        if reply["needs_record"]:  # such as a server whose data were deleted
            self._told = ""
        if self._is_out:
            log.info("The server is back")
            self._is_out = False
        if busy and busy.execution in reply["stop"] and self.busy is busy:
            log.info("Task %s is not wanted any more; stopping it", busy.execution)
            busy.stop("it was taken back")
        self.are_slots_wanted = reply["are_slots_wanted"]
        self.on_order(reply["order"])
        self._check_clock(reply["time_ms"] / 1000)
        self.also()
        if time.monotonic() - self._swept > housekeeping.SWEEP_S:
            housekeeping.tidy(self._connection)
            # Beside the beat: a slow storage must not cost the lease.
            given = (self._connection, self._root)
            threading.Thread(target=housekeeping.empty_trash, args=given, name="trash", daemon=True).start()
            self._swept = time.monotonic()

    def _is_news(self, record: str) -> bool:
        return record != self._told or time.monotonic() - self._told_at > RECORD_S

    def end(self) -> None:
        """End the thread within a beat."""
        self._ended.set()

    def _wait(self) -> None:
        """Wait until a beat is due: with something to tell soon, else seldom; a call brings it forward."""
        due = time.monotonic() + IDLE_BEAT_S
        call = f"bc:worker:{self._worker}:call"
        while not self._connection.redis.blpop([call], BUSY_BEAT_S if self.busy else BEAT_S):
            has_news = self.busy or self._is_news(self._record().to_json())
            if has_news or time.monotonic() >= due or self._ended.is_set():
                return

    def _lost_server(self, error: Exception) -> None:
        if not self._is_out:
            log.warning("%s Waiting for it; what renders goes on.", error)
            self._is_out = True
        self._ended.wait(1)

    def _check_clock(self, server_time: float) -> None:
        offset = time.time() - server_time
        if abs(offset) > CLOCK_WARNING_S and not self._is_clock_told:
            self._is_clock_told = True
            log.warning("This host's clock is %.0f s off the server's. Frames are safe; set the clock.", offset)
