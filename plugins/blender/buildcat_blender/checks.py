# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what Blender doesn't say and renders wrong frames with. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildcat.model.dcc import version_text
from buildcat.model.errors import RefusedError, SettingError, VersionError
from buildcat_blender import header
from buildcat_blender.settings import FORMATS

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene


def version(path: Path) -> None:
    """Refuse a file that a newer Blender saved: 3.4.1 crashes on it, others drop data with a word on stderr.

    Raises:
        VersionError: it is newer than this Blender.
        RefusedError: it is missing, cut short, or no .blend file.
    """
    import bpy

    needed = header.needed_version(path)
    major, minor, _ = bpy.app.version
    if needed is not None and needed > major * 1_000_000 + minor * 1_000:
        saved_by = version_text(needed).rpartition(".")[0]
        raise VersionError(
            f"{path.name} was saved by Blender {saved_by}, and this worker renders it with {bpy.app.version_string}. "
            f"Install Blender {saved_by} or newer on the workers, or save the file with an older one."
        )


def scripts() -> None:
    """Check that no script or driver was held back, as this makes wrong frames.

    Raises:
        RefusedError: one was; names it and the ways out.
    """
    import bpy

    if bpy.app.autoexec_fail:
        raise RefusedError(
            f"This scene needs a script that may not run here: {bpy.app.autoexec_fail_message}. "
            "Allow scripts for the job and start workers with --allow-scripts, or bake what the script does."
        )


def camera(scene: Scene) -> None:
    """Check that there is something to render through.

    Raises:
        SettingError: the scene has no camera; names the camera objects in it.
    """
    if scene.camera or has_strips(scene) or any(marker.camera for marker in scene.timeline_markers):
        return
    cameras = [one.name for one in scene.objects if one.type == "CAMERA"]
    choice = f"Name one with the setting camera: {', '.join(cameras)}." if cameras else "Add one and save it."
    raise SettingError(f"The scene {scene.name!r} has no active camera. {choice}")


def has_strips(scene: Scene, *, is_asked: bool = False) -> bool:
    """Whether the sequencer makes the picture, instead of the scene's objects; `is_asked`: if it were switched on."""
    return (scene.render.use_sequencer or is_asked) and any(True for _ in _strips(scene))


def _strips(scene: Scene) -> Iterator[Any]:
    editor: Any = scene.sequence_editor
    if editor:
        yield from editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all  # 4.4 renamed it


def rendered_scenes(scene: Scene) -> list[Scene]:
    """Return the scene and those that its sequencer renders inside it: their nodes write files too."""
    found = [scene]
    for one in found:
        if one.render.use_sequencer:
            inner = [strip.scene for strip in _strips(one) if strip.type == "SCENE" and strip.scene]
            found += [new for new in dict.fromkeys(inner) if new not in found]
    return found


def split(scene: Scene, *, is_whole: bool) -> None:
    """Check that a job is split as the scene writes its files: a movie in one go, all else frame by frame.

    Raises:
        SettingError: it isn't; names both ways out.
    """
    file_format = scene.render.image_settings.file_format
    if scene.render.is_movie_format and not is_whole:
        raise SettingError(
            f"The scene {scene.name!r} writes a movie ({file_format}), which no two workers can write together. "
            "Submit it with --split whole, so that one worker renders all of it; or set format to one of "
            f"{', '.join(FORMATS)}, and make the movie of the frames."
        )
    if is_whole and not scene.render.is_movie_format:
        raise SettingError(
            f"The scene {scene.name!r} writes a file for each frame ({file_format}), and --split whole is for movies. "
            "Leave it out."
        )


def step(scene: Scene, wanted: int) -> None:
    """Check that a frame step is asked of a movie only.

    Raises:
        SettingError: the scene writes a file for each frame.
    """
    if wanted > 1 and not scene.render.is_movie_format:
        raise SettingError(
            f"frame_step is for movies, and the scene {scene.name!r} writes a file for each frame. "
            "Leave it out, and submit with --frames 1-100x2 to render each second one."
        )


def movie_start(frame: int) -> None:
    """Check that a movie can begin with this frame.

    Raises:
        SettingError: it is below 0, where a scene's range can't begin.
    """
    if frame < 0:
        raise SettingError(
            f"This movie is to begin with frame {frame}, and Blender's begin with 0 or later. "
            "Render frames, and make the movie of them."
        )
