"""Which units a worker gets, and how idle workers are woken."""

from __future__ import annotations

from pathlib import Path

import pytest
from steps import W1, W2, Steps, Worker

from buildcat.client import connection, records
from buildcat.client.connection import Connection
from buildcat.model.errors import ServerError


def submission(job_id: str, spec: str = '{"dcc":"toy","scene":"shot.toy"}', total: int = 3) -> dict[str, object]:
    """What `bc_submit` takes."""
    numbers = {"total": total, "priority": 50, "chunk": 1, "version_min": 0}
    texts = {"name": "shot", "user": "ann", "pool": "default", "dcc": "toy", "batch": ""}
    lists: dict[str, list[str]] = {"requires": [], "limits": []}
    return {"id": job_id, "spec": spec, "paused": False, "keep_going": False, **lists, "after": {}, **numbers, **texts}


def test_a_job_submitted_twice_is_made_once(steps: Steps) -> None:
    """A client may repeat a submission after a lost connection."""
    first = steps.connection.call("submit", **submission("a"))
    steps.must_pick()

    again = steps.connection.call("submit", **submission("a"))

    assert (first, again) == ({"id": "a", "is_new": True}, {"id": "a", "is_new": False})
    assert steps.units("a") == "rww"


def test_an_id_that_another_job_has_is_taken(steps: Steps) -> None:
    """Two clients that draw the same id don't share a job."""
    steps.connection.call("submit", **submission("a"))

    reply = steps.connection.call("submit", **submission("a", spec='{"dcc":"toy","scene":"other.toy"}', total=9))

    assert reply == {"error": "taken"}
    assert steps.units("a") == "www"


@pytest.mark.parametrize("total", [0, -1, 1_000_001])
def test_a_job_without_units_or_with_too_many_is_refused(steps: Steps, total: int) -> None:
    """Nothing is written for it."""
    reply = steps.connection.call("submit", **submission("a", total=total))

    assert reply == {"error": "units"}
    assert steps.connection.redis.keys("*") == []


def test_units_are_handed_out_in_chunks_without_gaps(steps: Steps) -> None:
    """A task holds neighbours: what somebody else has ends it."""
    job = steps.submit(7, chunk=3)

    picked = [steps.must_pick() for _ in range(3)]
    steps.done(picked[1], 4)
    steps.give_back(picked[0])
    steps.give_back(picked[1])
    again = [steps.must_pick() for _ in range(2)]

    assert [(one.first, one.count) for one in picked] == [(0, 3), (3, 3), (6, 1)]
    assert [(one.first, one.count) for one in again] == [(0, 3), (3, 1)]
    assert steps.units(job) == "rrrrdwr"


def test_a_higher_priority_goes_first(steps: Steps) -> None:
    """However much of the others already runs or waits."""
    steps.submit(2, id="a", priority=50)
    steps.submit(2, id="b", priority=51, user="bob")

    assert [steps.must_pick().job for _ in range(4)] == ["b", "b", "a", "a"]


def test_users_share_the_farm_evenly(steps: Steps) -> None:
    """Whoever has the fewest units running is next, with however many jobs."""
    steps.submit(4, id="a1", user="ann")
    steps.submit(4, id="a2", user="ann")
    steps.submit(4, id="b1", user="bob")

    users = [steps.must_pick().job[0] for _ in range(6)]

    assert sorted(users[:2]) == sorted(users[2:4]) == sorted(users[4:]) == ["a", "b"]


def test_jobs_of_a_user_share_evenly(steps: Steps) -> None:
    """The job with the fewest units running is next."""
    for job in "abc":
        steps.submit(4, id=job)

    picked = [steps.must_pick().job for _ in range(6)]

    assert sorted(picked[:3]) == sorted(picked[3:]) == ["a", "b", "c"]


def test_the_job_that_was_served_longest_ago_is_next(steps: Steps) -> None:
    """With nothing running, one worker goes round all jobs."""
    steps.submit(4, id="a")
    steps.submit(4, id="b")
    steps.done(steps.must_pick())

    assert steps.must_pick().job == "b"


def test_the_lowest_version_that_is_new_enough_renders(steps: Steps) -> None:
    """A scene opens in the version nearest to the one that it was saved with."""
    steps.submit(1, version_min=4_002_000)
    worker = Worker(dccs={"toy": (5_000_001, 3_004_001, 4_002_001, 4_005_000)})

    assert steps.must_pick(worker).version == 4_002_001


@pytest.mark.parametrize(
    ("fields", "worker"),
    [
        ({"pool": "night"}, Worker()),
        ({"dcc": "other"}, Worker()),
        ({"version_min": 2}, Worker()),
        ({"requires": ("scripts",)}, Worker(tags=("commands", "gpu"))),
        ({"requires": ("scripts", "gpu")}, Worker(tags=("gpu",))),
        ({}, Worker(dccs={})),
        ({}, Worker(dccs={"toy": ()})),
        ({}, Worker(pools=())),
    ],
)
def test_a_worker_gets_nothing_that_it_cannot_render(steps: Steps, fields: dict[str, object], worker: Worker) -> None:
    """Pool, DCC, version and each required tag must fit."""
    steps.submit(1, **fields)

    assert steps.pick(worker) is None


