# SPDX-License-Identifier: GPL-3.0-or-later
"""All files that a scene writes for a frame: its own output, and its File Output nodes. Inside Blender 3.4 to 5.x."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from buildcat.inside.frame_files import emptied
from buildcat.model.errors import OutputError, PathError
from buildcat.model.job import Output
from buildcat_blender import nodes, picture
from buildcat_blender.checks import has_strips, rendered_scenes
from buildcat_blender.target import Target

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

_SEPARATORS = re.compile(r"[\\/]")


class SceneTarget(Target):
    """The scene's own output."""

    def __init__(self, scene: Scene) -> None:
        """Take the path that the scene has now."""
        for view in scene.render.views:
            if _SEPARATORS.search(view.file_suffix):
                raise PathError(f"The view {view.name!r} has a slash in its suffix. Take it out.")
        name = _SEPARATORS.split(scene.render.filepath)[-1]
        self.image_settings = scene.render.image_settings
        super().__init__(f"The scene {scene.name!r}", scene, scene.render, "filepath", name)

    def names(self, frame: int) -> list[str]:
        """Return what the files of this frame are called; of a movie, whatever the frame, what that is called."""
        render = self._scene.render
        views = picture.views(self._scene) if render.image_settings.views_format == "INDIVIDUAL" else []
        paths = [render.frame_path(frame=frame, view=view) for view in views] or [render.frame_path(frame=frame)]
        return [os.path.basename(path) for path in paths]  # noqa: PTH119  # it stays text

    def expected(self, frame: int) -> list[Output]:
        """Return the files of this frame, where they will be in the end."""
        paths = [os.path.join(self.folder, name) for name in self.names(frame)]  # noqa: PTH118  # it stays text
        size = picture.size(self._scene)
        return [Output(path, path, picture.kind(path, self.image_settings), size) for path in paths]

    def _files(self, folder: str) -> Iterator[str]:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries if entry.is_file())

    def _check(self, frames: range, found: list[str]) -> None:
        lost = [name for name in self.names(frames[0]) if name not in found]
        if lost:
            raise OutputError(f"Blender rendered {_words(frames)} and didn't write {lost[0]}. Its log may say why.")

    def _output(self, frames: range, name: str) -> Output:
        output = super()._output(frames, name)
        if name not in self.names(frames[0]) or self._scene.render.is_movie_format:
            return output  # such as the small JPEG that Blender puts beside an EXR, if asked
        return replace(output, size=picture.size(self._scene))


class NodeTarget(Target):
    """A File Output node of the compositor. The size of its pictures is what the nodes make of it: unknown."""

    def __init__(self, scene: Scene, node: Any, *, is_counted: bool) -> None:
        """`is_counted`: whether it is known how many files it writes for a frame."""
        attribute = nodes.path_attribute(node)
        name = ""
        if nodes.is_one_file(node) and attribute == "base_path":
            name = _SEPARATORS.split(node.base_path)[-1]
        for text in nodes.written_names(node):
            if ".." in _SEPARATORS.split(text):
                raise PathError(f"The File Output node {node.name!r} writes to {text!r}. Take the '..' out.")
        self.image_settings = node.format
        super().__init__(f"The File Output node {node.name!r}", scene, node, attribute, name)
        self._least = nodes.files_per_frame(node, scene) if is_counted else 0

    def _files(self, folder: str) -> Iterator[str]:
        for parent, _, names in os.walk(folder):
            yield from (os.path.relpath(os.path.join(parent, name), folder) for name in names)  # noqa: PTH118  # text

    def _check(self, frames: range, found: list[str]) -> None:
        least = self._least * len(frames)
        if len(found) < least:
            raise OutputError(
                f"{self._label} wrote {len(found)} of {least} files for {_words(frames)}. Blender's log may say why."
            )


class Outputs:
    """What a scene writes, redirected for one frame after the other."""

    def __init__(self, scene: Scene) -> None:
        """Take the scene as it is now, with all settings applied.

        Raises:
            PathError: something is to be written where frames can't be put.
        """
        self._scene = scene
        is_counted = not has_strips(scene)
        self._main = SceneTarget(scene)
        self._nodes = [
            NodeTarget(one, node, is_counted=is_counted)
            for one in rendered_scenes(scene)
            for node in nodes.file_output_nodes(one)
        ]
        #: Those whose folder may change with each frame.
        self._changing = [one for one in (self._main, *self._nodes) if "{" in one.folder_text]

    def folders(self) -> tuple[str, ...]:
        """Return every folder that rendering will write to, absolute; with `{camera_name}`, those of all cameras."""
        found = [one.folder for one in (self._main, *self._nodes)]
        kept = self._scene.camera
        for marker in self._scene.timeline_markers if self._changing else ():
            if marker.camera:
                self._scene.camera = marker.camera
                found += [one.find_folder() for one in self._changing]
        self._scene.camera = kept
        return tuple(dict.fromkeys(found))

    def expected(self, frame: int) -> list[Output]:
        """Return what the scene's own output will be; what File Output nodes write is known only afterwards."""
        if self._main in self._changing:
            self._scene.frame_set(frame)
            self._main.folder = self._main.find_folder()
        return self._main.expected(frame)

    def redirect(self, frame: int, execution: str) -> None:
        """Send the files of this frame to `.bc-<execution>` in each of their folders.

        Raises:
            OutputError: a folder can't be written.
        """
        if self._changing:
            self._scene.frame_set(frame)  # so that the frame's camera is in the templates
            for one in self._changing:
                one.folder = one.find_folder()
        homes = {one.folder for one in (self._main, *self._nodes)}
        folders = {home: emptied(home, execution) for home in homes}
        for number, node in enumerate(self._nodes):
            # A folder each: nodes may share one, and each is asked how many files it has written.
            node.redirect(os.path.join(folders[node.folder], str(number)))  # noqa: PTH118  # it stays text
        self._main.redirect(folders[self._main.folder])

    def collect(self, frames: range) -> list[Output]:
        """Return what the frames have written, the scene's own output first; of two of one path the last.

        Raises:
            OutputError: something is missing.
        """
        found = {output.path: output for one in (self._main, *self._nodes) for output in one.outputs(frames)}
        return list(found.values())


def _words(frames: range) -> str:
    return f"frame {frames[0]}" if len(frames) == 1 else f"frames {frames[0]} to {frames[-1]}"
