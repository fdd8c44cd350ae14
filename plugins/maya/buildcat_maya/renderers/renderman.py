"""RenderMan, by its own Python module; it has a folder for its images in its own node. Runs inside mayapy.

Sources of the names: RenderMan for Maya's documentation, and farms that render with it.
"""

from __future__ import annotations

import re

from buildcat_maya import attributes, dirmap, paths
from buildcat_maya.layers import Layer
from buildcat_maya.renderers.base import Renderer, named

#: Types of its drivers that write anything but exr.
_ENDINGS = {"d_png": "png", "d_targa": "tga", "d_tiff": "tif"}


class RenderMan(Renderer):
    """RenderMan."""

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
        return paths.clean(named(self._folder()[0], None, "", self._expanded))

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
        return next((_ENDINGS.get(cmds.nodeType(one), "exr") for one in drivers or ()), "exr")

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
        return named(str(attributes.get(*self.prefix, self.name)), layer, camera, self._expanded)

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
