"""The sentence that says why a job is not being rendered."""

from __future__ import annotations

import pytest
from steps import W1, W2, Steps, Worker

from buildcat.client import fitness, limits, records, waiting


def why(steps: Steps, job_id: str) -> str:
    """The sentence for the job as it is now."""
    return waiting.why(steps.connection, records.job(steps.connection, job_id))


def test_a_job_waits_for_the_first_worker(steps: Steps) -> None:
    """The sentence says how to start one."""
    sentence = why(steps, steps.submit(1))

    assert sentence == "There is no worker. Start one with `buildcat worker` in the shared storage."


@pytest.mark.parametrize(
    ("fields", "worker", "reason"),
    [
        ({"pool": "night"}, Worker(pools=("default", "gpu")), "serves the pool default, gpu, not night"),
        ({"dcc": "other"}, Worker(), "has no other"),
        (
            {"version_min": 4_002_001},
            Worker(dccs={"toy": (3_004_000, 4_001_000)}),
            "has toy 4.1.0; the scene needs 4.2.1",
        ),
        ({"requires": ("scripts", "gpu")}, Worker(tags=("commands",)), "doesn't allow gpu, scripts"),
        ({"requires": ("scripts", "gpu")}, Worker(tags=("gpu",)), "doesn't allow scripts"),
    ],
)
def test_a_job_says_what_the_workers_lack(steps: Steps, fields: dict[str, object], worker: Worker, reason: str) -> None:
    """Pool, DCC, version, or what it requires; with the label of the worker that comes nearest."""
    steps.announce(worker, label="oslo")

    sentence = why(steps, steps.submit(1, **fields))

    assert f"oslo {reason}" in sentence


def test_a_job_says_why_a_dcc_is_missing(steps: Steps) -> None:
    """As the worker itself found it."""
    steps.announce(Worker(dccs={}), label="oslo", missing={"toy": "lacks libGL.so.1"})

    assert "oslo lacks libGL.so.1" in why(steps, steps.submit(1))


def test_workers_with_the_same_reason_are_named_once(steps: Steps) -> None:
    """Three reasons at most, however large the farm."""
    for number in range(20):
        steps.announce(Worker(f"w{number}", pools=(f"pool{number % 5}",)))

    sentence = why(steps, steps.submit(1))

    assert "20 workers" in sentence
    assert sentence.count("serves the pool") == 3


def test_a_job_waits_while_all_fitting_workers_are_busy(steps: Steps) -> None:
    """Those that can't render it don't count."""
    job_id = steps.submit(1)
    steps.announce(W1, execution="e1")
    one = why(steps, job_id)
    steps.announce(W2, execution="e2")
    steps.announce(Worker("w3", pools=("night",)))

    assert one == "The one worker that can render it is busy."
    assert why(steps, job_id) == "All 2 workers that can render it are busy."


def test_a_job_says_when_the_next_worker_is_free(steps: Steps) -> None:
    """As long as the units of the job that it renders took in the mean, less what the present one has taken."""
    other = steps.submit(9, chunk=3, id="other")
    steps.done(steps.must_pick(), seconds=600)
    picked = steps.must_pick()
    steps.beat(picked)
    started = int(steps.connection.redis.hget(f"bc:execution:{picked.execution}", "since"))
    steps.connection.redis.hset(f"bc:execution:{picked.execution}", "since", started - 480_000)
    job_id = steps.submit(1, priority=1)

    assert picked.job == other
    assert why(steps, job_id) == "The one worker that can render it is busy; it is free in about 22 min."


def test_a_job_with_an_idle_worker_starts_soon(steps: Steps) -> None:
    """One that can render it is enough."""
    steps.announce(W1, execution="e1")
    steps.announce(W2)

    assert why(steps, steps.submit(1)) == "It starts in a moment."


def test_a_paused_job_says_why_and_how_it_goes_on(steps: Steps) -> None:
    """Whatever the workers do."""
    job_id = steps.submit(1)
    steps.control(job_id, "pause", why="paused by ann")

    assert why(steps, job_id) == f"It is paused: paused by ann. `buildcat resume {job_id}` goes on."


