"""V-Ray, whose names, sizes and frames are in a node of its own. Runs inside mayapy.

Sources of the names: the publisher's scripts, and farms that render with it.
"""

from __future__ import annotations

from buildcat.model.frames import expand
from buildcat_maya import attributes, layers, paths, project
from buildcat_maya.layers import Layer
from buildcat_maya.renderers.base import Renderer, command, named, own_frames


class VRay(Renderer):
    """V-Ray."""

    plugin = "vrayformaya"
    beauty = ("rgba", "rgb")
    prefix = ("vraySettings", "fileNamePrefix")
    tokens = ("<Layer>", "<Camera>")
    scripts = tuple(("vraySettings", one) for one in ("postTranslatePython", "preKeyframeMel", "rtImageReadyMel"))
    size = "vraySettings"
    aspect = "aspectRatio"
    #: What its frames are; 0 is the current one. Source: submitters of public farms.
    _RANGE, _LIST = 1, 2

    def frames(self) -> str:
        """Return the frames as its own settings have them: one, Maya's range, or a list such as `1-9;2,12`.

        Raises:
            FramesError: the list can't be read.
        """
        kind = attributes.get("vraySettings", "animType", self._RANGE)
        if kind != self._LIST:
            return own_frames(is_animation=kind == self._RANGE)
        listed = str(attributes.get("vraySettings", "animFrames", "")).replace(" ", "").replace(";", "x")
        expand(listed)
        return listed

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
                "animType": self._LIST,
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
        name = named(str(attributes.get(*self.prefix, self.name)), layer, camera)
        return paths.joined(project.images(), f"{name}.{number}.{ending}")

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame."""
        attributes.put("vraySettings", "animFrames", str(frame))
        command("vrend")(camera=camera)
