# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a scene's files to a temporary folder, and tells which frame's files lie there. Runs inside Blender 3.4 to 5.x.

A scene writes by its own output path and by File Output nodes. Only the folder of a path is ever changed, since
Blender makes the names: frame numbers, views, extensions, and from 5.0 on templates such as `{camera_name}`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from buildcat.model.errors import OutputError, PathError
from buildcat.model.job import Output
from buildcat_blender import picture
from buildcat_blender.checks import has_strips, rendered_scenes
from buildcat_blender.nodes import file_output_nodes, files_per_frame

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

_SEPARATORS = re.compile(r"[\\/]")
_KINDS = {"jpg": "jpeg", "tif": "tiff", "jp2": "jpeg2000", "j2c": "jpeg2000", "cin": "cineon"}


class Target:
    """One path of a scene: the folder that its files go to, and how to send them elsewhere."""

    def __init__(self, owner: Any, attribute: str, *, has_name: bool) -> None:
        """`has_name`: the attribute's last part belongs to the file's name, and is kept."""
        self._owner = owner
        self._attribute = attribute
        self._original: str = getattr(owner, attribute)
        self._name = _SEPARATORS.split(self._original)[-1] if has_name else ""
        #: Where the files are to be in the end.
        self.folder = ""
        #: Where they are written.
        self.written = ""
        self._before: set[str] = set()

    def folder_of(self, scene: Scene) -> str:
        """Return the absolute folder, as Blender understands it at this moment.

        Raises:
            PathError: it is not a folder in which a frame can be put.
        """
        if not re.match(r"[\\/]|[A-Za-z]:", self._original):
            # Blender takes these from the folder in which it was started.
            raise PathError(
                f"The output path {self._original!r} doesn't begin at a folder. Begin it with // for the folder of "
                "the scene, or give the job an output."
            )
        text = self._original[: len(self._original) - len(self._name)]
        folder = os.path.dirname(os.path.abspath(_expanded(scene, text + "x")))  # noqa: PTH100, PTH120  # as text
        if PurePath(folder).parent == PurePath(folder):
            raise PathError(f"The output path {self._original!r} is the top of a drive. Give it a folder.")
        return folder

    def redirect(self, folder: str, written: str) -> None:
        """Send the files to `written`, and remember what is there already.

        Raises:
            OutputError: the folder can't be made.
        """
        self.folder, self.written = folder, written
        try:
            os.makedirs(written, exist_ok=True)  # noqa: PTH103  # strings all the way: a Path costs more than the call
        except OSError as exc:
            raise OutputError(f"The folder {folder} can't be written: {exc.strerror}. Check its permissions.") from exc
        self._before = set(self.files())
        setattr(self._owner, self._attribute, f"{_escaped(written)}/{self._name}")

    def files(self) -> Iterator[str]:
        """Yield the files that lie in the temporary folder, relative to it."""
        raise NotImplementedError

    def new_files(self) -> list[str]:
        return sorted(set(self.files()) - self._before)
