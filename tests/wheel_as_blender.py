"""Acts as the program `blender`, with the bpy wheel of the Python that runs this. So tests have several Blenders.

Takes, in Blender's order, what the farm and the tests call Blender with: `--version`, `-b`, FILE, `-a`, and
`--python SCRIPT` with all that follows. Other options count nothing in a wheel, and are passed over.
"""

from __future__ import annotations

import importlib.metadata
import os
import runpy
import sys

#: Options with a value that a wheel has no use for.
PASSED_OVER = {"--python-exit-code"}


def main(arguments: list[str]) -> None:
    """Do what the arguments say, one after the other."""
    if arguments == ["--version"]:
        print("Blender", importlib.metadata.version("bpy"))
        return
    import bpy

    words = iter(arguments)
    for word in words:
        if word in PASSED_OVER:
            next(words)
        elif word == "--python":
            script = next(words)
            sys.argv = [script, *words]
            runpy.run_path(script, run_name="__main__")
        elif word == "-a":
            bpy.ops.render.render(animation=True)
        elif not word.startswith("-"):
            bpy.ops.wm.open_mainfile(filepath=word)


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # 4.2 crashes and 4.5 hangs in a normal exit
