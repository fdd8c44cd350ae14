"""Node types and their parameters, as public sources have them; the plugin's own table is not read for this.

Kind of each parameter: `file` and `text` are strings, `menu` has tokens after a colon, `ordinal` is a menu of numbers.

Sources, by the signs behind each type:
    S  SideFX's node reference, sidefx.com/docs/houdini/nodes/{out,lop,sop,obj}
    A  AYON's and OpenPype's Houdini integrations (collectors and creators)
    P  Prism's Houdini integration (renderer plug-ins)
    T  tk-houdini's and tk-houdini-renderman's publish plug-ins
    V  V-Ray for Houdini, ChaosGroup/vray-for-houdini on GitHub
    D  AWS Deadline Cloud for Houdini
    U  seen in one public project only: unproven
"""

from __future__ import annotations

import re

_RANGE = {
    "trange": "menu:off normal on",
    "f1": "float:1",
    "f2": "float:240",
    "f3": "float:1",
    "take": "text:_current_",
    "execute": "button",
}
_SOHO = {"soho_foreground": "toggle:0", "soho_outputmode": "ordinal:0", "soho_diskfile": "file"}
#: S A P T: the same in Mantra, Arnold, V-Ray and RenderMan.
_SIZE = {
    "override_camerares": "toggle:0",
    "res_fraction": "menu:0.5 0.1 0.25 0.75 specific",
    "res_overridex": "int:1280",
    "res_overridey": "int:720",
}
_KARMA = {
    **_RANGE,
    "soho_foreground": "toggle:0",
    "picture": "file",
    "dcmfilename": "file",
    "camera": "text",
    "resolutionx": "int:1280",
    "resolutiony": "int:720",
    "alfprogress": "toggle:0",
    "verbosity": "menu:0 1 2 3",
}
_USD_RENDER = {
    **_RANGE,
    "soho_foreground": "toggle:0",
    "loppath": "text",
    "outputimage": "file",
    "override_camera": "text",
    "override_res": "menu:none scale specific",
    "res_user1": "int:1280",
    "res_user2": "int:720",
    "allframesatonce": "toggle:0",
    "alfprogress": "toggle:0",
    "verbosity": "ordinal:0",
}
_RENDERMAN = {
    **_RANGE,
    **_SIZE,
    "camera": "text",
    "ri_display_0_name": "file",
    "ri_display_1_name": "file",
    "rib_outputmode": "toggle:0",
    "verbose": "int:0",  # U
    "soho_diskfile": "file",
}
_GEOMETRY = {**_RANGE, "sopoutput": "file", "initsim": "toggle:0"}
_ALEMBIC = {**_RANGE, "filename": "file", "initsim": "toggle:0"}
_USD_FILE = {**_RANGE, "lopoutput": "file", "fileperframe": "toggle:0"}

#: Our own node: each parameter with its kind, and another value than the first; as `tools/build_hda.py` writes it.
_OURS: dict[str, tuple[str, object]] = {
    "name": ("text", "sea"),
    "priority": ("int:50", 70),
    "paused": ("toggle:0", 1),
    "frames": ("text", "1-9"),
    "chunk": ("int:1", 4),
    "order": ("menu:forward reverse ends-first every:10", "reverse"),
    "skip_existing": ("toggle:0", 1),
    "pool": ("text:default", "gpu"),
    "use_take": ("toggle:0", 1),
    "bc_take": ("text", "night"),
    "use_camera": ("toggle:0", 1),
    "camera": ("text", "/obj/side"),
    "use_frame_step": ("toggle:0", 1),
    "frame_step": ("int:2", 3),
    "use_resolution_x": ("toggle:0", 1),
    "resolution_x": ("int:64", 32),
    "use_resolution_y": ("toggle:0", 1),
    "resolution_y": ("int:48", 24),
    "use_percentage": ("toggle:0", 1),
    "percentage": ("int:100", 50),
}


def rop_values(*, is_on: bool) -> dict[str, object]:
    """Return values for all parameters of our own node; without `is_on` only those that are always on."""
    return {name: value for name, (_, value) in _OURS.items() if is_on or not name.startswith("use_")}


