"""What is missing for a while, and not the frame's fault: the storage, a licence, memory."""

from __future__ import annotations

import shutil

from farms import Farm, wait_for

from buildcat.client import events, records, waiting
from buildcat.client.records import WorkerRecord
from buildcat.model.states import JobState


def worker(farm: Farm) -> WorkerRecord:
    """What the worker says of itself."""
    (found,) = records.workers(farm.connection)
    return found


def given_back(farm: Farm) -> list[str]:
    """Why units were given back."""
    return [one.details["reason"] for one in events.read(farm.connection) if one.kind == "given-back"]


def tries(farm: Farm, job_id: str) -> int:
    """All failed tries of a job."""
    return sum(one.tries for one in records.facts(farm.connection, job_id, farm.job(job_id).counts.total))


def test_a_worker_without_its_storage_takes_nothing_until_it_is_back(farm: Farm) -> None:
    """What it rendered costs no try; its record and the waiting job say why."""
    farm.start_worker()
    away = farm.root.with_name("away")
    job = farm.submit(farm.scene(seconds=1), "1-3")
    farm.wait_running(job)

    farm.root.rename(away)
    wait_for(lambda: worker(farm).trouble, "the worker to miss its storage")
    wait_for(lambda: not farm.job(job).counts.running, "the unit to be given back")
    why = waiting.why(farm.connection, farm.job(job))
    shutil.rmtree(farm.root, ignore_errors=True)  # what the DCC still wrote, as below the place of a mount
    away.rename(farm.root)

    assert why == f"The one worker can't render it: w1 misses its storage {farm.root}."
    assert farm.wait(job).state is JobState.DONE
    assert tries(farm, job) == 0
    assert worker(farm).trouble == ""
    assert farm.log().count("misses its storage") >= 1


def test_another_storage_in_its_place_is_not_taken_for_it(farm: Farm) -> None:
    """An empty folder where a drive was mounted, or a drive of another farm."""
    farm.start_worker()
    away = farm.root.with_name("away")
    farm.root.rename(away)
    (farm.root / ".buildcat").mkdir(parents=True)
    (farm.root / ".buildcat" / "root.json").write_text('{"id": "another"}')

    trouble = wait_for(lambda: worker(farm).trouble, "the worker to see it")

    assert trouble == f"has another storage at {farm.root}"
    assert not list(farm.root.rglob("*.png"))


def test_a_shortage_of_licences_costs_no_try(farm: Farm) -> None:
    """The worker asks again after a while, and says so; other DCCs are rendered meanwhile."""
    farm.start_worker()
    taken = farm.root / "licence-taken"
    taken.touch()
    job = farm.submit(farm.scene(licence=True), "1-2")

    missing = wait_for(lambda: worker(farm).missing.get("toy"), "the worker to rest")
    why = waiting.why(farm.connection, farm.job(job))
    taken.unlink()

    assert missing == "found no free licence; it asks again in a moment."
    assert why == "The one worker can't render it: w1 found no free licence; it asks again in a moment."
    assert farm.wait(job).counts.done == 2
    assert tries(farm, job) == 0
    assert given_back(farm) == ["No licence of the toy is free."]


def test_a_unit_that_alone_needs_too_much_memory_fails_with_its_reason(farm: Farm) -> None:
    """While it renders: the host must not swap. The others are rendered."""
    farm.start_worker("--memory", "300")
    job = farm.wait(farm.submit(farm.scene(hog=[2]), "1-3"))

    messages = {one.message for one in records.failures(farm.connection, job.id)}

    assert (job.counts.done, job.counts.failed) == (2, 1)
    assert all("alone needs more than the 300 MB that this worker allows" in one for one in messages)


def test_a_session_that_grows_over_several_units_is_started_anew_in_the_middle_of_one(farm: Farm) -> None:
    """It costs no try: a fresh one does with less."""
    farm.start_worker("--memory", "300")
    job = farm.wait(farm.submit(farm.scene(leak=True, nap=True, nap_s=1.5), "1-4"))

    assert job.counts.done == 4
    assert tries(farm, job.id) == 0
