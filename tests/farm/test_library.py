"""The function library under random steps: no unit is lost, none counted twice, and all indexes fit the bytes."""

from __future__ import annotations

from farms import Farm
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test
from library_records import check_jobs, check_slots
from library_rules import ABLE, ANY, LIMITS, SELDOM, WORKERS, WorkerRules
from steps import Worker

from buildcat.client import records


class Machine(WorkerRules):
    """Adds what people do, and compares all records after each step."""

    # -- workers, limits ---------------------------------------------------------------------------------------------

    @rule(worker=st.sampled_from(WORKERS), is_sure=SELDOM)
    def leave(self, worker: Worker, is_sure: bool) -> None:
        """The worker ends; its executions are found by the sweep."""
        if is_sure:
            self.connection.call("leave", worker=worker.name)
            self.model.workers.pop(worker.name, None)
            self.model.orders.pop(worker.name, None)
            self.model.hold(worker, (), is_over=False)

    @rule(worker=st.sampled_from(WORKERS), order=st.sampled_from(["pause", "drain", "resume", "resume", "resume"]))
    def order(self, worker: Worker, order: str) -> None:
        before = self.model.orders.get(worker.name, "resume")
        reply = self.connection.call("order", worker=worker.name, order=order, by="ann")

        if worker.name not in self.model.workers:
            assert reply == {"error": "missing"}
            return
        assert reply == {"has_changed": before != order}
        self.model.orders.pop(worker.name, None)
        if order != "resume":
            self.model.orders[worker.name] = order

    @rule(worker=st.sampled_from(WORKERS))
    def release(self, worker: Worker) -> None:
        """The worker's session was closed."""
        self.connection.call("release", worker=worker.name)
        self.model.hold(worker, (), is_over=False)

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

    @precondition(lambda self: self.model.jobs)
    @rule(at=ANY, name=st.sampled_from(["priority", "pool", "chunk"]), number=st.sampled_from([1, 50, 90]))
    def change(self, at: int, name: str, number: int) -> None:
        job = self.job(at)
        value = ("night" if number == 1 else "default") if name == "pool" else number
        has_changed = getattr(job, name) != value

        assert self.steps.control(job.id, "set", **{name: value}) == has_changed
        setattr(job, name, value)

    @precondition(lambda self: self.model.jobs)
    @rule(at=ANY, order=st.integers(1, 3))
    def reorder(self, at: int, order: int) -> None:
        job = self.job(at)
        spec = f'{{"dcc":"toy","scene":"shot.toy","order":"every:{order}"}}'
        reply = self.connection.call("control", job=job.id, verb="reorder", by="ann", spec=spec)

        is_linked = bool(job.after) or any(job.id in other.after for other in self.model.jobs.values())
        if set(job.units) - set("wh"):
            assert reply == {"error": "started"}
        elif is_linked:
            assert reply == {"error": "linked"}
        else:
            assert "has_changed" in reply

    @precondition(lambda self: self.is_busy)
    @rule(at=ANY)
    def delete(self, at: int) -> None:
        job = self.job(at)

        assert self.steps.control(job.id, "delete")
        self.model.delete(job)
        self.deleted.add(job.id)

    # -- what holds after every step ---------------------------------------------------------------------------------

    @invariant()
    def the_records_are_what_the_model_says(self) -> None:
        self.model.release()
        check_jobs(self.redis, self.model)
        check_slots(self.redis, self.model, [worker.name for worker in WORKERS], LIMITS)

    @invariant()
    def no_worker_is_lost_by_the_clock(self) -> None:
        """A slow machine must not lose one between two steps."""
        with self.redis.pipeline(transaction=False) as pipeline:
            for worker in (*WORKERS, ABLE):
                pipeline.zadd("bc:workers", {worker.name: 2**43}, xx=True).persist(f"bc:worker:{worker.name}:slots")
            pipeline.execute()

    def teardown(self) -> None:
        """Whatever happened, the farm can render all of it to the end."""
        for name in self.model.limits:
            self.connection.call("limit", name=name, by="ann")
        for job in self.model.jobs.values():
            self.steps.control(job.id, "retry", which=[])
            self.steps.control(job.id, "resume")
        while picked := self.steps.pick(ABLE):
            self.steps.done(picked)

        for job_id in self.model.jobs:
            assert set(self.steps.units(job_id)) <= set("dsfh")
        assert records.executions(self.connection) == []
        assert self.redis.hlen("bc:active") == 0


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

    assert farm.connection.redis.hlen("bc:active") == 0
