"""Makes a Blender scene that takes seconds, and may quit Blender once. Inside Blender: `… -- FILE [quit]`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

#: Part of the scene; a file beside it remembers that it was so once.
QUIT = """
import os
import bpy

def leave(*_):
    try:
        open(bpy.path.abspath("//left-once"), "x").close()
    except FileExistsError:
        return
    os._exit(0)

bpy.app.handlers.render_pre.append(leave)
"""


def main(path: str, *extras: str) -> None:
    """Write the scene."""
    import bpy
    from plugins.blender_scene import fill, set_render

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    fill(scene, (0.9, 0.2, 0.1, 1))
    set_render(scene)
    scene.render.filepath = "//shot/a_"
    if "quit" in extras:
        text = bpy.data.texts.new("leave.py")
        text.write(QUIT)
        text.use_module = True
    else:
        scene.render.resolution_x, scene.render.resolution_y = 240, 180
        scene.cycles.samples = 128
        scene.cycles.use_adaptive_sampling = False
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=False)


if __name__ == "__main__":
    main(*sys.argv[sys.argv.index("--") + 1 :])
