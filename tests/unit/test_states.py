"""A job's state, derived from its counts and flags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildcat.model.states import Counts, JobState, UnitState, job_state

COUNTS = st.builds(Counts, *(st.integers(0, 9) for _ in range(6)))


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (Counts(waiting=3), JobState.WAITING),
        (Counts(waiting=2, running=1), JobState.RUNNING),
        (Counts(running=1, done=2), JobState.RUNNING),
        (Counts(held=2), JobState.WAITING),
        (Counts(held=2, failed=1), JobState.WAITING),
        (Counts(waiting=1, failed=2), JobState.WAITING),
        (Counts(done=2, failed=1), JobState.FAILED),
        (Counts(done=2, skipped=1), JobState.DONE),
        (Counts(skipped=3), JobState.DONE),
    ],
)
def test_a_state_follows_from_the_counts(counts: Counts, state: JobState) -> None:
    """While anything waits or runs the job isn't over; then one failed unit makes it failed."""
    assert job_state(counts, is_paused=False, is_cancelled=False) is state


@given(COUNTS, st.booleans())
def test_a_cancelled_job_is_cancelled_whatever_it_holds(counts: Counts, is_paused: bool) -> None:
    """The first match wins, and cancelled is first."""
    assert job_state(counts, is_paused=is_paused, is_cancelled=True) is JobState.CANCELLED


@given(COUNTS)
def test_a_job_is_paused_only_while_there_is_something_to_do(counts: Counts) -> None:
    """A finished job stays done or failed, however it was paused."""
    state = job_state(counts, is_paused=True, is_cancelled=False)

    assert (state is JobState.PAUSED) == bool(counts.waiting or counts.held or counts.running)


@given(COUNTS, st.booleans(), st.booleans())
def test_a_job_has_ended_when_nothing_more_happens(counts: Counts, is_paused: bool, is_cancelled: bool) -> None:
    """`--wait` returns exactly then."""
    state = job_state(counts, is_paused=is_paused, is_cancelled=is_cancelled)

    assert state.has_ended == (is_cancelled or not (counts.waiting or counts.held or counts.running))


@given(COUNTS)
def test_every_unit_is_counted_once(counts: Counts) -> None:
    """The total is all units; the finished ones are rendered or were there."""
    assert counts.total == counts.finished + counts.waiting + counts.held + counts.running + counts.failed
    assert counts.finished == counts.done + counts.skipped


def test_a_units_state_is_one_byte() -> None:
    """The records hold one byte a unit, and no two states share one."""
    values = [state.value for state in UnitState]

    assert sorted(values) == ["d", "f", "h", "r", "s", "w"]
