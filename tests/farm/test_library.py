"""The function library under random steps: no unit is lost, none counted twice, and all indexes fit the bytes."""

from __future__ import annotations

from typing import Any

from farms import Farm
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from library_model import Model, ModelJob
from steps import LONG_MS, OVER_MS, Steps, Worker

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.farm.queue import Picked

WORKERS = (
    Worker("w1", pools=("default", "night"), tags=("scripts",), dccs={"toy": (3, 1), "other": (1,)}),
    Worker("w2", pools=("default",), dccs={"toy": (2,)}),
    Worker("w3", pools=("night", "default"), tags=("gpu", "scripts"), dccs={"toy": (4, 3)}),
)
ABLE = Worker("able", pools=("default", "night"), tags=("scripts",), dccs={"toy": (9,), "other": (9,)})
MOST_JOBS = 6
#: A place in whatever there is to choose from.
ANY = st.integers(0, 30)
UNIT = st.integers(-1, 40)
#: Seldom, so that most steps still find something to do.
SELDOM = st.sampled_from([False, False, False, False, True])
JOB = st.fixed_dictionaries(
    {
        "total": st.integers(1, 6) | st.integers(1, 40),
        "chunk": st.integers(1, 6),
        "priority": st.sampled_from([50, 50, 50, 90]),
        "pool": st.sampled_from(["default", "default", "default", "night"]),
        "user": st.sampled_from(["ann", "ann", "bob"]),
        "dcc": st.sampled_from(["toy", "toy", "toy", "toy", "other"]),
        "version_min": st.sampled_from([0, 0, 0, 2, 5]),
        "requires": st.sampled_from([(), (), (), ("scripts",)]),
        "paused": SELDOM,
    }
)
NAMES = (b"waiting", b"running", b"done", b"skipped", b"failed")
#: Bytes of one unit's facts; the first two are tries and losses.
FACTS_SIZE = 12


