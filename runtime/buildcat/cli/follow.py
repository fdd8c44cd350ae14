"""Follows a job to its end: `buildcat submit --wait`. Python 3.11 or newer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from buildcat.cli import terminal, words
from buildcat.cli.call import Call
from buildcat.cli.display import Display, Look, Pace, Row, display
from buildcat.client import events, listing, records, waiting
from buildcat.client.connection import Connection
from buildcat.client.events import Event
from buildcat.client.records import JobRecord
from buildcat.model import frames
from buildcat.model.errors import BuildcatError
from buildcat.model.states import JobState

#: A look at the records at least this often, for the progress inside a frame, which makes no event.
_LOOK_S = 0.5
#: Nothing renders for so long between two tasks at most.
_PAUSE_S = 1.5


class Follower:
    """Shows one job until it has ended."""

    def __init__(self, connection: Connection, job_id: str) -> None:
        self._connection = connection
        self._job_id = job_id
        self._units = frames.units(records.job(connection, job_id).spec)
        self._pace = Pace()
        self._ran = time.monotonic()
        self._told: set[str] = set()
        self._arrived: queue.Queue[Event | BuildcatError] = queue.Queue()

    def run(self, shown: Display) -> JobRecord:
        """Show the job on the display until it has ended; return it as it is then.

        Raises:
            ServerError: the server was lost.
        """
        threading.Thread(target=self._listen, args=(events.last_id(self._connection),), daemon=True).start()
        while True:
            job = records.job(self._connection, self._job_id)
            shown.show(self._look(job))
            if job.state.has_ended:
                return job
            for event in self._wait():
                if event.kind == "failed" and (failure := self._failure(event)) not in self._told:
                    self._told.add(failure)  # most often a try fails as the one before did
                    shown.say(failure)

    def _listen(self, after: str) -> None:
        """Pass on the job's events; in a thread, so that the display moves between them."""
        try:
            for event in events.follow(self._connection, after):
                if event.job == self._job_id:
                    self._arrived.put(event)
        except BuildcatError as exc:
            self._arrived.put(exc)

    def _wait(self) -> Iterable[Event]:
        """Return what has happened, once something has or it is time for a look; never twice in a moment."""
        deadline = time.monotonic() + _LOOK_S
        found = []
        while (left := deadline - time.monotonic()) > 0:
            try:
                event = self._arrived.get(timeout=left)
            except queue.Empty:
                break
            if isinstance(event, BuildcatError):
                raise event
            found.append(event)
            if event.kind == "ended":
                break
        return found

    def _look(self, job: JobRecord) -> Look:
        running = [one for one in records.executions(self._connection) if one.job == job.id]
        self._pace.add(time.monotonic(), job.counts.finished, is_running=bool(running))
        rows = [
            Row(words.unit_name(self._units[one.first]), words.worker_label(one.worker), one.fraction, one.text)
            for one in running
        ]
        return Look(job.spec, job.counts, self._pace, rows, job.last, self._note(job, is_running=bool(running)))

    def _note(self, job: JobRecord, *, is_running: bool) -> str:
        """Return why nothing renders; not in the moment between two tasks."""
        if is_running:
            self._ran = time.monotonic()
        return waiting.why(self._connection, job) if time.monotonic() - self._ran > _PAUSE_S else ""

    def _failure(self, event: Event) -> str:
        unit = words.unit_name(self._units[event.details["unit"]])
        where = words.worker_label(event.details["worker"])
        return words.plain(f"{unit} failed on {where}: {event.details['message']}")


def follow(call: Call, connection: Connection, job_id: str, root: Path | None) -> int:
    """Show the job until it has ended, then what became of it; returns the exit code."""
    try:
        with display(is_json=call.is_json) as shown:
            job = Follower(connection, job_id).run(shown)
    except KeyboardInterrupt:
        terminal.note(f"The job goes on. `buildcat show {job_id}` shows how, `buildcat cancel {job_id}` ends it.")
        return 130
    outputs = list(records.outputs(connection, job_id))
    if call.is_json:
        terminal.answer({**listing.answer(job), "outputs": outputs})
    else:
        terminal.say(_outcome(job))
        for one in outputs:
            terminal.say(f"  {words.plain(str(root / one) if root else one)}")
    return 0 if job.state is JobState.DONE else 1


def _outcome(job: JobRecord) -> str:
    took = f" in {words.duration(job.ended - job.started)}" if job.started else ""
    noun = words.noun(job.spec)
    if job.state is JobState.DONE:
        return f"Done: {words.many(job.counts.finished, noun)}{took}."
    done = f"{job.counts.finished:,} of {words.many(job.counts.total, noun)} done{took}"
    if job.state is JobState.CANCELLED:
        return f"Cancelled: {done}."
    return f"Failed: {done}. `buildcat show {job.id}` shows why, `buildcat retry {job.id}` tries again."
