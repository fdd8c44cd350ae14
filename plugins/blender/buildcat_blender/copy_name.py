# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a copy of a scene write what the scene would. Runs inside Blender 3.4 to 5.x.

From 4.5 on Blender puts the file's name in the place of `{blend_name}`; of a copy that would be a hidden one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from buildcat.model.copies import own_name
from buildcat_blender import nodes

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

_TEMPLATE = re.compile(r"(?<!\{)\{blend_name\}(?!\})")


def take_back(scene: Scene, path: str) -> None:
    """Put the scene's own name into its outputs, if the open file is a copy of it."""
    import bpy

    name = os.path.basename(path)  # noqa: PTH119  # text
    own = own_name(name)
    if own == name or bpy.app.version < (4, 5):
        return
    stem = os.path.splitext(own)[0].replace("{", "{{").replace("}", "}}")  # noqa: PTH122  # text
    for owner, attribute in _outputs(scene):
        setattr(owner, attribute, _TEMPLATE.sub(lambda _: stem, getattr(owner, attribute)))


def _outputs(scene: Scene) -> Iterator[tuple[Any, str]]:
    """Yield all that holds a part of an output's path."""
    yield scene.render, "filepath"
    for node in nodes.file_output_nodes(scene):
        yield node, nodes.path_attribute(node)
        if hasattr(node, "directory"):
            yield node, "file_name"
        else:
            yield from ((slot, "path") for slot in node.file_slots)