class Machine(RuleBasedStateMachine):
    """Takes every step on a real server and on the model, and compares what they answer."""

    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        self.redis: Any = self.connection.redis
        self.redis.flushdb()
        self.steps = Steps(self.connection)
        self.model = Model()
        #: Every execution there ever was: late reports come from these.
        self.picked: list[Picked] = []
        self.deleted: set[str] = set()

    @property
    def is_busy(self) -> bool:
        """Whether there is so much to render that a job may be taken away."""
        return sum(job.is_active for job in self.model.jobs.values()) > 2

    def job(self, at: int) -> ModelJob:
        """One of the jobs that there are."""
        jobs = list(self.model.jobs.values())
        return jobs[at % len(jobs)]

    def held(self, at: int) -> Picked:
        """One of the executions that are running."""
        held = [one for one in self.picked if one.execution in self.model.running]
        return held[at % len(held)]

    def left(self, picked: Picked) -> range:
        """The units that a running execution still holds."""
        running = self.model.running[picked.execution]
        return range(running.first, running.end)

    def unit(self, picked: Picked, at: int) -> int:
        """One of the units that were picked; for -1 a unit that there is not."""
        return -1 if at == -1 else picked.first + at % picked.count

    # -- submit, pick, beat ------------------------------------------------------------------------------------------

    @initialize(jobs=st.lists(JOB, min_size=3, max_size=5))
    def submit_first(self, jobs: list[dict[str, Any]]) -> None:
        for job in jobs:
            self.submit(job)

    @precondition(lambda self: len(self.model.jobs) < MOST_JOBS)
    @rule(job=JOB)
    def submit(self, job: dict[str, Any]) -> None:
        job_id = self.steps.submit(**job)
        self.model.jobs[job_id] = ModelJob(job_id, **job)

    @rule(worker=st.sampled_from(WORKERS), is_overdue=st.booleans(), many=st.integers(1, 4))
    def pick(self, worker: Worker, is_overdue: bool, many: int) -> None:
        for _ in range(many):
            self.pick_one(worker, is_overdue)

    def pick_one(self, worker: Worker, is_overdue: bool = False) -> Picked | None:
        best = self.model.best(worker)
        picked = self.steps.pick(worker, lease_ms=OVER_MS if is_overdue else LONG_MS)

        assert (picked.job if picked else None) == (best.id if best else None)
        if picked and best:
            held = self.model.pick(picked.execution, best, is_overdue=is_overdue)
            assert (picked.first, picked.first + picked.count) == (held.first, held.end)
            assert (picked.generation, picked.version) == (best.generation, best.version_for(worker))
            # Two picks in one millisecond would make a repeated run take another way.
            self.redis.hset(f"bc:job:{best.id}", "served", best.served)
            self.picked.append(picked)
        return picked

    @precondition(lambda self: self.model.running)
    @rule(at=ANY, worker=st.sampled_from(WORKERS))
    def pick_again(self, at: int, worker: Worker) -> None:
        """A worker repeats a pick after a lost connection."""
        picked = self.held(at)
        again = self.steps.pick(worker, execution=picked.execution)

        left = self.left(picked)
        assert again
        assert (again.job, again.first, again.count) == (picked.job, left.start, len(left))

    @precondition(lambda self: self.picked)
    @rule(at=ANY, is_overdue=st.booleans())
    def beat(self, at: int, is_overdue: bool) -> None:
        picked = self.picked[at % len(self.picked)]
        stop = self.steps.beat(picked, lease_ms=OVER_MS if is_overdue else LONG_MS, progress="{}")

        running = self.model.running.get(picked.execution)
        assert stop == ([] if running else [picked.execution])
        if running:
            running.is_overdue = is_overdue

    # -- done, failed, give back, lost -------------------------------------------------------------------------------

    @precondition(lambda self: self.model.running)
    @rule(at=ANY, many=st.integers(1, 12), is_skipped=st.booleans())
    def done(self, at: int, many: int, is_skipped: bool) -> None:
        """The next units of a running execution, in order."""
        picked = self.held(at)
        self.report_done(picked, list(self.left(picked))[:many], is_skipped)

    @precondition(lambda self: self.picked)
    @rule(at=ANY, units=st.lists(UNIT, min_size=1, max_size=6))
    def done_late(self, at: int, units: list[int]) -> None:
        """Any units, of any execution there ever was, in any order, some twice."""
        picked = self.picked[at % len(self.picked)]
        self.report_done(picked, [self.unit(picked, one) for one in units], False)

    def report_done(self, picked: Picked, units: list[int], is_skipped: bool) -> None:
        ids = (picked.execution, picked.job, picked.generation)
        counted = 0
        if self.model.is_wanted(*ids):
            counted = self.model.done(picked.execution, picked.job, units, "s" if is_skipped else "d")

        reply = self.steps.done(picked, *units, is_skipped=is_skipped)

        assert reply == {"counted": counted, "go": picked.execution in self.model.running}

    @precondition(lambda self: self.picked)
    @rule(at=ANY, unit=UNIT)
    def ask_if_wanted(self, at: int, unit: int) -> None:
        picked = self.picked[at % len(self.picked)]
        unit = self.unit(picked, unit)
        is_wanted = self.model.is_wanted(picked.execution, picked.job, picked.generation)
        is_wanted = is_wanted and unit >= 0 and self.model.jobs[picked.job].units[unit] in "wrf"

        assert self.steps.wanted(picked, unit) == is_wanted
        if not is_wanted:
            self.model.report(picked.execution, unit)

    @precondition(lambda self: self.model.running)
    @rule(at=ANY, is_final=SELDOM)
    def failed(self, at: int, is_final: bool) -> None:
        """The next unit of a running execution."""
        picked = self.held(at)
        self.report_failed(picked, self.left(picked)[0], is_final)

    @rule(worker=st.sampled_from(WORKERS), many=st.integers(1, 4))
    def fail_again_and_again(self, worker: Worker, many: int) -> None:
        """The first unit of each task breaks."""
        for _ in range(many):
            if picked := self.pick_one(worker):
                self.report_failed(picked, picked.first, False)

    @rule(worker=st.sampled_from(WORKERS), other=st.sampled_from(WORKERS))
    def fail_twice(self, worker: Worker, other: Worker) -> None:
        """A worker repeats its report after a lost connection; another one was faster to pick the unit."""
        if picked := self.pick_one(worker):
            self.report_failed(picked, picked.first, False)
            self.pick_one(other)
            self.report_failed(picked, picked.first, False)

    @rule(worker=st.sampled_from(WORKERS), other=st.sampled_from(WORKERS), many=st.integers(1, 6))
    def overtake(self, worker: Worker, other: Worker, many: int) -> None:
        """A worker that was taken for lost finishes some units that another one has by now."""
        picked = self.pick_one(worker, is_overdue=True)
        self.sweep(is_outage=False)
        self.pick_one(other)
        if picked:
            self.report_done(picked, list(range(picked.first, picked.first + picked.count))[:many], False)

    @rule(worker=st.sampled_from(WORKERS), many=st.integers(1, 6))
    def lose_again_and_again(self, worker: Worker, many: int) -> None:
        """The worker dies with each task."""
        for _ in range(many):
            self.pick_one(worker, is_overdue=True)
            self.sweep(is_outage=False)

    @precondition(lambda self: self.picked)
    @rule(at=ANY, unit=UNIT, is_final=SELDOM)
    def failed_late(self, at: int, unit: int, is_final: bool) -> None:
        """Any unit, of any execution there ever was."""
        picked = self.picked[at % len(self.picked)]
        self.report_failed(picked, self.unit(picked, unit), is_final)

    def report_failed(self, picked: Picked, unit: int, is_final: bool) -> None:
        counted = self.model.failed(picked.execution, unit, is_final=is_final)

        reply = self.steps.failed(picked, unit, is_final=is_final)

        assert reply == {"counted": counted, "go": picked.execution in self.model.running}

    @precondition(lambda self: self.picked)
    @rule(at=ANY, pauses=SELDOM)
    def give_back(self, at: int, pauses: bool) -> None:
        picked = self.picked[at % len(self.picked)]
        units = 0
        if picked.execution in self.model.running:
            job = self.model.jobs[picked.job]
            job.paused = job.paused or (pauses and job.generation == picked.generation)
            units = self.model.give_back(picked.execution)

        assert self.steps.give_back(picked, **({"pause_why": "changed"} if pauses else {})) == units

    @rule(is_outage=SELDOM)
    def sweep(self, is_outage: bool) -> None:
        overdue = {one.id for one in self.model.running.values() if one.is_overdue}

        lost = self.steps.sweep(is_outage=is_outage)

        assert set(lost) == (set() if is_outage else overdue)
        for one in lost:
            self.model.give_back(one, is_lost=True)
        for held in self.model.running.values():
            held.is_overdue = False

    # -- control -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.is_busy)
    @rule(at=ANY, is_now=st.booleans())
    def pause(self, at: int, is_now: bool) -> None:
        job = self.job(at)
        if is_now:
            self.model.stop(job)

        assert self.steps.control(job.id, "pause", why="to look at it", now=is_now) == (not job.paused)
        job.paused = True

    @precondition(lambda self: self.model.jobs)
    @rule(at=ANY, has_spec=st.booleans())
    def resume(self, at: int, has_spec: bool) -> None:
        job = self.job(at)
        given = {"spec": '{"dcc":"toy","scene":"changed.toy"}'} if has_spec else {}

        assert self.steps.control(job.id, "resume", **given) == (job.paused or has_spec)
        job.paused = False
        job.generation += has_spec

    @precondition(lambda self: self.is_busy)
    @rule(at=ANY)
    def cancel(self, at: int) -> None:
        job = self.job(at)

        assert self.steps.control(job.id, "cancel") == (not job.has_ended)
        if not job.has_ended:
            self.model.stop(job)
            job.is_cancelled = True

    @precondition(lambda self: self.model.jobs)
    @rule(at=ANY, which=st.sampled_from(["failed", "all"]) | st.lists(st.integers(-1, 41), max_size=8))
    def retry(self, at: int, which: str | list[int]) -> None:
        job = self.job(at)

        assert self.steps.control(job.id, "retry", which=which) == self.model.retry(job, which)

    @precondition(lambda self: self.is_busy)
    @rule(at=ANY)
    def delete(self, at: int) -> None:
        job = self.job(at)

        assert self.steps.control(job.id, "delete")
        self.model.stop(job)
        self.deleted.add(job.id)
        del self.model.jobs[job.id]

    # -- what holds after every step ---------------------------------------------------------------------------------

    @invariant()
    def the_records_are_what_the_model_says(self) -> None:
        with self.redis.pipeline(transaction=False) as pipeline:  # one trip instead of thirty
            pipeline.keys("bc:job:*").keys("bc:execution:*")
            pipeline.zrange("bc:running", 0, -1).zrange("bc:active", 0, -1, withscores=True).hgetall("bc:users")
            for job_id in self.model.jobs:
                pipeline.hgetall(f"bc:job:{job_id}").get(f"bc:job:{job_id}:units").get(f"bc:job:{job_id}:facts")
            for execution in self.model.running:
                pipeline.hmget(f"bc:execution:{execution}", "job", "first", "count")
            jobs, executions, running, active, users, *rest = pipeline.execute()

        assert {key.decode().split(":")[2] for key in jobs} == set(self.model.jobs)
        assert {key.decode().split(":")[2] for key in executions} == {one.decode() for one in running}
        assert {one.decode() for one in running} == set(self.model.running)
        self.check_indexes(dict(active), users)
        for place, job in enumerate(self.model.jobs.values()):
            check_job(job, *rest[3 * place : 3 * place + 3])
        self.check_executions(rest[3 * len(self.model.jobs) :])

    def check_indexes(self, active: dict[bytes, float], users: dict[bytes, bytes]) -> None:
        """Active are the jobs that anybody may pick from; a user has as many running as there are `r`."""
        jobs = self.model.jobs.values()
        running = {job.user: self.model.running_of(job.user) for job in jobs}

        assert active == {job.id.encode(): job.priority for job in jobs if job.is_active}
        assert users == {user.encode(): b"%d" % many for user, many in running.items() if many}

    def check_executions(self, rows: list[list[bytes]]) -> None:
        """Each running unit is held once; what is held is running, or was done by somebody late."""
        held: list[tuple[str, int]] = []
        for job, first, count in rows:
            held += [(job.decode(), unit) for unit in range(int(first), int(first) + int(count))]
        jobs = self.model.jobs.values()
        running = {(job.id, unit) for job in jobs for unit, letter in enumerate(job.units) if letter == "r"}

        assert len(set(held)) == len(held)
        assert running <= set(held)
        assert all(self.model.jobs[job].units[unit] in "rds" for job, unit in held)

    def teardown(self) -> None:
        """Whatever happened, the farm can render all of it to the end."""
        for job in self.model.jobs.values():
            self.steps.control(job.id, "retry", which=[])
            self.steps.control(job.id, "resume")
        while picked := self.steps.pick(ABLE):
            self.steps.done(picked)

        for job_id in self.model.jobs:
            assert set(self.steps.units(job_id)) <= set("dsf")
        assert records.executions(self.connection) == []
        assert self.redis.zcard("bc:active") == 0


def check_job(job: ModelJob, raw: dict[bytes, bytes], units: bytes, facts: bytes | None) -> None:
    """Bytes, counts, cursor, end, tries and losses are as they must be."""
    letters = units.decode()
    known = (facts or b"").ljust(FACTS_SIZE * job.total, b"\0")

    assert letters == "".join(job.units)
    assert [int(raw[name]) for name in NAMES] == [letters.count(letter) for letter in "wrdsf"]
    assert int(raw[b"cursor"]) <= (letters.find("w") if "w" in letters else job.total)
    assert int(raw[b"generation"]) == job.generation
    assert (b"ended" in raw) == job.has_ended
    assert list(known[::FACTS_SIZE]) == job.tries
    assert list(known[1::FACTS_SIZE]) == job.losses


def test_random_steps_lose_no_unit_and_count_none_twice(farm: Farm) -> None:
    """Whatever workers and people do, in any order, late or twice: the records stay what they must be."""
    Machine.connection = farm.connection

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=100,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert farm.connection.redis.zcard("bc:active") == 0
