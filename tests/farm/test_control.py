"""Submit, pause, resume, cancel, retry and delete, as a client calls them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from steps import W2, Steps, Worker

from buildcat.client import config, control, records
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord
from buildcat.model.errors import NoSuchJobError, UsageError
from buildcat.model.job import JobSpec
from buildcat.model.states import Counts, JobState

SPEC = JobSpec(dcc="toy", scene="shots/ä b.toy", frames="1-4", user="ann")
CHANGES: list[Callable[[Connection, str], bool]] = [
    partial(control.pause, why="to look at it"),
    control.resume,
    control.cancel,
    control.retry,
    partial(control.change, priority=51),
    control.delete,
]


def job_of(steps: Steps, job_id: str) -> JobRecord:
    """The job as it is now."""
    return records.job(steps.connection, job_id)


def test_a_submitted_job_is_what_its_spec_says(steps: Steps) -> None:
    """Nothing is lost on the way, not even numbers that JSON in other languages would round."""
    spec = replace(
        SPEC, priority=70, chunk=2, pool="night", scene_mtime_ns=1_712_345_678_901_234_567, settings={"a": []}
    )

    job = job_of(steps, control.submit(steps.connection, spec))

    assert job.spec == spec
    assert (job.priority, job.chunk, job.pool, job.generation) == (70, 2, "night", 1)
    assert (job.counts, job.state) == (Counts(waiting=4), JobState.WAITING)
    assert job.created > 0 == job.started == job.ended


def test_a_job_without_a_user_is_ours(steps: Steps) -> None:
    """`last` and the sharing between users need a name."""
    job = job_of(steps, control.submit(steps.connection, replace(SPEC, user="")))

    assert job.spec.user == config.current_user()


def test_every_submission_is_a_job_of_its_own(steps: Steps) -> None:
    """The same scene may be submitted twice."""
    jobs = {control.submit(steps.connection, SPEC) for _ in range(3)}

    assert set(records.job_ids(steps.connection)) == jobs
    assert len(jobs) == 3


@pytest.mark.parametrize(
    "change", [{"frames": "1-x"}, {"frames": "1-2000000"}, {"split": "tiles:2000x2000"}, {"chunk": 0}]
)
def test_a_spec_that_cannot_be_read_makes_no_job(steps: Steps, change: dict[str, object]) -> None:
    """It is refused before anything is written."""
    with pytest.raises(UsageError):
        control.submit(steps.connection, replace(SPEC, **change))  # type: ignore[arg-type]  # the wrong types are the point

    assert records.job_ids(steps.connection) == []


def test_a_job_submitted_paused_waits_for_resume(steps: Steps) -> None:
    """It says why it waits."""
    job_id = control.submit(steps.connection, replace(SPEC, paused=True))
    before = (job_of(steps, job_id).state, job_of(steps, job_id).paused_why, steps.pick())

    control.resume(steps.connection, job_id)

    assert before == (JobState.PAUSED, "submitted paused", None)
    assert job_of(steps, job_id).paused_why == ""
    assert steps.must_pick().job == job_id


def test_pause_starts_nothing_new(steps: Steps) -> None:
    """What runs is finished."""
    job_id = steps.submit(4)
    picked = steps.must_pick()

    changed = [control.pause(steps.connection, job_id, why="paused by ann") for _ in range(2)]

    assert changed == [True, False]
    assert steps.pick() is None
    assert steps.done(picked)["counted"] == 1
    assert (job_of(steps, job_id).state, job_of(steps, job_id).paused_why) == (JobState.PAUSED, "paused by ann")


def test_pause_now_gives_back_what_runs(steps: Steps) -> None:
    """Also when the job was paused before; it costs no try."""
    job_id = steps.submit(2)
    picked = steps.must_pick()
    control.pause(steps.connection, job_id, why="paused by ann")

    control.pause(steps.connection, job_id, why="paused by ann", now=True)

    assert steps.units(job_id) == "ww"
    assert steps.beat(picked) == [picked.execution]
    assert records.facts(steps.connection, job_id, 2)[0].tries == 0


def test_resume_with_a_new_spec_renders_the_new_scene(steps: Steps) -> None:
    """The generation rises, so that no session goes on with the old scene."""
    job_id = control.submit(steps.connection, SPEC)
    control.pause(steps.connection, job_id, why="The scene has changed.")
    accepted = replace(SPEC, scene_size=99, scene_hash="new")

    control.resume(steps.connection, job_id, spec=accepted)

    assert records.spec(steps.connection, job_id) == accepted
    assert steps.must_pick().generation == 2


def test_resuming_what_is_not_paused_changes_nothing(steps: Steps) -> None:
    """The answer says so."""
    job_id = steps.submit(1)

    assert not control.resume(steps.connection, job_id)
    assert job_of(steps, job_id).generation == 1


def test_cancel_ends_the_job_now(steps: Steps) -> None:
    """What runs is stopped; what waits keeps waiting, for a retry."""
    job_id = steps.submit(3)
    steps.done(steps.must_pick())
    picked = steps.must_pick()

    changed = [control.cancel(steps.connection, job_id) for _ in range(2)]

    assert changed == [True, False]
    assert (job_of(steps, job_id).state, steps.units(job_id)) == (JobState.CANCELLED, "dww")
    assert steps.beat(picked) == [picked.execution]
    assert job_of(steps, job_id).ended > 0


def test_a_job_that_has_ended_cannot_be_cancelled(steps: Steps) -> None:
    """A done job stays done."""
    job_id = steps.submit(1)
    steps.done(steps.must_pick())

    assert not control.cancel(steps.connection, job_id)
    assert job_of(steps, job_id).state is JobState.DONE


def test_retry_lifts_a_cancellation(steps: Steps) -> None:
    """The job goes on where it was, and is open again."""
    job_id = steps.submit(2)
    steps.done(steps.must_pick())
    control.cancel(steps.connection, job_id)

    assert control.retry(steps.connection, job_id)

    job = job_of(steps, job_id)
    assert (job.state, job.ended, steps.units(job_id)) == (JobState.WAITING, 0, "dw")


def test_retry_renders_failed_units_again(steps: Steps) -> None:
    """With all their tries; the job is open again."""
    job_id = steps.submit(2)
    steps.fail(times=3)
    steps.done(steps.must_pick())

    assert control.retry(steps.connection, job_id)

    assert (steps.units(job_id), job_of(steps, job_id).ended) == ("wd", 0)
    steps.fail(times=2)
    assert steps.units(job_id) == "wd"


def test_retry_with_nothing_failed_changes_nothing(steps: Steps) -> None:
    """A done job stays done."""
    job_id = steps.submit(1)
    steps.done(steps.must_pick())

    assert not control.retry(steps.connection, job_id)
    assert (job_of(steps, job_id).generation, job_of(steps, job_id).state) == (1, JobState.DONE)


def test_retry_all_renders_everything_again(steps: Steps) -> None:
    """Done, skipped and failed units, and what runs is given back first."""
    job_id = steps.submit(4)
    steps.done(steps.must_pick())
    steps.done(steps.must_pick(), is_skipped=True)
    steps.fail(times=3)
    running = steps.must_pick()

    assert control.retry(steps.connection, job_id, which="all")

    assert steps.units(job_id) == "wwww"
    assert steps.beat(running) == [running.execution]
    assert job_of(steps, job_id).counts == Counts(waiting=4)


def test_retry_all_while_nothing_is_done_yet_starts_afresh(steps: Steps) -> None:
    """What a worker was rendering of the old scene does not count any more."""
    job_id = steps.submit(1)
    running = steps.must_pick()

    assert control.retry(steps.connection, job_id, which="all")

    assert steps.done(running) == {"counted": 0, "go": False}
    assert steps.must_pick(W2).generation == 2


def test_retry_of_listed_units_renders_those(steps: Steps) -> None:
    """With all their tries; numbers that the job doesn't have mean nothing."""
    job_id = steps.submit(4)
    steps.fail(times=3)
    for _ in range(3):
        steps.done(steps.must_pick())

    assert control.retry(steps.connection, job_id, which=[3, 0, 4, -1, 3, 10**12])

    assert steps.units(job_id) == "wddw"
    steps.fail(times=2)
    assert steps.units(job_id) == "wddw"
    assert job_of(steps, job_id).counts == Counts(waiting=2, done=2)


