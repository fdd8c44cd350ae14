"""Makes a scene of every kind that Blender writes in its own way, and renders them its own way. Inside Blender.

`blender -b --factory-startup --python blender_scenes.py -- make FOLDER`, with the bpy wheel
`python blender_scenes.py -- make FOLDER`: one folder for each kind, with `scene.blend` in it, which writes to `out`.
`… -- render FOLDER [KIND …]` renders them as Blender does: the range of the active scene.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

#: Changes a scene, which is saved in that folder, to be of one kind.
Change = Callable[[Any, Path], None]

#: Kind → what makes it, and the frames that Blender renders of it.
KINDS: dict[str, tuple[Change, tuple[int, ...]]] = {}
NEGATIVE = "negative"
#: The same for those that are rendered in one go.
MOVIES: dict[str, tuple[Change, tuple[int, ...]]] = {}


def kind(*frames: int) -> Callable[[Change], Change]:
    """Add a function that changes the scene; the kind bears its name."""

    def add(change: Change) -> Change:
        KINDS[change.__name__] = (change, frames)
        return change

    return add


def make(folder: Path) -> None:
    """Write all kinds below the folder."""
    for name, (change, frames) in {**KINDS, **MOVIES}.items():
        make_one(folder / name, change, frames)


def make_one(folder: Path, change: Change, frames: tuple[int, ...] = (1,)) -> None:
    """Write a scene with a cube that moves before two cameras, changed by `change`."""
    import bpy
    from plugins.blender_scene import fill, set_render

    folder.mkdir(parents=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    fill(scene, (0.9, 0.2, 0.1, 1))
    set_render(scene)
    scene.render.filepath = "//out/a_"
    scene.frame_start, scene.frame_end = max(0, frames[0]), max(0, frames[-1])
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"), compress=False)
    change(bpy.context.scene, folder)  # not before: from here on // is the scene's folder
    bpy.ops.wm.save_mainfile(compress=False)


def render(folder: Path, *names: str) -> None:
    """Render these kinds below the folder, or all, as Blender does by itself."""
    import bpy

    for name in names or {**KINDS, **MOVIES}:
        bpy.ops.wm.open_mainfile(filepath=str(folder / name / "scene.blend"))
        if name == NEGATIVE:
            render_negative(bpy.context.scene, KINDS[name][1])
        else:
            bpy.ops.render.render(animation=True)


def render_negative(scene: Any, frames: tuple[int, ...]) -> None:
    """Render frames below 0: from 5.0 on Blender has words for it, before by setting and writing each."""
    import bpy

    for frame in frames:
        if bpy.app.version >= (5, 0, 0):
            bpy.ops.render.render(animation=True, frame_start=frame, frame_end=frame)
        else:
            kept = scene.render.filepath
            scene.frame_set(frame)
            scene.render.filepath = scene.render.frame_path(frame=frame)
            bpy.ops.render.render(write_still=True)
            scene.render.filepath = kept


@kind(1, 2)
def png(scene: Any, _folder: Path) -> None:
    scene.render.filepath = "//out/a_"


@kind(9, 10, 11)
def png_with_hashes(scene: Any, _folder: Path) -> None:
    scene.render.filepath = "//out/a_##_b"


@kind(1, 2)
def named_after_the_file(scene: Any, _folder: Path) -> None:
    """From 4.5 on a template; before it is text."""
    scene.render.filepath = "//out/{blend_name}_{{blend_name}}_"
    add_nodes(scene)
    tree = getattr(scene, "compositing_node_group", None) or scene.node_tree
    layers = next(one for one in tree.nodes if one.type == "R_LAYERS")
    add_output(tree, "out/of_{blend_name}", ["near_"], layers.outputs["Image"])


@kind(3)
def no_extension(scene: Any, _folder: Path) -> None:
    scene.render.filepath = "//out/a_###"
    scene.render.use_file_extension = False


@kind(1, 2)
def jpeg(scene: Any, _folder: Path) -> None:
    scene.render.image_settings.file_format = "JPEG"


@kind(1)
def tiff_from_a_path_with_another_extension(scene: Any, _folder: Path) -> None:
    scene.render.filepath = "//out/a_##.png"
    scene.render.image_settings.file_format = "TIFF"


@kind(1, 2)
def exr(scene: Any, _folder: Path) -> None:
    scene.render.image_settings.file_format = "OPEN_EXR"


@kind(1, 2)
def multilayer_exr(scene: Any, _folder: Path) -> None:
    """Both view layers, each with its passes, in one file."""
    set_multilayer(scene.render.image_settings)
    scene.render.use_single_layer = True  # counts in the window only


@kind(-10, -3)
def negative(scene: Any, _folder: Path) -> None:
    scene.render.filepath = "//out/minus_###"


@kind(1, 5)
def cameras_at_markers(scene: Any, _folder: Path) -> None:
    import bpy

    scene.frame_step = 4
    if bpy.app.version >= (5, 0, 0):  # a folder for each camera
        scene.render.filepath = "//out/{camera_name}/a_"
    for number, name in ((1, "Side"), (4, "Front")):
        scene.timeline_markers.new(name, frame=number).camera = scene.objects[name]


@kind(7, 8)
def stamped(scene: Any, _folder: Path) -> None:
    render = scene.render
    render.use_stamp = render.use_stamp_frame_range = True
    for name in ("date", "time", "render_time", "memory", "hostname"):
        setattr(render, f"use_stamp_{name}", False)


@kind(1, 3, 5)
def frame_step(scene: Any, _folder: Path) -> None:
    scene.frame_step = 2


@kind(1, 2)
def file_output_nodes(scene: Any, _folder: Path) -> None:
    add_nodes(scene)


@kind(2)
def file_output_nodes_in_stereo(scene: Any, _folder: Path) -> None:
    add_nodes(scene)
    scene.render.use_multiview = True


@kind(1)
def unicode_and_spaces(scene: Any, folder: Path) -> None:
    import bpy

    scene.render.filepath = "//out/Büro 日本 /Łódź ß_####"
    scene.name = "Szene № 1"
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))


@kind(1)
def second_scene_active(_scene: Any, _folder: Path) -> None:
    import bpy
    from plugins.blender_scene import fill, set_render

    second = bpy.data.scenes.new("Second")
    fill(second, (0.1, 0.3, 0.9, 1))
    set_render(second)
    second.render.filepath = "//out/second_"
    second.frame_start = second.frame_end = 1
    bpy.context.window.scene = second


@kind(1)
def stereo_in_two_files(scene: Any, _folder: Path) -> None:
    scene.render.use_multiview = True


@kind(1)
def stereo_side_by_side(scene: Any, _folder: Path) -> None:
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = "STEREO_3D"
    scene.render.image_settings.stereo_3d_format.display_mode = "SIDEBYSIDE"


@kind(1)
def stereo_in_one_exr(scene: Any, _folder: Path) -> None:
    scene.render.use_multiview = True
    set_multilayer(scene.render.image_settings)
    scene.render.image_settings.views_format = "MULTIVIEW"


@kind(1)
def cropped_border(scene: Any, _folder: Path) -> None:
    render = scene.render
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x, render.border_min_y, render.border_max_y = 0.13, 0.77, 0.2, 0.9
    render.resolution_percentage = 77


@kind(1)
def border(scene: Any, _folder: Path) -> None:
    scene.render.use_border = True
    scene.render.border_max_x, scene.render.border_min_y = 0.6, 0.3


@kind(1, 2)
def compositor(scene: Any, _folder: Path) -> None:
    scene.render.use_compositing = True


@kind(1, 2)
def motion_blur(scene: Any, _folder: Path) -> None:
    scene.render.use_motion_blur = True


@kind(1, 2, 3)
def persistent_data(scene: Any, _folder: Path) -> None:
    scene.render.use_persistent_data = True


@kind(1, 2)
def sequencer_with_a_scene(scene: Any, _folder: Path) -> None:
    import bpy
    from plugins.blender_scene import set_render

    add_nodes(scene)
    edit = bpy.data.scenes.new("Edit")
    set_render(edit)
    edit.frame_start, edit.frame_end = 1, 2
    edit.render.use_sequencer = True
    edit.render.filepath = "//out/edit_"
    editor = edit.sequence_editor
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strips.new_scene("shot", scene, 2, 1)
    bpy.context.window.scene = edit


def movie(scene: Any, _folder: Path) -> None:
    """Losslessly compressed, so that it can be compared, and with nodes that write a file for each frame."""
    add_nodes(scene)
    image = scene.render.image_settings
    if hasattr(image, "media_type"):  # 5.0
        image.media_type = "VIDEO"
    image.file_format = "FFMPEG"
    scene.render.ffmpeg.format, scene.render.ffmpeg.codec = "MKV", "FFV1"
    scene.render.filepath = "//out/movie_"


@kind(1)
def library_and_texture(scene: Any, folder: Path) -> None:
    """A cube comes from a library, the world from a picture; `corrected.blend` is for the library's place."""
    import bpy

    image = bpy.data.images.new("sky", 8, 8)
    image.pixels = [(number % 7) / 7 for number in range(8 * 8 * 4)]
    image.filepath_raw, image.file_format = str(folder / "sky.png"), "PNG"
    image.save()
    scene.world.cycles.sampling_method = "NONE"  # else it takes a second to begin
    scene.world.use_nodes = True
    tree = scene.world.node_tree
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = bpy.data.images.load("//sky.png")
    tree.links.new(texture.outputs["Color"], next(one for one in tree.nodes if one.type == "BACKGROUND").inputs[0])
    bpy.data.images.remove(image)
    library = folder / "library.blend"
    for height, path in ((3, folder / "corrected.blend"), (1, library)):
        bpy.data.objects["Near"].scale.z = height
        bpy.data.libraries.write(str(path), {bpy.data.collections["Near"]}, path_remap="ABSOLUTE")
    with bpy.data.libraries.load(str(library), link=True, relative=True) as (_, wanted):
        wanted.collections = ["Near"]
    linked = bpy.data.objects.new("Linked", None)
    linked.instance_type, linked.instance_collection = "COLLECTION", wanted.collections[0]
    linked.location.z = 2
    scene.collection.objects.link(linked)


