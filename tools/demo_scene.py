"""Makes the demo's scene, a beckoning cat among toys, and saves it. Runs inside Blender 3.4 to 5.x, or with its wheel.

    blender --background --factory-startup --python demo_scene.py -- scene.blend
    python demo_scene.py scene.blend

The last frame leads into the first, so the film can be looped.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

# isort: split  # the wheel knows these two only after bpy
import bmesh
from mathutils import Euler, Matrix, Vector

FRAMES = 24
SIZE = (480, 270)
Point = tuple[float, float, float]
#: The head is this ellipsoid; the face is drawn onto it.
HEAD, HEAD_RADII = Vector((0.0, -0.08, 1.78)), Vector((0.66, 0.55, 0.54))
SHOULDER = Vector((0.50, -0.12, 1.18))


@dataclass(frozen=True)
class Look:
    """A material; numbers from 0 to 1."""

    colour: Point
    roughness: float = 0.4
    metallic: float = 0.0
    transmission: float = 0.0
    coat: float = 0.0
    is_matt: bool = False


LOOKS = {
    "porcelain": Look((0.86, 0.82, 0.76), 0.32, coat=0.7),
    "ink": Look((0.012, 0.010, 0.012), 0.3),
    "rose": Look((0.80, 0.30, 0.27), 0.4),
    "lacquer": Look((0.62, 0.022, 0.018), 0.22, coat=0.8),
    "gold": Look((1.0, 0.62, 0.20), 0.16, metallic=1.0),
    "glass": Look((0.86, 0.98, 0.97), 0.0, transmission=1.0),
    "coral": Look((0.90, 0.17, 0.07), 0.3, coat=0.5),
    "mint": Look((0.20, 0.62, 0.50), 0.35, coat=0.4),
    "cream": Look((0.85, 0.62, 0.32), 0.35, coat=0.4),
    "stage": Look((0.020, 0.120, 0.150), is_matt=True),
    "sun": Look((0.90, 0.30, 0.13), is_matt=True),
}
#: Names of the shader's inputs: those of 4.0 and newer, then those of 3.x.
INPUTS = {
    "roughness": ("Roughness",),
    "metallic": ("Metallic",),
    "transmission": ("Transmission Weight", "Transmission"),
    "coat": ("Coat Weight", "Clearcoat"),
}


@dataclass(frozen=True)
class Lump:
    """A sphere, squeezed and turned: what bodies are modelled of. A cone when `tip` is the radius of its upper end."""

    centre: Point
    radii: Point
    turn: Point = (0.0, 0.0, 0.0)
    tip: float | None = None

    def add_to(self, mesh: bmesh.types.BMesh) -> None:
        """Add it to the mesh."""
        matrix = Matrix.LocRotScale(Vector(self.centre), Euler(self.turn), Vector(self.radii))
        if self.tip is None:
            bmesh.ops.create_icosphere(mesh, subdivisions=4, radius=1.0, matrix=matrix)
        else:
            bmesh.ops.create_cone(
                mesh, cap_ends=True, segments=48, radius1=1.0, radius2=self.tip, depth=2.0, matrix=matrix
            )


def material(name: str) -> bpy.types.Material:
    """Return the material of that look, made when it is first asked for."""
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    look, made = LOOKS[name], bpy.data.materials.new(name)
    if not made.node_tree:  # before 5.0
        made.use_nodes = True
    nodes = made.node_tree.nodes
    if look.is_matt:  # half the time of the big shader, and the backdrop is most of the picture
        shader = nodes.new("ShaderNodeBsdfDiffuse")
        made.node_tree.links.new(shader.outputs[0], nodes["Material Output"].inputs[0])
        shader.inputs["Color"].default_value = (*look.colour, 1.0)
        return made
    shader = nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*look.colour, 1.0)
    for key, names in INPUTS.items():
        socket = next(shader.inputs[one] for one in names if one in shader.inputs)
        socket.default_value = getattr(look, key)
    return made


def add(name: str, data: Any, look: str = "", parent: Any = None) -> Any:
    """Put an object into the scene."""
    made = bpy.data.objects.new(name, data)
    if look:
        data.materials.append(material(look))
    bpy.context.scene.collection.objects.link(made)
    made.parent = parent
    return made


def solid(name: str, look: str, lumps: Sequence[Lump], parent: Any = None) -> Any:
    """Make an object of lumps, smooth, each as it is."""
    mesh = bpy.data.meshes.new(name)
    shape = bmesh.new()
    for lump in lumps:
        lump.add_to(shape)
    for face in shape.faces:
        face.smooth = True
    shape.to_mesh(mesh)
    shape.free()
    return add(name, mesh, look, parent)


def clay(name: str, look: str, lumps: Sequence[Lump], parent: Any = None) -> Any:
    """Make an object of lumps that flow into each other, as if made of clay."""
    rough = solid(name + " rough", look, lumps)
    remesh = rough.modifiers.new("remesh", "REMESH")
    remesh.mode, remesh.voxel_size, remesh.use_smooth_shade = "VOXEL", 0.022, True
    smooth = rough.modifiers.new("smooth", "SMOOTH")
    smooth.factor, smooth.iterations = 0.5, 14
    made = bpy.data.meshes.new_from_object(rough.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    bpy.data.objects.remove(rough)
    made.name = name
    made.materials.clear()
    return add(name, made, look, parent)


def line(name: str, look: str, points: Sequence[Point], radius: float, parent: Any = None) -> Any:
    """Make a round line through the points."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.bevel_depth, curve.bevel_resolution, curve.use_fill_caps = "3D", radius, 3, True
    spline = curve.splines.new("POLY")
    spline.points.add(len(points) - 1)
    for target, point in zip(spline.points, points):
        target.co = (*point, 1.0)
    return add(name, curve, look, parent)


