"""Steps of workers on a real server and on the model, which must answer the same; the base of the property test."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from library_model import Model, ModelJob
from steps import LONG_MS, OVER_MS, Steps, Worker

from buildcat.client.connection import Connection
from buildcat.farm.queue import Picked

WORKERS = (
    Worker("w1", pools=("default", "night"), tags=("scripts",), dccs={"toy": (3, 1), "other": (1,)}),
    Worker("w2", pools=("default",), dccs={"toy": (2,)}),
    Worker("w3", pools=("night", "default"), tags=("gpu", "scripts"), dccs={"toy": (4, 3)}, host="other"),
)
#: Can render all that there is.
ABLE = Worker("able", pools=("default", "night"), tags=("scripts",), dccs={"toy": (9,), "other": (9,)})
MOST_JOBS = 6
LIMITS = ("licence", "gpu")
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
        "limits": st.sampled_from([(), (), ("licence",), ("licence", "gpu")]),
        "keep_going": SELDOM,
        "paused": SELDOM,
    }
)
#: How a job waits for another.
LINK = st.sampled_from(["success", "any", "frame"])


class WorkerRules(RuleBasedStateMachine):
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
        #: Execution → who picked it.
        self.pickers: dict[str, Worker] = {}
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

    @initialize(jobs=st.lists(JOB, min_size=2, max_size=3), linked=st.lists(st.tuples(JOB, ANY, LINK), max_size=2))
    def submit_first(self, jobs: list[dict[str, Any]], linked: list[tuple[dict[str, Any], int, str]]) -> None:
        for worker in WORKERS:
            self.announce(worker)
        self.set_limit("licence", 1, False)
        for job in jobs:
            self.submit(job)
        for job, at, link in linked:
            self.submit_linked(job, at, link, at, False)

    @precondition(lambda self: len(self.model.jobs) < MOST_JOBS)
    @rule(job=JOB)
    def submit(self, job: dict[str, Any]) -> None:
        self.submit_after(job, {})

    @precondition(lambda self: 0 < len(self.model.jobs) < MOST_JOBS)
    @rule(job=JOB, at=ANY, link=LINK, other=ANY, has_other=SELDOM)
    def submit_linked(self, job: dict[str, Any], at: int, link: str, other: int, has_other: bool) -> None:
        """A job that waits for one or two others; mostly it has as many units."""
        first = self.job(at)
        after = {self.job(other).id: "any"} if has_other else {}
        total = first.total if link == "frame" and at % 5 else job["total"]
        self.submit_after({**job, "total": total}, {**after, first.id: link})

    def submit_after(self, job: dict[str, Any], after: dict[str, str]) -> None:
        is_wrong = self.model.wrong_link(after, job["total"])
        needed = {"after": tuple(one for one, link in after.items() if link != "any")}
        needed["after_any"] = tuple(one for one, link in after.items() if link == "any")
        given = self.steps.submission(**job, **needed, per_frame="frame" in after.values())

        reply = self.connection.call("submit", **given)

        assert reply.get("error") == ("after" if is_wrong else None)
        if not is_wrong:
            self.model.jobs[given["id"]] = ModelJob(given["id"], **job, after=after)

    @rule(worker=st.sampled_from(WORKERS), is_overdue=st.booleans(), many=st.integers(1, 4))
    def pick(self, worker: Worker, is_overdue: bool, many: int) -> None:
        for _ in range(many):
            self.pick_one(worker, is_overdue)

    def pick_one(self, worker: Worker, is_overdue: bool = False) -> Picked | None:
        self.model.release()
        best = self.model.best(worker)
        picked = self.steps.pick(worker, lease_ms=OVER_MS if is_overdue else LONG_MS)

        assert (picked.job if picked else None) == (best[0].id if best else None)
        if picked and best:
            job, units = best
            held = self.model.pick(picked.execution, job, units, is_overdue=is_overdue)
            self.model.hold(worker, job.limits, is_over=is_overdue)
            assert (picked.first, picked.first + picked.count) == (held.first, held.end)
            assert (picked.generation, picked.version) == (job.generation, job.version_for(worker))
            self.picked.append(picked)
            self.pickers[picked.execution] = worker
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

    @rule(worker=st.sampled_from(WORKERS))
    def announce(self, worker: Worker) -> None:
        self.steps.announce(worker)
        self.model.workers[worker.name] = worker
        self.model.extend(worker, is_over=False)

    @precondition(lambda self: self.picked)
    @rule(at=ANY, is_overdue=st.booleans())
    def beat(self, at: int, is_overdue: bool) -> None:
        picked = self.picked[at % len(self.picked)]
        worker = self.pickers[picked.execution]
        stop = self.steps.beat(picked, worker, lease_ms=OVER_MS if is_overdue else LONG_MS, progress="{}")
        self.model.workers[worker.name] = worker
        self.model.extend(worker, is_over=is_overdue)

        running = self.model.running.get(picked.execution)
        assert stop == ([] if running else [picked.execution])
        if running:
            running.is_overdue = is_overdue

    @rule(name=st.sampled_from(LIMITS), count=st.integers(0, 3), is_per_host=st.booleans())
    def set_limit(self, name: str, count: int, is_per_host: bool) -> None:
        """Three at most: none at all is a limit that is lifted here."""
        given = {"count": count, "per_host": is_per_host} if count else {}
        reply = self.connection.call("limit", name=name, by="ann", **given)

        assert reply == ({"error": "missing"} if not count and name not in self.model.limits else {})
        self.model.limits.pop(name, None)
        if count:
            self.model.limits[name] = (count, is_per_host)

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
            letter, worker = "s" if is_skipped else "d", self.pickers[picked.execution]
            counted = self.model.done(picked.execution, picked.job, units, letter, worker.name)

        reply = self.steps.done(picked, *units, is_skipped=is_skipped, worker=self.pickers[picked.execution])

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

    @rule(worker=st.sampled_from(WORKERS), many=st.integers(1, 12))
    def fail_again_and_again(self, worker: Worker, many: int) -> None:
        """The first unit of each task breaks."""
        for _ in range(many):
            if picked := self.pick_one(worker):
                self.report_failed(picked, picked.first, False)

    @rule(many=st.integers(1, 12))
    def fail_everywhere(self, many: int) -> None:
        """All workers fail, one after the other: units run out of tries."""
        for _ in range(many):
            for worker in WORKERS:
                self.fail_again_and_again(worker, 1)

    @rule(worker=st.sampled_from(WORKERS), many=st.integers(1, 30))
    def render(self, worker: Worker, many: int) -> None:
        """One task after the other, to the end: jobs end."""
        for _ in range(many):
            if picked := self.pick_one(worker):
                self.report_done(picked, list(self.left(picked)), False)

    @rule(at=ANY, many=st.integers(1, 12))
    def render_what_others_wait_for(self, at: int, many: int) -> None:
        """Before all else, with a worker that can."""
        waited = [
            job for job in self.model.jobs.values() if any(job.id in one.after for one in self.model.jobs.values())
        ]
        if waited:
            job = waited[at % len(waited)]
            self.steps.control(job.id, "set", priority=100)
            job.priority = 100
            self.render(ABLE, many)

    @rule(worker=st.sampled_from(WORKERS), other=st.sampled_from(WORKERS))
    def fail_what_others_render(self, worker: Worker, other: Worker) -> None:
        """The other one renders a task of a job, this one breaks what it gets."""
        self.render(other, 1)
        self.fail_again_and_again(worker, 4)

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
        worker = self.pickers[picked.execution]
        counted = self.model.failed(picked.execution, unit, worker.name, is_final=is_final)

        reply = self.steps.failed(picked, unit, worker=worker, is_final=is_final)

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
