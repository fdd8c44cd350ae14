"""The same with real Blender: a worker dies in the middle of a frame, a scene quits Blender."""

from __future__ import annotations

from typing import Any

import pytest
from dccs import blenders
from dccs.studios import Studio
from farms import wait_for
from faults import blender_shot
from faults.drills import Drill, wait_gone
from needs import require

from buildcat.client import control, records
from buildcat.farm.plugins import Installation
from buildcat.model.job import JobSpec

WHEEL = next(filter(blenders.is_wheel, blenders.FOUND), None)


@pytest.fixture
def wheel() -> Installation:
    """Blender as a module of our own Python."""
    require(WHEEL, "the bpy wheel is not installed")
    assert WHEEL
    return WHEEL


def submit(drill: Drill, wheel: Installation, name: str, *extras: str, **fields: Any) -> str:
    """Make a scene and submit its first two frames, paused."""
    Studio(wheel, drill.folder).script(blender_shot, drill.root / f"{name}.blend", *extras)
    usual: dict[str, Any] = {"frames": "1-2", "version_min": wheel.version, "paused": True}
    return control.submit(drill.connection, JobSpec(dcc="blender", scene=f"{name}.blend", **usual, **fields))


def test_blender_dies_with_its_worker_and_the_frame_starts_elsewhere(drill: Drill, wheel: Installation) -> None:
    """kill -9 of the worker in the middle of a Cycles frame: the pixels are those of an undisturbed run."""
    job_id = submit(drill, wheel, "shot")
    worker = drill.start_worker(label="doomed")
    drill.resume(job_id)
    wait_for(lambda: any(one.fraction for one in records.executions(drill.connection)), "Cycles to be rendering")
    blender = drill.dccs()

    drill.fault("worker kill -9, Blender in a frame", job_id)
    worker.kill()
    wait_gone(blender, "Blender to die with its worker", 2)
    drill.start_worker(label="heir")

    drill.end(job_id)
    assert sum(one.losses for one in records.facts(drill.connection, job_id, 2)) == 1


def test_a_scene_that_quits_blender_costs_one_try(drill: Drill, wheel: Installation) -> None:
    """A script in the scene ends Blender with exit code 0: no frame, so no success."""
    job_id = submit(drill, wheel, "leaving", "quit", requires=("scripts",))
    drill.start_worker("--allow-scripts")

    drill.fault("scene quits Blender, exit 0", job_id)
    drill.resume(job_id)
    drill.wait(job_id)

    (failure,) = records.failures(drill.connection, job_id)
    assert "exit code 0" in failure.message
    drill.end(job_id)
