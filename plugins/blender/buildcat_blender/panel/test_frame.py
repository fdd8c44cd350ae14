# SPDX-License-Identifier: GPL-3.0-or-later
"""A small picture of the current frame, made by the farm. Runs in Blender 3.4 to 5.x."""

from __future__ import annotations

import os
from typing import Any

import bpy

from buildcat.inside.client import Fields
from buildcat_blender.panel import loading, spec
from buildcat_blender.panel.farm import FARM

_PERCENT, _PRIORITY = 25, 90


def fields(scene: Any) -> Fields:
    """Return the JobSpec's fields for the current frame.

    Raises:
        BuildcatError: the scene isn't fit for the farm; says why.
    """
    made = spec.make(scene, can_split=False)
    percentage = max(1, scene.render.resolution_percentage * _PERCENT // 100)
    made["settings"].update(percentage=percentage, format="png")
    made.update(frames=str(scene.frame_current), order="forward", chunk=1, paused=False)
    made.update(name=f"{made['name']} test", priority=_PRIORITY, skip_existing=False)
    return made


def output() -> str:
    """Return where the picture goes: below the file's folder."""
    stem = os.path.splitext(os.path.basename(bpy.data.filepath))[0]  # noqa: PTH119, PTH122  # text, as Blender's paths
    return bpy.path.abspath(f"//render/test/{stem}_####.png")


def watch(job_id: str) -> None:
    """Show the picture when it is there."""

    def look(jobs: list[Fields]) -> bool:
        job = next((one for one in jobs if one["id"] == job_id), None)
        if job is None or job["state"] not in ("done", "failed", "cancelled"):
            return job is None and bool(jobs)
        if job["state"] == "done":
            FARM.ask("outputs", _show, job=job_id)
        else:
            FARM.said = (job["failure"] or job["stopped_why"] or f"The test frame was {job['state']}.", "ERROR")
        return True

    FARM.watchers.append(look)


def _show(answer: Fields) -> None:
    words = answer.get("error") or loading.load(answer["files"], "IMAGE", bpy.context.scene.name)
    FARM.said = (words, "ERROR" if "error" in answer else "CHECKMARK")
