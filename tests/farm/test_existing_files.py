"""Files that are there already, or not any more: `--skip-existing` and `retry --missing`."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import ask, buildcat
from farms import Farm

from buildcat.client import control, records
from buildcat.farm.outputs import is_whole
from buildcat.model.states import Counts, JobState


@pytest.fixture(autouse=True)
def server_of_the_farm(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the server where a person would have put it."""
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)


def rendered(farm: Farm, **fields: object) -> str:
    """Render four frames and return the job's id."""
    farm.start_worker()
    return farm.wait(farm.submit(farm.scene(), "1-4", **fields)).id


def file(farm: Farm, frame: int) -> Path:
    """The file of a frame."""
    return farm.root / "out" / f"toy_{frame:04}.png"


def spoil(farm: Farm) -> dict[int, int]:
    """Remove frame 2, cut frame 3 short, and return when each of the others was written."""
    file(farm, 2).unlink()
    file(farm, 3).write_bytes(file(farm, 3).read_bytes()[:60])
    return {frame: file(farm, frame).stat().st_mtime_ns for frame in (1, 4)}


def are_all_whole(farm: Farm) -> bool:
    """Whether all four files are whole."""
    return all(is_whole(file(farm, frame), "png", (32, 24)) for frame in range(1, 5))


def test_retry_missing_renders_what_is_gone_or_damaged(farm: Farm) -> None:
    """Those two frames, and no other."""
    job_id = rendered(farm)
    written = spoil(farm)

    done = buildcat("retry", job_id, "--missing", cwd=farm.root)

    assert done.returncode == 0, done.stderr
    assert farm.wait(job_id).counts == Counts(done=4)
    assert are_all_whole(farm)
    assert {frame: file(farm, frame).stat().st_mtime_ns for frame in written} == written


def test_retry_missing_leaves_a_whole_job_alone(farm: Farm) -> None:
    """It says so, and gives nothing back."""
    job_id = rendered(farm, name="shot")

    done = buildcat("retry", job_id, "--missing", cwd=farm.root)

    assert done.stdout == f"{job_id}  shot: has all its files; it is done, 4/4 frames\n"
    assert farm.job(job_id).generation == 1


def test_retry_missing_needs_the_storage(farm: Farm) -> None:
    """From elsewhere all files would seem to be gone."""
    job_id = rendered(farm)

    done = buildcat("retry", job_id, "--missing", cwd=farm.root.parent)

    assert done.returncode == 4
    assert "is not in the shared storage, where the job's files are. Go there, or pass --root." in done.stderr
    assert farm.job(job_id).state is JobState.DONE


def test_all_and_missing_are_not_meant_together(farm: Farm) -> None:
    """They contradict each other."""
    done = buildcat("retry", "last", "--missing", "--all", cwd=farm.root)

    assert done.returncode == 2
    assert "Pass --all or --missing, not both." in done.stderr


def test_existing_files_are_skipped_if_they_are_whole(farm: Farm) -> None:
    """What is gone or damaged is rendered; the rest is recorded as if it had been."""
    rendered(farm)
    written = spoil(farm)

    job_id = ask("submit", "toy", "shot.toy", "--frames", "1-4", "--skip-existing", cwd=farm.root)["id"]

    assert farm.wait(job_id).counts == Counts(done=2, skipped=2)
    assert records.unit_bytes(farm.connection, job_id) == "sdds"
    assert list(records.outputs(farm.connection, job_id)) == ["out/toy_{frame:04}.png"]
    assert are_all_whole(farm)
    assert {frame: file(farm, frame).stat().st_mtime_ns for frame in written} == written


def test_a_file_of_another_size_is_not_skipped(farm: Farm) -> None:
    """A test at half size must not pass for the final frame."""
    rendered(farm, settings={"percentage": 50})

    job_id = ask("submit", "toy", "shot.toy", "--frames", "1-4", "--skip-existing", cwd=farm.root)["id"]

    assert farm.wait(job_id).counts == Counts(done=4)
    assert are_all_whole(farm)


def test_without_the_option_all_is_rendered(farm: Farm) -> None:
    """And replaced."""
    rendered(farm)

    assert farm.wait(farm.submit("shot.toy", "1-4")).counts == Counts(done=4)


def test_retry_all_of_such_a_job_renders_all(farm: Farm) -> None:
    """A retry means what it says."""
    rendered(farm)
    job_id = farm.wait(farm.submit("shot.toy", "1-4", skip_existing=True)).id

    control.retry(farm.connection, job_id, which="all")

    assert farm.wait(job_id).counts == Counts(done=4)


def test_a_command_skips_too(farm: Farm) -> None:
    """Its output is known before."""
    program = ("--", "sh", "-c", "cp $0 $1; echo ran >> ran", "out/toy_0001.png", "{output}")
    options = ("--frames", "1-3", "--output", "copies/{frame}.png")
    rendered(farm)
    buildcat("run", "command", *options, *program, cwd=farm.root)
    (farm.root / "copies" / "2.png").unlink()

    done = buildcat("run", "command", *options, "--skip-existing", *program, cwd=farm.root)

    assert done.returncode == 0, done.stderr
    assert len((farm.root / "ran").read_text().splitlines()) == 4
    assert (farm.root / "copies" / "2.png").is_file()


def test_a_failing_unit_in_the_middle_of_a_chunk_costs_the_others_nothing(farm: Farm) -> None:
    """The units before and after it are rendered once."""
    farm.start_worker()
    scene = farm.scene(error=[3])

    job = farm.wait(farm.submit(scene, "1-6", chunk=6))

    facts = records.facts(farm.connection, job.id, 6)
    assert records.unit_bytes(farm.connection, job.id) == "ddfddd"
    assert [one.tries for one in facts] == [0, 0, 3, 0, 0, 0]
