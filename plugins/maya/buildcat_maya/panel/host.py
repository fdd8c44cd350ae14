"""Maya with its open scene, as the shared window asks for it. Runs inside Maya 2023 to 2027, in its window."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from maya import cmds

from buildcat.inside import client
from buildcat.inside.host import How, Preferences, Target
from buildcat.model.dcc import version_number
from buildcat.model.errors import RefusedError
from buildcat_maya import attributes, cameras, layers, paths
from buildcat_maya.dcc import DCC
from buildcat_maya.panel import preferences
from buildcat_maya.renderers import RENDERERS

_ARCHIVE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "buildcat-client.pyz")  # noqa: PTH118, PTH120
_GLOBALS = "defaultRenderGlobals"
_TYPES = {".ma": "mayaAscii", ".mb": "mayaBinary"}
#: Between layer and camera in the key of a target; no name in Maya has it.
_BETWEEN = "\n"


def key(layer: str, camera: str) -> str:
    """Return the key of the target that a layer and a camera are."""
    return f"{layer}{_BETWEEN}{camera}"


class MayaHost:
    """The scene that is open in this Maya."""

    dcc = DCC
    headings: tuple[str, ...] = ("Layer", "Camera", "Frames")
    nouns: tuple[str, str] = ("job", "jobs")
    without: tuple[str, ...] = ("layer", "camera")

    def preferences(self) -> Preferences:
        """Return what the settings say."""
        return preferences.preferences()

    def command(self) -> Sequence[str]:
        """Return how the client process is started: mayapy takes a licence only when it brings Maya up."""
        home = os.environ.get("MAYA_LOCATION", "")
        own = paths.joined(home, "bin/mayapy.exe" if sys.platform == "win32" else "bin/mayapy")
        return client.command(_ARCHIVE, os.environ.get("BUILDCAT_PYTHON") or (own if home else "python3"))

    def scene(self) -> str:
        """Return the open file; empty when it was never saved."""
        return os.path.normpath(found) if (found := cmds.file(query=True, sceneName=True)) else ""

    def has_changes(self) -> bool:
        """Whether there is something that isn't saved."""
        return bool(cmds.file(query=True, modified=True))

    def targets(self) -> list[Target]:
        """Return each layer as each camera sees it; ticked are those that are switched on, as in a batch render."""
        found, frames, switched_on = [], words(span()), set(cameras.renderable())
        shown = cameras.wanted()
        for layer in layers.every():
            for camera in shown:
                is_chosen = layer.is_renderable and camera in switched_on
                found.append(Target(key(layer.name, camera), (layer.name, camera, frames), is_chosen))
        why = "This is a legacy render layer. Convert it to Render Setup."
        return [*found, *(Target(key(name, ""), (name, "", ""), problem=why) for name in layers.legacy())]

    def warnings(self) -> list[str]:
        """Return what is odd about the scene."""
        found = []
        if not cameras.renderable():
            found.append("No camera is switched on for renders. Tick one here, or switch one on in Render Settings.")
        renderer = str(attributes.get(_GLOBALS, "currentRenderer", ""))
        if renderer not in RENDERERS:
            found.append(f"The scene renders with {renderer}. Buildcat knows {', '.join(RENDERERS)}.")
        return found

    def files(self) -> list[str]:
        """Return the files that the scene reads."""
        own = self.scene()
        return sorted({os.path.normpath(one) for one in cmds.file(query=True, list=True) or ()} - {own})

    def jobs(self, chosen: Sequence[str], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return one job for each layer and camera.

        Raises:
            RefusedError: nothing is chosen.
        """
        if not chosen:
            raise RefusedError("No layer is ticked. Tick at least one, with the camera that sees it.")
        return [self._job(one, fields) for one in chosen]

    def _job(self, target: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        layer, _, camera = target.partition(_BETWEEN)
        title = fields.get("name") or os.path.splitext(paths.name(self.scene()))[0]  # noqa: PTH122  # text
        spec = {
            **fields,
            "dcc": DCC.name,
            "frames": fields.get("frames") or words(span()),
            "settings": {**fields.get("settings", {}), "layer": layer, "camera": camera},
            "name": f"{title} {layer} {camera}",
            "version_min": version_number(str(cmds.about(version=True)).split()[0].partition(".")[0]),
        }
        return {"spec": spec, "after": []}

    def save(self, how: How) -> str:
        """Save the scene, or a copy beside it under another name, and return the file to submit.

        Raises:
            RefusedError: Maya can't save it.
        """
        path = self.scene()
        if how is How.LAST:
            return path
        stem, ending = os.path.splitext(os.path.basename(path))  # noqa: PTH119, PTH122  # text
        try:
            if how is How.SAVE:
                cmds.file(save=True, force=True)
                return path
            copy = paths.joined(paths.folder(path), f".{stem}.bc-{uuid.uuid4().hex[:12]}{ending}")
            _write_copy(path, copy, _TYPES[ending.lower()])
        except RuntimeError as exc:
            said = " ".join(str(exc).split()).rstrip(".")
            raise RefusedError(f"Maya can't save here: {said}. Save it elsewhere.") from exc
        return os.path.normpath(copy)


def _write_copy(path: str, copy: str, kind: str) -> None:
    """Write the scene under another name; afterwards it has its own again, and its unsaved changes."""
    try:
        cmds.file(rename=copy)
        cmds.file(save=True, force=True, type=kind)
    finally:
        cmds.file(rename=path.replace("\\", "/"))
        cmds.file(modified=True)


def span() -> range:
    """Return the scene's own frames; the current one where it renders no animation."""
    if not attributes.get(_GLOBALS, "animation"):
        now = int(cmds.currentTime(query=True))
        return range(now, now + 1)
    first, last, step = (int(attributes.get(_GLOBALS, name)) for name in ("startFrame", "endFrame", "byFrameStep"))
    return range(first, max(first, last) + 1, max(1, step))


def words(frames: range) -> str:
    """Return frames as a JobSpec has them."""
    if len(frames) == 1:
        return str(frames[0])
    return f"{frames[0]}-{frames[-1]}" + (f"x{frames.step}" if frames.step > 1 else "")


def current() -> tuple[str, str]:
    """Return the layer and the camera that the artist looks at: the current layer, its first switched-on camera.

    Raises:
        RefusedError: there is no camera to see it.
    """
    node = cmds.editRenderLayerGlobals(query=True, currentRenderLayer=True)
    layer = next((one.name for one in layers.every() if one.node == node), layers.MASTER)
    camera = next(iter(cameras.renderable() or cameras.wanted()), "")
    if not camera:
        raise RefusedError("The scene has no camera of its own. Make one, or switch persp on for renders.")
    return layer, camera