def test_a_worker_passes_over_what_it_cannot_render(steps: Steps) -> None:
    """A job that nobody can render holds up no other."""
    steps.submit(1, priority=90, requires=("trust:toy",))
    steps.submit(1, id="b", requires=("gpu", "scripts"))

    assert steps.must_pick(Worker(tags=("scripts", "gpu"))).job == "b"


def test_a_pick_sent_twice_answers_the_same(steps: Steps) -> None:
    """A worker may repeat it after a lost connection; no unit is held twice."""
    job = steps.submit(4, chunk=2)

    picked = [steps.pick(execution="e") for _ in range(2)]

    assert picked[0] == picked[1]
    assert steps.units(job) == "rrww"


def test_no_more_than_64_idle_workers_are_woken_at_once(steps: Steps) -> None:
    """A list of tokens that nobody takes stays short."""
    for _ in range(3):
        steps.submit(100)

    assert steps.connection.redis.llen("bc:wake:default") == 64


def test_a_pick_passes_a_token_on_while_more_is_waiting(steps: Steps) -> None:
    """The next idle worker wakes, until nothing waits."""
    steps.submit(3)
    tokens = []

    for _ in range(3):
        steps.connection.redis.delete("bc:wake:default")
        steps.must_pick()
        tokens.append(steps.connection.redis.llen("bc:wake:default"))

    assert tokens == [1, 1, 0]


def test_whatever_makes_units_wait_wakes_a_worker(steps: Steps) -> None:
    """Failed tries, given-back and lost units don't wait for the next poll."""
    steps.submit(3)
    woken = []
    for end in (lambda one: steps.failed(one, one.first), steps.give_back, steps.lose):
        picked = steps.must_pick()
        steps.connection.redis.delete("bc:wake:default")
        end(picked)
        woken.append(steps.connection.redis.llen("bc:wake:default") > 0)

    assert woken == [True] * 3


def test_a_beat_hears_which_executions_to_stop(steps: Steps) -> None:
    """Control gives units back; the worker that renders them learns it by its call list and its next beat."""
    job = steps.submit(1)
    picked = steps.must_pick(W2)
    before = steps.beat(picked, W2)

    steps.control(job, "cancel")

    assert before == []
    assert steps.beat(picked, W2) == [picked.execution]
    assert steps.connection.redis.llen(f"bc:worker:{W2.name}:call") == 1


def test_a_beat_without_a_record_keeps_the_one_that_is_known(steps: Steps) -> None:
    """A worker tells it again only when it has changed, or when the server asks for it."""
    steps.announce(W1, done=7)

    known, unknown = (
        steps.connection.call("beat", worker=name, record="", executions={})["needs_record"] for name in ("w1", "w9")
    )

    assert (known, unknown) == (False, True)
    assert [one.done for one in records.workers(steps.connection)] == [7]


def test_a_worker_that_leaves_is_gone_at_once(steps: Steps) -> None:
    """Nobody waits for its record to expire."""
    steps.announce(W1)

    steps.connection.call("leave", worker=W1.name)

    assert steps.connection.redis.keys("bc:worker*") == []


def test_counts_that_differ_from_the_bytes_are_repaired(steps: Steps) -> None:
    """The bytes are the truth: a job whose index is wrong costs its workers nothing but one pick."""
    job = steps.submit(2)
    steps.connection.redis.set(f"bc:job:{job}:units", "dd")

    picked = steps.pick()

    assert picked is None
    assert steps.connection.redis.hmget(f"bc:job:{job}", "waiting", "done") == [b"0", b"2"]
    assert steps.connection.redis.hlen("bc:active") == 0


def test_text_of_any_script_and_empty_lists_arrive_whole(steps: Steps) -> None:
    """JSON goes through the server and back without losing a letter."""
    words = 'Szene „Übel“ 夜景 🌙 \\ " \x00 \n'
    job = steps.submit(1, name=words, user=words, requires=())
    picked = steps.must_pick()
    steps.failed(picked, 0, message=words)

    found = steps.connection.redis.hmget(f"bc:job:{job}", "name", "user")

    assert found == [words.encode()] * 2
    assert steps.connection.redis.hget("bc:users", words) is None


def test_a_step_that_does_not_exist_is_refused(steps: Steps) -> None:
    """Nothing is changed by it."""
    job = steps.submit(1)

    with pytest.raises(ServerError):
        steps.control(job, "explode")

    assert steps.units(job) == "w"


def test_every_part_of_the_library_is_loaded() -> None:
    """A part that is forgotten would be missed only when its function is called."""
    parts = Path(connection.__file__).with_name("library").glob("*.lua")

    assert {one.stem for one in parts} == set(connection.LIBRARY_PARTS)


def test_the_library_is_loaded_where_it_is_missing(steps: Steps) -> None:
    """A server whose data were deleted works with the next call."""
    steps.connection.redis.function_flush()

    steps.submit(1, id="a")

    assert Connection(steps.connection.url).loaded_version() is not None
    assert steps.units("a") == "w"
