"""Makes the Blender scene of the contract test, in which every setting matters. Runs inside Blender 3.4 to 5.x.

`blender -b --factory-startup --python blender_scene.py -- FILE`, with the bpy wheel `python blender_scene.py -- FILE`.
"""

from __future__ import annotations

import sys
from typing import Any

import bpy


def main(path: str) -> None:
    """Write the file: two scenes, each with two cameras, two view layers, motion, light, nodes and a strip."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    shot = bpy.context.scene
    shot.name = "Shot"
    detail = bpy.data.scenes.new("Detail")
    for scene, shade in ((shot, (0.9, 0.2, 0.1, 1)), (detail, (0.1, 0.4, 0.9, 1))):
        fill(scene, shade)
        set_render(scene)
    bpy.ops.wm.save_as_mainfile(filepath=path)


def fill(scene: Any, shade: tuple[float, ...]) -> None:
    """Put a moving cube, another one far away, a lamp and two cameras into the scene."""
    scene.world = bpy.data.worlds.new("World")
    scene.view_layers[0].name = "Near"
    scene.view_layers.new("Far")
    for name, place in (("Near", (0, 0, 0)), ("Far", (1, 4, 1))):
        collection = bpy.data.collections.new(name)
        scene.collection.children.link(collection)
        cube = bpy.data.objects.new(name, cube_mesh(shade))
        collection.objects.link(cube)
        cube.location = place
        cube.keyframe_insert("location", frame=0)
        cube.location.x += 1
        cube.keyframe_insert("location", frame=2)
        for layer in scene.view_layers:
            layer.layer_collection.children[collection.name].exclude = layer.name != name
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "SUN"))
    lamp.data.energy = 3
    lamp.rotation_euler = (0.6, 0.3, 0)
    scene.collection.objects.link(lamp)
    for name, place, turn in (("Front", (0, -8, 1), (1.45, 0, 0)), ("Side", (8, 0, 1), (1.45, 0, 1.57))):
        camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
        camera.location, camera.rotation_euler = place, turn
        scene.collection.objects.link(camera)
        scene.camera = scene.camera or camera


def cube_mesh(shade: tuple[float, ...]) -> Any:
    """Return a cube of that colour."""
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = bpy.data.meshes.new("Cube")
    mesh.from_pydata(corners, [], sides)
    material = bpy.data.materials.new("Shade")
    material.diffuse_color = shade
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = shade
    mesh.materials.append(material)
    return mesh


def set_render(scene: Any) -> None:
    """Make it small and quick, and let compositor and sequencer have something to do, both switched off."""
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y, render.resolution_percentage = 64, 48, 100
    render.filepath = "//renders/shot_####"
    scene.frame_start, scene.frame_end = 1, 10
    scene.cycles.samples = 2
    scene.cycles.use_denoising = False
    render.dither_intensity = 0  # it differs with the size of the picture
    render.use_compositing = render.use_sequencer = False
    compose(scene)
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences  # 4.4 renamed them
    length = {"length": 9} if bpy.app.version >= (5, 0, 0) else {"frame_end": 10}
    strips.new_effect(name="Colour", type="COLOR", channel=1, frame_start=1, **length).color = (0.2, 0.9, 0.3)


def compose(scene: Any) -> None:
    """Invert the picture in the compositor."""
    if hasattr(scene, "compositing_node_group"):  # 5.0
        tree = scene.compositing_node_group = bpy.data.node_groups.new("Compositing", "CompositorNodeTree")
        tree.interface.new_socket(name="Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        output = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        output = tree.nodes.new("CompositorNodeComposite")
    layers, invert = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeInvert")
    layers.scene = scene
    tree.links.new(layers.outputs["Image"], invert.inputs["Color"])
    tree.links.new(invert.outputs[0], output.inputs[0])


if __name__ == "__main__":
    main(sys.argv[-1])
