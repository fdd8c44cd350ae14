"""Houdini's renderers as DCCs of their own: husk for USD files, mantra for IFD files. Runs on any Python.

Options of both: their pages in SideFX's documentation, "husk" and "mantra" under "Command-line utilities".
"""

from __future__ import annotations

from buildcat.model.dcc import Dcc, Kind, Launch, Setting
from buildcat.model.sizes import PERCENTAGE
from buildcat_houdini.dcc import DCC, NO_LICENCE

_THREADS = Setting(
    key="threads",
    label="Threads",
    kind=Kind.INT,
    help="Threads to render with; left out: as many as there are processors.",
    examples=(1, 2),
    minimum=1,
    maximum=1_024,
)
_HUSK = (
    Setting(
        key="renderer",
        label="Renderer",
        kind=Kind.STR,
        help="Name of the render delegate, such as BRAY_HdKarma; left out: as the file's render settings say.",
        examples=("BRAY_HdKarma", "BRAY_HdKarmaXPU"),
    ),
    Setting(
        key="camera",
        label="Camera",
        kind=Kind.STR,
        help="Path of the camera on the stage.",
        examples=("/cameras/front", "/cameras/side"),
    ),
    Setting(
        key="resolution",
        label="Resolution",
        kind=Kind.LIST,
        help="Width and height in pixels.",
        examples=(("32", "24"), ("64", "48")),
        group="Size",
    ),
    PERCENTAGE,
)


def _dcc(name: str, label: str, extensions: tuple[str, ...], settings: tuple[Setting, ...]) -> Dcc:
    places = {
        system: tuple(one.replace("/bin/hython", f"/bin/{name}") for one in patterns)
        for system, patterns in DCC.places.items()
    }
    return Dcc(
        name=name,
        label=label,
        extensions=extensions,
        settings=settings,
        package="buildcat_houdini",
        module="standalone_render",
        executables=(name,),
        launch=Launch(("{python}", "-I", "-S", "{loop}", name, "{executable}")),
        version_pattern=r"(\d+\.\d+\.\d+)",
        version_of="buildcat_houdini.version:version_of",
        progress_pattern=r"ALF_PROGRESS (\d+)%",
        no_licence=NO_LICENCE,
        places=places,
        are_scenes_programs=True,  # a stage may hold procedurals, an IFD pipes from programs
    )


HUSK = _dcc("husk", "Husk", (".usd", ".usda", ".usdc", ".usdz"), _HUSK)
MANTRA = _dcc("mantra", "Mantra", (".ifd",), (_THREADS,))
