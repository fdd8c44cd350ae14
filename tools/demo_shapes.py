"""Materials and shapes that the demo's scene is made of. Runs inside Blender 3.4 to 5.x, or with its wheel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy

# isort: split
# The wheel knows these two only after bpy.
import bmesh
from mathutils import Euler, Matrix, Vector

Point = tuple[float, float, float]


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
    "honey": Look((0.95, 0.42, 0.03), 0.3, coat=0.5),
    "plum": Look((0.30, 0.05, 0.16), 0.3, coat=0.5),
    "mint": Look((0.20, 0.62, 0.50), 0.35, coat=0.4),
    "cream": Look((0.85, 0.62, 0.32), 0.35, coat=0.4),
    "stage": Look((0.020, 0.120, 0.150), is_matt=True),
    "sun": Look((0.85, 0.13, 0.06), is_matt=True),
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


def material(name: str) -> Any:
    """Return the material of that look, made when it is first asked for."""
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    made = bpy.data.materials.new(name)
    tree, look = node_tree(made), LOOKS[name]
    if look.is_matt:  # half the time of the big shader, and the backdrop is most of the picture
        shader = tree.nodes.new("ShaderNodeBsdfDiffuse")
        tree.links.new(shader.outputs[0], tree.nodes["Material Output"].inputs[0])
        shader.inputs["Color"].default_value = (*look.colour, 1.0)
        return made
    shader = tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*look.colour, 1.0)
    for key, names in INPUTS.items():
        socket = next(shader.inputs[one] for one in names if one in shader.inputs)
        socket.default_value = getattr(look, key)
    return made


def node_tree(owner: Any) -> Any:
    """Return the nodes of a material or a world."""
    if not owner.node_tree:  # always there from 5.0 on, where asking for it brings a warning
        owner.use_nodes = True
    return owner.node_tree


def scene() -> Any:
    """Return the scene; as Any, since the names of its parts differ from 3.4 to 5.x."""
    return bpy.context.scene


def add(name: str, data: Any, look: str = "", parent: Any = None) -> Any:
    """Put an object into the scene."""
    made = bpy.data.objects.new(name, data)
    if look:
        data.materials.append(material(look))
    scene().collection.objects.link(made)
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
