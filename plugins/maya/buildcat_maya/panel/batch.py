"""From layers and cameras that an artist chose to the jobs of one batch. Inside Maya. It only reads the scene."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from maya import cmds

from buildcat.inside.host import Target
from buildcat.model.dcc import version_number
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat.model.paths import find_root
from buildcat_maya import attributes, cameras, layers, paths
from buildcat_maya.dcc import DCC
from buildcat_maya.renderers.base import Renderer, now
from buildcat_maya.renderers.known import RENDERERS

_GLOBALS = "defaultRenderGlobals"
#: Between layer and camera in the key of a target; no name in Maya has it.
_BETWEEN = "\n"
#: What Maya raises for nodes that are odd.
ODD = (RuntimeError, ValueError)
_LEGACY = "This is a legacy render layer. Convert it to Render Setup."
#: A test goes before what else waits, and is one frame, now.
_TEST = {"priority": 90, "paused": False, "skip_existing": False, "order": "forward", "chunk": 1}


def key(layer: str, camera: str) -> str:
    """Return the key of the target that a layer and a camera are."""
    return f"{layer}{_BETWEEN}{camera}"


def targets() -> list[Target]:
    """Return each layer as each camera sees it; ticked are those that are switched on, as in a batch render.

    What is odd about the scene is a problem of the rows, and no error.
    """
    try:
        legacy = [Target(key(name, ""), (name, "", ""), problem=_LEGACY) for name in layers.legacy()]
        return [*_views(*_frames()), *legacy]
    except ODD as exc:
        why = f"Its layers and cameras can't be read: {said(exc)}. Look at Render Setup."
        return [Target(key(layers.MASTER, ""), (layers.MASTER, "", ""), problem=why)]


def _views(frames: str, problem: str) -> list[Target]:
    found, switched_on, shown = [], set(cameras.renderable()), cameras.wanted()
    for layer in layers.every():
        for camera in shown:
            is_on = layer.is_renderable and camera in switched_on
            found.append(Target(key(layer.name, camera), (layer.name, camera, frames), is_on, problem))
    return found


def _frames() -> tuple[str, str]:
    """Return the scene's frames in words, and why it can't be rendered."""
    try:
        found = frames()
        images()
    except BuildcatError as exc:
        return "", str(exc)
    except ODD as exc:
        return "", f"The render settings can't be read: {said(exc)}. Open them once."
    return found, ""


def oddities(scene: str, root: str) -> list[str]:
    """Return what would not stop a render, or not all of it, as sentences."""
    found = []
    if not cameras.renderable():
        found.append("No camera is switched on for renders. Tick one here, or switch one on in Render Settings.")
    if renderer() is None:
        name = attributes.get(_GLOBALS, "currentRenderer")
        found.append(f"The scene renders with {name}. Buildcat knows {', '.join(RENDERERS)}.")
    _, odd = open_project(scene, root)
    return [*found, *([odd] if odd else [])]


def said(error: Exception) -> str:
    """Return what Maya says, in one line."""
    return " ".join(str(error).split()).rstrip(".")


def renderer() -> Renderer | None:
    """Return the renderer of the current layer; None for one that we don't know."""
    found = RENDERERS.get(str(attributes.get(_GLOBALS, "currentRenderer", "")))
    return found() if found else None


def frames() -> str:
    """Return the scene's own frames, as a job has them.

    Raises:
        FramesError: it has a list of its own that can't be read.
    """
    return (renderer() or Renderer()).frames()


def images() -> str:
    """Return the folder of the scene's pictures, as it would be on this machine."""
    return _fixed_images() or (renderer() or Renderer()).base()


def _fixed_images() -> str:
    """Return the folder of the scene's pictures where their name is absolute; else it lies in the project."""
    name = str(attributes.get(*(renderer() or Renderer()).prefix, ""))
    return paths.folder(f"{name.partition('<')[0]}_") if paths.is_absolute(name) else ""


def open_project(scene: str, root: str) -> tuple[str, str]:
    """Return the project that is open in Maya, relative to the storage, and what is odd about it.

    Empty: it lies outside the storage, or there is none; then workers take the one around the scene.
    """
    folder = paths.clean(cmds.workspace(query=True, rootDirectory=True))
    top = root or str(find_root(Path(scene).parent) or "")
    if not (scene and top):
        return "", ""
    if not paths.is_below(folder, top):
        return "", f"The project {folder} lies outside the storage. The farm takes the one around the scene. Set that."
    odd = "" if paths.is_below(scene, folder) else f"The scene is not in the project {folder}, where its pictures go."
    return os.path.relpath(folder, top).replace("\\", "/"), odd


