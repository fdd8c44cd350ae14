"""Checks inside a real Maya what the plugin relies on. Run by mayapy 2023 to 2027; stdlib."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from buildcat.inside.messages import Order
from buildcat.model.job import Unit
from buildcat_maya import render
from buildcat_maya.renderers.base import Renderer
from buildcat_maya.renderers.known import RENDERERS
from selfcheck import maya_plugin
from selfcheck.rows import ABSENT, OK, WRONG, Row, tried

PLUGIN = Path(inspect.getfile(render)).parent
#: Node → attributes that we rely on. A test holds it to the table of the double.
NODES = {
    "defaultRenderGlobals": (
        *("currentRenderer", "imageFilePrefix", "imageFormat", "animation", "startFrame", "endFrame", "byFrameStep"),
        *("extensionPadding", "outFormatControl", "putFrameBeforeExt", "periodInExt", "modifyExtension"),
        *(
            "skipExistingFrames",
            "renderAll",
            "preMel",
            "postMel",
            "preRenderLayerMel",
            "postRenderLayerMel",
            "preRenderMel",
        ),
        "postRenderMel",
    ),
    "defaultResolution": ("width", "height", "pixelAspect", "deviceAspectRatio"),
    "defaultRenderLayer": ("renderable", "message"),
    "renderLayerManager": ("renderLayerId",),
    "defaultColorMgtGlobals": ("cmEnabled", "configFileEnabled", "configFilePath"),
    "perspShape": ("renderable",),
    "checkscript": ("scriptType", "before", "after"),
    "persp": ("message",),
}
#: Renderer → its nodes, each with attributes.
OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "arnold": {
        "defaultArnoldRenderOptions": (
            *("renderType", "log_verbosity", "log_to_console", "abortOnLicenseFail", "skipLicenseCheck"),
            *("skipExistingFrames", "outputOverscan", "PostTranslation"),
        ),
        "defaultArnoldDriver": ("aiTranslator", "prefix"),
    },
    "redshift": {
        "redshiftOptions": (
            *("imageFormat", "imageFilePrefix", "abortOnLicenseFail", "skipExistingFrames", "noSaveImage"),
            *("preRenderMel", "postRenderMel", "preRenderLayerMel", "postRenderLayerMel"),
            *("preRenderFrameMel", "postRenderFrameMel"),
        ),
    },
    "vray": {
        "vraySettings": (
            *("fileNamePrefix", "fileNamePadding", "imageFormatStr", "width", "height", "aspectRatio", "animType"),
            *("animFrames", "animBatchOnly", "vrscene_render_on", "vrscene_on", "dontSaveImage", "dontSaveRgbChannel"),
            *("sys_distributed_rendering_on", "sys_message_level", "postTranslatePython", "preKeyframeMel"),
            "rtImageReadyMel",
        ),
    },
    "renderman": {"rmanGlobals": ("imageOutputDir", "imageFileFormat"), "rmanDefaultDisplay": ("displayType",)},
}
#: Types of RenderMan's nodes that hold textures → their attributes.
TEXTURES = {
    **dict.fromkeys(("PxrTexture", "PxrNormalMap", "PxrBump", "PxrPtexture"), ("filename",)),
    "PxrMultiTexture": ("filename", *(f"filename{number}" for number in range(10))),
    "PxrDomeLight": ("lightColorMap",),
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
    yield tried("a node script is made", partial(_make, "script"))
    for name in sorted(names()):
        yield tried(f"cmds.{name}", partial(_has_command, name))
    for node, attributes in NODES.items():
        yield from _attributes(node, attributes)
    for name, kind in RENDERERS.items():
        yield from _renderer(name, kind())
    yield from _layer()
    for name, kind in RENDERERS.items():
        if not _why_absent(kind.plugin):
            yield from _frame(folder, name)
    yield from maya_plugin.rows()


def _make(kind: str) -> bool:
    """Make a node that a new scene doesn't have."""
    from maya import cmds

    return cmds.createNode(kind, name=f"check{kind}") is not None


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


def _renderer(name: str, renderer: Renderer) -> Iterator[Row]:
    why = _why_absent(renderer.plugin)
    if why:
        yield Row(name, ABSENT, f"its plug-in isn't here: {why}")
        return
    yield Row(name, OK, renderer.plugin)
    if name in COMMANDS:
        yield tried(f"cmds.{COMMANDS[name]}", partial(_has_command, COMMANDS[name]))
    yield tried(f"{name} is told what a farm needs", partial(_prepare, renderer))
    for node, attributes in OPTIONS.get(name, {}).items():
        yield from _attributes(node, attributes)
    for kind, attributes in TEXTURES.items() if name == "renderman" else ():
        yield tried(f"a node {kind} is made", partial(_make, kind))
        yield from _attributes(f"check{kind}", attributes)


def _why_absent(plugin: str) -> str:
    from maya import cmds

    try:
        if plugin:
            cmds.loadPlugin(plugin, quiet=True)
    except RuntimeError as exc:
        return " ".join(str(exc).split())
    return ""


def _prepare(renderer: Renderer) -> bool:
    renderer.prepare()
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


def _frame(folder: Path, renderer: str) -> Iterator[Row]:
    """Render one small frame the way a worker does, by this renderer."""
    from maya import cmds

    scene = (folder / f"{renderer}.ma").as_posix()
    cmds.file(newFile=True, force=True)
    cmds.file(rename=scene)
    cmds.setAttr("defaultRenderGlobals.currentRenderer", renderer, type="string")
    yield tried(f"a scene of {renderer} is saved", lambda: cmds.file(save=True, type="mayaAscii"))
    settings = {"camera": "persp", "layer": "masterLayer", "resolution_x": 64, "resolution_y": 48}
    yield tried(f"a scene of {renderer} is loaded", lambda: _maya.load(Order(scene, str(folder), settings)) is not None)
    yield tried(f"a frame is rendered by {renderer}", lambda: _maya.render(Unit(0, 1), renderer)[0].written)