def ring(name: str, look: str, radius: float, thickness: float, parent: Any = None) -> Any:
    """Make a ring that lies flat."""
    turns = [2 * math.pi * i / 64 for i in range(65)]
    return line(name, look, [(radius * math.cos(a), radius * math.sin(a), 0.0) for a in turns], thickness, parent)


def on_face(x: float, z: float) -> Point:
    """Return the point on the head's front that is at x and z from its centre."""
    depth = 1.0 - (x / HEAD_RADII.x) ** 2 - (z / HEAD_RADII.z) ** 2
    return (HEAD.x + x, HEAD.y - HEAD_RADII.y * math.sqrt(max(depth, 0.0)), HEAD.z + z)


def arc(x: float, z: float, width: float, height: float) -> list[Point]:
    """Return points of a bow on the face, upwards for a positive height."""
    steps = [i / 12 for i in range(13)]
    return [on_face(x + width * (2 * s - 1), z + height * math.sin(math.pi * s)) for s in steps]


def cat() -> Any:
    """Make the cat without its raised arm; it sits at the origin and looks along -Y."""
    body = clay(
        "cat",
        "porcelain",
        [
            Lump((0.0, 0.05, 0.62), (0.68, 0.60, 0.66)),
            Lump((0.0, 0.0, 1.05), (0.50, 0.44, 0.52)),
            Lump(tuple(HEAD), tuple(HEAD_RADII)),
            *(Lump((side * 0.37, -0.06, 2.27), (0.21, 0.13, 0.25), (0.0, side * 0.36, 0.0), 0.14) for side in (-1, 1)),
            *(Lump((side * 0.33, -0.52, 0.13), (0.20, 0.26, 0.15)) for side in (-1, 1)),
            Lump((-0.46, -0.30, 0.92), (0.16, 0.17, 0.36), (0.55, -0.16, 0.0)),
            Lump((-0.38, -0.56, 0.66), (0.165, 0.15, 0.16)),
        ],
    )
    tail = [(0.55 + 0.42 * math.sin(s), 0.35 - 0.1 * s, 0.16 + 0.28 * s * s / 4) for s in [i / 8 for i in range(22)]]
    line("tail", "porcelain", tail, 0.12, body)
    return body


