"""The renderers that Buildcat knows. Runs inside mayapy."""

from __future__ import annotations

from buildcat.model.errors import RefusedError, RenderError
from buildcat_maya import attributes
from buildcat_maya.renderers.arnold import Arnold
from buildcat_maya.renderers.base import GLOBALS, Renderer
from buildcat_maya.renderers.hardware import Hardware
from buildcat_maya.renderers.redshift import Redshift
from buildcat_maya.renderers.renderman import RenderMan
from buildcat_maya.renderers.vray import VRay

#: By the word in `defaultRenderGlobals.currentRenderer`.
RENDERERS: dict[str, type[Renderer]] = {
    "mayaSoftware": Renderer,
    "mayaHardware2": Hardware,
    "arnold": Arnold,
    "redshift": Redshift,
    "vray": VRay,
    "renderman": RenderMan,
}


def current() -> Renderer:
    """Return the renderer of the current layer, with its plug-in loaded.

    Raises:
        RefusedError: it isn't one that we know.
        RenderError: its plug-in isn't here.
    """
    from maya import cmds

    name = str(attributes.get(GLOBALS, "currentRenderer", ""))
    if name not in RENDERERS:
        raise RefusedError(f"The scene renders with {name}. Buildcat knows {', '.join(RENDERERS)}.")
    found = RENDERERS[name]()
    if found.plugin:
        try:
            cmds.loadPlugin(found.plugin, quiet=True)
        except RuntimeError as exc:
            said = " ".join(str(exc).split()).rstrip(".")
            raise RenderError(f"{found.plugin}, the plug-in of {name}, can't be loaded: {said}.") from exc
    return found
