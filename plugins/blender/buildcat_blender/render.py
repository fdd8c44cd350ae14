# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders units in a warm Blender: what the session's loop calls. Runs inside Blender 3.4 to 5.x, or in its wheel."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.errors import RenderError
from buildcat.model.job import Output, Unit
from buildcat_blender import checks, copy_name, devices, job_output, missing, picture, scene, tiles
from buildcat_blender.addons import Addons
from buildcat_blender.engine_name import EngineName
from buildcat_blender.outputs import Outputs
from buildcat_blender.progress import FrameProgress

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

#: What to do about errors in Blender's own words.
_ADVICE = {
    "OpenImageDenoise": "Set denoising to no, or render with a Blender that has it.",
    "no camera": "Name one with the setting camera.",
    "cannot save": "Check that the output folder can be written and its disk isn't full.",
    "out of memory": "Render it on a worker with more memory, or smaller.",
}


class Blender:
    """One Blender process, with the scene of one job."""

    def __init__(self) -> None:
        """Nothing is started or loaded yet."""
        self._progress = FrameProgress()
        self._addons = Addons()
        self._engine_name: EngineName | None = None
        self._scene: Scene | None = None
        self._outputs: Outputs | None = None
        #: Columns and rows of the job's tiles.
        self._grid: tuple[int, int] | None = None
        #: All frames of the job; those of a movie are rendered in one go.
        self._frames = range(0)
        #: 5.0: a frame is named in the call; before, in the scene, which can't say a negative one.
        self._has_frame_arguments = False

    def start(self) -> str:
        """Bring Blender up; returns its version, such as `5.0.1`."""
        import bpy

        def take_stats(text: object = None, *_: object) -> None:
            self._progress.take(text)

        bpy.app.handlers.render_stats.append(bpy.app.handlers.persistent(take_stats))
        self._engine_name = EngineName(scene.find(None))
        operator: Any = bpy.ops.render.render
        self._has_frame_arguments = "frame_start" in operator.get_rna_type().properties
        return ".".join(str(part) for part in bpy.app.version)

    def load(self, order: Order) -> Loaded:
        """Open the scene and apply the job's settings.

        Raises:
            SettingError: a setting doesn't fit this scene or this Blender.
            RefusedError: the scene, or what it needs, isn't fit to be rendered here.
            RenderError: Blender can't open the scene.
        """
        settings = dict(order.settings)
        self._scene = self._outputs = None
        self._addons.use(settings.pop("addons", ()))
        _open(Path(order.scene), allow_scripts=order.allow_scripts)
        checks.scripts()
        chosen = scene.find(settings.pop("scene_name", None))
        copy_name.take_back(chosen, order.scene)
        warnings = missing.check(is_fine=settings.pop("missing_ok", False))
        scene.apply(chosen, settings)
        self._check(chosen, has_device="device" in settings)
        checks.step(chosen, settings.get("frame_step", 1))
        # With other formats the job's list of frames says it all.
        step = chosen.frame_step if chosen.render.is_movie_format else 1
        self._frames = range(order.frames[0], order.frames[1] + 1, step)
        _prepare(chosen, order.frames, step)
        if order.output:
            warnings += job_output.apply(chosen, order.root, order.output)
        if order.tiles:
            tiles.check(chosen)
            warnings += tiles.differences(chosen)
        self._scene, self._outputs, self._grid = chosen, Outputs(chosen), order.tiles
        return Loaded(self._outputs.folders(), tuple(warnings))

    def _check(self, chosen: Scene, *, has_device: bool) -> None:
        assert self._engine_name, "started before anything is loaded"
        checks.camera(chosen)
        for one in checks.rendered_scenes(chosen):
            self._engine_name.check(one)
            if not has_device and self._engine_name.of(one) == "CYCLES":
                devices.apply(one, devices.read(one))  # the scene may say gpu, and nothing enabled one

    def expected(self, unit: Unit) -> list[Output]:
        """Return what the unit's own output will be.

        Raises:
            RenderError: nothing is loaded, or Blender doesn't render such units.
            SettingError: the job is split otherwise than the scene writes its files.
        """
        chosen, outputs = self._loaded_for(unit)
        if unit.frame is None:
            return []  # whether a movie is whole can't be told
        with self._only(chosen, unit) as size:
            found = outputs.expected(unit.frame)
        return [_tile_of(one, size) for one in found] if size else found

    def _loaded_for(self, unit: Unit) -> tuple[Scene, Outputs]:
        if self._scene is None or self._outputs is None:
            raise RenderError("No scene is loaded.")
        checks.split(self._scene, is_whole=unit.frame is None)
        return self._scene, self._outputs

    def render(self, unit: Unit, execution: str) -> list[Output]:
        """Render one frame of the loaded scene, or a tile of it, or a movie, into `.bc-<execution>` folders.

        Raises:
            RenderError: Blender can't render it, or wrote less than it should have.
            SettingError: the job is split otherwise than the scene writes its files.
        """
        chosen, outputs = self._loaded_for(unit)
        frames = self._frames if unit.frame is None else range(unit.frame, unit.frame + 1)
        layers = sum(layer.use for layer in chosen.view_layers)
        self._progress.begin(max(1, layers * len(picture.views(chosen) or [""])) * len(frames))
        outputs.redirect(frames[0], execution)
        with self._only(chosen, unit) as size:
            if unit.frame is None:
                _call_render(scene=chosen.name, animation=True)
            else:
                self._render_frame(chosen, unit.frame)
            checks.scripts()  # a driver of a scene that wasn't the active one is first met here
            found = outputs.collect(frames)
        return [_tile_of(one, size) for one in found] if size else found

    def _only(self, chosen: Scene, unit: Unit) -> AbstractContextManager[tuple[int, int] | None]:
        """Let the scene render the unit's tile only, if it has one; yields the size of the whole picture then."""
        if unit.tile is None:
            return nullcontext()
        if not self._grid:
            raise RenderError("The scene was loaded to be rendered in frames, not in tiles.")
        return tiles.only(chosen, self._grid, unit.tile)

    def _render_frame(self, chosen: Scene, frame: int) -> None:
        if self._has_frame_arguments:
            _call_render(scene=chosen.name, animation=True, frame_start=frame, frame_end=frame)
        elif frame >= 0 and not chosen.render.use_stamp_frame_range:
            chosen.frame_start = chosen.frame_end = frame
            _call_render(scene=chosen.name, animation=True)
        else:
            _render_still(chosen, frame)

    def progress(self) -> Progress:
        """Return how far the frame is. Thread-safe, and touches nothing of Blender's."""
        return self._progress.latest()


