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

# isort: split
# The wheel knows mathutils only after bpy, and Blender doesn't look beside the script.
from mathutils import Euler, Vector

sys.path.insert(0, str(Path(__file__).resolve().parent))
from demo_shapes import Lump, Point, add, clay, line, node_tree, ring, scene, solid

FRAMES = 24
SIZE = (480, 270)
#: The head is this ellipsoid; the face is drawn onto it.
HEAD, HEAD_RADII = (0.0, -0.08, 1.78), (0.66, 0.55, 0.54)
SHOULDER = (0.54, -0.08, 1.14)
#: Heights, 0 the horizon and 1 the top, and colours.
SKY = (
    (0.00, (0.03, 0.07, 0.09)),
    (0.12, (0.16, 0.24, 0.30)),
    (0.45, (0.42, 0.52, 0.62)),
    (0.52, (1.70, 1.55, 1.40)),
    (0.72, (1.70, 1.60, 1.50)),
    (0.80, (0.50, 0.62, 0.75)),
)


def on_face(x: float, z: float) -> Point:
    """Return the point on the head's front that is at x and z from its centre."""
    depth = 1.0 - (x / HEAD_RADII[0]) ** 2 - (z / HEAD_RADII[2]) ** 2
    return (HEAD[0] + x, HEAD[1] - HEAD_RADII[1] * math.sqrt(max(depth, 0.0)), HEAD[2] + z)


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
            Lump(HEAD, HEAD_RADII),
            *(Lump((side * 0.37, -0.06, 2.27), (0.21, 0.13, 0.25), (0.0, side * 0.36, 0.0), 0.14) for side in (-1, 1)),
            *(Lump((side * 0.33, -0.52, 0.13), (0.20, 0.26, 0.15)) for side in (-1, 1)),
            Lump((-0.49, -0.22, 1.00), (0.17, 0.19, 0.26), (0.45, -0.10, 0.0)),
            Lump((-0.45, -0.38, 0.82), (0.16, 0.18, 0.24), (0.75, -0.10, 0.0)),
            Lump((-0.38, -0.54, 0.70), (0.17, 0.17, 0.16)),
        ],
    )
    tail = [(0.55 + 0.42 * math.sin(s), 0.35 - 0.1 * s, 0.16 + 0.28 * s * s / 4) for s in [i / 8 for i in range(22)]]
    line("tail", "porcelain", tail, 0.12, body)
    solid("tail", "porcelain", [Lump(tail[-1], (0.12, 0.12, 0.12))], body)
    return body


def face(parent: Any) -> None:
    """Draw the face, ears and collar."""
    for side in (-1, 1):
        line("eye", "ink", arc(side * 0.26, 0.06, 0.105, 0.085), 0.024, parent)
        line("mouth", "ink", arc(side * 0.063, -0.17, 0.063, -0.055), 0.014, parent)
        solid("cheek", "rose", [Lump(on_face(side * 0.40, -0.12), (0.085, 0.03, 0.055), (0, 0, side * 0.6))], parent)
        solid("ear", "rose", [Lump((side * 0.37, -0.175, 2.25), (0.10, 0.03, 0.14), (0, side * 0.36, 0), 0.1)], parent)
        for tilt in (-0.055, 0.0, 0.055):
            start, end = on_face(side * 0.36, -0.05 + tilt), (side * 0.86, -0.46, HEAD[2] - 0.03 + tilt * 2.4)
            line("whisker", "ink", [start, end], 0.011, parent)
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
            Lump((0.07, -0.02, 0.12), (0.18, 0.18, 0.34), (0.0, 0.45, 0.0)),
            Lump((0.20, -0.04, 0.48), (0.155, 0.155, 0.32), (0.0, 0.12, 0.0)),
            Lump((0.23, -0.09, 0.78), (0.19, 0.19, 0.18)),
        ],
        parent,
    )
    solid("pad", "rose", [Lump((0.23, -0.265, 0.78), (0.09, 0.03, 0.075))], made)
    made.location = SHOULDER
    return made


def coin() -> Any:
    """Make a gold coin with a paw on both sides; it stands on its edge."""
    made = solid("coin", "gold", [Lump((0.0, 0.0, 0.0), (0.60, 0.74, 0.045), tip=1.0)])
    ring("rim", "gold", 1.0, 0.085, made).scale = (0.60, 0.74, 0.6)
    toes = ((-0.37, 0.13), (-0.135, 0.39), (0.135, 0.39), (0.37, 0.13))
    pads = [Lump((x, y, 0.0), (0.115, 0.155, 0.075)) for x, y in toes]
    solid("paw", "lacquer", [Lump((0.0, -0.18, 0.0), (0.33, 0.29, 0.08)), *pads], made)
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
    sun = solid("sun", "sun", [Lump((0.0, 0.0, 0.0), (1.27, 1.27, 0.02), (math.pi / 2, 0.0, 0.0), 1.0)])
    sun.location = (0.1, 3.2, 1.75)


@dataclass(frozen=True)
class Lamp:
    """A square light that shines at the middle of the stage."""

    place: Point
    size: float
    watts: float
    colour: Point

    def add(self) -> None:
        """Put it into the scene."""
        light: Any = bpy.data.lights.new("lamp", "AREA")
        light.size, light.energy, light.color = self.size, self.watts, self.colour
        light.spread = math.radians(110)  # keeps its edge off the wall
        made = add("lamp", light)
        made.location = self.place
        made.rotation_euler = looking_at((0.0, 0.0, 1.0), self.place)


