"""Jobs that wait for other jobs, batches, and another order of the frames."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from steps import Steps

from buildcat.client import control, records
from buildcat.client.connection import Connection
from buildcat.model.errors import NoSuchJobError, RefusedError, UsageError
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState

SPEC = JobSpec(dcc="toy", scene="shot.toy", frames="1-3", user="ann")
ENDS: dict[str, Callable[[Connection, str], object]] = {
    "cancelled": control.cancel,
    "deleted": control.delete,
}


def render(steps: Steps, many: int = 1) -> None:
    """Render so many tasks."""
    for _ in range(many):
        steps.done(steps.must_pick())


def submit(steps: Steps, **fields: object) -> str:
    """Submit a job of three frames as a client does."""
    return control.submit(steps.connection, JobSpec(**{**SPEC.__dict__, **fields}))  # type: ignore[arg-type]  # a test's


def test_a_job_starts_when_the_one_before_has_succeeded(steps: Steps) -> None:
    """Not a frame before, and at once then."""
    first = submit(steps)
    second = submit(steps, after=(first,))
    render(steps, 2)
    before = steps.units(second)
    render(steps)

    assert (before, steps.units(second)) == ("hhh", "www")
    assert steps.must_pick().job == second


def test_a_job_that_waits_is_waiting(steps: Steps) -> None:
    """It has not ended, though nothing of it can be picked."""
    first = submit(steps, paused=True)
    second = submit(steps, after=(first,))

    record = records.job(steps.connection, second)

    assert (record.state, record.counts.held) == (JobState.WAITING, 3)
    assert steps.pick() is None


def test_a_job_waits_for_all_that_it_names(steps: Steps) -> None:
    """In whatever order they end."""
    jobs = [submit(steps, frames="1") for _ in range(3)]
    last = submit(steps, after=tuple(jobs))
    states = []
    for _ in jobs:
        states.append(steps.units(last))
        render(steps)

    assert [*states, steps.units(last)] == ["hhh", "hhh", "hhh", "www"]


def test_a_job_after_one_that_is_done_starts_at_once(steps: Steps) -> None:
    """There is nothing to wait for."""
    first = submit(steps)
    render(steps, 3)

    assert steps.units(submit(steps, after=(first,))) == "www"


def test_a_failure_lets_only_the_one_start_that_takes_any_end(steps: Steps) -> None:
    """The other one waits until a retry has succeeded."""
    first = submit(steps, frames="1")
    needs, takes = submit(steps, after=(first,)), submit(steps, after_any=(first,))
    steps.failed(steps.must_pick(), 0, is_final=True)
    after_failure = (steps.units(needs), steps.units(takes))

    control.retry(steps.connection, first)
    control.pause(steps.connection, takes, why="to see the other one")
    render(steps)

    assert after_failure == ("hhh", "www")
    assert steps.units(needs) == "www"


def test_a_cancelled_job_is_an_end_but_no_success(steps: Steps) -> None:
    """As a failed one."""
    first = submit(steps)
    needs, takes = submit(steps, after=(first,)), submit(steps, after_any=(first,))

    control.cancel(steps.connection, first)

    assert (steps.units(needs), steps.units(takes)) == ("hhh", "www")


def test_a_frame_starts_when_the_same_frame_is_done(steps: Steps) -> None:
    """Simulate and render side by side, frame for frame."""
    first = submit(steps)
    second = submit(steps, after=(first,), per_frame=True)
    held = [steps.must_pick() for _ in range(3)]
    units = []
    for one in (held[1], held[0], held[2]):
        steps.done(one)
        units.append(steps.units(second))

    assert units == ["hwh", "wwh", "www"]


def test_frames_that_were_there_already_count_as_done(steps: Steps) -> None:
    """A unit that was skipped has its files."""
    first = submit(steps)
    second = submit(steps, after=(first,), per_frame=True)

    steps.done(steps.must_pick(), is_skipped=True)

    assert steps.units(second) == "whh"


@pytest.mark.parametrize("fields", [{"frames": "1-4"}, {"frames": "2-4"}, {"order": "reverse"}])
def test_frame_for_frame_needs_the_same_frames(steps: Steps, fields: dict[str, str]) -> None:
    """Unit i stands for the same frame in both, or nothing fits."""
    first = submit(steps)

    with pytest.raises(RefusedError, match="other frames, or another order"):
        submit(steps, after=(first,), per_frame=True, **fields)


def test_retry_waits_again_for_what_is_not_there_any_more(steps: Steps) -> None:
    """The job before is rendered again, so this one's frames wait for it."""
    first = submit(steps)
    second = submit(steps, after=(first,), per_frame=True)
    render(steps, 6)
    control.retry(steps.connection, first, which=[1])

    control.retry(steps.connection, second, which="all")

    assert (steps.units(first), steps.units(second)) == ("dwd", "whw")