def set_multilayer(image_settings: Any) -> None:
    """Let all layers and passes be written to one EXR."""
    if hasattr(image_settings, "media_type"):  # 5.0
        image_settings.media_type = "MULTI_LAYER_IMAGE"
    image_settings.file_format = "OPEN_EXR_MULTILAYER"


def movie_step(scene: Any, folder: Path) -> None:
    """A movie of each second frame."""
    movie(scene, folder)
    scene.frame_step = 2


MOVIES["movie"] = (movie, (2, 3, 4))
MOVIES["movie_step"] = (movie_step, (1, 2, 3, 4))


def add_nodes(scene: Any) -> None:
    """Switch the compositor on, with File Output nodes of every sort: the muted and the unlinked write nothing."""
    import bpy

    scene.render.use_compositing = True
    tree = getattr(scene, "compositing_node_group", None) or scene.node_tree
    layers = next(one for one in tree.nodes if one.type == "R_LAYERS")
    image = layers.outputs["Image"]
    scene.view_layers[layers.layer].use_pass_z = True
    add_output(tree, "out/plain", ["near_", "with_##_hash"], image)
    add_output(tree, "out/plain", ["beside_"], image, file_format="JPEG")
    add_output(tree, "out/deep/layers_", ["one", "two"], image, file_format="OPEN_EXR_MULTILAYER")
    add_output(tree, "out/pass_off", ["depth_"], layers.outputs["Depth"])
    scene.view_layers[layers.layer].use_pass_z = False
    add_output(tree, "out/unlinked", ["none_"], None)
    add_output(tree, "out/muted", ["none_"], image).mute = True
    group = bpy.data.node_groups.new("Group", "CompositorNodeTree")
    add_output(group, "out/group", ["inside_"], inside(group))
    for is_muted in (False, True):
        node = tree.nodes.new("CompositorNodeGroup")
        node.node_tree = group
        node.mute = is_muted
        if node.inputs:
            tree.links.new(image, node.inputs[0])


