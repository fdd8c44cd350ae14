"""The renderers: what each needs set, how it names its pictures, and how one frame is rendered. Runs inside mayapy.

Each is a class of one shape; a new renderer is one class more, and its line in `RENDERERS`. Sources of the names:
Autodesk's command reference; the publishers' scripts for batch renders; the plug-ins' documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from buildcat.model.errors import RefusedError, RenderError
from buildcat_maya import attributes, dirmap, layers, paths, project
from buildcat_maya.layers import Layer

_GLOBALS = "defaultRenderGlobals"
#: How a name tells the layer, and the camera: Maya's tokens, and the older ones that it still takes.
_LAYER, _CAMERA = re.compile(r"<(?:render)?layer>|%/?l", re.IGNORECASE), re.compile(r"<camera>|%/?c", re.IGNORECASE)

#: What Arnold's driver calls formats that end otherwise; `maya` leaves it to Maya.
_ARNOLD_ENDINGS = {"jpeg": "jpg", "deepexr": "exr", "maya": ""}
#: Types of RenderMan's drivers that write anything but exr.
_RENDERMAN_ENDINGS = {"d_png": "png", "d_targa": "tga", "d_tiff": "tif"}


class Renderer:
    """Maya Software, and what all others share: names as Maya's own render settings make them."""

    #: The plug-in that it lies in; empty: it is part of Maya.
    plugin = ""
    #: Folders that its picture may lie in, where AOVs have files of their own, or words in its name; lower case.
    beauty: tuple[str, ...] = ()
    #: Whether it renders a single frame only as an animation.
    is_animation = False
    #: Node and attribute with the picture's name; the node with its size, and that one's aspect.
    prefix = (_GLOBALS, "imageFilePrefix")
    #: What an empty name means, and what its names call layer and camera.
    name, tokens = "<Scene>", ("<RenderLayer>", "<Camera>")
    #: Nodes and attributes with scripts that the scene brings for it, beside those of all renderers.
    scripts: tuple[tuple[str, str], ...] = ()
    size = "defaultResolution"
    aspect = "deviceAspectRatio"

    def prepare(self) -> None:
        """Set what a farm needs and no job chooses."""

    def base(self) -> str:
        """Return the folder that its names are relative to; an absolute name becomes a relative one."""
        name = str(attributes.get(*self.prefix, "")).replace("\\", "/")
        if not paths.is_absolute(name):
            return project.images()
        fixed = name[: name.index("<")] if "<" in name else name
        folder = fixed[: fixed.rindex("/") + 1] if "/" in fixed else fixed
        attributes.put(*self.prefix, name[len(folder) :])
        return paths.clean(folder)

    def send(self, folder: str) -> None:
        """Let its names be relative to this folder."""
        project.send_images(folder)

    def keep_apart(self, *, layer: bool, camera: bool) -> None:
        """Let names tell the layer, and the camera; where they don't, folders do, as Maya makes them.

        Maya adds them where it renders several; a job renders one, and must not write over another job's pictures.
        """
        name = str(attributes.get(*self.prefix, self.name))
        wanted = zip((layer, camera), self.tokens, (_LAYER, _CAMERA))
        lacks = [token for is_wanted, token, known in wanted if is_wanted and not known.search(name)]
        if lacks:
            attributes.put(*self.prefix, "/".join([*lacks, name]))

    def ending(self) -> str:
        """Return how its pictures end, where its own node says so; empty: as Maya's render settings say."""
        return ""

    def image(self, frame: int, layer: Layer, camera: str) -> str:
        """Return the picture of that frame, absolute, in the folder that names are relative to."""
        from maya import cmds

        number = str(frame).zfill(int(attributes.get(_GLOBALS, "extensionPadding", 1)))
        found = cmds.renderSettings(
            genericFrameImageName=number,
            fullPath=True,
            layer=layer.node,
            camera=camera,
            customTokenString="RenderPass=beauty",
        )
        path, ending = paths.clean(found[0]), self.ending()
        return f"{path.rpartition('.')[0]}.{ending}" if ending else path

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame; the scene is at it.

        Maya's own renderers write to `tmp` among the images, as for a test, unless they run from the command line.
        """
        from maya import cmds

        cmds.render(camera, layer=layer.node)


class Hardware(Renderer):
    """Hardware 2.0, the viewport's renderer."""

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame, into a file whose name tells the layer too."""
        from maya import cmds

        cmds.ogsRender(camera=camera, frame=float(frame), layer=layer.node, noRenderView=True)


class Arnold(Renderer):
    """Arnold, by MtoA."""

    plugin = "mtoa"
    beauty = ("beauty", "rgba")
    _OPTIONS, _DRIVER = "defaultArnoldRenderOptions", "defaultArnoldDriver"
    scripts = ((_OPTIONS, "PostTranslation"),)

    def prepare(self) -> None:
        """Let it render instead of exporting, say what it does, and fail without a licence: no watermarks.

        A name in its driver goes before that in the render settings, which then get it. Source: MtoA's translator.
        """
        if not attributes.has(self._OPTIONS):
            from mtoa.core import createOptions  # type: ignore[import-not-found]  # Arnold's, in no stubs

            createOptions()
        verbosity = max(2, int(attributes.get(self._OPTIONS, "log_verbosity", 0)))
        attributes.put_those(
            self._OPTIONS,
            {
                "renderType": 0,
                "log_verbosity": verbosity,
                "log_to_console": True,
                "abortOnLicenseFail": True,
                "skipLicenseCheck": False,
                "skipExistingFrames": False,
            },
        )
        own = attributes.get(self._DRIVER, "prefix")
        if own:
            attributes.put(*self.prefix, own)
            attributes.put(self._DRIVER, "prefix", "")

    def ending(self) -> str:
        """Return what its driver writes; Maya's own setting may be an older one."""
        kind = str(attributes.get(self._DRIVER, "aiTranslator", "maya"))
        return _ARNOLD_ENDINGS.get(kind, kind)

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame."""
        _command("arnoldRender")(batch=True, seq=str(frame), camera=camera)


class Redshift(Renderer):
    """Redshift."""

    plugin = "redshift4maya"
    beauty = ("beauty",)
    is_animation = True
    _OPTIONS = "redshiftOptions"
    scripts = tuple(
        ("redshiftOptions", f"{when}Render{what}Mel") for when in ("pre", "post") for what in ("", "Layer", "Frame")
    )

    def prepare(self) -> None:
        """Let it write every frame, and fail without a licence: no watermarks."""
        from maya import mel

        if not attributes.has(self._OPTIONS):
            # As in the publisher's own scripts; Maya's stubs have no types of mel.
            mel.eval("redshiftRegisterRenderer(); redshiftGetRedshiftOptionsNode(true);")  # type: ignore[no-untyped-call]
        attributes.put_those(
            self._OPTIONS, {"abortOnLicenseFail": True, "skipExistingFrames": False, "noSaveImage": False}
        )
        own = attributes.get(self._OPTIONS, "imageFilePrefix")
        if own and not attributes.get(*self.prefix):
            attributes.put(*self.prefix, own)

    def ending(self) -> str:
        """Return what it makes of the number in its node; empty where it isn't loaded."""
        from maya import mel

        number = attributes.get(self._OPTIONS, "imageFormat", 0)
        try:
            return str(mel.eval(f"redshiftGetImageExtension({number})"))  # type: ignore[no-untyped-call]  # as above
        except RuntimeError:
            return ""

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame. Which of two attributes names its pictures depends on its version: both say the same."""
        attributes.put_those(self._OPTIONS, {"imageFilePrefix": str(attributes.get(*self.prefix, ""))})
        _command("rsRender")(render=True, batch=True, animation=True, camera=camera)


class VRay(Renderer):
    """V-Ray, whose names and sizes are in a node of its own."""

    plugin = "vrayformaya"
    beauty = ("rgba", "rgb")
    prefix = ("vraySettings", "fileNamePrefix")
    tokens = ("<Layer>", "<Camera>")
    scripts = tuple(("vraySettings", one) for one in ("postTranslatePython", "preKeyframeMel", "rtImageReadyMel"))
    size = "vraySettings"
    aspect = "aspectRatio"

    def prepare(self) -> None:
        """Let it render here, into files, and say what it does."""
        from maya import mel

        if not attributes.has(self.size):
            mel.eval("vrayCreateVRaySettingsNode")  # type: ignore[no-untyped-call]  # as in the stubs
        level = max(3, int(attributes.get("vraySettings", "sys_message_level", 0)))
        attributes.put_those(
            self.size,
            {
                "vrscene_render_on": True,
                "vrscene_on": False,
                "dontSaveImage": False,
                "dontSaveRgbChannel": False,
                "sys_distributed_rendering_on": False,
                "sys_message_level": level,
                "animType": 2,
                "animBatchOnly": False,  # some mayapy say that they had a window
            },
        )

    def keep_apart(self, *, layer: bool, camera: bool) -> None:
        """Let names tell the layer of a scene that has several, as V-Ray does by itself, whatever is switched on."""
        super().keep_apart(layer=layer or layers.are_several(), camera=camera)

    def image(self, frame: int, layer: Layer, camera: str) -> str:
        """Return what Maya's own render settings don't know: V-Ray's name and ending."""
        number = str(frame).zfill(int(attributes.get("vraySettings", "fileNamePadding", 4)))
        ending = str(attributes.get("vraySettings", "imageFormatStr", "png")).split()[0]
        name = _named(str(attributes.get(*self.prefix, self.name)), layer, camera)
        return paths.joined(project.images(), f"{name}.{number}.{ending}")

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame."""
        attributes.put("vraySettings", "animFrames", str(frame))
        _command("vrend")(camera=camera)


class RenderMan(Renderer):
    """RenderMan, by its own Python module; it has a folder for its images in its own node."""

    plugin = "RenderMan_for_Maya.py"
    beauty = ("beauty",)
    prefix = ("rmanGlobals", "imageFileFormat")
    name, tokens = "<scene>_<layer>_<camera>_<aov>.<f4>.<ext>", ("<layer>", "<camera>")
    _FOLDER = ("rmanGlobals", "imageOutputDir")
    #: What differs from file to file.
    _OPEN = re.compile(r"<(aov|aovdir|ext|frame|f\d*)>")

    def prepare(self) -> None:
        """Let it have its node, which it makes when its settings are opened; and names tell what its folder told."""
        if not attributes.has(self._FOLDER[0]):
            import rfm2.api.nodes  # type: ignore[import-not-found]  # RenderMan's, in no stubs

            rfm2.api.nodes.rman_globals()
        dirmap.map_textures()
        folder, below = self._folder()
        if below:
            self.send(folder)
            attributes.put(*self.prefix, f"{below}/{attributes.get(*self.prefix, self.name)}")

    def _folder(self) -> tuple[str, str]:
        """Return the folder in its node as far as it is that of all layers and cameras, and the rest."""
        text = str(attributes.get(*self._FOLDER, "<ws>/images"))
        found = re.search(r"[^/\\]*<(?:layer|camera)>.*", text, re.IGNORECASE)
        return (text[: found.start()], found.group()) if found else (text, "")

    def base(self) -> str:
        """Return the folder in RenderMan's node."""
        return paths.clean(_named(self._folder()[0], None, "", self._expanded))

    def _expanded(self, token: str) -> str:
        """Return what RenderMan makes of a token that only it knows; empty: it knows it neither."""
        if self._OPEN.fullmatch(token):
            return token
        try:
            import rfm2.api.strings  # type: ignore[import-not-found]  # RenderMan's, in no stubs
        except ImportError:  # as in an artist's Maya without it
            return ""
        found = str(rfm2.api.strings.expand_string(token))
        return "" if found == token else found

    def ending(self) -> str:
        """Return what the driver of its picture writes."""
        from maya import cmds

        display = "rmanDefaultDisplay"
        drivers = cmds.listConnections(f"{display}.displayType") if attributes.has(display) else ()
        return next((_RENDERMAN_ENDINGS.get(cmds.nodeType(one), "exr") for one in drivers or ()), "exr")

    def send(self, folder: str) -> None:
        """Let it write into this folder."""
        attributes.put(*self._FOLDER, folder)

    def image(self, frame: int, layer: Layer, camera: str) -> str:
        """Return what its own tokens make."""

        def value(match: re.Match[str]) -> str:
            word = match.group(1)
            told = {"aov": "beauty", "aovdir": "beauty", "ext": self.ending(), "frame": str(frame)}
            return told.get(word) or str(frame).zfill(int(word[1:] or 1))

        return paths.joined(self.base(), self._OPEN.sub(value, self._own_name(layer, camera)))

    def _own_name(self, layer: Layer, camera: str) -> str:
        """Return the name with all replaced that is the same for each of its files."""
        return _named(str(attributes.get(*self.prefix, self.name)), layer, camera, self._expanded)

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame. The name holds layer and camera as they are: no source says how RenderMan writes them."""
        import rfm2

        attributes.put(*self.prefix, self._own_name(layer, camera))
        rfm2.render.RNDR.set_render_type(rfm2.render.RT_BATCH)
        rfm2.render_with_renderman()
        rfm2.render.RNDR.start()
        try:
            rfm2.render.frame(f" -s {frame} -e {frame} -layer {layer.node} -numThreads 0 -txmake ")
        finally:
            rfm2.render.RNDR.stop()


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

    name = str(attributes.get(_GLOBALS, "currentRenderer", ""))
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


def _command(name: str) -> Any:
    """Return a command of a plug-in, which is in no stubs."""
    from maya import cmds

    return getattr(cmds, name)


def _named(text: str, layer: Layer | None, camera: str, other: Callable[[str], str] = lambda _: "") -> str:
    """Return a name with the tokens replaced that V-Ray and RenderMan share with Maya; all others as `other` does.

    Raises:
        RefusedError: it has a token that stays empty.
    """
    from maya import cmds

    for old, token in (("%s", "<scene>"), ("%l", "<layer>"), ("%c", "<camera>")):
        text = text.replace(old, token)
    scene = paths.name(cmds.file(query=True, sceneName=True)).rpartition(".")[0]
    values: dict[str, str] = {
        "scene": scene,
        "camera": re.sub(r"[^0-9a-zA-Z_]+", "_", camera),  # as public farms have it of Maya's own tokens
        "ws": cmds.workspace(query=True, rootDirectory=True).rstrip("/"),
    }
    if layer is not None:
        values.update(layer=layer.name, renderlayer=layer.name)

    def value(match: re.Match[str]) -> str:
        word = match.group(1).lower()
        found = values.get(word) or other(match.group())
        if not found:
            raise RefusedError(f"The name {text!r} has {match.group()}, which Buildcat can't replace. Leave it out.")
        return found

    return re.sub(r"<(\w+)>", value, text)
