"""A fake `Render`: `python -I -S render.py HOME VERSION …`. It refuses flags that its documentation doesn't have.

It renders each layer that is switched on, as each camera that is switched on sees it, and adds folders where they are
several. Python 3.9.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from doubles.maya.model import Scene  # found by the line above
from doubles.maya.session import Session

#: Each takes one value. Source: "Common flags for the command line renderer" in Autodesk's documentation of Maya 2014;
#: U: what later versions print for `-help`, by public scripts.
FLAGS = {
    *("-r", "-proj", "-rd", "-im", "-fnc", "-of", "-s", "-e", "-b", "-pad", "-skipExistingFrames", "-cam"),
    *("-rl", "-x", "-y", "-percentRes"),  # U
}


def parse(words: list[str]) -> tuple[dict[str, str], str]:
    """Return flags and the scene; ends where the program would."""
    given = {}
    while len(words) > 1:
        flag, value, *words = words
        if flag not in FLAGS:
            sys.exit(f"Unknown option {flag}\n// Maya exited with status 1")
        given[flag] = value
    return given, words[0]


def main(home: str, version: str, *words: str) -> None:
    """Be the program."""
    if words == ("-help",):
        print(f"Usage: Render [options] filename; of Maya {version}")
        return
    given, path = parse(list(words))
    if Path(home, "licences-taken").exists():
        sys.exit("RuntimeError: Error encountered when initializing Maya")
    session = Session(version)
    session.scene = scene = Scene.read(path)
    session.set_project(given["-proj"])
    if scene.script:
        print(scene.script, flush=True)
    session.rules["images"] = given["-rd"]
    layers = given["-rl"].split(",") if "-rl" in given else session.renderable_layers()
    cameras = [one.removesuffix("Shape") for one in scene.cameras() if scene.get(f"{one}.renderable")]
    cameras = [given["-cam"]] if "-cam" in given else cameras
    unknown = [one for one in layers if scene.types.get(one) != "renderLayer"]
    unknown += [one for one in cameras if f"{one}Shape" not in scene.types]
    if unknown or given["-r"] != "file":
        sys.exit(f"Error: {unknown} does not exist.\n// Maya exited with status 210")
    _put(scene, given, "/".join(["<RenderLayer>"] * (len(layers) > 1) + ["<Camera>"] * (len(cameras) > 1)))
    for layer in layers:
        scene.layer = layer
        for camera in cameras:
            for frame in range(int(given["-s"]), int(given["-e"]) + 1, int(given["-b"])):
                scene.frame = frame
                session.common(frame, camera, layer)
    print("// Maya exited with status 0", flush=True)


def _put(scene: Scene, given: dict[str, str], folders: str) -> None:
    """Set what the flags say."""
    options = "defaultRenderGlobals"
    values = scene.values
    values[f"{options}.imageFilePrefix"] = f"{folders}/{given['-im']}" if folders else given["-im"]
    values[f"{options}.extensionPadding"] = int(given["-pad"])
    values[f"{options}.animation"] = values[f"{options}.putFrameBeforeExt"] = given["-fnc"] == "name.#.ext"
    share = float(given.get("-percentRes", 100)) / 100
    for flag, side in (("-x", "width"), ("-y", "height")):
        values[f"defaultResolution.{side}"] = int(given.get(flag, scene.get(f"defaultResolution.{side}") * share))
    width, height = (scene.get(f"defaultResolution.{side}") for side in ("width", "height"))
    values["defaultResolution.deviceAspectRatio"] = width / height


main(*sys.argv[1:])