@pytest.mark.parametrize("which", [[], [9], [-1]])
def test_retry_of_no_unit_changes_nothing(steps: Steps, which: list[int]) -> None:
    """The job stays as it was."""
    job_id = steps.submit(2)
    steps.done(steps.must_pick())

    assert not control.retry(steps.connection, job_id, which=which)
    assert steps.units(job_id) == "dw"


def test_retry_forgets_why_the_job_was_stopped(steps: Steps) -> None:
    """Until it is stopped again."""
    job_id = steps.submit(3)
    steps.failed(steps.must_pick(), 0, is_final=True, message="There is no camera.")
    before = job_of(steps, job_id)

    control.retry(steps.connection, job_id)

    assert (before.state, before.stopped_why) == (JobState.FAILED, "There is no camera.")
    assert (steps.units(job_id), job_of(steps, job_id).stopped_why) == ("www", "")


def test_delete_removes_every_record_of_the_job(steps: Steps) -> None:
    """Others stay; what runs of it is stopped."""
    keys = steps.connection.redis.keys
    kept = steps.submit(1, pool="night")
    before = set(keys("bc:*"))
    job_id = steps.submit(5)
    steps.done(steps.must_pick())
    steps.fail(times=1)
    running = steps.must_pick()

    assert control.delete(steps.connection, job_id)

    assert records.job_ids(steps.connection) == [kept]
    assert set(keys("bc:*")) - before == {b"bc:wake:default", b"bc:worker:w1:call", b"bc:picks"}
    assert steps.beat(running) == [running.execution]
    assert records.executions(steps.connection) == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_job_that_is_gone_is_named(steps: Steps, change: Callable[[Connection, str], bool]) -> None:
    """Every command on it says what to do."""
    with pytest.raises(NoSuchJobError, match=r"no job gone.*buildcat jobs"):
        change(steps.connection, "gone")

    assert steps.connection.redis.keys("bc:job:*") == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_leaves_other_jobs_alone(steps: Steps, change: Callable[[Connection, str], bool]) -> None:
    """Their running units too."""
    other = steps.submit(2, pool="night")
    picked = steps.must_pick(Worker(pools=("night",)))
    job_id = steps.submit(2)
    steps.must_pick()

    change(steps.connection, job_id)

    assert steps.units(other) == "rw"
    assert steps.beat(picked) == []


