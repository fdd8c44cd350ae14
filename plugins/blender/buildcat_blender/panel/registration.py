# SPDX-License-Identifier: GPL-3.0-or-later
"""Registers what Blender is to know of the panel, and takes all of it away again. Runs in Blender 3.4 to 5.x."""

import bpy

from buildcat_blender.panel import drawing, farm, operators, preferences, properties, thumbnails

_MODULES = (preferences, properties, operators, drawing)


def register() -> None:
    """Register all classes, the scenes' properties, the menu entry and the timer."""
    for module in _MODULES:
        for one in module.CLASSES:
            bpy.utils.register_class(one)
    bpy.types.Scene.buildcat = bpy.props.PointerProperty(type=properties.Job)
    bpy.types.TOPBAR_MT_render.append(drawing.draw_menu)
    farm.FARM.open()


def unregister() -> None:
    """Undo `register`, in reverse."""
    farm.FARM.close()
    thumbnails.THUMBNAILS.forget()
    bpy.types.TOPBAR_MT_render.remove(drawing.draw_menu)
    del bpy.types.Scene.buildcat
    for module in reversed(_MODULES):
        for one in reversed(module.CLASSES):
            bpy.utils.unregister_class(one)
