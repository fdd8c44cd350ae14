"""Events in words a person reads. Python 3.11 or newer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from buildcat.cli import words
from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.events import Event
from buildcat.model import frames
from buildcat.model.errors import NoSuchJobError
from buildcat.model.frames import Units
from buildcat.model.job import JobSpec

#: What is said of a verb that a person has used on a job.
_VERBS = {
    "set": "changed",
    "reorder": "put into another order",
    "pause": "paused",
    "resume": "goes on, as was asked",
    "cancel": "cancelled",
    "retry": "to be rendered again",
    "delete": "deleted",
}
_ORDERS = {"pause": "told to pause", "drain": "told to end after its task", "stop": "told to end", "resume": "goes on"}
_REASONS = {
    "paused": "paused",
    "cancelled": "cancelled",
    "retried": "to be rendered again",
    "deleted": "deleted",
    "stopped": "its worker was stopped",
}


@dataclass
class Teller:
    """Says what events mean, with the names of jobs, frames and workers."""

    connection: Connection
    _specs: dict[str, JobSpec | None] = field(default_factory=dict)
    _crews: dict[str, list[str]] = field(default_factory=dict)

    def line(self, event: Event) -> str:
        """Return `17:04:09  shot_010: frame 12 is done, 32 s on aurora`."""
        at = time.strftime("%H:%M:%S", time.localtime(event.time))
        about = f"{self._name(event)}: " if event.job else ""
        return words.plain(f"{at}  {about}{self._say(event)}").replace("\n", " ")

    def _say(self, event: Event) -> str:
        say: dict[str, Callable[[Event], str]] = {
            "submitted": self._submitted,
            "picked": self._picked,
            "done": self._done,
            "failed": self._failed,
            "lost": self._lost,
            "given-back": self._given_back,
            "ended": self._ended,
            "limit": _limit,
            "worker": _worker,
        }
        if event.kind in say:
            return say[event.kind](event)
        if event.kind == "repaired":
            return "its counts were wrong and have been mended"
        if event.kind == "expired":
            return "forgotten, it ended long ago"
        by = f" by {event.details['by']}" if event.details.get("by") else ""
        why = str(event.details.get("why") or "")
        return _VERBS.get(event.kind, event.kind) + (f": {why}" if why else by)

    def _spec(self, job_id: str) -> JobSpec | None:
        if job_id not in self._specs:
            try:
                self._specs[job_id] = records.spec(self.connection, job_id)
            except NoSuchJobError:  # deleted since
                self._specs[job_id] = None
        return self._specs[job_id]

    def _name(self, event: Event) -> str:
        spec = self._spec(event.job)
        name = spec.name if spec else str(event.details.get("name", ""))
        return f"{words.cut(name)} {event.job}" if name else event.job

    def _units(self, event: Event) -> Units | None:
        spec = self._spec(event.job)
        return frames.units(spec) if spec else None

    def _unit(self, event: Event, key: str = "unit") -> str:
        units, index = self._units(event), int(event.details[key])
        return words.unit_name(units[index]) if units and index < len(units) else f"unit {index + 1}"

    def _task(self, event: Event) -> str:
        """Return `frame 12`, or `24 frames from frame 12 on`."""
        count, spec = int(event.details["count"]), self._spec(event.job)
        first = self._unit(event, "first")
        return first if count == 1 else f"{words.many(count, words.noun(spec) if spec else 'unit')} from {first} on"

    def _submitted(self, event: Event) -> str:
        spec = self._spec(event.job)
        many = words.many(int(event.details["total"]), words.noun(spec) if spec else "unit")
        return f"{many} submitted by {event.details['user']}"

    def _picked(self, event: Event) -> str:
        return f"{self._task(event)} started on {words.worker_label(event.details['worker'])}"

    def _done(self, event: Event) -> str:
        took, who = float(event.details["seconds"]), self._crew_member(event.job, int(event.details["worker"]))
        return f"{self._unit(event)} done" + (f" in {words.duration(took)}" if took else "") + (who and f" on {who}")

    def _crew_member(self, job_id: str, number: int) -> str:
        """Return the label of a worker by its place in the job's list; empty when the list is gone."""
        if number > len(self._crews.get(job_id, [])):
            self._crews[job_id] = records.job_workers(self.connection, job_id)
        crew = self._crews[job_id]
        return words.worker_label(crew[number - 1]) if 0 < number <= len(crew) else ""

    def _failed(self, event: Event) -> str:
        where = f"on {words.worker_label(event.details['worker'])}, try {event.details['try']}"
        return f"{self._unit(event)} failed {where}: {event.details['message']}"

    def _lost(self, event: Event) -> str:
        worker = words.worker_label(event.details["worker"])
        return f"{self._task(event)} taken back, worker {worker} is lost"

    def _given_back(self, event: Event) -> str:
        reason = str(event.details["reason"])
        said = _REASONS.get(reason, reason)
        return f"{self._task(event)} given back by {words.worker_label(event.details['worker'])}: {said}"

    def _ended(self, event: Event) -> str:
        finished, failed = int(event.details["done"]) + int(event.details["skipped"]), int(event.details["failed"])
        counts = f"{finished:,} finished" + (f", {failed:,} failed" if failed else "")
        return f"ended, {event.details['state']}: {counts}"


def _limit(event: Event) -> str:
    name, by = event.details["name"], event.details.get("by")
    if event.details.get("count") is None:
        return f"limit {name} lifted by {by}"
    per_host = "/host" if event.details.get("per_host") else ""
    return f"limit {name} set to {event.details['count']}{per_host} by {by}"


def _worker(event: Event) -> str:
    said = _ORDERS.get(str(event.details["order"]), event.details["order"])
    return f"worker {words.worker_label(event.details['worker'])} {said} by {event.details.get('by')}"
