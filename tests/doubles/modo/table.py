"""What the double of Modo knows: commands with their arguments, queries, channels, formats; each with its source.

RR: Royal Render's scripts for Modo. DL: Thinkbox Deadline's submitter and worker. CN: Conductor's submitter and render
script, which render Modo in a cloud. FM: farmodo, which lets one Modo render scene after scene. MM: kits of Mechanical
Color, such as renderMonkey. SM: the SMONSTER kits. BP: batch scripts that feed modo_cl by its input. MR: MoonRay for
Modo, on 16.1v9. OT: other scripts. All are in public repositories. FD: The Foundry's documentation. We tried nothing of
it in a real Modo; what only one of them has is marked U, unproven. CO: `consolidate.py` by The Foundry, with which Modo
collects what a scene reads.
"""

from __future__ import annotations

#: Command, as it is sent → its arguments in order.
COMMANDS: dict[str, tuple[str, ...]] = {
    "log.toConsole": ("value",),  # RR, DL, BP, MM
    "log.toConsoleRolling": ("value",),  # RR, DL, BP, MM
    "!scene.open": ("filename", "mode"),  # DL, SM
    "!scene.close": (),  # FM, SM, OT; none of them asks a question then
    "!scene.save": (),  # RR, DL
    "scene.new": (),  # MR; the self-check only
    "!scene.saveAs": ("filename", "format", "export"),  # SM, MR, MM
    "query": ("service", "attribute", "value", "selector"),  # FD, all
    "render.camera": ("camera",),  # RR, OT; by an item's id: OT, U; asked for, which is an id: RR, DL, OT
    "item.channel": ("name", "value", "mode", "item"),  # MM, RR; `item` by an id: MM
    "!render.animation": ("filename", "format", "group"),  # RR, DL, MM, BP; the group by its id: CN
}
#: Types of items, but for clips, that read a file. CO, RR; the second of its kind: OT.
READERS = ("photometryLight", "deformMDD", "deformMDD2")
#: Query of the scene service → what its selector is.
QUERIES = {
    "scene.file": "current",  # RR, DL, BP
    "scene.changed": "current",  # RR, DL
    "scene.index": "current",  # SM: selects the scene of which all else is asked, until another is
    "item.name": "id",  # DL, MM
    "item.type": "id",  # RR, DL
    "item.parent": "id",  # MM, OT
    "render.tags": "id",  # RR, OT
    "polyRender.id": "place",  # MM, OT
    "renderOutput.N": "",  # RR, MM
    "renderOutput.id": "place",  # RR, MM
    "camera.N": "",  # OT
    "camera.id": "place",  # OT, U
    "group.N": "",  # OT
    "group.id": "place",  # OT
    "item.N": "",  # CO, DL
    "item.refPath": "place",  # CO, RR
    **{f"{one}.{what}": of for one in READERS for what, of in {"N": "", "id": "place"}.items()},  # CO, RR
}
#: Query of the layer service → what its selector is.
CLIPS = {"clip.N": "all", "clip.id": "place"}  # CO, RR, OT
#: Type of an item → its channels, and their types.
CHANNELS: dict[str, dict[str, type]] = {
    "polyRender": {
        **dict.fromkeys(("first", "last", "step"), int),  # BP, MM
        **dict.fromkeys(("resX", "resY"), int),  # MR, OT
        "outPat": str,  # DL, BP
        "frmRange": str,  # CN; what it does: FD, "Render Item: Frame"
        "region": int,  # RR, DL, OT
    },
    "renderOutput": {
        "renderOutput$filename": str,  # RR, DL
        "renderOutput$format": str,  # DL, OT
        "textureLayer$enable": int,  # RR
    },
    "mask": {"textureLayer$enable": int},  # RR
    **{one: {"filename": str} for one in ("videoStill", "photometryLight")},  # CO, RR
    "videoSequence": {"pattern": str},  # CO, RR
    **{one: {"file": str} for one in ("deformMDD", "deformMDD2")},  # CO, RR, OT
    "camera": dict.fromkeys(("resOverride", "resX", "resY"), int),  # the SDK's names; what they do: OT
}
#: Format, as Modo names it → ending. RR, DL; in capitals: DL.
FORMATS = {"PNG": "png", "openexr": "exr", "JPG": "jpg", "BMP": "BMP"}

#: Names of `lx`, `lxu`, `lxifc` and `modo` that kits use. FD, SM, MM; the headless question: MR, OT.
API = frozenset({
    *("lx", "lxu", "lxifc", "modo", "eval", "arg", "out", "bless", "symbol", "result", "service", "FAILED"),
    *("Platform", "IsHeadless", "UIValueHints", "BasicCommand", "dialogs", "alert"),
    *("sTYPE_STRING", "sTYPE_INTEGER", "sTYPE_BOOLEAN"),
    *("fCMDARG_OPTIONAL", "fCMD_UI", "fVALHINT_POPUPS"),
    *("dyna_Add", "dyna_IsSet", "dyna_String", "dyna_Int", "dyna_Bool", "basic_SetFlags"),
    *("attr_SetString", "attr_SetInt", "SetCode", "SetMessage", "SetArgumentString", "Class"),
})  # fmt: skip
#: Methods of a kit's classes that Modo calls. FD, SM, OT.
CALLED = frozenset({
    *("cmd_Flags", "cmd_DialogInit", "basic_Enable", "basic_Execute", "arg_UIHints", "arg_UIValueHints"),
    *("uiv_Flags", "uiv_PopCount", "uiv_PopUserName", "uiv_PopInternalName"),
})  # fmt: skip
