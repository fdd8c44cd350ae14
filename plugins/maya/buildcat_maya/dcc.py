"""Maya's description: how to find and start it, and what a job may change. Runs on any Python."""

from __future__ import annotations

from buildcat.model.dcc import Dcc, Launch
from buildcat_maya.settings import SETTINGS

#: What Maya and its renderers print when no licence is free. Sources: the vendors' documentation and forums.
NO_LICENCE = (
    r"error: Could not obtain a license",  # V-Ray
    r"Maxon licen[sc](?:e|ing) error",  # Redshift
    r"aborting render because .*abort_on_license_fail",  # Arnold
    r"\{SEVERE\} License",  # RenderMan
    r"Error encountered when initializing Maya",
)

#: Variables that are 1 in every Maya of a worker. Public farms set the first four, against what asks Autodesk's servers
#: at each start, and a person after a crash. The last goes before what a scene says of Arnold's watermarks. Source:
#: "Aborting on license failure" in Arnold's documentation.
VARIABLES = (
    *("MAYA_DISABLE_CIP", "MAYA_DISABLE_CLIC_IPM", "MAYA_DISABLE_ADP", "MAYA_DISABLE_CER"),
    "ARNOLD_FORCE_ABORT_ON_LICENSE_FAIL",
)
#: Variables by which V-Ray ends Maya after a frame, on hosts of farms that start one for each. Source: "Environment
#: Variables" in V-Ray's documentation.
ENDING = ("VRAY_TERMINATE_ON_FRAME_END", "VRAY_TERMINATE_ON_SEQUENCE_END")

DCC = Dcc(
    name="maya",
    label="Maya",
    extensions=(".ma", ".mb"),
    settings=SETTINGS,
    package="buildcat_maya",
    executables=("mayapy",),
    launch=Launch(("{executable}", "{loop}")),
    # Asked only where the path tells nothing: mayapy takes a licence and half a minute to come up.
    version_arguments=(
        "-c",
        "import maya.standalone; maya.standalone.initialize(name='python'); import maya.cmds; "
        "print('Maya', maya.cmds.about(version=True))",
    ),
    version_pattern=r"Maya (\d{4}(?:\.\d+)?)",
    version_of="buildcat_maya.version:version_of",
    # RenderMan, Redshift and others by `[PROGRESS]`, V-Ray, Arnold.
    progress_pattern=r"(?:R90000\s+|\[PROGRESS\] |Rendering image.*?:\s*|(?=\d+% done))(\d+)",
    no_licence=NO_LICENCE,
    places={
        "linux": ("/usr/autodesk/maya20*/bin/mayapy",),
        "darwin": ("/Applications/Autodesk/maya20*/Maya.app/Contents/bin/mayapy",),
        "win32": ("C:/Program Files/Autodesk/Maya20*/bin/mayapy.exe",),
    },
    are_scenes_programs=True,
    scene_version="buildcat_maya.header:needed_version",
)
