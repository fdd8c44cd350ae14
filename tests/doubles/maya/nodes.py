"""Types of nodes with the attributes that we rely on: kind and first value. What isn't here is an error.

Sources: D Autodesk's node reference; B scripts for batch renders that public pipelines use; P the publisher's pages.
U: one source only. Of plug-ins nothing is in the type stubs.
"""

from __future__ import annotations

_MEL = ("preMel", "postMel", "preRenderLayerMel", "postRenderLayerMel", "preRenderMel", "postRenderMel")

TYPES: dict[str, dict[str, str]] = {
    "renderGlobals": {  # D
        "currentRenderer": "text:mayaSoftware",
        "imageFilePrefix": "text:",
        "imageFormat": "int:32",
        "animation": "bool:0",
        "startFrame": "float:1",
        "endFrame": "float:10",
        "byFrameStep": "float:1",
        "extensionPadding": "int:4",
        "outFormatControl": "int:0",
        "putFrameBeforeExt": "bool:0",
        "periodInExt": "int:1",
        "modifyExtension": "bool:0",
        "skipExistingFrames": "bool:0",
        "renderAll": "bool:1",
        **dict.fromkeys(_MEL, "text:"),
    },
    "resolution": {  # D
        "width": "int:64",
        "height": "int:48",
        "pixelAspect": "float:1",
        "deviceAspectRatio": "float:1.333",
    },
    "colorManagementGlobals": {"cmEnabled": "bool:1", "configFileEnabled": "bool:1", "configFilePath": "text:"},  # D B
    "renderLayer": {"renderable": "bool:1", "message": "message"},  # D
    "renderLayerManager": {"renderLayerId": "message"},  # D B
    "renderSetupLayer": {"message": "message", "legacyRenderLayer": "message"},  # B
    "transform": {"message": "message"},  # D
    "camera": {"renderable": "bool:0"},  # D
    "script": {"scriptType": "int:0", "before": "text:", "after": "text:"},  # D
    "aiOptions": {  # B P
        "renderType": "int:0",
        "log_verbosity": "int:1",
        "abortOnLicenseFail": "bool:0",
        "skipLicenseCheck": "bool:0",  # B
        "log_to_console": "bool:0",
        "skipExistingFrames": "bool:0",  # U
        "outputOverscan": "text:",  # U
        "PostTranslation": "text:",  # MtoA's own template of its options
    },
    "aiAOVDriver": {"aiTranslator": "text:exr", "prefix": "text:"},  # B P
    "RedshiftOptions": {  # B
        "imageFormat": "int:1",
        "imageFilePrefix": "text:",
        "abortOnLicenseFail": "bool:0",
        "skipExistingFrames": "bool:0",
        "noSaveImage": "bool:0",
        **dict.fromkeys(("preRenderMel", "postRenderMel", "preRenderLayerMel", "postRenderLayerMel"), "text:"),
        **dict.fromkeys(("preRenderFrameMel", "postRenderFrameMel"), "text:"),
    },
    "VRaySettingsNode": {  # B P
        "fileNamePrefix": "text:",
        "fileNamePadding": "int:4",
        "imageFormatStr": "text:png",
        "width": "int:64",
        "height": "int:48",
        "aspectRatio": "float:1.333",
        "animType": "int:1",
        "animFrames": "text:",
        "animBatchOnly": "bool:1",  # B
        "vrscene_render_on": "bool:1",
        "vrscene_on": "bool:0",
        "dontSaveImage": "bool:0",
        "dontSaveRgbChannel": "bool:0",  # B
        "sys_distributed_rendering_on": "bool:0",
        "sys_message_level": "int:1",
        **dict.fromkeys(("postTranslatePython", "preKeyframeMel", "rtImageReadyMel"), "text:"),
    },
    "rmanGlobals": {  # B; first values as in many public scenes
        "imageOutputDir": "text:<ws>/images/<scene>_v<version>_t<take>",
        "imageFileFormat": "text:<scene>_<layer>_<camera>_<aov>.<f4>.<ext>",
    },
    "rmanDisplay": {"displayType": "message"},  # B
    **{  # B
        one: {"filename": "text:"} for one in ("PxrTexture", "PxrNormalMap", "PxrBump", "PxrPtexture")
    },
    "PxrMultiTexture": dict.fromkeys(("filename", *(f"filename{number}" for number in range(10))), "text:"),  # B
    "PxrDomeLight": {"lightColorMap": "text:"},  # B
    **{f"d_{one}": {} for one in ("openexr", "deepexr", "png", "targa", "tiff")},  # B
}

#: Node that a scene always has → its type.
ALWAYS = {
    "defaultRenderGlobals": "renderGlobals",
    "defaultResolution": "resolution",
    "defaultRenderLayer": "renderLayer",
    "renderLayerManager": "renderLayerManager",
    "defaultColorMgtGlobals": "colorManagementGlobals",
}
#: Renderer → its plug-in, and its nodes with their types; they are in a scene once its settings were opened.
PLUGINS = {
    "arnold": ("mtoa", {"defaultArnoldRenderOptions": "aiOptions", "defaultArnoldDriver": "aiAOVDriver"}),
    "redshift": ("redshift4maya", {"redshiftOptions": "RedshiftOptions"}),
    "vray": ("vrayformaya", {"vraySettings": "VRaySettingsNode"}),
    "renderman": (
        "RenderMan_for_Maya.py",
        {"rmanGlobals": "rmanGlobals", "rmanDefaultDisplay": "rmanDisplay", "d_openexr": "d_openexr"},
    ),
}
#: `imageFormat` → the ending. D
FORMATS = {3: "tif", 8: "jpg", 32: "png", 40: "exr"}
#: What Arnold's driver calls a format → the ending. B
ARNOLD_FORMATS = {"exr": "exr", "deepexr": "exr", "jpeg": "jpg", "png": "png", "tif": "tif"}
#: Type of RenderMan's driver → the ending. B
RENDERMAN_FORMATS = {"d_openexr": "exr", "d_deepexr": "exr", "d_png": "png", "d_targa": "tga", "d_tiff": "tif"}
#: `imageFormat` of Redshift's node → the ending, as its own MEL says; of the order public scripts know two. B
REDSHIFT_FORMATS = {0: "iff", 1: "exr", 2: "tif", 3: "png", 4: "tga", 5: "jpg"}


def first(kind: str) -> object:
    """Return what an attribute holds in a new node."""
    name, _, value = kind.partition(":")
    return {"bool": lambda: value == "1", "int": lambda: int(value), "float": lambda: float(value)}.get(
        name, lambda: value
    )()
