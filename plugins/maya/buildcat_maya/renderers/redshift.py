"""Redshift. Runs inside mayapy.

Sources of the names: the publisher's scripts for batch renders.
"""

from __future__ import annotations

from buildcat_maya import attributes
from buildcat_maya.layers import Layer
from buildcat_maya.renderers.base import Renderer, command


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
        command("rsRender")(render=True, batch=True, animation=True, camera=camera)