def face(parent: Any) -> None:
    """Draw the face, ears and collar."""
    for side in (-1, 1):
        line("eye", "ink", arc(side * 0.26, 0.06, 0.105, 0.085), 0.024, parent)
        line("mouth", "ink", arc(side * 0.063, -0.17, 0.063, -0.055), 0.014, parent)
        solid("cheek", "rose", [Lump(on_face(side * 0.40, -0.12), (0.085, 0.03, 0.055), (0, 0, side * 0.6))], parent)
        solid("ear", "rose", [Lump((side * 0.37, -0.175, 2.25), (0.10, 0.03, 0.14), (0, side * 0.36, 0), 0.1)], parent)
        for tilt in (-0.055, 0.0, 0.055):
            start, end = on_face(side * 0.36, -0.05 + tilt), (side * 0.86, -0.46, HEAD.z - 0.03 + tilt * 2.4)
            line("whisker", "ink", [start, end], 0.008, parent)
    solid("nose", "rose", [Lump(on_face(0.0, -0.10), (0.05, 0.035, 0.035))], parent)
    collar = ring("collar", "lacquer", 0.47, 0.065, parent)
    collar.location, collar.scale = (0.0, -0.03, 1.33), (1.0, 0.93, 1.0)
    solid("bell", "gold", [Lump((0.0, -0.56, 1.22), (0.135, 0.135, 0.135))], parent)
    line("slit", "ink", [(-0.07, -0.685, 1.185), (0.07, -0.685, 1.185)], 0.012, parent)


def arm(parent: Any) -> Any:
    """Make the raised arm; it turns about the shoulder."""
    made = clay(
        "arm",
        "porcelain",
        [
            Lump((0.06, -0.02, 0.16), (0.17, 0.17, 0.34), (0.0, 0.30, 0.0)),
            Lump((0.13, -0.04, 0.52), (0.155, 0.155, 0.30)),
            Lump((0.13, -0.10, 0.80), (0.19, 0.19, 0.17)),
        ],
        parent,
    )
    solid("pad", "rose", [Lump((0.13, -0.275, 0.79), (0.085, 0.03, 0.07))], made)
    made.location = SHOULDER
    return made


def coin() -> Any:
    """Make a gold coin with a paw on both sides; it stands on its edge."""
    made = solid("coin", "gold", [Lump((0.0, 0.0, 0.0), (0.50, 0.64, 0.045), tip=1.0)])
    ring("rim", "gold", 1.0, 0.085, made).scale = (0.50, 0.64, 0.7)
    toes = [Lump((x, y, 0.0), (0.075, 0.095, 0.085)) for x, y in ((-0.25, 0.10), (-0.09, 0.26), (0.09, 0.26), (0.25, 0.10))]
    solid("paw", "gold", [Lump((0.0, -0.14, 0.0), (0.19, 0.17, 0.085)), *toes], made)
    return made


def stage() -> None:
    """Make floor and wall as one sweep."""
    profile = [(-9.0, 0.0), (1.8, 0.0)]
    profile += [(1.8 + 2.6 * math.sin(a), 2.6 - 2.6 * math.cos(a)) for a in [math.pi / 2 * i / 24 for i in range(25)]]
    profile += [(4.4, 9.0)]
    mesh = bpy.data.meshes.new("stage")
    points = [(x, y, z) for y, z in profile for x in (-14.0, 14.0)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(profile) - 1)]
    mesh.from_pydata(points, [], faces)
    for polygon in mesh.polygons:
        polygon.use_smooth = True
    add("stage", mesh, "stage")
    sun = solid("sun", "sun", [Lump((0.0, 0.0, 0.0), (1.95, 1.95, 0.02), (math.pi / 2, 0.0, 0.0), 1.0)])
    sun.location = (0.25, 3.3, 2.1)