def inside(group: Any) -> Any:
    """Return where the picture comes from inside the group."""
    if hasattr(group, "interface"):  # 4.0
        group.interface.new_socket(name="Image", in_out="INPUT", socket_type="NodeSocketColor")
    else:
        group.inputs.new("NodeSocketColor", "Image")
    return group.nodes.new("NodeGroupInput").outputs[0]


def add_output(tree: Any, path: str, names: list[str], source: Any, *, file_format: str = "PNG") -> Any:
    """Add a File Output node that writes to this path below the scene's folder."""
    node = tree.nodes.new("CompositorNodeOutputFile")
    is_new = hasattr(node, "directory")  # 5.0
    if file_format == "OPEN_EXR_MULTILAYER":
        set_multilayer(node.format)
        folder, _, name = path.rpartition("/")
    else:
        if is_new:
            node.format.media_type = "IMAGE"
        node.format.file_format = file_format
        folder, name = path, ""
    if is_new:
        node.directory, node.file_name = f"//{folder}", name
    else:
        node.base_path = f"//{path}"
        node.file_slots.clear()
        node.layer_slots.clear()
    for number, slot in enumerate(names):
        if is_new:
            node.file_output_items.new("RGBA", slot)
        else:
            (node.layer_slots if file_format == "OPEN_EXR_MULTILAYER" else node.file_slots).new(slot)
        if source:
            tree.links.new(source, node.inputs[number])
    return node


if __name__ == "__main__":
    what, where, *names = sys.argv[sys.argv.index("--") + 1 :]
    {"make": make, "render": render}[what](Path(where), *names)
    sys.stdout.flush()
    os._exit(0)  # the wheel is known to crash or hang in a normal exit
