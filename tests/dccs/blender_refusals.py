"""Makes scenes that Blender renders wrongly without a word, and lets our plugin look at them. Inside Blender.

`blender -b --factory-startup --python blender_refusals.py -- FOLDER MODULES…`, with the bpy wheel
`python blender_refusals.py -- FOLDER MODULES…`: makes each case in a folder of its own, loads and renders it, and
writes what came of it to `FOLDER/refusals.json`: name → class and words of the error, or the warnings. Beside it,
`FOLDER/read.json` has the value of each setting after it was applied: key → pairs of what was applied and read.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))


@dataclass(frozen=True)
class Case:
    """One scene or order that isn't fit to be rendered."""

    spoil: Callable[[Any, Path], None] = lambda _scene, _folder: None
    settings: Mapping[str, Any] = field(default_factory=dict)
    output: str = ""
    allow_scripts: bool = False
    #: Whether the job is not split, and its first and last frame.
    is_whole: bool = False
    frames: tuple[int, int] = (1, 1)
    #: Class of the error, or `Loaded`; and words that must be in what is said.
    kind: str = "SettingError"
    says: tuple[str, ...] = ()


def no_camera(scene: Any, _folder: Path) -> None:
    scene.camera = None


def no_camera_at_all(scene: Any, _folder: Path) -> None:
    import bpy

    for one in [one for one in scene.objects if one.type == "CAMERA"]:
        bpy.data.objects.remove(one)


def engine_of_an_addon(scene: Any, _folder: Path) -> None:
    import bpy

    forget_engine()
    engine = type("Engine", (bpy.types.RenderEngine,), {"bl_idname": "SOME_ADDON", "bl_label": "Some add-on"})
    bpy.utils.register_class(engine)
    scene.render.engine = "SOME_ADDON"


def forget_engine() -> None:
    """Unregister the engine again: this Blender doesn't have that add-on."""
    import bpy

    for engine in bpy.types.RenderEngine.__subclasses__():
        if engine.__name__ == "Engine" and engine.is_registered:
            bpy.utils.unregister_class(engine)


def movie(scene: Any, folder: Path) -> None:
    from dccs import blender_scenes

    blender_scenes.movie(scene, folder)


def driver_with_python(scene: Any, _folder: Path) -> None:
    scene.objects["Near"].driver_add("location", 0).driver.expression = "__import__('time').time()"


def driver_in_a_scene_that_is_not_active(scene: Any, folder: Path) -> None:
    import bpy

    driver_with_python(scene, folder)
    bpy.context.window.scene = bpy.data.scenes.new("Empty")


def script_at_start(_scene: Any, _folder: Path) -> None:
    import bpy

    text = bpy.data.texts.new("rig.py")
    text.write("import bpy")
    text.use_module = True


def texture_lost(scene: Any, folder: Path) -> None:
    from dccs.blender_scenes import library_and_texture

    library_and_texture(scene, folder)
    (folder / "sky.png").unlink()


def library_lost(scene: Any, folder: Path) -> None:
    from dccs.blender_scenes import library_and_texture

    library_and_texture(scene, folder)
    (folder / "library.blend").unlink()


def output_to_nowhere(scene: Any, _folder: Path) -> None:
    scene.render.filepath = "renders/a_"


def output_to_the_top(scene: Any, _folder: Path) -> None:
    scene.render.filepath = "/a_"


def node_that_climbs(scene: Any, _folder: Path) -> None:
    from dccs.blender_scenes import add_nodes

    add_nodes(scene)
    node = next(one for one in tree(scene).nodes if one.bl_idname == "CompositorNodeOutputFile")
    if hasattr(node, "directory"):  # 5.0
        node.file_name = "../../up"
    else:
        node.file_slots[0].path = "../../up"


def tree(scene: Any) -> Any:
    """Return the compositor's nodes."""
    return getattr(scene, "compositing_node_group", None) or scene.node_tree


def output_is_a_file(_scene: Any, folder: Path) -> None:
    (folder / "out").write_text("in the way")


#: Settings that this machine may not take: it may have no GPU.
REFUSED_HERE = {"device"}
#: Setting → others that it counts with.
NEEDED: dict[str, dict[str, Any]] = {"codec": {"format": "exr"}, "look": {"view_transform": "Filmic"}}

