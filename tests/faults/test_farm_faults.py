"""What people do to a farm that runs: upgrade it, set its clocks, damage its files."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path

import psutil
from commands import buildcat as run_buildcat
from farms import wait_for
from faults.drills import Drill, scene_of

import buildcat
from buildcat.client import records
from buildcat.client.connection import library_version

WRONG_CLOCK = str(Path(__file__).with_name("wrong_clock.py"))


def test_clocks_may_be_wrong(drill: Drill) -> None:
    """A minute fast, a minute slow: leases go by the server's clock, so nothing is lost that isn't dead."""
    workers, command = {}, drill.worker_command
    for label, offset_s in (("fast", 60), ("slow", -60), ("right", 0)):
        drill.worker_command = [sys.executable, WRONG_CLOCK, str(offset_s), "worker"] if offset_s else command
        workers[label] = drill.start_worker(label=label)
    scene = drill.scene("clocks.toy", output="clocks/toy_####.png", seconds=0.4)
    job_id = drill.submit(scene, "1-45")
    drill.wait_event(job_id, "done", 6)

    for label in ("fast", "slow"):
        wait_for(lambda one=label: _unit_of(drill, one), f"{label} to render")
        drill.fault(f"worker kill -9, its clock 60 s {label}", job_id)
        workers[label].kill()

    drill.end(job_id)
    assert "clock is 60 s off" in drill.log("fast")
    assert "clock is -60 s off" in drill.log("slow")
    assert len(drill.events(job_id, "lost")) == 2


def _unit_of(drill: Drill, label: str) -> bool:
    return any(one.worker.startswith(f"{label}.") for one in records.executions(drill.connection))


def test_buildcat_may_be_upgraded_while_workers_run(drill: Drill) -> None:
    """Files go and come back in a version whose server says more: old workers go on beside new ones."""
    site = drill.folder / "site"
    _install(site)
    drill.environment["PYTHONPATH"] = os.pathsep.join([str(site), *sys.path])
    for label in ("old1", "old2"):
        drill.start_worker(label=label)
    job_id = drill.submit(scene_of(drill, "upgrade", seconds=0.2, crash=[20]), "1-60", chunk=3)
    drill.wait_event(job_id, "done", 5)

    drill.start_worker("idle", label="idle")
    drill.fault("upgrade of the package", job_id)
    shutil.rmtree(site / "buildcat")
    with contextlib.suppress(psutil.NoSuchProcess):  # frame 20 may have crashed it just now
        drill.dccs()[0].kill()
    fresh = drill.submit(scene_of(drill, "fresh"), "1-6", pool="idle")
    drill.fault("job that starts while files are away", fresh)
    time.sleep(1)  # as pip takes
    _install(site, version=99)
    drill.start_worker(label="new")

    drill.wait(job_id)
    assert (drill.connection.loaded_version() or 0) > library_version()
    assert [one.split(".")[0] for one in records.job_workers(drill.connection, job_id)][-1] == "new"
    assert [one.poll() for one in drill.workers] == [None] * 4
    drill.end(job_id, fresh)


def _install(site: Path, version: int = 0) -> None:
    """Put the package there, in another version when one is given."""
    shutil.copytree(Path(buildcat.__file__).parent, site / "buildcat", ignore=shutil.ignore_patterns("__pycache__"))
    if version:
        library = site / "buildcat" / "client" / "library"
        _change(library / "base.lua", "local VERSION = ", f"local VERSION = {version}")
        _change(library / "pick.lua", "has_slots = has_slots }", "has_slots = has_slots, news = 1 }")


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_damaged_files_are_rendered_again_and_no_others(drill: Drill) -> None:
    """`retry --missing` after somebody deleted, cut off, emptied and overwrote some of a job that was done."""
    drill.start_worker()
    job_id = drill.submit(scene_of(drill, "damaged"), "1-20")
    drill.wait(job_id)
    files = [drill.root / "damaged" / f"toy_{frame:04}.png" for frame in range(1, 21)]
    files[3].unlink()
    files[5].write_bytes(files[5].read_bytes()[:-20])
    files[8].write_bytes(b"")
    files[12].write_bytes(files[12].read_bytes().replace(b"IDAT", b"IDAX"))
    picked = len(drill.events(job_id, "picked"))

    drill.fault("output damaged, retry --missing", job_id)
    done = run_buildcat("retry", job_id, "--missing", "--server", drill.server, cwd=drill.root)
    assert done.returncode == 0, done.stderr
    drill.wait(job_id)

    again = [one.details["first"] for one in drill.events(job_id, "picked")[picked:]]
    assert again == [3, 5, 8, 12]
    drill.end(job_id)
