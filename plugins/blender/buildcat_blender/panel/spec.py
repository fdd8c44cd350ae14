# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the panel holds to a JobSpec, with the checks that need no farm. Runs in Blender 3.4 to 5.x."""

from __future__ import annotations

import os
import re
from typing import Any

import bpy

from buildcat.model import frames, patterns
from buildcat.model.dcc import Kind
from buildcat.model.errors import BuildcatError, RefusedError, SettingError
from buildcat.model.job import Unit
from buildcat.model.nouns import many
from buildcat_blender import checks, job_output, tiles
from buildcat_blender.panel import farm, preferences
from buildcat_blender.panel.needs import has_tiles, is_movie, needs
from buildcat_blender.panel.properties import SHOWN, toggle

_HASHES = re.compile(r"#+")
_PLACE = re.compile(r"\{frame(?::0(\d+))?\}")
#: Pictures that look in a video as they do by themselves.
_FILMED = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".tga", ".webp")


def has_no_worker(scene: Any) -> bool:
    """Whether it is known that no worker can render the scene now."""
    return not farm.FARM.error and farm.FARM.fit_of(scene)[0] == 0


def frame_range(scene: Any) -> str:
    """Return the frames of the job."""
    job = scene.buildcat
    if not job.is_linked:
        return str(job.frames)
    step = f"x{scene.frame_step}" if scene.frame_step > 1 else ""
    return f"{scene.frame_start}-{scene.frame_end}{step}"


def settings(scene: Any) -> dict[str, Any]:
    """Return what is overridden.

    Raises:
        SettingError: a value doesn't fit.
    """
    group = scene.buildcat.settings
    values: dict[str, Any] = {}
    for one in SHOWN:
        if getattr(group, toggle(one.key)):
            value = getattr(group, one.key)
            values[one.key] = one.parse(value) if one.kind is Kind.LIST else one.check(value)
    if len(bpy.data.scenes) > 1:
        values["scene_name"] = scene.name
    if scene.buildcat.missing_ok:
        values["missing_ok"] = True
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def differences(scene: Any) -> list[str]:
    """Return what makes joined tiles differ from a whole picture; nothing without tiles."""
    try:
        return tiles.differences(scene, settings(scene)) if has_tiles(scene) else []
    except SettingError:  # which Submit tells
        return []


def make(scene: Any, *, can_split: bool = True) -> dict[str, Any]:
    """Return the fields of the JobSpec, all but those of its files; without `can_split`, each frame is one unit.

    Raises:
        BuildcatError: the scene or a value isn't fit for the farm; says why.
    """
    job = scene.buildcat
    wanted = settings(scene)
    if "camera" not in wanted:
        checks.camera(scene)
    if is_movie(scene) and scene.frame_step > 1 and job.is_linked:
        raise SettingError("A movie with a frame step can't be rendered by range. Set a file format for the job.")
    asked = needs(scene)
    if not can_split:
        asked["split"] = "frames"
    elif has_tiles(scene):
        tiles.check(scene, wanted)
    spec = {
        **asked,
        "frames": frame_range(scene),
        "order": "forward" if is_movie(scene) else job.order,
        "chunk": job.chunk,
        "settings": wanted,
        "name": job.name or os.path.splitext(os.path.basename(bpy.data.filepath))[0],  # noqa: PTH119, PTH122
        "user": preferences.user(),
        "priority": job.priority,
        "paused": job.is_paused,
        "skip_existing": job.skip_existing,
    }
    frames.expand(str(spec["frames"]))
    return spec


def check_ready() -> None:
    """Check that the file has a place, and that no other submit is on its way.

    Raises:
        RefusedError: it was never saved, or there is one.
    """
    if not bpy.data.filepath:
        raise RefusedError("This file was never saved. Save it in the farm's shared storage, then submit.")
    if farm.FARM.is_submitting:  # its button is not greyed: Blender would leave it grey while the mouse is on it
        raise RefusedError("A submit is on its way. Wait for its answer.")


def output(scene: Any) -> str:
    """Return the job's own output pattern, absolute; empty when it is as in the scene."""
    return os.path.normpath(bpy.path.abspath(scene.buildcat.output)) if scene.buildcat.use_output else ""


def output_place(scene: Any) -> str:
    """Return the folder that the job writes to, absolute."""
    path = output(scene) or bpy.path.abspath(scene.render.filepath)
    folder = os.path.dirname(path)  # noqa: PTH120  # text, as all of Blender's paths
    return os.path.normpath(folder) if folder else ""


def is_outside(scene: Any) -> bool:
    """Whether the job writes to a place that is known to lie outside the root."""
    root = farm.FARM.root or preferences.root()
    place = output_place(scene)
    return bool(root) and not preferences.is_below(root, place)


def example(scene: Any, frame: int) -> str:
    """Return the name of the file of that frame, as far as it can be told without rendering."""
    if not scene.buildcat.use_output:
        try:
            return str(os.path.basename(scene.render.frame_path(frame=frame)))  # noqa: PTH119  # as above
        except RuntimeError:  # 4.5 and newer: a template that can't be read
            return ""
    name = job_output.file_name(os.path.basename(scene.buildcat.output))  # noqa: PTH119  # as above
    number = _HASHES.search(name)
    if not number:
        return f"{name}{frame:04}{scene.render.file_extension}"
    filled: str = name[: number.start()] + str(frame).zfill(len(number.group())) + name[number.end() :]
    return filled if os.path.splitext(filled)[1] else filled + scene.render.file_extension  # noqa: PTH122  # as above


def video(scene: Any) -> dict[str, Any] | None:
    """Return what video is to be made of the frames; None where none is.

    Raises:
        SettingError: none can be made of these frames.
    """
    if not scene.buildcat.has_video or is_movie(scene):
        return None
    known = sorted(frames.expand(frame_range(scene)))
    if known != list(range(known[0], known[-1] + 1)):
        raise SettingError("A video needs frames without gaps, such as 1-100. Change the frames, or make none.")
    name = example(scene, known[0])
    if not name.lower().endswith(_FILMED):
        raise SettingError(f"A video is made of {', '.join(_FILMED)}; {name} is none of them. Override File format.")
    place, unit = output_place(scene), Unit(0, known[0])
    pattern = _PLACE.sub(lambda match: f"%0{match[1] or 1}d", patterns.pattern(name.replace("%", "%%"), unit))
    stem = _PLACE.split(patterns.pattern(name, unit))[0].rstrip("_-. ") or "video"
    render = scene.render
    return {
        "frames": os.path.join(place, pattern),  # noqa: PTH118  # text, as all of Blender's paths
        "start": known[0],
        "rate": render.fps / render.fps_base,
        "output": os.path.join(place, f"{stem}.mp4"),  # noqa: PTH118  # as above
    }


def summary(scene: Any) -> tuple[str, bool]:
    """Return `24 frames · 24 units · 4 workers`, and whether all is well."""
    try:
        count = len(frames.expand(frame_range(scene)))
    except BuildcatError as exc:
        return str(exc), False
    tiles_each = scene.buildcat.tile_columns * scene.buildcat.tile_rows if has_tiles(scene) else 1
    words = [many(count, "frame"), many(1 if is_movie(scene) else count * tiles_each, "unit")]
    if farm.FARM.error:
        return " · ".join([*words, "no farm"]), False
    able, _ = farm.FARM.fit_of(scene)
    if able is None:
        return " · ".join(words), True
    return " · ".join([*words, many(able, "worker")]), able > 0
