"""Runs in a Blender without a window: what scripts do with the add-on, and what is left when it is disabled.

Environment: PANEL_ZIP, PANEL_SERVER, PANEL_SCENE. Prints what happened as one line of JSON behind `PANEL `.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

import bpy

happened = {}


def install():
    """Install and enable the add-on, and return its module's name."""
    if bpy.app.version >= (4, 2):
        bpy.ops.extensions.package_install_files(filepath=os.environ["PANEL_ZIP"], repo="user_default")
        return "bl_ext.user_default.buildcat"
    bpy.ops.preferences.addon_install(filepath=os.environ["PANEL_ZIP"], overwrite=True)
    bpy.ops.preferences.addon_enable(module="buildcat_blender")
    return "buildcat_blender"


def again(name):
    """Disable and enable it."""
    bpy.ops.preferences.addon_disable(module=name)
    bpy.ops.preferences.addon_enable(module=name)
    ours = bpy.context.preferences.addons[name].preferences
    ours.server, ours.user = os.environ["PANEL_SERVER"], "ada"


def submit(**given):
    """Return what a submit answers, or its error."""
    try:
        result = bpy.ops.buildcat.submit(**given)
    except RuntimeError as exc:
        return str(exc).strip()
    return f"{next(iter(result))} {sys.modules[NAME + '.panel.farm'].FARM.said[0]}"


def children():
    """The processes that this one has started."""
    return [one.name for one in Path("/proc").glob("[0-9]*") if parent(one) == os.getpid()]


def parent(process):
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def roots(ours):
    """What the storages are: those that are named, and that of the file."""
    preferences = sys.modules[NAME + ".panel.preferences"]
    folder = str(Path(os.environ["PANEL_SCENE"]).parent)
    for path in ("/elsewhere", folder):
        bpy.ops.buildcat.add_root()
        ours.named_roots[-1].path = path
    known = [preferences.roots() == ["/elsewhere", folder], preferences.root() == folder]
    bpy.ops.buildcat.test_server()
    known.append(farm.tested[0])
    bpy.ops.buildcat.remove_root(place=1)
    known.append(preferences.root())
    bpy.ops.buildcat.add_root()
    ours.named_roots[-1].path = "/nowhere"
    known.append(preferences.root())
    for _ in range(2):
        bpy.ops.buildcat.remove_root(place=0)
    return [*known, preferences.roots()]


def monitor(ours):
    """What is opened in the browser, and what is refused."""
    opened = []
    webbrowser.open = opened.append
    for address in ("https://farm.example/jobs/{job}", "file:///etc/passwd"):
        ours.monitor = address
        try:
            bpy.ops.buildcat.open_monitor(job="abc")
        except RuntimeError as exc:
            opened.append(str(exc))
    return opened


def strip():
    """The frames of a strip that is loaded while the job has gaps."""
    wood = Path(os.environ["PANEL_SCENE"]).with_name("wood.png")
    files = [{"frame": frame, "path": str(wood.with_name(f"{frame}.png"))} for frame in (3, 4, 7)]
    said = sys.modules[NAME + ".panel.loading"].load(files, "STRIPS", bpy.context.scene.name)
    editor = bpy.context.scene.sequence_editor
    (made,) = editor.strips if hasattr(editor, "strips") else editor.sequences
    last = made.frame_final_end
    return [said, [one.filename for one in made.elements], int(made.frame_start), int(last)]


def two_scenes():
    """A file with a second scene: the job says which; that of the second is its own."""
    bpy.ops.wm.open_mainfile(filepath=os.environ["PANEL_SCENE"])
    second = bpy.data.scenes.new("Second")
    second.camera = bpy.context.scene.camera
    second.frame_start, second.frame_end = 5, 6
    second.buildcat.pool, second.buildcat.name = "fast", "second"
    bpy.ops.wm.save_mainfile()
    bpy.context.window.scene = second
    said = submit(how="LAST")
    needs = sys.modules[NAME + ".panel.needs"].needs
    farm.want([needs(one, is_on_disk=True) for one in bpy.data.scenes])
    return [said, [farm.fit_of(one)[0] for one in bpy.data.scenes]]


def read_only():
    """A file in a folder that can't be written: neither saved nor copied, and still the artist's."""
    folder = Path(tempfile.mkdtemp())
    path = shutil.copy(os.environ["PANEL_SCENE"], folder)
    bpy.ops.wm.open_mainfile(filepath=path)
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.ed.undo_push()
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)  # who may write everywhere meets no such folder
        said = [submit(how="SNAPSHOT"), submit(how="SAVE")]
        os.seteuid(0)
    else:
        said = [submit(how="SNAPSHOT"), submit(how="SAVE")]
    files = [one.name for one in folder.iterdir()]
    folder.chmod(0o755)
    shutil.rmtree(folder)
    return [*said, bpy.data.filepath == path, files]


