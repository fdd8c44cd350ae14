"""What the Houdini plugin refuses, and in which words; on the double of `hou`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import houdinis
import pytest
from plugins.houdini_nodes import Load, frame, node, refusal

from buildcat.inside.messages import Order
from buildcat.model.errors import PathError, RefusedError
from buildcat_houdini.render import Houdini


def test_the_only_node_is_taken(load: Load) -> None:
    """Those that are bypassed, or belong to a locked asset, are none."""
    others = {
        "/out/b": {**node("Driver/ifd"), "bypass": True},
        "/obj/h/c": {**node("Driver/ifd"), "inside_asset": True},
    }

    assert frame(load({"/out/a": node("Driver/karma"), **others}))


def test_of_several_nodes_one_must_be_named(load: Load) -> None:
    """With all their names; a name that is nearly right is answered with the right one."""
    nodes = {"/out/beauty": node("Driver/ifd"), "/out/matte": node("Driver/ifd")}

    assert refusal(load, nodes) == "Name the node to render with the setting rop. There are: /out/beauty, /out/matte."
    words = refusal(load, nodes, rop="/out/beaty")
    assert words.startswith("The scene has no node /out/beaty. Did you mean '/out/beauty' or '/out/matte'?")
    assert frame(load(nodes, rop="/out/matte"))
    assert refusal(load, {}) == "Name the node to render with the setting rop. The scene has none that writes files."


@pytest.mark.parametrize(
    ("one", "says"),
    [
        ({"type": "Driver/fetch", "parms": {"source": "/obj/a/rop1"}}, "It renders /obj/a/rop1; submit that."),
        ({"type": "Driver/wedge", "parms": {"driver": "/out/x"}}, "It renders /out/x; submit that."),
        ({"type": "Driver/hq_render", "parms": {"hq_driver": "/out/x"}}, "It renders /out/x; submit that."),
        ({"type": "Driver/hq_sim", "parms": {"hq_driver": "/out/y"}}, "It renders /out/y; submit that."),
        ({"type": "Driver/merge"}, "writes no files itself. Submit the nodes that are wired into it."),
        ({"type": "Driver/labs::bake::2.0"}, "of the type Driver/bake, and Buildcat doesn't know which files"),
        ({**node("Driver/ifd"), "bypass": True}, "is bypassed, so it renders nothing."),
        (node("Driver/ifd", vm_picture="ip"), "shows its picture in a window (ip)"),
        (node("Driver/ifd", vm_picture="md"), "shows its picture in a window (md)"),
        (node("Driver/ifd", vm_picture=""), "names no file to write. Set its output."),
        (node("Driver/ifd", vm_picture="render/a.$F4.png"), "begins with no folder. Begin it with $HIP."),
        (node("Driver/ifd", vm_picture="$HIP/a.png"), "Put $F4 into its output."),
        (
            node("Driver/alembic", filename="$HIP/a.abc"),
            "The frames of /out/a share one file. Render them in one go: --split whole.",
        ),
    ],
)
def test_what_can_not_be_rendered_is_said(load: Load, one: dict[str, Any], says: str) -> None:
    """In a sentence, with what to do."""
    assert says in refusal(load, {"/out/a": one}, rop="/out/a")


def test_a_camera_is_no_node_to_render(load: Load) -> None:
    """Nor anything else that isn't known."""
    assert "of the type Object/cam, and Buildcat doesn't know which files" in refusal(load, {}, rop="/obj/front")


def test_a_root_that_houdini_would_replace_is_refused(load: Load, tmp_path: Path) -> None:
    """Rather than to write elsewhere."""
    scene = houdinis.save(tmp_path / "shot.hip", {"/out/a": node("Driver/ifd")})

    with pytest.raises(PathError, match="Mount it under another name"):
        Houdini().load(Order(str(scene), f"{tmp_path}/$farm", output="a_####.png"))


def test_a_scene_below_a_folder_that_houdini_would_replace_is_refused(load: Load, tmp_path: Path) -> None:
    """The file's name would come out as another."""
    with pytest.raises(PathError, match="a sign in it that Houdini replaces"):
        load({"/out/a": node("Driver/ifd", vm_picture="$HIP/a\\$b/a.$F4.png")})


def test_a_node_with_an_old_kind_of_button_only_is_refused(load: Load) -> None:
    """It can't be told to render."""
    with pytest.raises(RefusedError, match="no button to render it"):
        from buildcat_houdini import rops

        load({"/out/a": node("Driver/ifd")})
        rops.check_runs(sys.modules["hou"].node("/obj/front"))
