# SPDX-License-Identifier: GPL-3.0-or-later
"""One path that Blender writes to, sent to a temporary folder. Runs inside Blender 3.4 to 5.x.

Only the folder of a path is ever changed, since Blender makes the names: frame numbers, views, extensions, and from
4.5 on templates such as `{camera_name}`.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from buildcat.model.errors import OutputError, PathError
from buildcat.model.job import Output
from buildcat_blender import picture

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene


class Target(ABC):
    """A folder that Blender writes to: as the artist wrote it, and where its files go now."""

    #: The settings that its files are written with.
    image_settings: Any

    def __init__(self, label: str, scene: Scene, owner: Any, attribute: str, name: str) -> None:
        """`name` is the end of the attribute that belongs to the file's name, and is kept.

        Raises:
            PathError: frames can't be put there.
        """
        self._label, self._scene, self._owner, self._attribute = label, scene, owner, attribute
        self._text: str = getattr(owner, attribute)
        self._name = name
        #: The folder as the artist wrote it.
        self.folder_text = self._text[: len(self._text) - len(name)] if name else f"{self._text}/"
        #: Where the files are to be in the end.
        self.folder = self.find_folder()
        self._written = ""

    def find_folder(self) -> str:
        """Return the absolute folder, as Blender understands it at this moment.

        Raises:
            PathError: frames can't be put there.
        """
        if not re.match(r"[\\/]|[A-Za-z]:", self._text):  # Blender takes it from the folder in which it was started
            raise PathError(
                f"{self._label} writes to {self._text!r}, which begins with no folder. "
                "Begin it with // for the folder of the scene file."
            )
        folder = os.path.dirname(os.path.abspath(self._expanded()))  # noqa: PTH100, PTH120  # it stays text
        if PurePath(folder).parent == PurePath(folder):
            raise PathError(f"{self._label} writes to {self._text!r}, the top of a drive. Give it a folder.")
        return folder

    def _expanded(self) -> str:
        """Let Blender make a path of the folder; the only thing it does so for is a scene's own output."""
        render = self._scene.render
        kept = render.filepath
        node_name = re.sub(r"[\\/]", "_", str(getattr(self._owner, "name", "")))  # as Blender does it
        render.filepath = self.folder_text.replace("{node_name}", node_name) + "x"
        try:
            return render.frame_path(frame=0)
        except RuntimeError as exc:
            raise PathError(f"{self._label} writes to a path that Blender can't read: {exc}") from exc
        finally:
            render.filepath = kept

    def redirect(self, folder: str) -> None:
        """Send the files to this folder, which is empty.

        Raises:
            OutputError: the folder can't be made.
        """
        try:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103  # it stays text
        except OSError as exc:
            raise OutputError(f"{self.folder} can't be written: {exc.strerror}. Check its permissions.") from exc
        self._written = folder
        setattr(self._owner, self._attribute, f"{_escaped(folder)}/{self._name}")

    def outputs(self, frames: range) -> list[Output]:
        """Return what was written since `redirect`, and make the folders it is to be moved to.

        Raises:
            OutputError: it is less than these frames should have; names what is missing.
        """
        found = sorted(self._files(self._written))
        self._check(frames, found)
        return [self._output(frames, name) for name in found]

    def _output(self, frames: range, name: str) -> Output:
        path = os.path.join(self.folder, name)  # noqa: PTH118  # it stays text
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  # as above
        written = os.path.join(self._written, name)  # noqa: PTH118  # as above
        return Output(path, written, picture.kind(name, self.image_settings))

    @abstractmethod
    def _files(self, folder: str) -> Iterator[str]:
        """Yield the files that lie there, relative to it."""

    @abstractmethod
    def _check(self, frames: range, found: list[str]) -> None:
        """Raise OutputError, naming what is missing, if these frames should have written more."""


def _escaped(folder: str) -> str:
    """Return the folder so that Blender doesn't take braces in it for a template."""
    import bpy

    return folder.replace("{", "{{").replace("}", "}}") if bpy.app.version >= (4, 5) else folder