def test_a_living_job_changes_priority_pool_and_chunk(steps: Steps) -> None:
    """What renders goes on; the next pick goes by the new values."""
    job_id = steps.submit(9)
    steps.submit(9, user="bob")
    picked = steps.must_pick()

    changed = [control.change(steps.connection, job_id, priority=90, pool="night", chunk=4) for _ in range(2)]

    record = job_of(steps, job_id)
    assert changed == [True, False]
    assert (record.priority, record.pool, record.chunk) == (90, "night", 4)
    assert steps.must_pick(Worker(pools=("default",))).job != job_id
    assert steps.must_pick(Worker("w2", pools=("default", "night"))).count == 4
    assert steps.done(picked)["counted"] == 1


def test_a_job_in_another_pool_wakes_the_workers_there(steps: Steps) -> None:
    """They start at once."""
    job_id = steps.submit(2)

    control.change(steps.connection, job_id, pool="night")

    assert steps.connection.redis.llen("bc:wake:night") == 2


@pytest.mark.parametrize("change", [{"priority": 101}, {"priority": -1}, {"chunk": 0}, {"pool": "a b"}])
def test_a_change_out_of_range_is_refused(steps: Steps, change: dict[str, Any]) -> None:
    """Nothing is changed."""
    job_id = steps.submit(2)

    with pytest.raises(UsageError):
        control.change(steps.connection, job_id, **change)

    assert (job_of(steps, job_id).priority, job_of(steps, job_id).pool) == (50, "default")


def test_two_retries_at_once_are_one(steps: Steps) -> None:
    """Two people press the button; the second finds nothing failed."""
    job_id = steps.submit(2)
    steps.failed(steps.must_pick(), 0, is_final=True)

    changed = [control.retry(steps.connection, job_id) for _ in range(2)]

    assert changed == [True, False]
    assert job_of(steps, job_id).generation == 2


def test_a_cancel_while_the_last_unit_moves_its_file_keeps_the_file(steps: Steps) -> None:
    """The file is there by then, and counts; the job stays cancelled."""
    job_id = steps.submit(1)
    picked = steps.must_pick()
    assert steps.wanted(picked, 0)

    control.cancel(steps.connection, job_id)

    assert steps.done(picked)["counted"] == 1
    assert (steps.units(job_id), job_of(steps, job_id).state) == ("d", JobState.CANCELLED)
    assert records.executions(steps.connection) == []


def test_a_report_for_a_deleted_job_makes_no_record(steps: Steps) -> None:
    """It was deleted while its last unit was rendered."""
    job_id = steps.submit(1)
    picked = steps.must_pick()

    control.delete(steps.connection, job_id)

    assert not steps.wanted(picked, 0)
    assert steps.done(picked) == {"counted": 0, "go": False}
    assert steps.failed(picked, 0) == {"counted": 0, "go": False}
    assert steps.connection.redis.keys("bc:job:*") == []


def test_changes_are_told_with_who_made_them(steps: Steps) -> None:
    """A panel shows it without asking again and again; what changed nothing is not told."""
    from buildcat.client import events

    job_id = steps.submit(1)
    control.pause(steps.connection, job_id, why="paused by ann")
    after = events.last_id(steps.connection)
    control.pause(steps.connection, job_id, why="paused by bob")
    control.resume(steps.connection, job_id)

    (event,) = events.read(steps.connection, after)

    assert (event.kind, event.job, event.details["by"]) == ("resume", job_id, config.current_user())
    assert event.time > 0
