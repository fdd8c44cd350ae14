"""Orders to workers, and what is forgotten in the end: the records' side of both."""

from __future__ import annotations

import json

import pytest
from steps import W1, W2, Steps

from buildcat.client import control, events, records
from buildcat.model.errors import BuildcatError

DAY_MS = 86_400_000


@pytest.mark.parametrize("order", ["pause", "drain", "stop"])
def test_a_worker_with_an_order_takes_nothing(steps: Steps, order: str) -> None:
    """At once, without waiting for its beat; what it renders is its own to end."""
    steps.announce(W1)
    steps.submit(2)
    picked = steps.must_pick(W1)

    assert control.order_worker(steps.connection, "w1", order)

    assert steps.pick(W1) is None
    assert steps.must_pick(W2)
    assert steps.beat_reply(picked, W1)["order"] == order
    assert steps.connection.redis.llen("bc:worker:w1:call") == 1


def test_resume_takes_a_pause_back_and_wakes_the_worker(steps: Steps) -> None:
    """It need not look for work by itself."""
    steps.announce(W1)
    steps.submit(1)
    control.order_worker(steps.connection, "w1", "pause")
    steps.connection.redis.delete("bc:wake:default")

    assert control.order_worker(steps.connection, "w1", "resume")

    assert steps.connection.redis.llen("bc:wake:default") == 1
    assert steps.must_pick(W1)


def test_an_order_given_twice_changes_nothing(steps: Steps) -> None:
    """And is told once."""
    steps.announce(W1)
    after = events.last_id(steps.connection)

    changed = [control.order_worker(steps.connection, "w1", order) for order in ("resume", "pause", "pause")]

    assert changed == [False, True, False]
    (event,) = events.read(steps.connection, after)
    assert (event.kind, event.details["worker"], event.details["order"]) == ("worker", "w1", "pause")


def test_an_order_to_nobody_is_refused(steps: Steps) -> None:
    """With what lists them."""
    with pytest.raises(BuildcatError, match=r"no worker w9.*buildcat workers"):
        control.order_worker(steps.connection, "w9", "pause")


def test_an_order_is_forgotten_with_its_worker(steps: Steps) -> None:
    """The next one of that machine has another name."""
    steps.announce(W1)
    control.order_worker(steps.connection, "w1", "drain")

    steps.connection.call("leave", worker="w1")

    assert steps.connection.redis.hgetall("bc:orders") == {}


def test_a_lost_worker_is_shown_for_a_day(steps: Steps) -> None:
    """As lost; then the sweep forgets it."""
    for worker in (W1, W2):
        steps.announce(worker)
    seconds, _ = steps.connection.redis.time()
    steps.connection.redis.zadd("bc:workers", {"w1": (seconds - 60) * 1000})

    live = [one.name for one in records.workers(steps.connection)]
    shown = {one.name: one.is_lost for one in records.workers(steps.connection, with_lost=True)}
    steps.connection.redis.zadd("bc:workers", {"w1": seconds * 1000 - DAY_MS - 1})
    steps.sweep()

    assert live == ["w2"]
    assert shown == {"w1": True, "w2": False}
    assert [one.name for one in records.workers(steps.connection, with_lost=True)] == ["w2"]


def end_long_ago(steps: Steps, job: str, days: float) -> None:
    """Let the job have ended so long ago."""
    seconds, _ = steps.connection.redis.time()
    steps.connection.redis.zadd("bc:ended", {job: seconds * 1000 - days * DAY_MS}, xx=True)


def test_ended_jobs_expire_after_the_days_that_are_set(steps: Steps) -> None:
    """Their files are left for a worker to remove; younger ones and living ones stay."""
    old, young, living = (steps.submit(1, id=one, scene=f"{one}.toy") for one in ("old", "young", "living"))
    for job in (old, young):
        steps.control(job, "cancel")
    end_long_ago(steps, old, 31)
    end_long_ago(steps, young, 29)
    steps.connection.redis.hset("bc:settings", "history_days", 30)

    steps.sweep()

    assert set(records.job_ids(steps.connection)) == {young, living}
    (left,) = [json.loads(one) for one in steps.connection.redis.lrange("bc:trash", 0, -1)]
    assert (left["id"], json.loads(left["spec"])["scene"]) == ("old", "old.toy")


def test_without_a_setting_jobs_are_kept_for_ever(steps: Steps) -> None:
    """Nobody's history is deleted unasked."""
    job = steps.submit(1)
    steps.control(job, "cancel")
    end_long_ago(steps, job, 10_000)

    steps.sweep()

    assert records.job_ids(steps.connection) == [job]


def test_a_job_that_goes_on_does_not_expire(steps: Steps) -> None:
    """A retry takes it from the ended ones."""
    job = steps.submit(1)
    steps.control(job, "cancel")
    end_long_ago(steps, job, 31)
    steps.control(job, "retry", which="all")
    steps.connection.redis.hset("bc:settings", "history_days", 30)

    steps.sweep()

    assert records.job_ids(steps.connection) == [job]


def test_many_expired_jobs_go_by_and_by(steps: Steps) -> None:
    """No sweep takes long."""
    for number in range(30):
        job = steps.submit(1, id=f"job-{number}")
        steps.control(job, "cancel")
        end_long_ago(steps, job, 31)
    steps.connection.redis.hset("bc:settings", "history_days", 30)
    left = []
    for _ in range(3):
        steps.sweep()
        left.append(len(records.job_ids(steps.connection)))

    assert left == [10, 0, 0]