def jobs(chosen: Sequence[str], fields: Mapping[str, Any], scene: str, root: str) -> list[dict[str, Any]]:
    """Return one job for each layer and camera.

    Raises:
        RefusedError: nothing is chosen, or the open file is no scene of Maya's.
    """
    ending = os.path.splitext(scene)[1].lower()  # noqa: PTH122  # text
    if scene and ending not in DCC.extensions:
        raise RefusedError(f"{paths.name(scene)} is no Maya scene. Save it as .ma or .mb, then submit.")
    if not chosen:
        raise RefusedError("No layer is ticked. Tick at least one, with the camera that sees it.")
    there = {key(layer.name, camera) for layer in layers.every() for camera in cameras.every()}
    lost = [one.replace(_BETWEEN, ", seen by ") for one in chosen if one not in there]
    if lost:
        raise RefusedError(f"The open scene has no {lost[0]}. Click Reload.")
    return [_job(one, fields, scene, root) for one in chosen]


def _job(target: str, fields: Mapping[str, Any], scene: str, root: str) -> dict[str, Any]:
    layer, _, camera = target.partition(_BETWEEN)
    settings = {**fields.get("settings", {}), "layer": layer, "camera": camera}
    made: dict[str, Any] = {"after": []}
    folder, _ = open_project(scene, root)
    place = _fixed_images()
    if folder and "project" not in settings:
        settings["project"], place = folder, images()
    if place:
        made["place"] = place
    if not layers.has_all_lights():
        settings.setdefault("all_lights", False)
    spec = {
        **fields,
        "dcc": DCC.name,
        "frames": fields.get("frames") or frames(),
        "settings": settings,
        "name": f"{title(fields, scene)} {layer} {camera}",
        "version_min": version_number(str(cmds.about(version=True)).split()[0].partition(".")[0]),
    }
    return {"spec": spec, **made}


def title(fields: Mapping[str, Any], scene: str) -> str:
    """Return what the jobs are called before layer and camera are added."""
    return str(fields.get("name") or "") or os.path.splitext(paths.name(scene))[0]  # noqa: PTH122  # text


def test_jobs(fields: Mapping[str, Any], scene: str, root: str) -> list[dict[str, Any]]:
    """Return the job of the current frame, of the layer and the camera that the artist looks at.

    Its picture goes to a folder `test` among the scene's own, so that it never replaces one of them.

    Raises:
        BuildcatError: there is no camera, or the renderer isn't known.
    """
    layer, camera = current()
    used = renderer()
    if used is None:
        raise RefusedError(f"Buildcat doesn't know the scene's renderer. It knows {', '.join(RENDERERS)}.")
    own = {**fields, **_TEST, "frames": str(now()), "name": f"{title(fields, scene)} test"}
    (job,) = jobs([key(layer.name, camera)], own, scene, root)
    ending = os.path.splitext(used.image(now(), layer, camera))[1]  # noqa: PTH122  # text
    name = re.sub(r"\W", "_", f"{title({}, scene)}_{layer.name}_{camera}")
    return [{**job, "output": paths.joined(images(), f"test/{name}.####{ending}")}]


def current() -> tuple[layers.Layer, str]:
    """Return the current layer, and the camera that the artist looks through.

    Raises:
        BuildcatError: it can't be told which.
    """
    node = cmds.editRenderLayerGlobals(query=True, currentRenderLayer=True)
    found = next((one for one in layers.every() if one.node == node), None)
    if found is None:
        raise RefusedError(f"The current layer {node} is none of Render Setup. Choose one there.")
    known = cameras.every()
    shown = _looked_through()
    by_shape = {shape: name for name, shape in known.items()}
    return found, shown if shown in known else by_shape.get(shown, "") or cameras.find(None)


def _looked_through() -> str:
    """Return the camera of the view that has the focus, else of the first that is visible; empty: there is none."""
    for panel in (cmds.getPanel(withFocus=True), *(cmds.getPanel(visiblePanels=True) or ())):
        if panel and cmds.getPanel(typeOf=panel) == "modelPanel":
            return str(cmds.modelPanel(panel, query=True, camera=True))
    return ""
