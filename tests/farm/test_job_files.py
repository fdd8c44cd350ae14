"""`submit --snapshot`, `submit --allow-scripts` and `buildcat delete`."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import ask, buildcat
from farms import Farm, wait_for

from buildcat.client import control, records
from buildcat.model import paths
from buildcat.model.errors import NoSuchJobError
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState


@pytest.fixture(autouse=True)
def marked_farm(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has been here once, and commands find the server."""
    paths.mark_root(farm.root)
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)


def submit(farm: Farm, *options: str) -> str:
    """Submit a scene and return the job's id."""
    farm.scene()
    return str(ask("submit", "toy", "shot.toy", *options, cwd=farm.root)["id"])


def copies(farm: Farm) -> list[Path]:
    """The snapshots below the root."""
    return list(farm.root.glob(".*.bc-*"))


def test_a_snapshot_is_rendered_whatever_becomes_of_the_scene(farm: Farm) -> None:
    """The artist saves over the scene; the job neither pauses nor renders the new one."""
    job_id = submit(farm, "--snapshot", "--frames", "1-2")
    farm.scene(width=99, error=True)

    farm.start_worker()

    job = farm.wait(job_id)
    assert job.state is JobState.DONE
    assert job.spec.name == "shot"
    assert [farm.root / job.spec.scene] == copies(farm)
    assert sorted(one.name for one in (farm.root / "out").glob("*.png")) == ["toy_0001.png", "toy_0002.png"]


def test_a_snapshot_stays_for_a_retry_and_goes_with_the_job(farm: Farm) -> None:
    """Cancelled and done jobs may be retried; deleted ones not."""
    job_id = submit(farm, "--snapshot")
    control.cancel(farm.connection, job_id)
    kept = copies(farm)

    done = buildcat("delete", job_id, cwd=farm.root)

    assert done.returncode == 0, done.stderr
    assert len(kept) == 1
    assert copies(farm) == []
    assert (farm.root / "shot.toy").is_file()


def test_without_a_server_no_snapshot_is_left(farm: Farm) -> None:
    """Nothing is copied for a job that doesn't come to be."""
    farm.scene()

    done = buildcat("submit", "toy", "shot.toy", "--snapshot", "--server", "", "--port", "1", cwd=farm.root)

    assert done.returncode == 3
    assert copies(farm) == []


def test_a_deleted_job_leaves_its_frames_and_nothing_else(farm: Farm) -> None:
    """No records, no logs."""
    farm.start_worker()
    job_id = submit(farm, "--frames", "1-3")
    farm.wait(job_id)
    folder = paths.job_folder(farm.root, job_id)
    had_logs = (folder / "logs").is_dir()

    done = buildcat("delete", job_id, cwd=farm.root)

    assert done.stdout == f"{job_id}  shot: deleted\n"
    assert had_logs and not folder.exists()
    assert len(list((farm.root / "out").glob("*.png"))) == 3
    assert [key for key in farm.connection.redis.scan_iter(f"*{job_id}*")] == []


def test_deleting_stops_what_renders(farm: Farm) -> None:
    """The worker goes on with the next job."""
    farm.start_worker()
    job_id = farm.submit(farm.scene("slow.toy", seconds=60), "1")
    farm.wait_running(job_id)

    done = buildcat("delete", job_id, cwd=farm.root)

    assert done.returncode == 0, done.stderr
    assert farm.wait(farm.submit(farm.scene())).state is JobState.DONE
    with pytest.raises(NoSuchJobError):
        records.job(farm.connection, job_id)


def test_a_record_can_not_name_what_is_deleted(farm: Farm) -> None:
    """Whoever writes to the server gains no file of an artist's."""
    farm.scene()
    job_id = control.submit(farm.connection, JobSpec(dcc="toy", scene="shot.toy", snapshot=True))

    done = buildcat("delete", job_id, cwd=farm.root)

    assert done.returncode == 0, done.stderr
    assert (farm.root / "shot.toy").is_file()


def test_outside_the_storage_nothing_is_deleted(farm: Farm) -> None:
    """Else logs and snapshots would stay for ever."""
    job_id = submit(farm, "--snapshot")

    done = buildcat("delete", job_id, cwd=farm.root.parent)

    assert done.returncode == 4
    assert "Go there, or pass --root." in done.stderr
    assert farm.job(job_id).state is JobState.WAITING


def test_scripts_are_allowed_by_job_and_worker_both(farm: Farm) -> None:
    """A worker that doesn't allow them leaves the job alone, and `show` says so; one that does takes it."""
    farm.start_worker(label="strict")
    job_id = submit(farm, "--allow-scripts")

    shown = buildcat("show", job_id, cwd=farm.root).stdout
    farm.start_worker("--allow-scripts", label="lenient")

    assert "strict doesn't allow scripts" in " ".join(shown.split())
    assert farm.wait(job_id).state is JobState.DONE
    wait_for(lambda: records.job_workers(farm.connection, job_id)[0].startswith("lenient."), "the lenient worker")