def test_a_late_frame_that_turns_failure_into_success_starts_what_waits(steps: Steps) -> None:
    """A worker taken for lost may still bring its frame."""
    first = submit(steps, frames="1")
    second = submit(steps, after=(first,))
    late = steps.must_pick()
    steps.give_back(late)
    steps.failed(steps.must_pick(), 0, is_final=True)

    steps.done(late)

    assert (steps.units(first), steps.units(second)) == ("d", "www")


def test_deleting_what_a_job_needs_pauses_that_job(steps: Steps) -> None:
    """Its success won't come; the artist decides. Whoever takes any end goes on."""
    first = submit(steps)
    needs, takes = submit(steps, after=(first,)), submit(steps, after_any=(first,))

    control.delete(steps.connection, first)

    record = records.job(steps.connection, needs)
    assert record.state is JobState.PAUSED
    assert first in record.paused_why
    assert records.job(steps.connection, takes).state is JobState.WAITING
    control.resume(steps.connection, needs)
    assert (steps.units(needs), steps.units(takes)) == ("www", "www")


@pytest.mark.parametrize("end", ENDS)
def test_a_job_after_one_whose_success_cannot_come_is_refused(steps: Steps, end: str) -> None:
    """Instead of waiting for ever; `--after-any` takes it."""
    first = submit(steps)
    ENDS[end](steps.connection, first)

    with pytest.raises((RefusedError, NoSuchJobError)):
        submit(steps, after=(first,))

    assert len(records.job_ids(steps.connection)) == (1 if end == "cancelled" else 0)


def test_a_job_after_a_failed_one_is_refused(steps: Steps) -> None:
    """The sentence says what can be done."""
    first = submit(steps)
    steps.failed(steps.must_pick(), 0, is_final=True)

    with pytest.raises(RefusedError, match=rf"{first} has failed.*Retry it first, or use --after-any"):
        submit(steps, after=(first,))


def test_per_frame_without_a_job_to_wait_for_is_refused() -> None:
    """It would mean nothing."""
    with pytest.raises(UsageError, match="per_frame"):
        JobSpec(dcc="toy", scene="a.toy", per_frame=True).checked()


def test_nothing_is_left_of_the_links_of_deleted_jobs(steps: Steps) -> None:
    """In whatever order they are deleted."""
    first = submit(steps)
    second = submit(steps, after=(first,), batch="shots")

    control.delete(steps.connection, second)
    control.delete(steps.connection, first)

    assert steps.connection.redis.keys("bc:job:*") == []
    assert steps.connection.redis.keys("bc:batch:*") == []


def test_another_order_is_taken_while_nothing_has_started(steps: Steps) -> None:
    """Then units mean other frames; so not later."""
    job = submit(steps)

    assert control.reorder(steps.connection, job, "reverse")
    assert not control.reorder(steps.connection, job, "reverse")
    assert records.spec(steps.connection, job).order == "reverse"
    steps.must_pick()
    with pytest.raises(RefusedError, match="has begun"):
        control.reorder(steps.connection, job, "forward")


def test_jobs_that_wait_for_each_other_keep_their_order(steps: Steps) -> None:
    """Frame for frame would come out of step."""
    first = submit(steps)
    second = submit(steps, after=(first,))

    for job in (first, second):
        with pytest.raises(RefusedError, match="its order stays"):
            control.reorder(steps.connection, job, "reverse")


def test_an_order_that_there_is_not_is_refused(steps: Steps) -> None:
    """Before anything is changed."""
    job = submit(steps)

    with pytest.raises(UsageError):
        control.reorder(steps.connection, job, "sideways")
