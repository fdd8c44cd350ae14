"""Checks inside a real Maya what the plugin relies on. Run by mayapy 2023 to 2027; stdlib."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from buildcat.inside.messages import Order
from buildcat.model.job import Unit
from buildcat_maya import render, renderers
from selfcheck import maya_plugin
from selfcheck.rows import ABSENT, OK, WRONG, Row, tried

PLUGIN = Path(inspect.getfile(render)).parent
#: Node → attributes that we rely on. A test holds it to the table of the double.
NODES = {
    "defaultRenderGlobals": (
        *("currentRenderer", "imageFilePrefix", "imageFormat", "animation", "startFrame", "endFrame", "byFrameStep"),
        *("extensionPadding", "outFormatControl", "putFrameBeforeExt", "periodInExt", "modifyExtension"),
        *("skipExistingFrames", "preMel", "postMel", "preRenderLayerMel", "postRenderLayerMel", "preRenderMel"),
        "postRenderMel",
    ),
    "defaultResolution": ("width", "height", "pixelAspect", "deviceAspectRatio"),
    "defaultRenderLayer": ("renderable", "message"),
    "perspShape": ("renderable",),
    "persp": ("message",),
}
#: Renderer → the node that its plug-in makes, and attributes.
OPTIONS = {
    "arnold": (
        "defaultArnoldRenderOptions",
        ("renderType", "log_verbosity", "abortOnLicenseFail", "skipExistingFrames", "outputOverscan"),
    ),
    "vray": (
        "vraySettings",
        (
            *("fileNamePrefix", "fileNamePadding", "imageFormatStr", "width", "height", "aspectRatio", "animType"),
            *("animFrames", "vrscene_render_on", "vrscene_on", "dontSaveImage", "sys_distributed_rendering_on"),
            "sys_message_level",
        ),
    ),
    "renderman": ("rmanGlobals", ("imageOutputDir", "imageFileFormat")),
}
#: Commands that plug-ins bring: renderer → name.
COMMANDS = {"arnold": "arnoldRender", "redshift": "rsRender", "vray": "vrend"}

_maya = render.Maya()


def version() -> str:
    """Return Maya's version, as words."""
    from maya import cmds

    return f"Maya {cmds.about(version=True)}"


def rows(folder: Path) -> Iterator[Row]:
    """Yield every check; files are made in this folder."""
    yield tried("Maya starts", _maya.start)
    for name in sorted(names()):
        yield tried(f"cmds.{name}", partial(_has_command, name))
    for node, attributes in NODES.items():
        yield from _attributes(node, attributes)
    for renderer, kind in renderers.RENDERERS.items():
        yield from _renderer(renderer, kind.plugin)
    yield from _layer()
    yield from _frame(folder)
    yield from maya_plugin.rows()


def names() -> set[str]:
    """Return each command of `cmds` that the plugin's source has."""
    found = set()
    for path in PLUGIN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "cmds":
                found.add(node.attr)
    return found


def _has_command(name: str) -> bool:
    from maya import cmds

    return callable(getattr(cmds, name))


def _attributes(node: str, attributes: tuple[str, ...]) -> Iterator[Row]:
    from maya import cmds

    if not cmds.objExists(node):
        yield Row(node, WRONG, "no such node")
        return
    for one in attributes:
        exists = cmds.objExists(f"{node}.{one}")
        yield Row(f"{node}.{one}", OK if exists else WRONG, "" if exists else "no such attribute")


def _renderer(name: str, plugin: str) -> Iterator[Row]:
    from maya import cmds, mel

    try:
        if plugin:
            cmds.loadPlugin(plugin, quiet=True)
    except RuntimeError as exc:
        yield Row(name, ABSENT, f"its plug-in isn't here: {' '.join(str(exc).split())}")
        return
    yield Row(name, OK, plugin)
    if name == "vray":
        yield tried("mel vrayCreateVRaySettingsNode", lambda: _evaluate(mel, "vrayCreateVRaySettingsNode"))
    if name in COMMANDS:
        yield tried(f"cmds.{COMMANDS[name]}", partial(_has_command, COMMANDS[name]))
    if name in OPTIONS:
        yield from _attributes(*OPTIONS[name])


def _evaluate(mel: Any, text: str) -> bool:
    mel.eval(text)
    return True


def _layer() -> Iterator[Row]:
    """Make a Render Setup layer, and look for it the way a worker does."""
    from buildcat_maya import layers

    try:
        from maya.app.renderSetup.model import renderSetup  # type: ignore[import-not-found]  # in no stubs
    except ImportError as exc:
        yield Row("Render Setup", ABSENT, str(exc))
        return
    yield tried("a layer is made", lambda: renderSetup.instance().createRenderLayer("check") is not None)
    yield tried("the layer is found by its name", lambda: layers.find("check").node)
    yield tried("the layer becomes the current one", lambda: _activate("check"))


def _activate(name: str) -> bool:
    from maya import cmds

    from buildcat_maya import layers

    found = layers.find(name)
    layers.activate(found)
    return bool(cmds.editRenderLayerGlobals(query=True, currentRenderLayer=True) == found.node)


def _frame(folder: Path) -> Iterator[Row]:
    """Render one small frame the way a worker does, by Maya's own renderer."""
    from maya import cmds

    scene = (folder / "check.ma").as_posix()
    cmds.file(newFile=True, force=True)
    cmds.file(rename=scene)
    yield tried("a scene is saved", lambda: cmds.file(save=True, type="mayaAscii"))
    settings = {"camera": "persp", "layer": "masterLayer", "resolution_x": 64, "resolution_y": 48}
    yield tried("the scene is loaded", lambda: _maya.load(Order(scene, str(folder), settings)) is not None)
    yield tried("a frame is rendered by Maya Software", lambda: _maya.render(Unit(0, 1), "check")[0].written)
