"""Renders frames of one scene inside mayapy, as the session's loop asks. Runs inside Maya 2023 to 2027."""

from __future__ import annotations

import os

from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.errors import RenderError
from buildcat.model.job import Output, Unit
from buildcat_maya import cameras, layers, paths, project, scene
from buildcat_maya.dcc import DCC, ENDING, VARIABLES
from buildcat_maya.dirmap import Folders
from buildcat_maya.outputs import Images
from buildcat_maya.renderers import known


class Maya:
    """One mayapy process, with the scene of one job."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._images: Images | None = None
        self._folders = Folders()

    def start(self) -> str:
        """Bring Maya up without a window, and return its version, such as `2025`.

        Raises:
            LicenceError: no licence is free.
        """
        os.environ.update(dict.fromkeys(VARIABLES, "1"))
        for name in ENDING:
            os.environ.pop(name, None)
        import maya.standalone

        try:
            maya.standalone.initialize(name="python")  # type: ignore[no-untyped-call]  # as in the stubs
        except RuntimeError as exc:
            raise DCC.failure("Maya can't start", str(exc)) from exc
        from maya import cmds

        return str(cmds.about(version=True)).split()[0]

    def load(self, order: Order) -> Loaded:
        """Open the scene, choose layer and camera, and apply the job's settings.

        Raises:
            SettingError: a setting doesn't fit this scene.
            RefusedError: its layers are legacy ones, or its renderer isn't known.
            RenderError: Maya can't open the scene.
            PathError: the project isn't there.
        """
        self._images = None
        settings = order.settings
        self._folders.map(order.root, settings.get("dirmap", ()))
        project.choose(project.find(order.scene, order.root, settings.get("project", "")))
        warnings = scene.open_file(order.scene, allow_scripts=order.allow_scripts)
        layer = layers.find(settings.get("layer"))
        layers.give_all_lights(settings.get("all_lights", True))
        layers.activate(layer)
        renderer = known.current()
        camera = cameras.find(settings.get("camera"))
        is_one_of_many = {"layer": layers.switched_on() != [layer.node], "camera": cameras.renderable() != [camera]}
        cameras.choose(camera)
        layers.choose(layer)
        renderer.prepare()
        warnings += scene.prepare(renderer, order.frames, allow_scripts=order.allow_scripts)
        scene.resize(renderer, settings)
        pattern, base = paths.joined(order.root, order.output) if order.output else "", renderer.base()
        renderer.keep_apart(**is_one_of_many)
        images = Images(renderer, layer, camera, base, pattern)
        folders = {
            one for frame in order.frames for one in (images.place(frame), paths.folder(images.picture(frame).path))
        }
        self._images = images
        return Loaded(tuple(sorted(folders)), tuple(warnings))

    def expected(self, unit: Unit) -> list[Output]:
        """Return what the unit's picture will be.

        Raises:
            RenderError: nothing is loaded.
        """
        images, frame = self._loaded_for(unit)
        return [images.picture(frame)]

    def _loaded_for(self, unit: Unit) -> tuple[Images, int]:
        if self._images is None:
            raise RenderError("No scene is loaded.")
        assert unit.frame is not None, "its jobs are split in frames only"
        return self._images, unit.frame

    def render(self, unit: Unit, execution: str) -> list[Output]:
        """Render one frame.

        Raises:
            LicenceError: no licence is free.
            RenderError: Maya can't render it, or wrote no picture.
        """
        images, frame = self._loaded_for(unit)
        scene.go_to(frame)
        try:
            return images.render(frame, execution)
        except RuntimeError as exc:
            raise DCC.failure(f"Frame {frame} of {images.layer.name} can't be rendered", str(exc)) from exc

    def progress(self) -> Progress:
        """Return nothing: Maya's renderers print how far they are, and the worker reads it there."""
        return Progress()

    def close(self) -> None:
        """Leave no map of folders behind."""
        self._folders.forget()


_maya = Maya()

start = _maya.start
load = _maya.load
expected = _maya.expected
render = _maya.render
progress = _maya.progress
close = _maya.close