def looking_at(target: Point, place: Point) -> Euler:
    """Return the turn of a lamp or camera that looks from one place at another."""
    return (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()


def lights() -> None:
    """Light the stage: warm from the left, cool from behind on the right, a soft sky all around."""
    Lamp((-4.0, -4.8, 5.4), 1.8, 430, (1.0, 0.80, 0.60)).add()
    Lamp((4.4, 1.6, 3.4), 0.9, 230, (0.42, 0.70, 1.0)).add()
    world: Any = bpy.data.worlds.new("world")
    scene().world = world
    world.cycles.sampling_method = "NONE"  # smooth as it is, it needs no rays of its own
    sky(node_tree(world))


def sky(tree: Any) -> None:
    """Make the sky: dark below, a bright band above, which is what gold and glaze reflect."""
    place, parts = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeSeparateXYZ")
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    tree.links.new(place.outputs["Generated"], parts.inputs[0])
    tree.links.new(parts.outputs["Z"], ramp.inputs[0])
    while len(ramp.color_ramp.elements) < len(SKY):
        ramp.color_ramp.elements.new(0.5)
    for element, (position, colour) in zip(ramp.color_ramp.elements, SKY):
        element.position, element.color = position, (*colour, 1.0)
    tree.links.new(ramp.outputs[0], tree.nodes["Background"].inputs["Color"])
    tree.nodes["Background"].inputs["Strength"].default_value = 0.5


def camera() -> Any:
    """Add the camera, sharp at the cat's face."""
    lens: Any = bpy.data.cameras.new("camera")
    lens.lens = 50
    lens.dof.use_dof, lens.dof.focus_distance, lens.dof.aperture_fstop = True, 8.3, 0.9
    made = add("camera", lens)
    scene().camera = made
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
        place = (8.6 * math.sin(angle), -8.6 * math.cos(angle), 2.2)
        camera_.location = place
        camera_.rotation_euler = looking_at((0.18, 0.0, 1.12), place)

    animate(camera_, ["location", "rotation_euler"], pose)


def toys() -> None:
    """Put the toys around the cat."""
    solid("glass", "glass", [Lump((2.25, -0.75, 0.5), (0.5, 0.5, 0.5))])
    for look, place, radius in (
        ("mint", (-1.55, 0.75, 0.42), 0.42),
        ("cream", (-1.02, -1.25, 0.2), 0.2),
        ("plum", (2.85, 1.25, 0.40), 0.40),
        ("gold", (1.22, -1.45, 0.17), 0.17),
        ("lacquer", (-2.95, 1.4, 0.32), 0.32),
    ):
        solid("toy", look, [Lump(place, (radius, radius, radius))])
    ball = solid("ball", "honey", [Lump((0.0, 0.0, 0.0), (0.33, 0.33, 0.33))])
    bounce(ball, -2.05, -0.55, 0.33, 0.2)
    standing = coin()
    standing.location = (1.62, 0.80, 0.78)
    spin(standing)


def has_denoiser() -> bool:
    """Whether this Blender was built with OpenImageDenoise; Debian's is not."""
    import _cycles  # type: ignore[import-not-found]  # part of Blender

    return bool(_cycles.with_openimagedenoise)


def smooth_without_denoiser() -> None:
    """Blur the picture where surface and direction stay the same: an old Blender's denoiser, made of its own nodes."""
    layer = scene().view_layers[0]
    layer.use_pass_normal = layer.use_pass_diffuse_color = True
    scene().use_nodes = True
    tree = scene().node_tree
    tree.nodes.clear()
    layers, result = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeComposite")
    guide = tree.nodes.new("CompositorNodeMixRGB")
    guide.blend_type, guide.inputs[0].default_value = "ADD", 0.8
    tree.links.new(layers.outputs["DiffCol"], guide.inputs[1])
    tree.links.new(layers.outputs["Normal"], guide.inputs[2])
    picture = layers.outputs["Image"]
    clean = tree.nodes.new("CompositorNodeDespeckle")
    tree.links.new(picture, clean.inputs[1])
    picture = clean.outputs[0]
    for _ in range(2):
        blur = tree.nodes.new("CompositorNodeBilateralblur")
        blur.iterations, blur.sigma_color, blur.sigma_space = 1, 0.2, 2.0
        tree.links.new(picture, blur.inputs[0])
        tree.links.new(guide.outputs[0], blur.inputs[1])
        picture = blur.outputs[0]
    tree.links.new(picture, result.inputs[0])


def settings() -> None:
    """Set size, frames and quality: about 1.5 s a frame on one core."""
    scene().frame_start, scene().frame_end = 1, FRAMES
    render = scene().render
    render.engine, render.fps = "CYCLES", 24
    render.resolution_x, render.resolution_y = SIZE
    render.use_persistent_data = True  # only things that move are sent to the renderer again
    render.image_settings.file_format = "PNG"
    scene().view_settings.view_transform = "Filmic"
    scene().view_settings.look = "High Contrast"
    cycles = scene().cycles
    cycles.samples, cycles.use_adaptive_sampling = 4, False
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
    preferences: Any = bpy.context.preferences
    preferences.filepaths.save_version = 0  # no cat.blend1 beside it
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(sys.argv[-1]).absolute()), compress=True)


if __name__ == "__main__":
    main()
