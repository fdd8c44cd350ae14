"""Reading the records: jobs, units, failures, outputs, workers, and what runs."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from steps import OVER_MS, W1, W2, Steps, Worker

from buildcat.client import records
from buildcat.client.records import JobRecord, RunningExecution, UnitFacts, WorkerRecord
from buildcat.model.errors import BuildcatError, NoSuchJobError
from buildcat.model.states import Counts, JobState

OUTPUTS = {
    "out/b_{frame:04}.exr": {"kind": "exr", "size": [64, 32]},
    "out/ä_{frame}.png": {"kind": "png", "size": None},
}


def submit_apart(steps: Steps, *ids: str, **fields: Any) -> None:
    """Submit jobs one after the other by the server's clock, which counts milliseconds."""
    for job_id in ids:
        steps.submit(1, id=job_id, **fields)
        time.sleep(0.002)


def test_a_job_is_read_by_its_id(steps: Steps) -> None:
    """With its counts and its derived state."""
    job_id = steps.submit(3)
    steps.done(steps.must_pick())
    steps.must_pick()

    job = records.job(steps.connection, job_id)

    assert (job.id, job.counts) == (job_id, Counts(waiting=1, running=1, done=1))
    assert job.state is JobState.RUNNING
    assert job.started >= job.created > 0
    assert abs(job.created - time.time()) < 60


def test_a_job_that_is_not_there_is_named(steps: Steps) -> None:
    """The error says where the jobs are listed."""
    for read in (records.job, records.spec):
        with pytest.raises(NoSuchJobError, match=r"no job gone.*buildcat jobs"):
            read(steps.connection, "gone")


def test_a_job_with_fields_missing_is_read(steps: Steps) -> None:
    """An older library wrote less; what is missing is zero or empty."""
    steps.connection.redis.hset("bc:job:old", mapping={"spec": '{"dcc":"toy","scene":"a.toy"}', "done": "2"})

    job = records.job(steps.connection, "old")

    assert (job.counts, job.state) == (Counts(done=2), JobState.DONE)
    assert (job.is_paused, job.paused_why, job.ended, job.pool) == (False, "", 0, "")


def test_jobs_are_listed_newest_first_in_pages(steps: Steps) -> None:
    """A farm with many jobs is read a page at a time."""
    submit_apart(steps, "a", "b", "c", "d")

    pages = [[job.id for job in records.jobs(steps.connection, most=3, first=first)] for first in (0, 3, 4)]

    assert pages == [["d", "c", "b"], ["a"], []]


def test_a_job_deleted_while_listing_is_left_out(steps: Steps) -> None:
    """The list is read in two steps."""
    submit_apart(steps, "a", "b")
    steps.connection.redis.delete("bc:job:a")

    assert [job.id for job in records.jobs(steps.connection)] == ["b"]


@pytest.mark.parametrize(("word", "found"), [("abc1", "abc1"), ("abc12", "abc12"), ("b", "bcd3"), ("bcd3", "bcd3")])
def test_a_job_is_found_by_id_or_unique_prefix(steps: Steps, word: str, found: str) -> None:
    """A whole id wins, also where it begins another one."""
    for job_id in ("abc1", "abc12", "bcd3"):
        steps.submit(1, id=job_id)

    assert records.find(steps.connection, word) == found


@pytest.mark.parametrize(
    ("word", "says"), [("abc", "2 jobs: abc1, abc2"), ("x", "no job 'x'"), ("", "''"), ("abc1*", "no job")]
)
def test_a_word_that_means_no_job_or_several_is_refused(steps: Steps, word: str, says: str) -> None:
    """Nothing is cancelled by a guess."""
    for job_id in ("abc1", "abc2"):
        steps.submit(1, id=job_id)

    with pytest.raises(NoSuchJobError, match=says):
        records.find(steps.connection, word)


