"""Tries on different workers, workers that are blocked, and jobs that are stopped because much of them failed."""

from __future__ import annotations

import pytest
from steps import W1, W2, Steps, Worker

from buildcat.client import control, records

W3 = Worker("w3")


def test_a_unit_gets_its_three_tries_on_three_workers(steps: Steps) -> None:
    """Who failed it leaves it to others, and renders something else."""
    for worker in (W1, W2, W3):
        steps.announce(worker)
    job = steps.submit(2)

    assert steps.fail(W1) == [0]
    assert steps.must_pick(W1).first == 1
    assert steps.fail(W2) == [0]
    assert steps.pick(W2) is None
    assert steps.fail(W3) == [0]
    assert steps.units(job) == "fr"


def test_one_worker_alone_gives_a_unit_its_three_tries(steps: Steps) -> None:
    """There is nobody to leave it to."""
    steps.announce(W1)
    job = steps.submit(1)

    assert steps.fail(W1, times=3) == [0, 0, 0]
    assert steps.units(job) == "f"


@pytest.mark.parametrize(
    "other", [Worker("w2", pools=("night",)), Worker("w2", dccs={}), Worker("w2", dccs={"toy": ()})]
)
def test_a_worker_that_cannot_render_it_is_no_other(steps: Steps, other: Worker) -> None:
    """Waiting for it would be for ever."""
    steps.announce(other)
    steps.submit(1)
    steps.fail(W1)

    assert steps.must_pick(W1).first == 0


def test_a_paused_worker_is_no_other(steps: Steps) -> None:
    """It takes nothing."""
    steps.announce(W2)
    control.order_worker(steps.connection, "w2", "pause")
    steps.submit(1)
    steps.fail(W1)

    assert steps.must_pick(W1).first == 0


def test_a_worker_that_is_lost_is_no_other(steps: Steps) -> None:
    """It was not heard of for longer than 15 s."""
    steps.announce(W2)
    seconds, _ = steps.connection.redis.time()
    steps.connection.redis.zadd("bc:workers", {"w2": (seconds - 16) * 1000})
    steps.submit(1)
    steps.fail(W1)

    assert steps.must_pick(W1).first == 0


def test_what_was_left_to_others_comes_back_when_they_are_gone(steps: Steps) -> None:
    """No unit waits for somebody who has left."""
    for worker in (W1, W2):
        steps.announce(worker)
    steps.submit(3)
    steps.fail(W1)
    picked = [steps.must_pick(W1).first, steps.must_pick(W1).first]

    steps.connection.call("leave", worker="w2")

    assert picked == [1, 2]
    assert steps.must_pick(W1).first == 0


def test_a_worker_that_fails_what_others_render_is_blocked(steps: Steps) -> None:
    """After three units of the job it gets no more of it, and the others do."""
    for worker in (W1, W2):
        steps.announce(worker)
    job = steps.submit(8)
    steps.done(steps.must_pick(W2), worker=W2)
    steps.fail(W1, times=3)
    other = steps.submit(1, user="bob")

    assert steps.must_pick(W1).job == other
    assert steps.pick(W1) is None
    assert steps.must_pick(W2).job == job


def test_a_worker_is_not_blocked_where_nobody_renders_the_job(steps: Steps) -> None:
    """Then it is the job that is broken, and each try tells more of it."""
    for worker in (W1, W2):
        steps.announce(worker)
    steps.submit(8)

    steps.fail(W1, times=4)

    assert steps.must_pick(W1).first == 4


def test_a_worker_is_not_blocked_when_it_is_the_only_one(steps: Steps) -> None:
    """Whoever else rendered has left."""
    steps.announce(W1)
    steps.submit(8)
    steps.done(steps.must_pick(W2), worker=W2)
    steps.fail(W1, times=3)

    assert steps.pick(W1)


def test_retry_forgives_a_blocked_worker(steps: Steps) -> None:
    """Somebody has seen to it."""
    for worker in (W1, W2):
        steps.announce(worker)
    job = steps.submit(8)
    steps.done(steps.must_pick(W2), worker=W2)
    steps.fail(W1, times=3)

    control.retry(steps.connection, job, which="all")

    assert steps.must_pick(W1).job == job


@pytest.mark.parametrize(("total", "most"), [(12, 10), (40, 10), (200, 20)])
def test_a_job_stops_when_much_of_it_has_failed(steps: Steps, total: int, most: int) -> None:
    """Ten units or a tenth, whichever is more; what renders goes on."""
    job = steps.submit(total)
    running = steps.must_pick(W2)
    for failed in range(most):
        assert steps.units(job).count("f") == failed
        steps.fail(W1, times=3)

    record = records.job(steps.connection, job)

    assert steps.units(job) == "r" + "f" * (total - 1)
    assert f"{most} of {total}" in record.stopped_why
    assert "--keep-going" in record.stopped_why
    assert steps.done(running, worker=W2)["counted"] == 1


def test_a_job_that_keeps_going_is_not_stopped(steps: Steps) -> None:
    """Its artist wants what can be rendered."""
    job = steps.submit(30, keep_going=True)

    steps.fail(W1, times=12 * 3)

    assert steps.units(job) == "f" * 12 + "w" * 18


def test_a_job_stops_when_much_of_it_was_lost_with_its_workers(steps: Steps) -> None:
    """A scene that kills hosts must not kill them all night."""
    job = steps.submit(12)
    for _ in range(10 * 5):
        steps.lose(steps.must_pick())

    assert steps.units(job) == "f" * 12
    assert steps.pick() is None


def test_units_given_back_do_not_stop_a_job_of_which_much_has_failed(steps: Steps) -> None:
    """Only a failure does: a person who retries some of it wants those rendered."""
    job = steps.submit(12)
    steps.fail(W1, times=30)
    control.retry(steps.connection, job, which=[0])

    steps.give_back(steps.must_pick())

    assert steps.units(job) == "w" + "f" * 11


def test_each_try_says_who_failed_and_why(steps: Steps) -> None:
    """Newest first, with the last words of the DCC."""
    for worker in (W1, W2):
        steps.announce(worker)
    job = steps.submit(1)
    for worker, message in ((W1, "No memory."), (W2, "No licence.")):
        picked = steps.must_pick(worker)
        steps.failed(picked, 0, worker=worker, message=message)

    found = records.failures(steps.connection, job)

    assert [(one.try_number, one.worker, one.message) for one in found] == [
        (2, "w2", "No licence."),
        (1, "w1", "No memory."),
    ]
    assert {(one.kind, one.log) for one in found} == {("RenderError", "the end")}