def lamp(name: str, place: Point, target: Point, size: float, watts: float, colour: Point) -> None:
    """Add a square light that shines at the target."""
    light = bpy.data.lights.new(name, "AREA")
    light.size, light.energy, light.color = size, watts, colour
    made = add(name, light)
    made.location = place
    made.rotation_euler = (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()


def lights() -> None:
    """Light the stage: warm from the left, cool from behind on the right, a soft sky all around."""
    lamp("key", (-4.0, -4.8, 5.4), (0.0, 0.0, 1.0), 1.8, 900, (1.0, 0.80, 0.60))
    lamp("rim", (4.4, 1.6, 3.4), (0.2, 0.0, 1.2), 0.9, 420, (0.42, 0.70, 1.0))
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.cycles.sampling_method = "NONE"  # smooth as it is, it needs no rays of its own
    if not world.node_tree:  # before 5.0
        world.use_nodes = True
    sky(world.node_tree)


def sky(tree: Any) -> None:
    """Make the sky: dark below, a bright band above, which is what gold and glaze reflect."""
    place, parts = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeSeparateXYZ")
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    tree.links.new(place.outputs["Generated"], parts.inputs[0])
    tree.links.new(parts.outputs["Z"], ramp.inputs[0])
    stops = [(0.0, (0.03, 0.07, 0.09)), (0.12, (0.16, 0.24, 0.30)), (0.45, (0.42, 0.52, 0.62)), (0.52, (1.7, 1.55, 1.4))]
    stops += [(0.72, (1.7, 1.6, 1.5)), (0.80, (0.5, 0.62, 0.75))]
    while len(ramp.color_ramp.elements) < len(stops):
        ramp.color_ramp.elements.new(0.5)
    for element, (position, colour) in zip(ramp.color_ramp.elements, stops):
        element.position, element.color = position, (*colour, 1.0)
    tree.links.new(ramp.outputs[0], tree.nodes["Background"].inputs["Color"])
    tree.nodes["Background"].inputs["Strength"].default_value = 0.5


def camera() -> Any:
    """Add the camera, sharp at the cat's face."""
    lens = bpy.data.cameras.new("camera")
    lens.lens = 58
    lens.dof.use_dof, lens.dof.focus_distance, lens.dof.aperture_fstop = True, 8.3, 0.9
    made = add("camera", lens)
    bpy.context.scene.camera = made
    return made


def animate(thing: Any, paths: Sequence[str], pose: Callable[[float], None]) -> None:
    """Keep the pose of every frame; `pose` is called with the part of the loop that has gone by, 0 to 1."""
    for frame in range(1, FRAMES + 1):
        pose((frame - 1) / FRAMES)
        for path in paths:
            thing.keyframe_insert(path, frame=frame)


def beckon(arm_: Any) -> None:
    """Wave the arm once in a loop."""

    def pose(time: float) -> None:
        arm_.rotation_euler = (0.28 - 0.36 * math.cos(2 * math.pi * time), 0.0, 0.0)

    animate(arm_, ["rotation_euler"], pose)


def bounce(ball: Any, x: float, y: float, radius: float, phase: float) -> None:
    """Let a ball jump twice in a loop; it is flat on the floor and long in flight."""

    def pose(time: float) -> None:
        part = (2 * time + phase) % 1.0
        height = 4 * part * (1 - part)
        squash = 1.0 - 0.24 * max(0.0, 1.0 - height / 0.25) + 0.07 * max(0.0, height - 0.2) * (1 - height)
        ball.scale = (1 / math.sqrt(squash), 1 / math.sqrt(squash), squash)
        ball.location = (x, y, radius * squash + 0.95 * height)

    animate(ball, ["location", "scale"], pose)


def spin(coin_: Any) -> None:
    """Turn the coin by half a turn, after which it looks the same."""

    def pose(time: float) -> None:
        coin_.rotation_euler = (math.pi / 2, 0.0, math.pi * time)

    animate(coin_, ["rotation_euler"], pose)


def sway(camera_: Any) -> None:
    """Move the camera a little to and fro, always looking at the cat."""

    def pose(time: float) -> None:
        angle = 0.05 * math.sin(2 * math.pi * time)
        place = Vector((8.6 * math.sin(angle), -8.6 * math.cos(angle), 2.2))
        camera_.location = place
        camera_.rotation_euler = (Vector((0.18, 0.0, 1.12)) - place).to_track_quat("-Z", "Y").to_euler()

    animate(camera_, ["location", "rotation_euler"], pose)


def toys() -> None:
    """Put the toys around the cat."""
    solid("glass", "glass", [Lump((1.45, -1.05, 0.46), (0.46, 0.46, 0.46))])
    for look, place, radius in (
        ("mint", (-1.55, 0.75, 0.42), 0.42),
        ("cream", (-1.02, -1.25, 0.2), 0.2),
        ("coral", (2.55, 1.2, 0.34), 0.34),
        ("gold", (0.78, -1.65, 0.15), 0.15),
        ("lacquer", (-2.75, 1.6, 0.3), 0.3),
    ):
        solid("toy", look, [Lump(place, (radius, radius, radius))])
    ball = solid("ball", "coral", [Lump((0.0, 0.0, 0.0), (0.33, 0.33, 0.33))])
    bounce(ball, -1.75, -0.55, 0.33, 0.2)
    standing = coin()
    standing.location = (1.75, 0.55, 0.66)
    spin(standing)


def has_denoiser() -> bool:
    """Whether this Blender was built with OpenImageDenoise; Debian's is not."""
    import _cycles

    return bool(_cycles.with_openimagedenoise)


def smooth_without_denoiser() -> None:
    """Blur the picture where surface and direction stay the same: an old Blender's denoiser, made of its own nodes."""
    scene = bpy.context.scene
    scene.view_layers[0].cycles.denoising_store_passes = True
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers, result = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeComposite")
    guide = tree.nodes.new("CompositorNodeMixRGB")
    guide.blend_type, guide.inputs[0].default_value = "ADD", 0.5
    tree.links.new(layers.outputs["Denoising Albedo"], guide.inputs[1])
    tree.links.new(layers.outputs["Denoising Normal"], guide.inputs[2])
    picture = layers.outputs["Image"]
    for _ in range(2):
        blur = tree.nodes.new("CompositorNodeBilateralblur")
        blur.iterations, blur.sigma_color, blur.sigma_space = 1, 0.2, 2.0
        tree.links.new(picture, blur.inputs[0])
        tree.links.new(guide.outputs[0], blur.inputs[1])
        picture = blur.outputs[0]
    tree.links.new(picture, result.inputs[0])


def settings() -> None:
    """Set size, frames and quality: about 1.5 s a frame on one core."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, FRAMES
    render = scene.render
    render.engine, render.fps = "CYCLES", 24
    render.resolution_x, render.resolution_y = SIZE
    render.use_persistent_data = True  # only things that move are sent to the renderer again
    render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = "Filmic"
    cycles = scene.cycles
    cycles.samples, cycles.use_adaptive_sampling = 6, False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 5, 1, 2
    cycles.transmission_bounces, cycles.transparent_max_bounces = 5, 1
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect, cycles.blur_glossy = 2.0, 1.0
    cycles.use_denoising = has_denoiser()
    if cycles.use_denoising:
        cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "FAST"
        if hasattr(cycles, "denoising_quality"):  # from 4.2
            cycles.denoising_quality = "FAST"
    elif bpy.app.version < (5, 0, 0):
        smooth_without_denoiser()


def build() -> None:
    """Make the whole scene in an empty file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    settings()
    stage()
    lights()
    toys()
    body = cat()
    face(body)
    beckon(arm(body))
    sway(camera())


def main() -> None:
    """Build the scene and save it where the last argument says."""
    build()
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(sys.argv[-1]).absolute()), compress=True)


if __name__ == "__main__":
    main()
