"""Opens a scene and makes in it what a job asks for. Runs inside mayapy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from buildcat.model.copies import own_name
from buildcat.model.errors import RenderError
from buildcat_maya import attributes, paths
from buildcat_maya.renderers.base import Renderer

_GLOBALS, _COLOURS = "defaultRenderGlobals", "defaultColorMgtGlobals"
#: MEL that the scene brings for its renders.
_MEL = ("preMel", "postMel", "preRenderLayerMel", "postRenderLayerMel", "preRenderMel", "postRenderMel")
_MEL_BEFORE = ("preMel", "preRenderLayerMel")
#: Script nodes of these types are Maya's own: they hold its layout and its time slider, and run when a scene is opened.
_OWN_TYPES = (3, 6)
#: So many files that are missing are named.
_MOST_NAMED = 3


def open_file(path: str, *, allow_scripts: bool) -> list[str]:
    """Open the scene, and return in sentences what is odd about it.

    Raises:
        RenderError: there is no such file, or Maya can't open it.
    """
    from maya import cmds

    name, warnings = paths.name(path), []
    if not os.path.isfile(path):  # noqa: PTH113  # text, as all of Maya's paths
        raise RenderError(f"There is no scene {path}. Save it where the workers can reach it.")
    try:
        cmds.file(path, open=True, force=True, prompt=False, executeScriptNodes=allow_scripts)
    except RuntimeError as exc:
        said = " ".join(str(exc).split()).rstrip(".")
        # Maya raises for a missing reference or an unknown node too, and has the scene open all the same.
        if not _is_open(path):
            raise RenderError(f"Maya can't open {name}: {said}.") from exc
        warnings.append(f"Maya warns of {name}: {said}.")
    if not _is_open(path):
        raise RenderError(f"Maya didn't open {name}, and didn't say why. Open it in Maya's window.")
    if not allow_scripts:
        _silence()
    warnings += _missing()
    own = own_name(name)
    if own != name:  # else the pictures would be named after the copy
        cmds.file(rename=paths.joined(paths.folder(path), own))
    return warnings


def _is_open(path: str) -> bool:
    from maya import cmds

    return paths.clean(cmds.file(query=True, sceneName=True)) == paths.clean(path)


def _silence() -> None:
    """Empty the script nodes that were kept from running when the scene was opened.

    Some run with each frame, and what is to run at the end does when its node goes, whatever its type says. Source: the
    node `script` in Autodesk's node reference.
    """
    from maya import cmds

    for node in cmds.ls(type="script") or ():
        is_own = attributes.get(node, "scriptType") in _OWN_TYPES
        attributes.put_those(node, {"after": ""} if is_own else {"before": "", "after": ""})


def files() -> list[str]:
    """Return the files that the scene reads: those that Maya lists, and what its colours are configured by."""
    from maya import cmds

    config = str(attributes.get(_COLOURS, "configFilePath", ""))
    is_used = attributes.get(_COLOURS, "cmEnabled") and attributes.get(_COLOURS, "configFileEnabled")
    own = [config] if is_used and paths.is_absolute(config) else []
    return list(dict.fromkeys(paths.plain(one) for one in (*(cmds.file(query=True, list=True) or ()), *own)))


def _missing() -> list[str]:
    lost = [one for one in files() if not os.path.exists(one)]  # noqa: PTH110  # text
    if not lost:
        return []
    more = f" and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
    return [f"Files that the scene names are not there: {', '.join(lost[:_MOST_NAMED])}{more}."]


def prepare(renderer: Renderer, frames: tuple[int, int], *, allow_scripts: bool) -> list[str]:
    """Set what holds for every renderer: numbers before endings, no skipping, no scripts unless they are allowed.

    Returns in sentences what is odd about it.
    """
    wanted: dict[str, object] = {
        "skipExistingFrames": False,
        "renderAll": True,
        "modifyExtension": False,
        "outFormatControl": 0,
        "putFrameBeforeExt": True,
    }
    if (renderer.is_animation or frames[0] != frames[1]) and not attributes.get(_GLOBALS, "animation"):
        wanted.update(animation=True, periodInExt=1)
    attributes.put_those(_GLOBALS, wanted)
    if allow_scripts:
        return _run_mel()
    for node, name in (*((_GLOBALS, one) for one in _MEL), *renderer.scripts):
        attributes.put_those(node, {name: ""})
    return []


def _run_mel() -> list[str]:
    """Run the MEL that goes before a render: Maya's batch render does, the renderers' own commands don't."""
    from maya import mel

    odd = []
    for name in _MEL_BEFORE:
        text = attributes.get(_GLOBALS, name)
        try:
            if text:
                mel.eval(text)  # type: ignore[no-untyped-call]  # as in the stubs
        except RuntimeError as exc:
            odd.append(f"The scene's {name} fails: {' '.join(str(exc).split()).rstrip('.')}.")
    return odd


def resize(renderer: Renderer, settings: Mapping[str, Any]) -> None:
    """Apply width, height and percentage, with the picture's own aspect."""
    if not {"resolution_x", "resolution_y", "percentage"} & set(settings):
        return
    node, share = renderer.size, settings.get("percentage", 100) / 100
    width, height = (
        max(1, round(settings.get(key, attributes.get(node, side)) * share))
        for key, side in (("resolution_x", "width"), ("resolution_y", "height"))
    )
    pixel = attributes.get("defaultResolution", "pixelAspect", 1.0) if node == "defaultResolution" else 1.0
    attributes.put(node, "width", width)
    attributes.put(node, "height", height)
    attributes.put_those(node, {renderer.aspect: width / height * pixel})


def go_to(frame: int) -> None:
    """Go to the frame, and let it be all that is rendered."""
    from maya import cmds

    cmds.currentTime(frame, edit=True)
    for name in ("startFrame", "endFrame"):
        attributes.put(_GLOBALS, name, frame)