def test_a_job_that_runs_or_has_ended_does_not_wait(steps: Steps) -> None:
    """There is nothing to say."""
    job_id = steps.submit(2)
    picked = steps.must_pick()
    running = why(steps, job_id)
    steps.done(picked)
    steps.done(steps.must_pick())

    assert (running, why(steps, job_id)) == ("", "")


def test_a_cancelled_job_does_not_wait(steps: Steps) -> None:
    """Its units still do, but nobody renders them."""
    job_id = steps.submit(2)
    steps.control(job_id, "cancel")

    assert why(steps, job_id) == ""


def test_what_it_says_is_what_a_pick_does(steps: Steps) -> None:
    """The client's reasons and the server's rule are written down twice; here they are compared."""
    offers = [
        Worker("w1", pools=("night",)),
        Worker("w2", dccs={"toy": (1, 5)}),
        Worker("w3", tags=("scripts",), dccs={"toy": (5,)}),
        Worker("w4", tags=("gpu", "scripts"), dccs={"toy": (4, 6)}),
    ]
    job_id = steps.submit(4, version_min=5, requires=("scripts",))
    job = records.job(steps.connection, job_id)

    picked = [steps.pick(one) is not None for one in offers]

    assert [bool(fitness.fitting(job, [one.record()])) for one in offers] == picked == [False, False, True, True]


def test_a_job_says_which_job_it_waits_for(steps: Steps) -> None:
    """With how far that is, frame for frame or as a whole."""
    steps.announce(W1)
    steps.submit(4, id="first", name="sim")
    whole = steps.submit(4, after=("first",))
    by_frame = steps.submit(4, after=("first",), per_frame=True, paused=False)
    picked = steps.must_pick()

    sentences = [why(steps, whole), why(steps, by_frame)]

    assert picked.job == "first"
    assert sentences == [
        "It waits for sim (first): running, 0 of 4 done.",
        "It waits for the same frames of sim (first): running, 0 of 4 done.",
    ]


@pytest.mark.parametrize("verb", ["cancel", "fail"])
def test_a_job_says_that_what_it_needs_has_failed(steps: Steps, verb: str) -> None:
    """And how that is mended."""
    steps.submit(1, id="first", name="sim")
    second = steps.submit(1, after=("first",))
    if verb == "cancel":
        steps.control("first", "cancel")
    else:
        steps.failed(steps.must_pick(), 0, is_final=True)
    state = "cancelled" if verb == "cancel" else "failed"

    assert why(steps, second) == (f"It waits for the success of sim (first), which is {state}. `buildcat retry first`.")


def test_a_job_says_that_its_workers_are_paused(steps: Steps) -> None:
    """With what takes that back; not while another one could render it."""
    steps.announce(W1, label="oslo")
    job = steps.submit(1)
    steps.connection.call("order", worker="w1", order="pause", by="ann")
    alone = why(steps, job)
    steps.announce(W2, label="rome")

    assert alone == (
        "The one worker that can render it was told to pause. `buildcat workers resume oslo` takes it back."
    )
    assert why(steps, job) == "It starts in a moment."


def test_a_job_says_which_limit_is_full(steps: Steps) -> None:
    """And who holds its slots."""
    limits.set_limit(steps.connection, "arnold", 1)
    for worker in (Worker("w1.ab12"), Worker("w2.cd34")):
        steps.announce(worker)
    steps.submit(1, limits=("arnold",))
    steps.must_pick(Worker("w1.ab12"))
    job = steps.submit(1, limits=("arnold",))

    assert why(steps, job) == (
        "The limit arnold is full: its slots (1) are taken, by w1. `buildcat limits` shows them."
    )


def test_a_limit_for_each_host_is_full_when_every_host_is(steps: Steps) -> None:
    """One host with a free slot starts the job."""
    limits.set_limit(steps.connection, "modo", 1, is_per_host=True)
    needs = {"toy": ("modo",)}
    here, there = Worker("w1", limits=needs), Worker("w2", host="other", limits=needs)
    steps.announce(here)
    steps.submit(1, paused=False)
    steps.must_pick(here)
    job = steps.submit(1)
    alone = why(steps, job)
    steps.announce(there)

    assert alone.startswith("The limit modo is full: its slots (1/host)")
    assert why(steps, job) == "It starts in a moment."
