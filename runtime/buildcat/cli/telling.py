"""Events in words a person reads. Python 3.11 or newer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from buildcat.cli import words
from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.events import Event
from buildcat.model import frames
from buildcat.model.errors import BuildcatError
from buildcat.model.frames import Units
from buildcat.model.job import JobSpec

#: What is said of a verb that a person has used on a job.
VERBS = {
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
        if event.kind == "reorder":
            self._specs.pop(event.job, None)
        at = time.strftime("%H:%M:%S", time.localtime(event.time))
        about = f"{self._name(event)}: " if event.job else ""
        return words.plain(f"{at}  {about}{self._say(event)}").replace("\n", " ")

    def _say(self, event: Event) -> str:
        if event.kind in KINDS:
            return KINDS[event.kind](self, event)
        why = str(event.details.get("why") or "")
        by = f" by {event.details['by']}" if event.details.get("by") else ""
        return VERBS.get(event.kind, event.kind) + (f": {why}" if why else by)

    def _spec(self, job_id: str) -> JobSpec | None:
        if job_id not in self._specs:
            try:
                self._specs[job_id] = records.spec(self.connection, job_id)
            except BuildcatError:  # deleted since, or made by a newer Buildcat
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

    def submitted(self, event: Event) -> str:
        """Say who submitted how much."""
        spec = self._spec(event.job)
        many = words.many(int(event.details["total"]), words.noun(spec) if spec else "unit")
        return f"{many} submitted by {event.details['user']}"

    def picked(self, event: Event) -> str:
        """Say what was started where."""
        return f"{self._task(event)} started on {words.worker_label(event.details['worker'])}"

    def done(self, event: Event) -> str:
        """Say how long it took, and where."""
        took, who = float(event.details["seconds"]), self._crew_member(event.job, int(event.details["worker"]))
        return f"{self._unit(event)} done" + (f" in {words.duration(took)}" if took else "") + (who and f" on {who}")

    def _crew_member(self, job_id: str, number: int) -> str:
        """Return the label of a worker by its place in the job's list; empty when the list is gone."""
        if number > len(self._crews.get(job_id, [])):
            self._crews[job_id] = records.job_workers(self.connection, job_id)
        crew = self._crews[job_id]
        return words.worker_label(crew[number - 1]) if 0 < number <= len(crew) else ""

    def failed(self, event: Event) -> str:
        """Say where and why."""
        where = f"on {words.worker_label(event.details['worker'])}, try {event.details['try']}"
        return f"{self._unit(event)} failed {where}: {event.details['message']}"

    def lost(self, event: Event) -> str:
        """Say what a lost worker had."""
        worker = words.worker_label(event.details["worker"])
        return f"{self._task(event)} taken back, worker {worker} is lost"

    def given_back(self, event: Event) -> str:
        """Say why it was given back."""
        reason = str(event.details["reason"])
        said = _REASONS.get(reason, reason)
        return f"{self._task(event)} given back by {words.worker_label(event.details['worker'])}: {said}"

    def ended(self, event: Event) -> str:
        """Say how."""
        finished, failed = int(event.details["done"]) + int(event.details["skipped"]), int(event.details["failed"])
        counts = f"{finished:,} finished" + (f", {failed:,} failed" if failed else "")
        return f"ended, {event.details['state']}: {counts}"


def _limit(_teller: Teller, event: Event) -> str:
    name, by = event.details["name"], event.details.get("by")
    if event.details.get("count") is None:
        return f"limit {name} lifted by {by}"
    per_host = "/host" if event.details.get("per_host") else ""
    return f"limit {name} set to {event.details['count']}{per_host} by {by}"


def _worker(_teller: Teller, event: Event) -> str:
    said = _ORDERS.get(str(event.details["order"]), event.details["order"])
    return f"worker {words.worker_label(event.details['worker'])} {said} by {event.details.get('by')}"


#: What is said of each kind, but the verbs of people.
KINDS: Mapping[str, Callable[[Teller, Event], str]] = {
    "submitted": Teller.submitted,
    "picked": Teller.picked,
    "done": Teller.done,
    "failed": Teller.failed,
    "lost": Teller.lost,
    "given-back": Teller.given_back,
    "ended": Teller.ended,
    "repaired": lambda _teller, _event: "its counts were wrong and have been mended",
    "expired": lambda _teller, _event: "forgotten: it ended long ago",
    "limit": _limit,
    "worker": _worker,
}
