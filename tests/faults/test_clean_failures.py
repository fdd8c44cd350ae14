"""Faults that nobody can render through: each is named, other jobs go on, and a retry completes once it is mended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from farms import wait_for
from faults.drills import Drill
from needs import require

from buildcat.client import control, records
from buildcat.client.connection import open_client
from buildcat.farm.server import Server
from buildcat.model.errors import ServerError
from buildcat.model.states import JobState


def why(drill: Drill, job_id: str) -> str:
    """Why the last try of a job failed."""
    return records.failures(drill.connection, job_id)[0].message


def other_goes_on(drill: Drill) -> None:
    """Another job is rendered beside the one that can't be."""
    assert drill.wait(drill.submit(drill.scene("other.toy", output="other/toy_####.png"), "1-2")).counts.done == 2


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """Mount a disk that is soon full; only root may."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    require(is_mounted, "this user may not mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_named_and_a_retry_completes(drill: Drill) -> None:
    """The frame that didn't fit is no frame; those before it stay."""
    drill.start_worker()
    with small_disk(drill.root / "full", 64):
        (drill.root / "full" / "ballast").write_bytes(bytes(60 * 1024))
        scene = drill.scene("full.toy", output="full/toy_####.png", width=200, height=150)
        job = drill.wait(drill.submit(scene, "1-3"))

        assert job.state is JobState.FAILED
        assert "No space left on device" in why(drill, job.id)
        other_goes_on(drill)
        (drill.root / "full" / "ballast").unlink()
        control.retry(drill.connection, job.id)

        assert drill.wait(job.id).counts.done == 3
        drill.check(job.id)


def test_an_output_folder_that_becomes_read_only_is_named(drill: Drill) -> None:
    """In the middle of the job; once it can be written again, a retry completes."""
    drill.start_worker()
    folder = drill.root / "locked"
    with small_disk(folder, 1024):
        job_id = drill.submit(drill.scene("locked.toy", output="locked/toy_####.png", seconds=0.3), "1-5")
        drill.wait_event(job_id, "done", 1)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)

        job = drill.wait(job_id)

        assert job.state is JobState.FAILED
        assert "Read-only file system" in why(drill, job_id)
        other_goes_on(drill)
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        control.retry(drill.connection, job_id)
        assert drill.wait(job_id).counts.done == 5
        drill.check(job_id)


def test_an_output_folder_that_is_replaced_in_the_middle_is_named(drill: Drill) -> None:
    """By a file, say; what was rendered before is found missing and rendered again."""
    drill.start_worker()
    job_id = drill.submit(drill.scene("moved.toy", output="moved/toy_####.png", seconds=0.3), "1-6")
    drill.wait_event(job_id, "done", 2)

    (drill.root / "moved").rename(drill.root / "elsewhere")
    (drill.root / "moved").write_text("in the way")
    job = drill.wait(job_id)
    (drill.root / "moved").unlink()
    (drill.root / "elsewhere").rename(drill.root / "moved")
    control.retry(drill.connection, job_id)

    assert job.state is JobState.FAILED
    assert "moved" in why(drill, job_id)
    assert drill.wait(job_id).counts.done == 6
    drill.check(job_id)


def test_records_that_are_damaged_are_set_aside(drill: Drill) -> None:
    """Each with its reason; nobody stumbles over them, and other jobs go on."""
    garbage, newer, headless = (drill.submit(drill.scene(), "1-2", paused=True) for _ in range(3))
    redis = drill.connection.redis
    redis.hset(records.job_key(garbage), "spec", "{{{")
    redis.hset(records.job_key(newer), "spec", '{"schema": 99, "dcc": "toy", "scene": "shot.toy"}')
    for job_id in (garbage, newer, headless):
        control.resume(drill.connection, job_id)
    redis.delete(records.job_key(headless))

    drill.start_worker()
    other_goes_on(drill)

    assert records.unit_bytes(drill.connection, garbage) == records.unit_bytes(drill.connection, newer) == "ff"
    assert "can't be read" in why(drill, garbage)
    assert "schema 99" in why(drill, newer)
    assert redis.hexists("bc:active", headless) == 0


def test_a_log_that_is_cut_short_costs_only_its_end(drill: Drill) -> None:
    """The server's machine lost power in the middle of a write."""
    kept = [drill.submit(drill.scene(), "1-2", paused=True) for _ in range(3)]
    drill.store.stop()
    (log,) = (drill.folder / "server").rglob("*.incr.aof")
    os.truncate(log, log.stat().st_size - 20)

    again = Server(drill.folder / "server", port=0)
    again.start()

    try:
        found = set(records.job_ids(open_client(again.address)))
        assert set(kept[:2]) <= found
    finally:
        again.stop()


def test_a_server_without_memory_takes_nothing_new_and_loses_nothing(drill: Drill) -> None:
    """Workers wait, and say so; with more memory they go on."""
    drill.start_worker()
    job_id = drill.submit(drill.scene("tight.toy", output="tight/toy_####.png", seconds=0.3), "1-8")
    drill.wait_event(job_id, "done", 2)

    drill.connection.redis.config_set("maxmemory", "1mb")
    with pytest.raises(ServerError, match="has no memory left"):
        drill.submit(drill.scene(), "1")
    wait_for(lambda: "has no memory left" in drill.log(), "the worker to say so")
    drill.connection.redis.config_set("maxmemory", "0")

    assert drill.wait(job_id).counts.done == 8
    drill.check(job_id)


def test_a_scene_that_starts_processes_leaves_none(drill: Drill) -> None:
    """They end with the session, however they try to get away."""
    drill.start_worker()
    job_id = drill.submit(drill.scene("children.toy", output="children/toy_####.png", children=True), "1-2")

    drill.end(job_id)


@pytest.mark.parametrize("version", [1, 99])
def test_a_worker_of_another_version_does_not_join(drill: Drill, version: int) -> None:
    """A newer server sends it away with a sentence; an older one's library is replaced, since a worker may do that."""
    function = f"function_name='bc_version', callback=function() return {version} end, flags={{'no-writes'}}"
    library = f"#!lua name=buildcat\nredis.register_function{{{function}}}"
    drill.connection.redis.function_load(library, replace=True)

    worker = drill.start_worker(ready=version != 99)

    if version == 99:
        assert worker.wait(60) == 4
        assert "Upgrade this machine" in drill.log()
    else:
        other_goes_on(drill)
