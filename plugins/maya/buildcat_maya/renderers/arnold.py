"""Arnold, by MtoA. Runs inside mayapy.

Sources of the names: MtoA's scripts and Arnold's documentation.
"""

from __future__ import annotations

from buildcat_maya import attributes
from buildcat_maya.layers import Layer
from buildcat_maya.renderers.base import Renderer, command

#: What Arnold's driver calls formats that end otherwise; `maya` leaves it to Maya.
_ENDINGS = {"jpeg": "jpg", "deepexr": "exr", "maya": ""}


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
        return _ENDINGS.get(kind, kind)

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame."""
        command("arnoldRender")(batch=True, seq=str(frame), camera=camera)