def test_an_empty_word_never_means_the_only_job(steps: Steps) -> None:
    """A script with an unset variable cancels nothing."""
    steps.submit(1)

    with pytest.raises(NoSuchJobError):
        records.find(steps.connection, "")


def test_last_is_the_newest_of_that_user(steps: Steps) -> None:
    """However many others have submitted since."""
    submit_apart(steps, "a1", "a2")
    for number in range(201):
        steps.submit(1, id=f"b{number}", user="bob")

    assert records.find(steps.connection, "last", "ann") == "a2"


def test_last_of_a_user_without_jobs_is_refused(steps: Steps) -> None:
    """The error names the user."""
    steps.submit(1, user="bob")

    with pytest.raises(NoSuchJobError, match="ann has no job"):
        records.find(steps.connection, "last", "ann")


def test_facts_are_there_for_every_unit(steps: Steps) -> None:
    """Zeros for those that nobody has rendered, also before the first pick."""
    job_id = steps.submit(3)
    before = records.facts(steps.connection, job_id, 3)
    steps.done(steps.must_pick())

    after = records.facts(steps.connection, job_id, 3)

    assert before == [UnitFacts()] * 3
    assert after == [UnitFacts(worker=1, seconds=1.5, peak_mb=100), UnitFacts(), UnitFacts()]


def test_facts_that_are_cut_short_are_read(steps: Steps) -> None:
    """Whole rows count."""
    job_id = steps.submit(3)
    steps.connection.redis.set(f"bc:job:{job_id}:facts", b"\x02" + b"\0" * 11 + b"\x01")

    assert records.facts(steps.connection, job_id, 3) == [UnitFacts(tries=2), UnitFacts(), UnitFacts()]


def test_outputs_are_listed_by_pattern(steps: Steps) -> None:
    """Once for all units that have it."""
    job_id = steps.submit(2, chunk=2)
    picked = steps.must_pick()
    ids = {"execution": picked.execution, "job": job_id, "generation": 1, "worker": W1.name, "last": "out/b_0001.exr"}
    rows = {pattern: json.dumps(row) for pattern, row in OUTPUTS.items()}

    for unit in (0, 1):
        units = [{"index": unit, "seconds": 1, "peak_mb": 1}]
        steps.connection.call("done", units=units, outputs=rows, **ids)

    assert records.outputs(steps.connection, job_id) == OUTPUTS
    assert records.job(steps.connection, job_id).last == "out/b_0001.exr"


def test_failures_are_listed_newest_first(steps: Steps) -> None:
    """With all that helps to find the reason."""
    job_id = steps.submit(1)
    for message in ("First.", "Second — „schlecht“."):
        picked = steps.must_pick()
        steps.failed(picked, 0, message=message)

    last, first = records.failures(steps.connection, job_id)

    assert (first.message, first.try_number) == ("First.", 1)
    assert (last.message, last.try_number, last.kind) == ("Second — „schlecht“.", 2, "RenderError")
    assert (last.unit, last.worker, last.execution, last.log) == (0, W1.name, picked.execution, "the end")
    assert abs(last.time - time.time()) < 60


def test_what_a_job_does_not_have_is_empty(steps: Steps) -> None:
    """Nothing is rendered yet, or the job is gone."""
    assert records.failures(steps.connection, "gone") == []
    assert records.outputs(steps.connection, "gone") == {}
    assert records.job_workers(steps.connection, "gone") == []
    assert records.unit_bytes(steps.connection, "gone") == ""
    assert records.facts(steps.connection, "gone", 0) == []


def test_live_workers_are_listed_by_label(steps: Steps) -> None:
    """As they described themselves."""
    steps.announce(W2, label="a", missing={"maya": "not found"})
    steps.announce(Worker("w3", tags=("gpu",), dccs={"toy": (1, 2)}), label="b", execution="e1")

    first, second = records.workers(steps.connection)

    assert (first.name, first.label, first.missing, first.execution) == ("w2", "a", {"maya": "not found"}, "")
    assert (second.tags, second.dccs, second.execution) == (("gpu",), {"toy": (1, 2)}, "e1")
    assert second == records.WorkerRecord.from_json(second.to_json())


