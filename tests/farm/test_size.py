"""Jobs of a million units: little memory, and no step that blocks the server."""

from __future__ import annotations

import time
from typing import Any

import pytest
from steps import Steps

MILLION = 1_000_000
#: After so long in one step, Redis refuses everybody else.
BUSY_S = 5.0


def used_bytes(steps: Steps) -> int:
    """What all the records together take."""
    redis: Any = steps.connection.redis
    return sum(redis.memory_usage(key, samples=0) for key in redis.keys("*"))


def seconds(started: float) -> float:
    """Seconds since then."""
    return time.monotonic() - started


def test_a_million_units_are_submitted_paused_and_cancelled_at_once(steps: Steps) -> None:
    """Each is one step on flags and bytes."""
    started = time.monotonic()

    job = steps.submit(MILLION)
    changes = [steps.control(job, "pause", why="to look at it"), steps.control(job, "cancel")]

    assert changes == [True, True]
    assert seconds(started) < BUSY_S
    assert used_bytes(steps) < 2 * MILLION


def test_a_unit_takes_no_more_than_20_bytes_from_submit_to_done(steps: Steps) -> None:
    """All records counted, the stream of events too."""
    total = 100_000
    steps.submit(total, chunk=1000)
    used = []

    while picked := steps.pick():
        steps.done(picked)
        if picked.first % 10_000 == 0:
            used.append(used_bytes(steps))

    assert len(used) == 10
    assert max([*used, used_bytes(steps)]) / total <= 20


@pytest.mark.parametrize("which", ["failed", "all", range(MILLION), range(0, MILLION, 2)])
def test_retrying_a_million_units_does_not_block_the_server(steps: Steps, which: Any) -> None:
    """However they are named, everybody else goes on rendering."""
    job = steps.submit(MILLION)
    picked = steps.must_pick()
    steps.failed(picked, 0, is_final=True)
    started = time.monotonic()

    assert steps.control(job, "retry", which=which if isinstance(which, str) else list(which))

    assert seconds(started) < BUSY_S
    assert steps.units(job).count("w") == (len(which) if isinstance(which, range) else MILLION)
