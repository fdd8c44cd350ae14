"""What counts of the reports that workers send, also late, twice, or for what they no longer hold."""

from __future__ import annotations

import pytest
from steps import LONG_MS, OVER_MS, W1, W2, Steps

from buildcat.client import events, records
from buildcat.model.states import Counts, JobState


def test_a_done_unit_counts_once(steps: Steps) -> None:
    """A worker may repeat its report after a lost connection."""
    job = steps.submit(2, chunk=2)
    picked = steps.must_pick()

    replies = [steps.done(picked, 0), steps.done(picked, 0), steps.done(picked, 1)]

    assert replies == [{"counted": 1, "go": True}, {"counted": 0, "go": True}, {"counted": 1, "go": False}]
    assert records.job(steps.connection, job).counts == Counts(done=2)


def test_a_job_ends_with_its_last_unit(steps: Steps) -> None:
    """Its end is written and told once."""
    job = steps.submit(2, chunk=2)
    picked = steps.must_pick()
    steps.done(picked, 0)
    before = records.job(steps.connection, job).ended

    steps.done(picked, 1)
    steps.done(picked, 1)

    ended = [one for one in events.read(steps.connection) if one.kind == "ended"]
    assert before == 0 < records.job(steps.connection, job).ended
    assert [one.details for one in ended] == [{"state": "done", "done": 2, "skipped": 0, "failed": 0}]


def test_a_lost_execution_still_counts_in_its_generation(steps: Steps) -> None:
    """What is rendered is rendered; the worker that has the unit now is told that nobody wants it."""
    job = steps.submit(1)
    lost = steps.must_pick()
    steps.lose(lost)
    second = steps.must_pick(W2)

    late = steps.done(lost)

    assert late == {"counted": 1, "go": False}
    assert not steps.wanted(second, 0)
    assert steps.done(second, worker=W2) == {"counted": 0, "go": False}
    assert records.job(steps.connection, job).counts == Counts(done=1)
    assert records.executions(steps.connection) == []


def test_an_execution_of_an_old_generation_does_not_count(steps: Steps) -> None:
    """After `retry --all` nothing that was rendered before is taken for the new rendering."""
    job = steps.submit(2)
    old = steps.must_pick()
    steps.control(job, "retry", which="all")
    steps.must_pick(W2)

    assert not steps.wanted(old, 0)
    assert steps.done(old) == {"counted": 0, "go": False}
    assert steps.units(job) == "rw"


def test_retrying_failed_units_leaves_running_ones_alone(steps: Steps) -> None:
    """An execution that is still held counts, also in an older generation."""
    job = steps.submit(2)
    running = steps.must_pick()
    for _ in range(3):
        steps.failed(steps.must_pick(), 1)

    steps.control(job, "retry", which="failed")

    assert steps.units(job) == "rw"
    assert steps.done(running) == {"counted": 1, "go": False}


def test_a_deleted_job_is_not_made_again(steps: Steps) -> None:
    """A late report writes nothing."""
    job = steps.submit(2, chunk=2)
    picked = steps.must_pick()
    steps.control(job, "delete")

    replies = [steps.done(picked), steps.failed(picked, 0)]

    assert replies == [{"counted": 0, "go": False}] * 2
    assert (steps.give_back(picked, pause_why="changed"), steps.wanted(picked, 0)) == (0, False)
    assert steps.connection.redis.keys("bc:job:*") == []


@pytest.mark.parametrize("unit", [-1, 2, 1_000_000_000])
def test_a_unit_that_the_job_does_not_have_counts_nothing(steps: Steps, unit: int) -> None:
    """A confused worker neither changes another unit nor breaks the counts."""
    job = steps.submit(2)
    picked = steps.must_pick()

    replies = [steps.done(picked, unit), steps.failed(picked, unit)]

    assert replies == [{"counted": 0, "go": True}] * 2
    assert not steps.wanted(picked, unit)
    assert steps.units(job) == "rw"


def test_units_left_out_of_a_report_wait_again(steps: Steps) -> None:
    """No unit stays running with nobody to render it."""
    job = steps.submit(5, chunk=5)
    picked = steps.must_pick()

    steps.done(picked, 2)

    assert steps.units(job) == "wwdrr"
    assert steps.must_pick(W2).first == 0


