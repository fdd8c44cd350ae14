"""Folders that a scene names as another host does, and where they are here. Runs inside mayapy.

Maya maps what it opens itself. Arnold opens textures and stand-ins on its own, and reads such a map from a file.
RenderMan opens its textures on its own too, and reads no map: its nodes must name them as they are here.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence

from buildcat.model.errors import SettingError
from buildcat_maya import attributes, paths

#: Names Arnold's file. Source: "Path mapping" in Arnold's documentation; public farms use it.
_ARNOLD = "ARNOLD_PATHMAP"
#: What Arnold calls the systems.
_SYSTEMS = ("linux", "mac", "windows")


#: Types of RenderMan's nodes → attributes that name textures. Sources: scripts of public farms.
_TEXTURES = {
    **dict.fromkeys(("PxrTexture", "PxrNormalMap", "PxrBump", "PxrPtexture"), ("filename",)),
    "PxrMultiTexture": ("filename", *(f"filename{number}" for number in range(10))),
    "PxrDomeLight": ("lightColorMap",),
}


def map_textures() -> None:
    """Let RenderMan's nodes name their textures as Maya's map does."""
    from maya import cmds

    plugs = ((node, name) for kind, names in _TEXTURES.items() for node in cmds.ls(type=kind) or () for name in names)
    for node, name in plugs:
        told = attributes.get(node, name)
        found = cmds.dirmap(convertDirectory=told.replace("\\", "/")) if told else told
        if found != told:
            attributes.put(node, name, found)


class Folders:
    """The map of one process. What a job added is gone before the next one's scene is opened."""

    def __init__(self) -> None:
        """Nothing is mapped yet, but by the studio's own start-up scripts."""
        self._ours: list[str] = []
        self._file = ""
        self._studios = os.environ.get(_ARNOLD)

    def map(self, root: str, given: Sequence[str]) -> None:
        """Let folders be found; each is `FOLDER=PLACE`, the place relative to the root.

        Raises:
            SettingError: one isn't of that form, or leads out of the root.
        """
        from maya import cmds

        pairs = dict(_pair(root, one) for one in given)
        for folder in self._ours:
            cmds.dirmap(unmapDirectory=folder)
        self._ours = list(pairs)
        for pair in pairs.items():
            cmds.dirmap(mapDirectory=pair)
        if pairs:  # without, the studio's own map stays as it is
            cmds.dirmap(enable=True)
        self._tell_arnold(pairs)

    def _tell_arnold(self, pairs: Mapping[str, str]) -> None:
        if self._file:
            os.unlink(self._file)  # noqa: PTH108  # text
            self._file = ""
        if pairs:
            handle, self._file = tempfile.mkstemp(prefix="buildcat-", suffix=".json")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(dict.fromkeys(_SYSTEMS, pairs), file)
        wanted = self._file or self._studios
        if wanted is None:
            os.environ.pop(_ARNOLD, None)
        else:
            os.environ[_ARNOLD] = wanted


def _pair(root: str, given: str) -> tuple[str, str]:
    """Return a folder, and where it is, as Maya compares them: with slashes. Source: its documentation of `dirmap`."""
    folder, sign, place = given.partition("=")
    folder = folder.replace("\\", "/").rstrip("/")
    here = paths.joined(root, place or ".")
    if not (folder and sign) or not paths.is_below(here, root):
        raise SettingError(f"dirmap takes FOLDER=PLACE, with a place below the root, such as P:/films=., not {given}.")
    end = "/" if folder.endswith(":") else ""  # a drive alone is no absolute folder
    return f"{folder}{end}", f"{here}{end}"