CASES = {
    "no camera": Case(no_camera, says=("no active camera", "Front, Side")),
    "no camera at all": Case(no_camera_at_all, says=("Add one",)),
    "wrong camera": Case(settings={"camera": "Frunt"}, says=("'Frunt'", "Did you mean 'Front'?")),
    "camera that is none": Case(settings={"camera": "Lamp"}, says=("There is no camera 'Lamp'",)),
    "wrong scene": Case(settings={"scene_name": "Scen"}, says=("Did you mean 'Scene'?",)),
    "wrong view layer": Case(settings={"view_layers": ("Near", "Fra")}, says=("'Fra'", "Did you mean 'Far'?")),
    "wrong engine": Case(settings={"engine": "cycels"}, says=("Did you mean 'cycles'?",)),
    "wrong look": Case(settings={"view_transform": "Standrad"}, says=("Did you mean 'Standard'?",)),
    "depth that the format hasn't": Case(settings={"format": "png", "depth": "32"}, says=("'32'", "8, 16")),
    "samples of workbench": Case(settings={"engine": "workbench", "samples": 4}, says=("workbench",)),
    "border inside out": Case(settings={"border": ("0.5", "0", "0.1", "1")}, says=("0.25,0,0.75,1",)),
    "device of another system": Case(settings={"device": "metal"}, says=("wants a GPU", "metal", "doesn't know")),
    "no GPU": Case(settings={"device": "gpu"}, says=("wants a GPU", "Set device to cpu")),
    "frame step of pictures": Case(settings={"frame_step": 2}, says=("--frames 1-100x2",)),
    "frame step of a movie": Case(movie, settings={"frame_step": 2}, is_whole=True, kind="Loaded"),
    "wrong add-on": Case(settings={"addons": ("node_wranglr",)}, says=("Did you mean 'node_wrangler'",)),
    "engine of an add-on": Case(engine_of_an_addon, says=("SOME_ADDON", "addons")),
    "engine of an add-on, changed": Case(engine_of_an_addon, settings={"engine": "cycles"}, kind="Loaded"),
    "movie": Case(movie, says=("FFMPEG", "--split whole", "png")),
    "frames in one go": Case(is_whole=True, says=("PNG", "--split whole", "Leave it out")),
    "movie from below 0": Case(movie, is_whole=True, frames=(-2, 4), says=("-2", "0 or later")),
    "movie as frames": Case(movie, settings={"format": "png"}, kind="Loaded"),
    "driver": Case(driver_with_python, kind="RefusedError", says=("Driver", "time", "--allow-scripts")),
    "driver, allowed": Case(driver_with_python, allow_scripts=True, kind="Loaded"),
    "driver in another scene": Case(
        driver_in_a_scene_that_is_not_active, {"scene_name": "Scene"}, kind="RefusedError", says=("Driver",)
    ),
    "script": Case(script_at_start, kind="RefusedError", says=("rig.py",)),
    "texture lost": Case(texture_lost, kind="PathError", says=("sky.png", "missing_ok")),
    "texture lost, and fine": Case(texture_lost, settings={"missing_ok": True}, kind="Loaded", says=("sky.png",)),
    "library lost": Case(library_lost, kind="PathError", says=("library.blend",)),
    "output to nowhere": Case(output_to_nowhere, kind="PathError", says=("'renders/a_'", "//")),
    "output to the top": Case(output_to_the_top, kind="PathError", says=("top of a drive",)),
    "output of the job's own": Case(output_to_nowhere, output="out/b_{frame:03}.png", kind="Loaded"),
    "output of another format": Case(output="out/b_##.exr", kind="Loaded", says=(".exr", ".png")),
    "frame in a folder's name": Case(output="out_##/b_##.png", kind="PathError", says=("folder's name",)),
    "node that climbs": Case(node_that_climbs, kind="PathError", says=("'../../up'",)),
    "output is a file": Case(output_is_a_file, kind="OutputError", says=("can't be written",)),
}


def answer(folder: Path, case: Case) -> tuple[str, str]:
    """Return the class and the words of the error that loading or rendering ends with, or the warnings."""
    from buildcat.inside.messages import Order
    from buildcat.model.errors import BuildcatError
    from buildcat.model.job import Unit
    from buildcat_blender import render

    order = Order(
        str(folder / "scene.blend"),
        str(folder),
        settings=case.settings,
        output=case.output,
        frames=case.frames,
        allow_scripts=case.allow_scripts,
    )
    try:
        loaded = render.load(order)
        render.render(Unit(0, None if case.is_whole else 1), "e1")
    except BuildcatError as exc:
        return type(exc).__name__, str(exc)
    return "Loaded", " ".join(loaded.warnings)


def read_back(path: Path) -> dict[str, list[tuple[Any, Any]]]:
    """Apply both examples of each setting of a scene, and read the scene after each."""
    import bpy

    from buildcat_blender import scene
    from buildcat_blender.dcc import DCC

    pairs: dict[str, list[tuple[Any, Any]]] = {}
    for one in DCC.settings:
        if one.key in scene.ENTRIES and one.key not in REFUSED_HERE:
            bpy.ops.wm.open_mainfile(filepath=str(path))
            chosen = scene.find(None)
            for value in one.examples:
                scene.apply(chosen, {**NEEDED.get(one.key, {}), one.key: value})
                pairs.setdefault(one.key, []).append((value, scene.read(chosen).get(one.key)))
    return pairs


def main(folder: Path, *modules: str) -> None:
    """Make all cases, then let the plugin look at each."""
    sys.path[:0] = modules
    from dccs.blender_scenes import make_one

    from buildcat_blender import render

    for name, case in CASES.items():
        make_one(folder / name, case.spoil)
    forget_engine()
    render.start()
    answers = {name: answer(folder / name, case) for name, case in CASES.items()}
    (folder / "refusals.json").write_text(json.dumps(answers), encoding="utf-8")
    values = read_back(folder / "wrong camera" / "scene.blend")
    (folder / "read.json").write_text(json.dumps(values), encoding="utf-8")


if __name__ == "__main__":
    where, *folders = sys.argv[sys.argv.index("--") + 1 :]
    main(Path(where), *folders)
    sys.stdout.flush()
    os._exit(0)  # the wheel is known to crash or hang in a normal exit
