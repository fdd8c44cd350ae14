# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the compositor's File Output nodes that will write. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from buildcat_blender import picture

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

# Blender's nodes are Any here: the stubs are of one version, and 5.0 changed this part of the API.


def file_output_nodes(scene: Scene) -> list[Any]:
    """Return the File Output nodes with something linked, those in groups too; not those that are muted."""
    return list(_walk(tree(scene), set())) if scene.render.use_compositing else []


def tree(scene: Any) -> Any:
    """Return the compositor's nodes; None where there are none."""
    if hasattr(scene, "compositing_node_group"):  # 5.0
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def _walk(tree: Any, seen: set[str]) -> Iterator[Any]:
    """Yield the nodes of a tree once, however often its group is used: Blender too writes them once."""
    if tree is None or tree.name_full in seen:
        return
    seen.add(tree.name_full)
    for node in tree.nodes:
        if node.mute:
            continue
        if node.type == "GROUP":
            yield from _walk(node.node_tree, seen)
        elif node.bl_idname == "CompositorNodeOutputFile" and any(one.is_linked for one in node.inputs):
            yield node


def path_attribute(node: Any) -> str:
    """Return which attribute holds the node's folder."""
    return "directory" if hasattr(node, "directory") else "base_path"  # from 5.0, to 4.5


def is_one_file(node: Any) -> bool:
    """Whether all the node's inputs go into one file."""
    return node.format.file_format == "OPEN_EXR_MULTILAYER"  # type: ignore[no-any-return]  # see above


def written_names(node: Any) -> list[str]:
    """Return what the node puts behind its folder, as the artist wrote it."""
    if hasattr(node, "directory"):
        return [node.file_name]
    return [slot.path for slot in node.file_slots]


def files_per_frame(node: Any, scene: Scene) -> int:
    """Return how many files the node writes at least.

    Blender writes none for an input without pixels, such as a constant or a pass that is switched off, and only
    says so while rendering. So only those count that come straight from a view layer.
    """
    inputs = [index for index, one in enumerate(node.inputs) if _is_picture(one)]
    if is_one_file(node):
        return _files(node.format, scene) if inputs else 0
    return sum(_files(_format(node, index), scene) for index in inputs)


def _format(node: Any, index: int) -> Any:
    if hasattr(node, "directory"):
        item = node.file_output_items[index]
        return item.format if item.override_node_format else node.format
    slot = node.file_slots[index]
    return node.format if slot.use_node_format else slot.format


def _files(file_format: Any, scene: Scene) -> int:
    views = picture.views(scene)
    return len(views) if views and file_format.views_format == "INDIVIDUAL" else 1


def _is_picture(socket: Any) -> bool:
    while socket.is_linked:
        link = socket.links[0]
        source = link.from_node
        if link.is_muted or source.mute:
            return False
        if source.type != "REROUTE":
            return _is_rendered(link.from_socket, source)
        socket = source.inputs[0]
    return False


def _is_rendered(socket: Any, source: Any) -> bool:
    if source.type != "R_LAYERS" or not socket.enabled:
        return False
    layer = source.scene.view_layers.get(source.layer) if source.scene else None
    return layer is not None and layer.use