#: Category and type → parameter → its kind, and what it holds at first.
TYPES: dict[str, dict[str, str]] = {
    "Object/cam": {"resx": "int:1280", "resy": "int:720"},  # S
    "Object/geo": {},
    "Object/copnet": {},
    "Manager/network": {},
    "Sop/file": {"file": "file"},  # S
    "Lop/null": {},
    "Driver/ifd": {  # S A P T
        **_RANGE,
        **_SOHO,
        **_SIZE,
        "camera": "text",
        "vm_picture": "file",
        "vm_filename_plane1": "file",
        "vm_filename_plane2": "file",
        "vm_usefile_plane1": "toggle:0",
        "vm_usefile_plane2": "toggle:0",
        "vm_dcmfilename": "file",
        "vm_verbose": "int:1",
        "vm_alfprogress": "toggle:0",
    },
    "Driver/karma": _KARMA,  # S A
    "Lop/karma": _KARMA,  # S
    "Driver/usdrender": _USD_RENDER,  # S A
    "Lop/usdrender_rop": _USD_RENDER,  # S A
    "Driver/opengl": {**_RANGE, "picture": "file", "camera": "text"},  # S A
    "Driver/flipbook": {**_RANGE, "picture": "file", "camera": "text"},  # U
    "Driver/arnold": {  # A P
        **_RANGE,
        **_SIZE,
        "camera": "text",
        "ar_picture": "file",
        "ar_ass_export_enable": "toggle:0",
        "ar_abort_on_license_fail": "toggle:0",  # U
        "ar_ass_file": "file",
    },
    "Driver/Redshift_ROP": {  # A P
        **_RANGE,
        "RS_renderCamera": "text",
        "RS_overrideCameraRes": "toggle:0",
        "RS_overrideResScale": "menu:half quarter user",
        "RS_overrideRes1": "int:1280",
        "RS_overrideRes2": "int:720",
        "RS_outputFileNamePrefix": "file",
        "RS_aovCustomPrefix_1": "file",
        "RS_aovCustomPrefix_2": "file",
        "RS_archive_enable": "toggle:0",
        "RS_archive_file": "file",
    },
    "Driver/vray_renderer": {  # P V
        **_RANGE,
        **_SIZE,
        "render_camera": "text",
        "SettingsOutput_img_file_path": "file",
    },
    "Driver/ris": _RENDERMAN,  # T U
    "Driver/rib": _RENDERMAN,  # U
    "Driver/comp": {**_RANGE, "copoutput": "file"},  # S A
    "Driver/image": {**_RANGE, "copoutput": "file"},  # S
    "Cop/rop_image": {**_RANGE, "copoutput": "file"},  # S
    "Driver/geometry": _GEOMETRY,  # S A D
    "Sop/rop_geometry": _GEOMETRY,  # S P
    "Driver/filmboxfbx": {**_RANGE, "sopoutput": "file"},  # S A
    "Sop/rop_fbx": {**_RANGE, "sopoutput": "file"},  # S
    "Driver/alembic": _ALEMBIC,  # S A
    "Sop/rop_alembic": _ALEMBIC,  # S P
    "Driver/gltf": {**_RANGE, "file": "file"},  # S
    "Sop/rop_gltf": {**_RANGE, "file": "file"},  # S
    "Driver/mdd": {**_RANGE, "file": "file"},  # S
    "Driver/usd": _USD_FILE,  # S A
    "Lop/usd_rop": _USD_FILE,  # S A
    "Driver/dop": {**_RANGE, "dopoutput": "file"},  # S P
    "Driver/channel": {**_RANGE, "chopoutput": "file"},  # S
    "Driver/usdzip": {"execute": "button", "outfile1": "file"},  # S
    "Driver/usdstitch": {"execute": "button", "outfile1": "file"},  # S
    "Driver/fetch": {"source": "text"},  # S
    "Driver/wedge": {"driver": "text"},  # S
    "Driver/hq_render": {"hq_driver": "text"},  # S
    "Driver/hq_sim": {"hq_driver": "text"},  # S
    "Driver/merge": {},
    "Driver/batch": {},
    "Driver/switch": {"index": "int:0"},  # S
    "Driver/prepost": {},
    "Driver/subnet": {},
    "Driver/null": {},
    "Driver/shell": {},
    "Driver/buildcat_rop": {  # ours
        **{name: kind for name, (kind, _) in _OURS.items()},
        **dict.fromkeys(("submit", "jobs", "dry_run"), "button"),
        "rops": "text",
        "soho_program": "text",
    },
    "Driver/labs::bake::2.0": {**_RANGE, "bakeoutput": "file"},  # stands for what nobody knows
}
#: Parameters that a node has as many of as the artist likes.
_NUMBERED = ("vm_filename_plane", "vm_usefile_plane", "RS_aovCustomPrefix_", "ri_display_", "outfile")
_NAMES = {name for parms in TYPES.values() for name in parms}


def is_known(name: str) -> bool:
    """Whether some type has a parameter of that name: to ask another node for one is no mistake."""
    if name in _NAMES:
        return True
    return name.startswith(_NUMBERED) and re.sub(r"\d+", "1", name) in _NAMES


#: The parameter with a type's main file, and the switch that lets it write another instead.
MAIN = {
    "ifd": "vm_picture",
    "karma": "picture",
    "usdrender": "outputimage",
    "usdrender_rop": "outputimage",
    "opengl": "picture",
    "flipbook": "picture",
    "arnold": "ar_picture",
    "Redshift_ROP": "RS_outputFileNamePrefix",
    "vray_renderer": "SettingsOutput_img_file_path",
    "ris": "ri_display_0_name",
    "rib": "ri_display_0_name",
    "comp": "copoutput",
    "image": "copoutput",
    "rop_image": "copoutput",
    "geometry": "sopoutput",
    "rop_geometry": "sopoutput",
    "filmboxfbx": "sopoutput",
    "rop_fbx": "sopoutput",
    "alembic": "filename",
    "rop_alembic": "filename",
    "gltf": "file",
    "rop_gltf": "file",
    "mdd": "file",
    "usd": "lopoutput",
    "usd_rop": "lopoutput",
    "dop": "dopoutput",
    "channel": "chopoutput",
    "usdzip": "outfile1",
    "usdstitch": "outfile1",
}
EXPORT = {
    "soho_outputmode": "soho_diskfile",
    "ar_ass_export_enable": "ar_ass_file",
    "RS_archive_enable": "RS_archive_file",
    "rib_outputmode": "soho_diskfile",
}
#: More files of one frame, each with the switch that it needs.
MORE = {
    "vm_filename_plane1": "vm_usefile_plane1",
    "vm_filename_plane2": "vm_usefile_plane2",
    "RS_aovCustomPrefix_1": "",
    "RS_aovCustomPrefix_2": "",
    "ri_display_1_name": "",
    "vm_dcmfilename": "",
    "dcmfilename": "",
}
CAMERA = ("camera", "RS_renderCamera", "render_camera", "override_camera")
CACHES = ("geometry", "rop_geometry", "filmboxfbx", "rop_fbx", "alembic", "rop_alembic", "gltf", "rop_gltf", "mdd")
CACHES += ("usd", "usd_rop", "dop", "channel", "usdzip", "usdstitch")