def test_an_execution_ends_when_nothing_of_it_is_wanted(steps: Steps) -> None:
    """Its worker is not taken for lost when another one did the work before."""
    job = steps.submit(2, chunk=2)
    lost = steps.must_pick()
    steps.lose(lost)
    second = steps.must_pick(W2)
    steps.done(lost)

    wanted = [steps.wanted(second, unit) for unit in (0, 1)]

    assert wanted == [False, False]
    assert records.executions(steps.connection) == []
    assert records.job(steps.connection, job).state is JobState.DONE


def test_failing_at_a_unit_that_is_already_done_counts_nothing(steps: Steps) -> None:
    """A late worker was faster; the execution goes on behind that unit."""
    job = steps.submit(2, chunk=2)
    lost = steps.must_pick()
    steps.lose(lost)
    second = steps.must_pick(W2)
    steps.done(lost)

    replies = [steps.failed(second, 0), steps.failed(second, 1)]

    assert replies == [{"counted": 0, "go": True}, {"counted": 0, "go": False}]
    assert steps.units(job) == "dd"
    assert records.executions(steps.connection) == []


def test_three_tries_fail_a_unit(steps: Steps) -> None:
    """The rest of the job goes on; then the job has failed."""
    job = steps.submit(2)
    for _ in range(3):
        picked = steps.must_pick()
        steps.failed(picked, 0)
    steps.done(steps.must_pick())

    assert steps.units(job) == "fd"
    assert records.facts(steps.connection, job, 2)[0].tries == 3
    assert records.job(steps.connection, job).state is JobState.FAILED


def test_a_failure_told_twice_is_one_try(steps: Steps) -> None:
    """Also when another worker has picked the unit between the two: it keeps it."""
    job = steps.submit(2, chunk=2)
    first = steps.must_pick()
    steps.failed(first, 0)
    steps.must_pick(W2)

    again = steps.failed(first, 0)

    assert again == {"counted": 0, "go": True}
    assert steps.units(job) == "rr"
    assert records.facts(steps.connection, job, 2)[0].tries == 1


def test_a_failure_of_a_lost_execution_counts_nothing(steps: Steps) -> None:
    """Only who holds a unit can fail it."""
    job = steps.submit(1)
    lost = steps.must_pick()
    steps.lose(lost)
    steps.must_pick(W2)

    assert steps.failed(lost, 0) == {"counted": 0, "go": False}
    assert steps.units(job) == "r"


def test_a_final_failure_stops_the_job(steps: Steps) -> None:
    """Every worker would fail in the same way, so nothing more is tried, and the job says why."""
    job = steps.submit(7, chunk=3)
    other = steps.must_pick(W2)
    picked = steps.must_pick()

    reply = steps.failed(picked, 3, is_final=True, message="There is no camera 'Cam'.")

    assert reply == {"counted": 1, "go": False}
    assert steps.units(job) == "rrrffff"
    assert records.job(steps.connection, job).stopped_why == "There is no camera 'Cam'."
    assert steps.done(other, worker=W2)["counted"] == 3


def test_a_lost_worker_costs_a_loss_and_no_try(steps: Steps) -> None:
    """Only the unit that it was rendering; all it held waits again."""
    job = steps.submit(3, chunk=3)
    picked = steps.must_pick()
    steps.done(picked, 0)

    steps.lose(picked)

    facts = records.facts(steps.connection, job, 3)
    assert steps.units(job) == "dww"
    assert [(one.tries, one.losses) for one in facts] == [(0, 0), (0, 1), (0, 0)]


def test_five_losses_fail_a_unit(steps: Steps) -> None:
    """A frame that takes its hosts down stops doing so, and says it."""
    job = steps.submit(1)
    for _ in range(5):
        steps.lose(steps.must_pick())

    (failure,) = records.failures(steps.connection, job)
    assert steps.units(job) == "f"
    assert (failure.unit, failure.kind, failure.worker) == (0, "lost", W1.name)
    assert records.job(steps.connection, job).state is JobState.FAILED


def test_a_beat_keeps_the_lease(steps: Steps) -> None:
    """Who beats loses nothing."""
    steps.submit(1)
    picked = steps.pick(lease_ms=OVER_MS)
    assert picked

    steps.beat(picked)

    assert steps.sweep() == []


