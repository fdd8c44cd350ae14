"""Limits: counted resources that the sessions of workers hold."""

from __future__ import annotations

import pytest
from steps import LONG_MS, OVER_MS, W1, W2, Steps, Worker

from buildcat.client import control, limits
from buildcat.client.connection import Connection
from buildcat.model.errors import UsageError
from buildcat.model.job import JobSpec

SPEC = JobSpec(dcc="toy", scene="shot.toy", frames="1-4", user="ann", limits=("licence",))


def holders(connection: Connection, name: str = "licence") -> tuple[str, ...]:
    """Who holds a slot."""
    return next(one.holders for one in limits.read(connection) if one.name == name)


def test_no_more_sessions_than_the_limit_render(steps: Steps) -> None:
    """Whoever holds a slot goes on; the next one waits."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))

    picked = steps.must_pick(W1)

    assert picked.has_slots
    assert steps.pick(W2) is None
    assert steps.must_pick(W1)
    assert holders(steps.connection) == ("w1",)


def test_a_job_without_the_limit_goes_by(steps: Steps) -> None:
    """Only what needs a slot waits for one."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",), priority=90)
    free = steps.submit(4)
    steps.must_pick(W1)

    picked = steps.must_pick(W2)

    assert (picked.job, picked.has_slots) == (free, False)


def test_a_limit_for_each_host_counts_there(steps: Steps) -> None:
    """Two workers of one host share its slot; another host has its own."""
    limits.set_limit(steps.connection, "licence", 1, is_per_host=True)
    steps.submit(4, limits=("licence",))
    steps.must_pick(W1)

    assert steps.pick(W2) is None
    assert steps.must_pick(Worker("w3", host="other"))
    assert holders(steps.connection) == ("w1", "w3")


def test_a_slot_is_kept_between_tasks_until_the_session_is_gone(steps: Steps) -> None:
    """The warm DCC holds the licence, whether it renders or not."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))
    steps.done(steps.must_pick(W1))
    while_warm = steps.pick(W2)

    steps.connection.call("release", worker="w1")

    assert while_warm is None
    assert steps.must_pick(W2)
    assert holders(steps.connection) == ("w2",)


def test_a_task_without_limits_gives_the_slot_up(steps: Steps) -> None:
    """Another job's scene takes the session's place."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(1, limits=("licence",))
    steps.done(steps.must_pick(W1))
    steps.submit(1)
    steps.must_pick(W1)

    assert holders(steps.connection) == ()


def test_a_worker_hears_that_others_wait_for_its_slot(steps: Steps) -> None:
    """Within a beat; an idle one then ends its session."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))
    picked = steps.must_pick(W1)
    before = steps.beat_reply(picked, W1)["are_slots_wanted"]
    steps.pick(W2)

    assert not before
    assert steps.beat_reply(picked, W1)["are_slots_wanted"]


def test_a_slot_of_a_dead_worker_is_free_when_its_lease_ends(steps: Steps) -> None:
    """Nobody has to clean up."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))
    steps.must_pick(W1, lease_ms=OVER_MS)

    assert steps.must_pick(W2)


def test_a_worker_that_comes_back_too_late_has_lost_its_slot(steps: Steps) -> None:
    """And is told to end its session: the licence is another's now."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))
    late = steps.must_pick(W1, lease_ms=OVER_MS)
    steps.must_pick(W2)

    reply = steps.beat_reply(late, W1)

    assert reply["are_slots_wanted"]
    assert holders(steps.connection) == ("w2",)


def test_a_worker_that_leaves_gives_its_slots_up(steps: Steps) -> None:
    """At once."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))
    steps.done(steps.must_pick(W1))

    steps.connection.call("leave", worker="w1")

    assert steps.must_pick(W2)


def test_a_slot_that_comes_free_wakes_who_waits(steps: Steps) -> None:
    """Nobody polls for it."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))
    steps.must_pick(W1)
    steps.pick(W2)
    steps.connection.redis.delete("bc:wake:default")

    steps.connection.call("release", worker="w1")

    assert steps.connection.redis.llen("bc:wake:default") == 1


def test_a_larger_limit_wakes_who_waits(steps: Steps) -> None:
    """A new licence is used at once; a lifted limit holds nobody back."""
    limits.set_limit(steps.connection, "licence", 1)
    steps.submit(4, limits=("licence",))
    steps.must_pick(W1)
    woken = []
    for change in (
        lambda: limits.set_limit(steps.connection, "licence", 2),
        lambda: limits.lift(steps.connection, "licence"),
    ):
        steps.connection.redis.delete("bc:wake:default")
        change()
        woken.append(steps.connection.redis.llen("bc:wake:default"))

    assert woken == [1, 1]
    assert steps.must_pick(W2)
    assert limits.read(steps.connection) == []


def test_a_smaller_limit_lets_what_runs_go_on(steps: Steps) -> None:
    """Sessions end by and by."""
    limits.set_limit(steps.connection, "licence", 2)
    steps.submit(6, limits=("licence",))
    steps.must_pick(W1)
    steps.must_pick(W2)

    limits.set_limit(steps.connection, "licence", 1)

    assert steps.must_pick(W1, lease_ms=LONG_MS)
    assert steps.pick(Worker("w3")) is None


def test_a_job_with_a_limit_that_nobody_has_set_is_refused(steps: Steps) -> None:
    """A mistyped one would hold nothing back; the near name is told."""
    limits.set_limit(steps.connection, "licence", 1)

    with pytest.raises(UsageError, match=r"no limit 'licens'.*'licence'"):
        control.submit(steps.connection, JobSpec(dcc="toy", scene="a.toy", limits=("licens",)))

    assert control.submit(steps.connection, SPEC)


def test_lifting_a_limit_that_there_is_not_names_the_near_one(steps: Steps) -> None:
    """Nothing is changed."""
    limits.set_limit(steps.connection, "licence", 1)

    with pytest.raises(UsageError, match=r"no limit 'licens'"):
        limits.lift(steps.connection, "licens")


@pytest.mark.parametrize(("text", "value"), [("4", (4, False)), ("1/host", (1, True)), ("0", (0, False))])
def test_a_limit_is_read_as_a_person_writes_it(text: str, value: tuple[int, bool]) -> None:
    """On the whole farm, or on each host."""
    assert limits.parse(text) == value


@pytest.mark.parametrize("text", ["", "-1", "four", "1/farm", "1.5", "10000000"])
def test_a_limit_that_is_no_number_is_refused(text: str) -> None:
    """The sentence shows both forms."""
    with pytest.raises(UsageError, match=r"such as 4, or 1/host"):
        limits.parse(text)


def test_a_limit_of_none_holds_all_back(steps: Steps) -> None:
    """For an evening without the licence server."""
    limits.set_limit(steps.connection, "licence", 0)
    steps.submit(1, limits=("licence",))

    assert steps.pick() is None
    (found,) = limits.read(steps.connection)
    assert (found.value, found.holders, found.is_wanted) == ("0", (), True)