def test_a_worker_whose_beats_have_ended_is_not_listed(steps: Steps) -> None:
    """Its record expires by itself."""
    steps.announce(W1)
    steps.announce(W2)
    steps.connection.redis.delete("bc:worker:w1")

    assert [one.name for one in records.workers(steps.connection)] == ["w2"]


def test_running_executions_are_listed_with_their_progress(steps: Steps) -> None:
    """What is left of them, and how far the present unit is."""
    job_id = steps.submit(9, chunk=4)
    picked = steps.must_pick()
    steps.must_pick(W2)
    steps.done(picked, 0)
    steps.beat(picked, progress=json.dumps({"fraction": 0.25, "text": "Sample 1/4"}))

    found = {one.worker: one for one in records.executions(steps.connection)}

    one = found["w1"]
    assert one == RunningExecution(picked.execution, job_id, "w1", 1, 3, one.started, one.since, 0.25, "Sample 1/4")
    assert one.since >= one.started > 0
    assert list(records.execution_units(one)) == [1, 2, 3]
    assert (found["w2"].fraction, found["w2"].text) == (None, "")


def test_progress_belongs_to_the_present_unit(steps: Steps) -> None:
    """With the next unit it begins again."""
    steps.submit(2, chunk=2)
    picked = steps.must_pick()
    steps.beat(picked, progress=json.dumps({"fraction": 0.9, "text": "Sample 9/10"}))

    steps.done(picked, 0)

    (one,) = records.executions(steps.connection)
    assert (one.fraction, one.text) == (None, "")


def test_an_execution_that_ends_while_listing_is_left_out(steps: Steps) -> None:
    """The list is read in two steps."""
    steps.submit(1)
    picked = steps.pick(lease_ms=OVER_MS)
    assert picked

    steps.connection.redis.delete(f"bc:execution:{picked.execution}")

    assert records.executions(steps.connection) == []


@pytest.mark.parametrize("spec", ["", "nonsense", "[]", '{"scene":"a.toy"}', '{"dcc":"toy","scene":"/etc/x"}'])
def test_a_job_whose_spec_cannot_be_read_is_an_error_for_people(spec: str) -> None:
    """Whoever reaches the server may write anything; it ends in a sentence, not in a traceback."""
    with pytest.raises(BuildcatError):
        JobRecord.from_hash("odd", {b"spec": spec.encode()})


def test_a_worker_of_a_newer_version_is_listed(steps: Steps) -> None:
    """What a newer worker says more of itself is passed over."""
    record = {**json.loads(W1.record().to_json()), "mood": "fine"}

    read = WorkerRecord.from_json(json.dumps(record))

    assert read == W1.record()


def test_a_job_that_can_not_be_read_does_not_hide_the_others(steps: Steps, caplog: pytest.LogCaptureFixture) -> None:
    """A listing leaves it out and says so in the log."""
    fine, odd = steps.submit(), steps.submit()
    steps.connection.redis.hset(f"bc:job:{odd}", "spec", '{"dcc": "toy", "scene": "a.toy", "mood": "fine"}')

    found = records.jobs(steps.connection)

    assert [one.id for one in found] == [fine]
    assert odd in caplog.text


@pytest.mark.parametrize("part", ["units", "facts", "outputs"])
def test_a_part_of_a_job_is_no_job(steps: Steps, part: str) -> None:
    """Only ids are jobs, not other keys that begin in the same way."""
    job_id = steps.submit()

    with pytest.raises(NoSuchJobError):
        records.find(steps.connection, f"{job_id}:{part}")


def test_jobs_of_one_millisecond_are_listed_in_order(steps: Steps) -> None:
    """Newest first holds for a script that submits without a pause, too."""
    submitted = [steps.submit() for _ in range(50)]

    assert records.job_ids(steps.connection) == submitted[::-1]
