"""The pictures of a frame: where they are to be, and what came of a render. Runs inside mayapy.

Maya is told to write to `.bc-<execution>` below the folder of images. What lies there afterwards belongs to the frame:
the picture itself, and its AOVs, which keep their places relative to it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from buildcat.inside.frame_files import emptied, kind_of, numbered, written
from buildcat.model.errors import OutputError, SettingError
from buildcat.model.job import Output
from buildcat_maya import attributes, paths
from buildcat_maya.layers import Layer
from buildcat_maya.renderers.base import Renderer


@dataclass(frozen=True)
class Images:
    """What one layer, seen by one camera, is written to."""

    renderer: Renderer
    layer: Layer
    camera: str
    #: The folder that names are relative to.
    base: str
    #: The job's own output, absolute; empty: as in the scene.
    pattern: str = ""

    def picture(self, frame: int) -> Output:
        """Return the frame's picture.

        Raises:
            SettingError: the job wants another ending than the scene writes.
        """
        written = self._named(frame)
        path = numbered(self.pattern, frame)
        if path and _ending(path) != _ending(written):
            raise SettingError(
                f"The scene writes {_ending(written)} files, and the output is {paths.name(path)}. "
                f"Let it end with .{_ending(written)}, or change the format in the render settings."
            )
        return Output(path or written, written, kind_of(written), self._size())

    def place(self, frame: int) -> str:
        """Return the folder beside which the frame is written."""
        return paths.folder(self.picture(frame).path) if self.pattern else self.base

    def _named(self, frame: int) -> str:
        self.renderer.send(self.base)
        return self.renderer.image(frame, self.layer, self.camera)

    def _size(self) -> tuple[int, int] | None:
        """Return width and height in pixels; None where the renderer may add to them."""
        if attributes.get("defaultArnoldRenderOptions", "outputOverscan"):
            return None
        node = self.renderer.size
        return int(attributes.get(node, "width")), int(attributes.get(node, "height"))

    def render(self, frame: int, execution: str) -> list[Output]:
        """Render the frame, and return its picture, then what else was written.

        Raises:
            RenderError: Maya can't render it.
            OutputError: the folder can't be written; or there was no picture.
        """
        picture, home = self.picture(frame), self.place(frame)
        with self._sent(execution, home) as folder:
            self.renderer.render(frame, self.layer, self.camera)
        wanted = paths.joined(folder, os.path.relpath(picture.written, self.base))
        made = [paths.clean(place) for _, place in written(folder)]
        is_alone = [_ending(one) for one in made] == [_ending(wanted)]
        if is_alone and not self.renderer.beauty:  # without AOVs it can be nothing else, wherever Maya put it
            os.makedirs(paths.folder(wanted), exist_ok=True)  # noqa: PTH103  # text
            os.replace(made[0], wanted)  # noqa: PTH105  # as above
        places = {paths.clean(one): paths.clean(path) for path, one in written(folder)}
        own = self._own(wanted, list(places))
        if not own:
            what = f"frame {frame} of {self.layer.name}"
            raise OutputError(f"Maya rendered {what} and didn't write {picture.path}. Its log may say why.")
        others = [Output(path, one, kind_of(one)) for one, path in places.items() if one != own]
        return [replace(picture, path=picture.path if self.pattern else places[own], written=own), *others]

    def _own(self, wanted: str, found: list[str]) -> str:
        """Return the picture among what was written, by its own name alone; empty when it isn't there.

        A renderer may put it into one folder more, and a word more into its name, which say that it is no AOV.
        """
        known = {one.lower(): one for one in found}
        others = (one for path, one in known.items() if wanted.lower() in self._shorter(path))
        return known.get(wanted.lower(), next(others, ""))

    def _shorter(self, path: str) -> set[str]:
        """Return the path without a folder, without a word before its number, and without either."""
        folder, _, name = path.rpartition("/")
        parts = folder.split("/")
        shorter = (parts[:at] + parts[at + 1 :] for at, part in enumerate(parts) if part in self.renderer.beauty)
        word = rf"[._-](?:{'|'.join(self.renderer.beauty)})(?=\.[^.]*$|[._-]+\d+\.[^.]*$)"
        names = {name, re.sub(word, "", name)}
        return {f"{one}/{name}" for one in (folder, *map("/".join, shorter)) for name in names}

    @contextmanager
    def _sent(self, execution: str, place: str) -> Iterator[str]:
        """Let Maya write to an empty folder beside the place: what an earlier frame left is none of this one's."""
        folder = paths.clean(emptied(place, execution))
        self.renderer.send(folder)
        try:
            yield folder
        finally:
            self.renderer.send(self.base)


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lstrip(".").lower()  # noqa: PTH122  # text