def test_an_outage_costs_nobody_the_lease(steps: Steps) -> None:
    """Nobody could beat, so the first sweep after it grants one lease of grace, and only the first."""
    steps.submit(1)
    picked = steps.pick(lease_ms=OVER_MS)
    assert picked

    swept = [steps.sweep(is_outage=True, lease_ms=LONG_MS), steps.sweep()]
    steps.beat(picked, lease_ms=OVER_MS)
    swept.append(steps.sweep())

    assert swept == [[], [], [picked.execution]]


def test_giving_back_costs_nothing(steps: Steps) -> None:
    """Neither a try nor a loss, and it counts once."""
    job = steps.submit(3, chunk=3)
    picked = steps.must_pick()
    steps.done(picked, 0)

    given = [steps.give_back(picked), steps.give_back(picked)]

    assert given == [2, 0]
    assert steps.units(job) == "dww"
    assert [(one.tries, one.losses) for one in records.facts(steps.connection, job, 3)] == [(0, 0)] * 3


def test_giving_back_can_pause_the_job(steps: Steps) -> None:
    """The scene has changed: nobody renders it before a person says so."""
    job = steps.submit(2)
    picked = steps.must_pick()

    steps.give_back(picked, pause_why="The scene has changed.")

    record = records.job(steps.connection, job)
    assert (record.state, record.paused_why) == (JobState.PAUSED, "The scene has changed.")
    assert steps.pick() is None


def test_an_execution_of_the_old_scene_does_not_pause_the_job_again(steps: Steps) -> None:
    """The person has accepted the new scene since it was picked."""
    job = steps.submit(2)
    first, second = steps.must_pick(), steps.must_pick(W2)
    steps.give_back(first, pause_why="The scene has changed.")
    steps.control(job, "resume", spec='{"dcc":"toy","scene":"shot.toy","scene_size":2}')

    steps.give_back(second, pause_why="The scene has changed.")

    assert records.job(steps.connection, job).state is JobState.WAITING
    assert steps.units(job) == "ww"


def test_facts_of_a_unit_are_kept(steps: Steps) -> None:
    """Who rendered it, how long, and with how much memory."""
    job = steps.submit(2)
    steps.done(steps.must_pick(W2), worker=W2)
    steps.done(steps.must_pick(), is_skipped=True)

    facts = records.facts(steps.connection, job, 2)

    assert records.job_workers(steps.connection, job) == [W2.name, W1.name]
    assert [(one.worker, one.seconds, one.peak_mb) for one in facts] == [(1, 1.5, 100), (2, 1.5, 100)]
    assert steps.units(job) == "ds"


def test_the_last_hundred_failures_are_kept(steps: Steps) -> None:
    """A job that fails everywhere doesn't fill the server."""
    job = steps.submit(105, chunk=105)
    picked = steps.must_pick()
    for unit in range(105):
        steps.failed(picked, unit, message=f"Broken {unit}.")

    failures = records.failures(steps.connection, job)

    assert [one.unit for one in failures] == list(range(104, 4, -1))
    assert (failures[0].message, failures[0].log, failures[0].try_number) == ("Broken 104.", "the end", 1)


def test_every_step_is_told(steps: Steps) -> None:
    """Whoever follows the events sees a job's whole life."""
    job = steps.submit(3)
    steps.failed(steps.must_pick(), 0)
    steps.give_back(steps.must_pick())
    steps.lose(steps.must_pick())
    steps.done(steps.must_pick())
    steps.control(job, "pause", why="to look at it")
    steps.control(job, "cancel")

    found = events.read(steps.connection)

    kinds = "submitted picked failed picked given-back picked lost picked done pause cancel"
    assert sorted([*kinds.split(), "ended"]) == sorted(one.kind for one in found)
    assert {one.job for one in found} == {job}


def test_old_events_are_dropped(steps: Steps) -> None:
    """The stream stays small on a farm that never rests."""
    with steps.connection.redis.pipeline(transaction=False) as pipeline:
        for _ in range(6000):
            pipeline.xadd("bc:events", {"kind": "done", "job": "old", "details": "{}"})
        pipeline.execute()

    steps.submit(1)

    assert 5000 <= int(steps.connection.redis.xlen("bc:events")) < 5200
    assert events.read(steps.connection)[-1].kind == "submitted"
