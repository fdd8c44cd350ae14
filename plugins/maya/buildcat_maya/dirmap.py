"""Folders that a scene names as another host does, and where they are here. Runs inside mayapy.

Maya maps what it opens itself. Arnold and Redshift open textures, stand-ins and proxies on their own, with names that
those hold, and read such a map from a file.
RenderMan opens its textures on its own too, and reads no map: its nodes must name them as they are here.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence

from buildcat.model.errors import SettingError
from buildcat_maya import attributes, paths

#: What Arnold calls the systems.
_SYSTEMS = ("linux", "mac", "windows")


def _for_arnold(pairs: Mapping[str, str]) -> str:
    return json.dumps(dict.fromkeys(_SYSTEMS, pairs))


def _for_redshift(pairs: Mapping[str, str]) -> str:
    return "".join(f'"{folder}" "{place}"\n' for folder, place in pairs.items())


#: Variable that names a renderer's map → the file's ending, and what it holds. Sources: "Path mapping" in Arnold's
#: documentation, "Redshift Environment Variables" in Redshift's; public farms use both.
_FILES = {"ARNOLD_PATHMAP": (".json", _for_arnold), "REDSHIFT_PATHOVERRIDE_FILE": (".txt", _for_redshift)}
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
        self._files: list[str] = []
        self._studios = {name: os.environ.get(name) for name in _FILES}

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
        self._tell_renderers(pairs)

    def forget(self) -> None:
        """Remove the files that renderers read."""
        while self._files:
            os.unlink(self._files.pop())  # noqa: PTH108  # text

    def _tell_renderers(self, pairs: Mapping[str, str]) -> None:
        self.forget()
        for name, (ending, text) in _FILES.items():
            wanted = self._written(ending, text(pairs)) if pairs else self._studios[name]
            if wanted is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = wanted

    def _written(self, ending: str, text: str) -> str:
        """Return a new file with this text."""
        handle, path = tempfile.mkstemp(prefix="buildcat-", suffix=ending)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        self._files.append(path)
        return path


def _pair(root: str, given: str) -> tuple[str, str]:
    """Return a folder, and where it is, as Maya compares them: with slashes. Source: its documentation of `dirmap`."""
    folder, sign, place = given.partition("=")
    folder = folder.replace("\\", "/").rstrip("/")
    here = paths.joined(root, place or ".")
    if not (folder and sign) or not paths.is_below(here, root):
        raise SettingError(f"dirmap takes FOLDER=PLACE, with a place below the root, such as P:/films=., not {given}.")
    end = "/" if folder.endswith(":") else ""  # a drive alone is no absolute folder
    return f"{folder}{end}", f"{here}{end}"