def _tile_of(tile: Output, size: tuple[int, int]) -> Output:
    return replace(tile, size=size, tile_size=tile.size)


def _open(path: Path, *, allow_scripts: bool) -> None:
    import bpy

    checks.version(path)
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False, use_scripts=allow_scripts)
    except RuntimeError as exc:
        raise RenderError(f"Blender can't open {path.name}: {_words(exc)}") from exc
    # After a failure the last scene is still there, and would be rendered.
    if not bpy.data.filepath or not os.path.samefile(bpy.data.filepath, path):  # noqa: PTH121  # it may be empty
        raise RenderError(f"Blender didn't open {path.name}. Its log may say why.")


def _prepare(chosen: Scene, span: tuple[int, int], step: int) -> None:
    """Set what a farm needs and no job chooses; a movie's name has its range in it.

    Raises:
        SettingError: a movie is to begin where none can.
    """
    if chosen.render.is_movie_format:
        checks.movie_start(span[0])
        chosen.frame_start, chosen.frame_end = span
    render = chosen.render
    render.use_overwrite = True
    render.use_placeholder = False
    render.use_single_layer = False  # it's for the window; 5.0 fails to write the second frame with it
    chosen.frame_step = step


def _render_still(chosen: Scene, frame: int) -> None:
    """Render a frame where the scene's range can't be it: below 0, or when the range is stamped into the picture.

    It costs another evaluation of the scene. A still has no frame in its name, so it is put there.
    """
    pattern = chosen.render.filepath
    chosen.frame_set(frame)
    chosen.render.filepath = chosen.render.frame_path(frame=frame)
    _call_render(scene=chosen.name, write_still=True)
    chosen.render.filepath = pattern


def _call_render(**arguments: Any) -> None:
    import bpy

    try:
        result: Any = bpy.ops.render.render(**arguments)
    except RuntimeError as exc:
        raise RenderError(f"Blender can't render this: {_words(exc)}") from exc
    if "FINISHED" not in result:
        raise RenderError("Blender cancelled the render. Its log may say why.")


def _words(error: RuntimeError) -> str:
    """Return what Blender says, with what to do about it where we know."""
    said = " ".join(str(error).replace("Error: ", "").split())
    advice = next((advice for phrase, advice in _ADVICE.items() if phrase in said), "")
    return f"{said.rstrip('.')}. {advice}".rstrip()


_blender = Blender()

start = _blender.start
load = _blender.load
expected = _blender.expected
render = _blender.render
progress = _blender.progress
