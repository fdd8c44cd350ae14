"""Drives the function library step by step, as workers and clients do, with nothing rendered."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from buildcat.client import control, records
from buildcat.client.connection import Connection
from buildcat.client.records import WorkerRecord
from buildcat.farm.queue import Picked
from buildcat.model.job import JobSpec

#: Longer than any test.
LONG_MS = 600_000
#: A lease that is over when it is written, so that no test waits for its end.
OVER_MS = -1


@dataclass(frozen=True)
class Worker:
    """A worker's name and what it offers."""

    name: str = "w1"
    pools: Sequence[str] = ("default",)
    tags: Sequence[str] = ()
    dccs: Mapping[str, Sequence[int]] = field(default_factory=lambda: {"toy": [1]})
    host: str = "host"
    #: DCC name → limits that each of its sessions needs.
    limits: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def record(self, **fields: Any) -> WorkerRecord:
        """What the worker says of itself."""
        about = {
            "label": self.name,
            "host": self.host,
            "pid": 1,
            "version": "1",
            "missing": {},
            "limits": self.limits,
            **fields,
        }
        dccs = {name: tuple(versions) for name, versions in self.dccs.items()}
        return WorkerRecord(name=self.name, pools=tuple(self.pools), tags=tuple(self.tags), dccs=dccs, **about)


W1 = Worker()
W2 = Worker("w2")


class Steps:
    """The steps, taken on one server's records."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._numbers = itertools.count(1)

    def submit(self, total: int = 1, **fields: Any) -> str:
        """Submit a job of so many units and return its id; `fields` are those of a JobSpec."""
        given = self.submission(total, **fields)
        reply = self.connection.call("submit", **given)
        assert reply.get("is_new"), reply
        return str(given["id"])

    def submission(self, total: int = 1, **fields: Any) -> dict[str, Any]:
        """Return what `bc_submit` takes for such a job."""
        job_id = fields.pop("id", f"job{next(self._numbers)}")
        spec = JobSpec(**{"dcc": "toy", "scene": "shot.toy", "frames": f"1-{total}", "user": "ann", **fields})
        keys = (
            "name",
            "user",
            "pool",
            "priority",
            "chunk",
            "paused",
            "dcc",
            "version_min",
            "requires",
            "limits",
            "keep_going",
            "batch",
        )
        given = {key: getattr(spec, key) for key in keys} | {"after": control.links(spec)}
        return {"id": job_id, "spec": spec.to_json(), "total": total, **given}

    def pick(self, worker: Worker = W1, *, execution: str = "", lease_ms: int = LONG_MS) -> Picked | None:
        """Pick units, or None."""
        offer = asdict(worker)
        name = offer.pop("name")
        execution = execution or f"e{next(self._numbers)}"
        reply = self.connection.call("pick", worker=name, execution=execution, lease_ms=lease_ms, **offer)
        return Picked(**reply) if reply else None

    def must_pick(self, worker: Worker = W1, *, lease_ms: int = LONG_MS) -> Picked:
        """Pick units that are known to wait."""
        picked = self.pick(worker, lease_ms=lease_ms)
        assert picked, "nothing was picked"
        return picked

    def beat(self, picked: Picked, worker: Worker = W1, *, lease_ms: int = LONG_MS, progress: str = "") -> list[str]:
        """Beat for an execution; returns what is to be stopped."""
        return list(self.beat_reply(picked, worker, lease_ms=lease_ms, progress=progress)["stop"])

    def beat_reply(
        self, picked: Picked, worker: Worker = W1, *, lease_ms: int = LONG_MS, progress: str = ""
    ) -> dict[str, Any]:
        """Beat for an execution; returns all that is answered."""
        record = worker.record(execution=picked.execution).to_json()
        given = {"worker": worker.name, "record": record, "executions": {picked.execution: progress}}
        return self.connection.call("beat", lease_ms=lease_ms, **given)

    def announce(self, worker: Worker, **fields: Any) -> None:
        """Let an idle worker beat; `fields` are further ones of its record."""
        record = worker.record(**fields).to_json()
        self.connection.call("beat", worker=worker.name, record=record, executions={})

    def done(
        self,
        picked: Picked,
        *units: int,
        is_skipped: bool = False,
        worker: Worker = W1,
        seconds: float = 1.5,
        **given: Any,
    ) -> dict[str, Any]:
        """Report units as done; all of the execution when none is named."""
        indexes = units or range(picked.first, picked.first + picked.count)
        rows = [{"index": index, "seconds": seconds, "peak_mb": 100} for index in indexes]
        return self.connection.call(
            "done", worker=worker.name, units=rows, outputs={}, is_skipped=is_skipped, **_ids(picked), **given
        )

    def wanted(self, picked: Picked, unit: int) -> bool:
        """Ask whether the outputs of a unit still count."""
        return bool(self.connection.call("wanted", unit=unit, **_ids(picked))["is_wanted"])

    def failed(
        self, picked: Picked, unit: int, *, worker: Worker = W1, is_final: bool = False, message: str = "Broken."
    ) -> dict[str, Any]:
        """Report a failed try."""
        facts = {"seconds": 1.5, "peak_mb": 100, "kind": "RenderError", "message": message, "log": "the end"}
        return self.connection.call("failed", worker=worker.name, unit=unit, is_final=is_final, **facts, **_ids(picked))

    def fail(self, worker: Worker = W1, times: int = 1) -> list[int]:
        """Let the worker pick and fail so often; returns the units."""
        units = []
        for _ in range(times):
            picked = self.must_pick(worker)
            self.failed(picked, picked.first, worker=worker)
            units.append(picked.first)
        return units

    def give_back(self, picked: Picked, **given: Any) -> int:
        """Give back what an execution holds; returns how many units wait again."""
        return int(self.connection.call("give_back", reason="stopped", **given, **_ids(picked))["units"])

    def sweep(self, *, is_outage: bool = False, lease_ms: int = LONG_MS) -> list[str]:
        """Sweep shortly after another sweep, or after an outage; returns the lost executions."""
        if is_outage:
            self.connection.redis.delete("bc:swept")
        else:
            seconds, _ = self.connection.redis.time()
            self.connection.redis.set("bc:swept", seconds * 1000)
        return [lost["execution"] for lost in self.connection.call("sweep", lease_ms=lease_ms)["lost"]]

    def lose(self, picked: Picked) -> None:
        """Let the execution's lease end, and sweep."""
        self.beat(picked, lease_ms=OVER_MS)
        self.sweep()

    def control(self, job_id: str, verb: str, **given: Any) -> bool:
        """Change a job; returns whether that changed anything."""
        return bool(self.connection.call("control", job=job_id, verb=verb, by="ann", **given)["has_changed"])

    def units(self, job_id: str) -> str:
        """The job's bytes."""
        return records.unit_bytes(self.connection, job_id)


def _ids(picked: Picked) -> dict[str, Any]:
    return {"execution": picked.execution, "job": picked.job, "generation": picked.generation}
