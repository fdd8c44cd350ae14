"""Compares all records of a server with what the model says they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from library_model import Model, ModelJob

NAMES = (b"waiting", b"held", b"running", b"done", b"skipped", b"failed")
#: Bytes of one unit's facts; the first two are tries and losses.
FACTS_SIZE = 12


@dataclass(frozen=True)
class JobKeys:
    """What the server holds of one job, as redis-py returns it."""

    fields: dict[bytes, bytes]
    units: bytes
    facts: bytes | None
    tried: dict[bytes, bytes]
    strikes: dict[bytes, bytes]


def check_jobs(redis: Any, model: Model) -> None:
    """Bytes, counts and indexes are what the model says, and nothing else is there."""
    with redis.pipeline(transaction=False) as pipeline:  # one trip instead of thirty
        pipeline.keys("bc:job:*").keys("bc:execution:*")
        pipeline.zrange("bc:running", 0, -1).hkeys("bc:active").hgetall("bc:users").zrange("bc:ended", 0, -1)
        for job_id in model.jobs:
            key = f"bc:job:{job_id}"
            pipeline.hgetall(key).get(f"{key}:units").get(f"{key}:facts")
            pipeline.hgetall(f"{key}:tried").hgetall(f"{key}:strikes")
        for execution in model.running:
            pipeline.hmget(f"bc:execution:{execution}", "job", "first", "count")
        jobs, executions, running, active, users, ended, *rest = pipeline.execute()

    assert {key.decode().split(":")[2] for key in jobs} == set(model.jobs)
    assert {key.decode().split(":")[2] for key in executions} == {one.decode() for one in running}
    assert {one.decode() for one in running} == set(model.running)
    _check_indexes(model, set(active), users, set(ended))
    for place, job in enumerate(model.jobs.values()):
        _check_job(job, JobKeys(*rest[5 * place : 5 * place + 5]))
    _check_executions(model, rest[5 * len(model.jobs) :])


def _check_indexes(model: Model, active: set[bytes], users: dict[bytes, bytes], ended: set[bytes]) -> None:
    """Active are the jobs that anybody may pick from; a user has as many running as there are `r`."""
    jobs = model.jobs.values()
    running = {job.user: model.running_of(job.user) for job in jobs}

    assert active == {job.id.encode() for job in jobs if job.is_active}
    assert ended == {job.id.encode() for job in jobs if job.has_ended}
    assert users == {user.encode(): b"%d" % many for user, many in running.items() if many}


def _check_executions(model: Model, rows: Iterable[list[bytes]]) -> None:
    """Each running unit is held once; what is held is running, or was done by somebody late."""
    held: list[tuple[str, int]] = []
    for job, first, count in rows:
        held += [(job.decode(), unit) for unit in range(int(first), int(first) + int(count))]
    jobs = model.jobs.values()
    running = {(job.id, unit) for job in jobs for unit, letter in enumerate(job.units) if letter == "r"}

    assert len(set(held)) == len(held)
    assert running <= set(held)
    assert all(model.jobs[job].units[unit] in "rds" for job, unit in held)


def _check_job(job: ModelJob, keys: JobKeys) -> None:
    """Bytes, counts, cursor, end, tries and losses are as they must be."""
    letters = keys.units.decode()
    known = (keys.facts or b"").ljust(FACTS_SIZE * job.total, b"\0")

    assert letters == "".join(job.units)
    assert [int(keys.fields[name]) for name in NAMES] == [letters.count(letter) for letter in "whrdsf"]
    assert int(keys.fields[b"cursor"]) <= (letters.find("w") if "w" in letters else job.total)
    assert int(keys.fields[b"generation"]) == job.generation
    assert (b"ended" in keys.fields) == job.has_ended
    assert list(known[::FACTS_SIZE]) == job.tries
    assert list(known[1::FACTS_SIZE]) == job.losses
    assert {int(unit): set(json.loads(names)) for unit, names in keys.tried.items()} == job.tried
    assert {name.decode(): int(many) for name, many in keys.strikes.items()} == job.strikes


def check_slots(redis: Any, model: Model, workers: Iterable[str], limits: Iterable[str]) -> None:
    """Orders, live workers and who holds what are what the model says."""
    names = list(workers)
    slots = [f"{name}{end}" for name in limits for end in ("", "@host", "@other")]
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.hgetall("bc:orders").zrange("bc:workers", 0, -1)
        for name in names:
            pipeline.smembers(f"bc:worker:{name}:slots")
        for slot in slots:
            pipeline.zrange(f"bc:slots:{slot}", 0, -1)
        orders, alive, *rest = pipeline.execute()

    assert orders == {name.encode(): order.encode() for name, order in model.orders.items()}
    assert {one.decode() for one in alive} == set(model.workers)
    for name, held in zip(names, rest, strict=False):
        assert {one.decode().removeprefix("bc:slots:") for one in held} == model.holds.get(name, set())
    for slot, holders in zip(slots, rest[len(names) :], strict=True):
        assert {one.decode() for one in holders} == set(model.slots.get(slot, {}))
