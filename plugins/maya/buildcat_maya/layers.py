"""The layers of a scene: which there are, and how one becomes the current one. Runs inside Maya.

Render Setup makes a node `renderLayer` for each of its layers, usually named `rs_<layer>`, which may be renamed: only
the connection of its `message` to the layer's `legacyRenderLayer` tells. Maya before 2016.5 had layers of its own, now
called legacy; a scene has the one or the other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from buildcat.model.errors import RefusedError, RenderError, SettingError, near_names
from buildcat_maya import attributes

#: The scene without a layer, as Maya shows it, and its node.
MASTER, MASTER_NODE = "masterLayer", "defaultRenderLayer"
_KIND, _SETUP_KIND = "renderLayer", "renderSetupLayer"
#: A preference of Maya's that changes pictures, and the variable that goes before it. Public farms set either.
_LIGHTS, _LIGHTS_VARIABLE = "renderSetup_includeAllLights", "MAYA_RENDER_SETUP_INCLUDE_ALL_LIGHTS"


@dataclass(frozen=True)
class Layer:
    """One layer of Render Setup, or the scene without one."""

    #: As Maya shows it.
    name: str
    #: The node of the type `renderLayer`.
    node: str
    #: Whether it is switched on for batch renders.
    is_renderable: bool


def every() -> list[Layer]:
    """Return the layers that a job can render, the scene without one first."""
    from maya import cmds

    found, nodes = [_layer(MASTER, MASTER_NODE)], set(_nodes())
    for name in sorted(cmds.ls(type=_SETUP_KIND) or ()):
        found += [_layer(name, node) for node in _nodes_of(name)[:1] if node in nodes]
    return found


def legacy() -> list[str]:
    """Return the names of legacy layers."""
    ours = {one.node for one in every()}
    return sorted(one for one in _nodes() if one not in ours)


def switched_on() -> list[str]:
    """Return the nodes of those that a batch render would render, legacy ones too."""
    return [one for one in _nodes() if attributes.get(one, "renderable", False)]


def are_several() -> bool:
    """Whether there are others besides the scene without one, switched on or not."""
    return len(_nodes()) > 1


def _nodes() -> list[str]:
    """Return all nodes of layers, as Maya lists them.

    Those of referenced scenes have a manager of their own, and those that an import left behind may have none: Maya
    renders neither.
    """
    from maya import cmds

    return cmds.listConnections("renderLayerManager.renderLayerId", type=_KIND) or []


def _layer(name: str, node: str) -> Layer:
    return Layer(name, node, bool(attributes.get(node, "renderable", False)))


def _nodes_of(name: str) -> list[str]:
    from maya import cmds

    return cmds.listConnections(f"{name}.legacyRenderLayer", type=_KIND) or []


def find(name: str | None) -> Layer:
    """Return the layer of that name; without one, the only one that is switched on.

    Raises:
        RefusedError: it is a legacy layer, or one of those is switched on.
        SettingError: there is no such layer, or none or several are switched on; names those that there are.
    """
    known = every()
    by_name = {one.name: one for one in known}
    if name in by_name:
        return by_name[name]
    old = [one for one in legacy() if one == name or (not name and attributes.get(one, "renderable", False))]
    if old:
        raise RefusedError(
            f"{old[0]} is a legacy render layer, which Buildcat doesn't render. Convert it to Render Setup."
        )
    if name:
        raise SettingError(f"The scene has no layer {name!r}.{near_names(name, by_name)} {_named(list(by_name))}")
    found = [one for one in known if one.is_renderable]
    if len(found) != 1:
        raise SettingError(f"Name the layer to render with the setting layer. {_named([one.name for one in found])}")
    return found[0]


def _named(names: list[str]) -> str:
    if not names:
        return "None is switched on."
    return f"There are: {', '.join(names)}."


def has_all_lights() -> bool:
    """Whether this Maya gives layers all lights of the scene, even those that they don't name."""
    from maya import cmds

    told = os.environ.get(_LIGHTS_VARIABLE)
    return told != "0" if told else not cmds.optionVar(exists=_LIGHTS) or bool(cmds.optionVar(query=_LIGHTS))


def give_all_lights(are_all: bool) -> None:
    """Let layers have all lights of the scene from when they become current, or only those that they name."""
    from maya import cmds

    os.environ[_LIGHTS_VARIABLE] = str(int(are_all))
    cmds.optionVar(intValue=(_LIGHTS, int(are_all)))


def activate(layer: Layer) -> None:
    """Make it the current one; attributes hold its overrides from now on.

    Raises:
        RenderError: Maya stays in another layer, or would leave its overrides out.
    """
    from maya import cmds

    if layer.node != MASTER_NODE and not cmds.mayaHasRenderSetup():
        raise RenderError(
            "This Maya uses legacy render layers, and renders no layer of Render Setup. Switch that off in its "
            "preferences, and take MAYA_ENABLE_LEGACY_RENDER_LAYERS out of its environment."
        )
    cmds.editRenderLayerGlobals(currentRenderLayer=layer.node)
    found = cmds.editRenderLayerGlobals(query=True, currentRenderLayer=True)
    if found != layer.node:
        raise RenderError(f"Maya can't switch to the layer {layer.name}: it stays in {found}. Open the scene in Maya.")


def choose(layer: Layer) -> None:
    """Switch this one on, and all others off: Redshift renders every one that is on, also those that no list has."""
    from maya import cmds

    for one in cmds.ls(type=_KIND):
        if not cmds.referenceQuery(one, isNodeReferenced=True):
            attributes.put(one, "renderable", one == layer.node)
