# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same for all files: server, storage, user. Runs in Blender 3.4 to 5.x."""

import getpass
import os
import re
from typing import Any

import bpy

#: The name by which Blender knows the add-on.
ADDON = __package__.rpartition(".")[0]
_LOOPBACK = re.compile(r"^redis\w*://(?:[^@/]*@)?(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::|/|$)")


class Root(bpy.types.PropertyGroup):
    path: bpy.props.StringProperty(
        name="Storage", description="A farm's shared storage on this machine", subtype="DIR_PATH"
    )


class Preferences(bpy.types.AddonPreferences):
    bl_idname = ADDON

    server: bpy.props.StringProperty(
        name="Server",
        description="Address of the farm, as `buildcat server` prints it. Empty: BUILDCAT_SERVER, else this machine",
        default="",
    )
    named_roots: bpy.props.CollectionProperty(type=Root)
    user: bpy.props.StringProperty(name="User", description="Whose jobs these are. Empty: the login's name")
    monitor: bpy.props.StringProperty(
        name="Monitor",
        description="Address of a web page about the farm, if you have one; {job} in it becomes the job's id",
    )
    poll_s: bpy.props.FloatProperty(
        name="Look every",
        description="How often the panel asks the farm while it is in sight",
        default=2,
        min=0.5,
        max=60,
    )

    def draw(self, context: Any) -> None:
        from buildcat_blender.panel.farm import FARM

        layout: Any = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "server")
        row = layout.row()
        row.alignment = "RIGHT"
        row.operator("buildcat.test_server", icon="LINKED")
        if FARM.tested:
            layout.label(text=FARM.tested[0], icon=FARM.tested[1])
        for place, one in enumerate(self.named_roots):
            row = layout.row(align=True)
            row.prop(one, "path", text=" " if place else "Storage")
            row.operator("buildcat.remove_root", text="", icon="X").place = place
        if not self.named_roots:
            layout.label(text="The storage is the folder above a file that a worker has marked.", icon="INFO")
        row = layout.row()
        row.alignment = "RIGHT"
        row.operator("buildcat.add_root", icon="ADD")
        layout.prop(self, "user")
        layout.prop(self, "monitor")
        layout.prop(self, "poll_s")
        column = layout.column(align=True)
        column.scale_y = 0.8
        column.label(text="A password in the address is kept as plain text in Blender's preferences.", icon="INFO")
        column.label(text="To keep it out of them, set BUILDCAT_SERVER in the environment instead.", icon="BLANK1")


def get() -> Any:
    """Return the preferences in force."""
    return bpy.context.preferences.addons[ADDON].preferences


def server() -> str:
    """Return the server's address."""
    return get().server or os.environ.get("BUILDCAT_SERVER") or "redis://127.0.0.1:6379/0"


def user() -> str:
    """Return who submits."""
    return get().user or os.environ.get("BUILDCAT_USER") or _login()


def roots() -> list[str]:
    """Return the named storages on this machine."""
    named = [one.path for one in get().named_roots if one.path] or [os.environ.get("BUILDCAT_ROOT", "")]
    return [os.path.abspath(bpy.path.abspath(one)) for one in named if one]  # noqa: PTH100  # text, as Blender's paths


def root() -> str:
    """Return the named storage in which the file is, or the only one; empty: it is to be found above the file."""
    known = roots()
    only = known[0] if len(known) == 1 else ""
    return next((one for one in known if is_below(one, bpy.data.filepath)), only)


def is_below(folder: str, path: str) -> bool:
    """Whether the path is the folder or in it, as it is written: asking the disk could take long."""
    folder, path = os.path.normcase(folder), os.path.normcase(path)
    return path == folder or path.startswith(folder.rstrip("/\\") + os.sep)


def obstacle() -> str:
    """Return why the server may not be asked, or an empty string."""
    is_online = getattr(bpy.app, "online_access", True)  # 4.2 and newer
    if is_online or _LOOPBACK.match(server()):
        return ""
    return "Blender may not go online. Allow it in Preferences > System > Network, then the farm can be reached."


def _login() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user without an entry
        return "unknown"


CLASSES = (Root, Preferences)
