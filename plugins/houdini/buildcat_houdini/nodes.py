"""The nodes that write files: their parameters, as data. Runs on any Python.

Sources: SideFX's node reference (sidefx.com/docs/houdini/nodes/out), its dialog scripts as dumped in public projects,
and what public pipelines set: Prism, AYON, tk-houdini, ciohoudini, AWS Deadline Cloud for Houdini. Each name is walked
by `tools/dcc_selfcheck.py houdini` inside a real Houdini.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How a kind of node says how large its pictures are."""

    #: Parameter that switches the node's own size on, and its value for that; empty: it is always on.
    switch: str
    on: object
    #: Parameter that says which size is meant, and its token for one in pixels; empty: there is none.
    mode: str
    exact: str
    #: Parameters of width and height.
    width: str
    height: str
    #: Whether the camera's own size counts while the switch is off.
    is_cameras: bool = True


#: Mantra, Arnold, V-Ray, RenderMan.
_CAMERA = Size("override_camerares", 1, "res_fraction", "specific", "res_overridex", "res_overridey")
_REDSHIFT = Size("RS_overrideCameraRes", 1, "RS_overrideResScale", "user", "RS_overrideRes1", "RS_overrideRes2")
_KARMA = Size("", None, "", "", "resolutionx", "resolutiony", is_cameras=False)
_USD = Size("override_res", "specific", "", "", "res_user1", "res_user2", is_cameras=False)


@dataclass(frozen=True)
class NodeKind:
    """One type of node that writes files."""

    #: Parameters with the path of a file, the main one first; `#` stands for 0, 1, 2 and so on, as far as there are.
    files: tuple[str, ...]
    #: Parameter with the path of the camera; empty: it has none.
    camera: str = ""
    size: Size | None = None
    #: Whether it writes pictures; else caches and scenes, which nobody can decode.
    is_picture: bool = True
    #: Parameters that, when on, let it write another file instead: a scene for a renderer of its own.
    exports: Mapping[str, str] | None = None
    #: Parameters that, when on, make its frames depend on one another.
    sequential: tuple[str, ...] = ()
    #: Whether they always do.
    is_sequential: bool = False
    #: Whether its pictures may be named on the USD stage instead.
    is_usd: bool = False
    #: Whether its files must be written where they stay: they hold paths relative to their own place.
    is_in_place: bool = False
    #: Whether it may write its main file under a longer name: with the frame, or with an ending of its own.
    is_renaming: bool = False


def _cache(*files: str, **more: object) -> NodeKind:
    return NodeKind(files, is_picture=False, **more)  # type: ignore[arg-type]  # the fields of NodeKind


_KARMA_ROP = NodeKind(("picture", "dcmfilename"), camera="camera", size=_KARMA)
_USD_RENDER = NodeKind(
    ("outputimage",), camera="override_camera", size=_USD, is_usd=True, sequential=("allframesatonce",)
)
_GEOMETRY = _cache("sopoutput", sequential=("initsim",))
_ALEMBIC = _cache("filename", sequential=("initsim",))
_USD_FILE = _cache("lopoutput", is_in_place=True)
_RIS = NodeKind(
    ("ri_display_#_name",),
    camera="camera",
    size=_CAMERA,
    exports={"rib_outputmode": "soho_diskfile"},
)

#: Category and name of the type, without namespace and version.
KINDS: dict[str, NodeKind] = {
    "Driver/ifd": NodeKind(
        ("vm_picture", "vm_filename_plane#", "vm_dcmfilename"),
        camera="camera",
        size=_CAMERA,
        exports={"soho_outputmode": "soho_diskfile"},
    ),
    "Driver/karma": _KARMA_ROP,
    "Lop/karma": _KARMA_ROP,
    "Driver/usdrender": _USD_RENDER,
    "Lop/usdrender_rop": _USD_RENDER,
    "Driver/opengl": NodeKind(("picture",), camera="camera"),
    "Driver/flipbook": NodeKind(("picture",), camera="camera"),
    "Driver/arnold": NodeKind(
        ("ar_picture",), camera="camera", size=_CAMERA, exports={"ar_ass_export_enable": "ar_ass_file"}
    ),
    "Driver/Redshift_ROP": NodeKind(
        ("RS_outputFileNamePrefix", "RS_aovCustomPrefix_#"),
        camera="RS_renderCamera",
        size=_REDSHIFT,
        is_renaming=True,
        exports={"RS_archive_enable": "RS_archive_file"},
    ),
    "Driver/vray_renderer": NodeKind(
        ("SettingsOutput_img_file_path",), camera="render_camera", size=_CAMERA, is_renaming=True
    ),
    "Driver/rib": _RIS,
    "Driver/ris": _RIS,
    "Driver/comp": NodeKind(("copoutput",)),
    "Driver/image": NodeKind(("copoutput",)),
    "Cop/rop_image": NodeKind(("copoutput",)),
    "Driver/geometry": _GEOMETRY,
    "Sop/rop_geometry": _GEOMETRY,
    "Driver/filmboxfbx": _cache("sopoutput"),
    "Sop/rop_fbx": _cache("sopoutput"),
    "Driver/alembic": _ALEMBIC,
    "Sop/rop_alembic": _ALEMBIC,
    "Driver/gltf": _cache("file"),
    "Sop/rop_gltf": _cache("file"),
    "Driver/mdd": _cache("file", is_sequential=True),
    "Driver/usd": _USD_FILE,
    "Lop/usd_rop": _USD_FILE,
    "Driver/dop": _cache("dopoutput", is_sequential=True),
    "Driver/channel": _cache("chopoutput", is_sequential=True),
    "Driver/usdzip": _cache("outfile#"),
    "Driver/usdstitch": _cache("outfile#", is_sequential=True),
}

#: Types that write nothing themselves → the parameter that names what they render; empty: their inputs. Those whose
#: work can't be told, such as a subnet or a shell, are in neither table, and refused.
PASSING: dict[str, str] = {
    "Driver/fetch": "source",
    "Driver/wedge": "driver",
    "Driver/hq_render": "hq_driver",
    "Driver/hq_sim": "hq_driver",
    "Driver/merge": "",
    "Driver/batch": "",
    "Driver/switch": "",
    "Driver/prepost": "",
    "Driver/null": "",
}
#: A switch renders one of its inputs: the type, and the parameter that says which, from 0.
SWITCH, SWITCH_INDEX = "Driver/switch", "index"

#: Parameters that every node that renders a range has.
RANGE_MODE, RANGE = "trange", "f"
#: "Wait for Render to Complete", off by default in ifd, karma and usdrender.
FOREGROUND = "soho_foreground"
#: How much is printed; the first that there is.
VERBOSITY = ("verbosity", "verbose", "vm_verbose")
#: Switches that let a renderer print `ALF_PROGRESS`.
PROGRESS = ("alfprogress", "vm_alfprogress")
#: Without it Arnold writes watermarked pictures when no licence is free, and ends well.
ABORT_WITHOUT_LICENCE = "ar_abort_on_license_fail"
#: Its own take, and the value for the current one.
TAKE, CURRENT_TAKE = "take", "_current_"
EXECUTE = "execute"