NAME = install()
again(NAME)
again(NAME)
happened["unsaved"] = submit()
bpy.ops.wm.open_mainfile(filepath=os.environ["PANEL_SCENE"])
scene = bpy.context.scene
job = scene.buildcat

bpy.ops.mesh.primitive_cube_add()
bpy.ops.ed.undo_push()
scene.frame_end = 3
dirty = bpy.data.is_dirty
happened["dirty"] = submit()
happened["last"] = submit(how="LAST")
job.has_video, job.is_linked, job.frames = True, False, "1-9x2"
happened["gaps"] = submit(how="LAST")
job.is_linked, job.name = True, "filmed"
happened["video"] = submit(how="LAST")
job.has_video = False
job.settings.use_percentage = True
happened["own percentage"] = job.settings.percentage
job.settings.percentage = 50
job.name, job.priority, job.is_linked, job.frames = "half", 70, False, "2-3"
happened["snapshot"] = submit(how="SNAPSHOT")
farm = sys.modules[NAME + ".panel.farm"].FARM
bpy.ops.buildcat.control(job=farm.chosen, verb="pause")
bpy.ops.buildcat.choose(job=farm.chosen)
bpy.ops.buildcat.test_server()
happened["tested"] = farm.tested[0]
bpy.ops.buildcat.load(job=farm.jobs[0]["id"], into="STRIPS")
happened["loaded"] = farm.said[0]
happened["no worker"] = farm.fit_of(scene)
job.has_tiles, job.tile_columns, job.tile_rows, job.name = True, 3, 2, "tiled"
scene.cycles.use_denoising, job.settings.use_engine, job.settings.engine = True, True, "cycles"
spec = sys.modules[NAME + ".panel.spec"]
happened["tiles"] = [spec.summary(scene)[0], submit(how="LAST"), *spec.differences(scene)]
job.settings.use_stamp = job.settings.stamp = True
happened["tiles with a stamp"] = submit(how="LAST")
happened["test frame"] = [next(iter(bpy.ops.buildcat.test_frame())), farm.said[0]]
job.settings.use_stamp = job.settings.use_engine = job.has_tiles = False
happened["file is left alone"] = bpy.data.is_dirty == dirty
job.frames = "1-x"
happened["frames"] = submit(how="LAST")
job.is_linked = True
job.use_output, job.output = True, "/elsewhere/a_####.png"
happened["outside"] = submit(how="LAST")
job.use_output = False
image = bpy.data.images.load(str(Path(os.environ["PANEL_SCENE"]).with_name("wood.png")))
image.use_fake_user = True
bpy.ops.buildcat.find_files()
happened["absolute"] = sorted(farm.absolute)
bpy.ops.buildcat.make_relative()
happened["relative"] = sorted(farm.absolute)
Path(bpy.path.abspath(image.filepath)).unlink()
happened["missing"] = submit(how="LAST")
job.missing_ok = True
happened["missing is fine"] = submit(how="LAST")
scene.camera = None
happened["camera"] = submit(how="LAST")
ours = bpy.context.preferences.addons[NAME].preferences
scene.camera = bpy.data.objects["Camera"]
happened["roots"] = roots(ours)
happened["monitor"] = monitor(ours)
happened["strip"] = strip()
happened["two scenes"] = two_scenes()
happened["read only"] = read_only()
bpy.ops.wm.open_mainfile(filepath=os.environ["PANEL_SCENE"])
scene = bpy.context.scene
if bpy.app.version >= (4, 2):
    bpy.context.preferences.system.use_online_access = False
    ours.server = "redis://farm.example:6379/0"
    happened["offline"] = submit(how="LAST")
    ours.server = os.environ["PANEL_SERVER"]
    happened["loopback is no network"] = submit(how="LAST")

bpy.ops.preferences.addon_disable(module=NAME)
deadline = time.monotonic() + 5
while children() and time.monotonic() < deadline:
    time.sleep(0.05)
happened["left"] = {
    "properties": hasattr(bpy.types.Scene, "buildcat"),
    "classes": [one for one in dir(bpy.types) if "buildcat" in one.lower()],
    "operators": "submit" in dir(bpy.ops.buildcat),
    "processes": children(),
    "modules": [one for one in sys.modules if one.split(".")[0] in ("buildcat", "fileseq", "redis")],
}
import addon_utils  # noqa: E402  # as late as Blender itself

if hasattr(addon_utils, "_extensions_warnings_get"):
    happened["left"]["warnings"] = list(addon_utils._extensions_warnings_get())
print("PANEL", json.dumps(happened), flush=True)
os._exit(0)
