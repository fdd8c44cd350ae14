"""The Maya project: where relative paths and images lie. What doesn't find a folder runs inside mayapy."""

from __future__ import annotations

import os

from buildcat.model.errors import PathError
from buildcat_maya import paths

_FILE = "workspace.mel"
#: Where a project that names none keeps its images.
_IMAGES = "images"


def find(scene: str, root: str, wanted: str) -> str:
    """Return the wanted project, else the nearest with a workspace.mel above the scene, else the scene's folder.

    Raises:
        PathError: the wanted folder is not there.
    """
    if not wanted:
        return _nearest(paths.folder(scene), root)
    folder = paths.joined(root, wanted)
    if not os.path.isdir(folder):  # noqa: PTH112  # text, as all of Maya's paths
        raise PathError(f"There is no project folder {folder}. Check the setting project.")
    return folder


def choose(folder: str) -> None:
    """Set the project; where it names no folder of images, that of the project before is not its own."""
    from maya import cmds

    cmds.workspace(folder, openWorkspace=True)
    if not os.path.isfile(paths.joined(folder, _FILE)):  # noqa: PTH113  # text
        send_images(_IMAGES)


def _nearest(start: str, root: str) -> str:
    folder = start
    while paths.is_below(folder, root):
        if os.path.isfile(paths.joined(folder, _FILE)):  # noqa: PTH113  # as above
            return folder
        folder = paths.folder(folder)
    return start


def images() -> str:
    """Return the folder of images, absolute."""
    from maya import cmds

    rule = cmds.workspace(fileRuleEntry="images") or _IMAGES
    return str(cmds.workspace(expandName=rule))


def send_images(folder: str) -> None:
    """Let images be written to this folder instead; it is told as project files do, since Maya may save it."""
    from maya import cmds

    root = cmds.workspace(query=True, rootDirectory=True)
    place = paths.clean(os.path.relpath(folder, root)) if paths.is_below(folder, root) else folder
    cmds.workspace(fileRule=("images", place))
