"""Hardware 2.0, the viewport's renderer. Runs inside mayapy."""

from __future__ import annotations

from buildcat_maya.layers import Layer
from buildcat_maya.renderers.base import Renderer


class Hardware(Renderer):
    """Hardware 2.0, the viewport's renderer."""

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame, into a file whose name tells the layer too."""
        from maya import cmds

        cmds.ogsRender(camera=camera, frame=float(frame), layer=layer.node, noRenderView=True)
