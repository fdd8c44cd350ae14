"""What the Houdini plugin tells and reads besides rendering; on the double of `hou`."""

from __future__ import annotations

import sys

import houdinis
import pytest
from plugins.houdini_nodes import STAGE, Load, frame, node

from buildcat_houdini import scene
from buildcat_houdini.settings import SETTINGS


def test_renderers_are_told_to_print_their_progress(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is off in a new node, and needs the words of the node as well."""
    frame(load({"/out/a": {**node("Driver/ifd"), "seconds": 0.01}}))

    assert "ALF_PROGRESS 90%" in capsys.readouterr().out


def test_the_process_tells_its_version_and_gives_its_licence_back(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """When nothing was asked of it for a while."""
    plugin = load({"/out/a": node("Driver/ifd")}).plugin

    assert plugin.start() in {houdinis.VERSION, houdinis.OLDEST}
    plugin.idle()
    assert capsys.readouterr().out == "licence given back\n"


def test_the_settings_of_a_node_are_read_as_they_are(load: Load) -> None:
    """For a panel to show; what a node doesn't have is None."""
    load(
        {"/out/a": node("Driver/ifd", take="night"), "/out/b": node("Driver/comp")},
        rop="/out/a",
        content={"takes": {"night": {}}},
    )
    nodes = sys.modules["hou"].node

    assert scene.read(nodes("/out/a")) == {
        "rop": "/out/a",
        "take": "night",
        "camera": "/obj/front",
        "resolution_x": 64,
        "resolution_y": 48,
        "percentage": 100,
        "frame_step": 1,
    }
    assert [scene.read(nodes("/out/b"))[key] for key in ("camera", "resolution_x", "resolution_y")] == [None] * 3
    assert set(scene.read(nodes("/out/b"))) == {one.key for one in SETTINGS}


def test_the_height_alone_is_changed(load: Load) -> None:
    """The width stays."""
    assert frame(load({"/out/a": node("Driver/ifd")}, resolution_y=20))[0].size == (64, 20)


def test_the_stage_is_that_of_the_input_where_none_is_named(load: Load) -> None:
    """As in a network of LOPs."""
    wired = {**node("Lop/usdrender_rop", loppath=""), "inputs": ["/stage/all"]}

    assert frame(load({"/stage/out": wired, "/stage/all": STAGE}))[0].size == (40, 30)


def test_a_size_that_must_be_rounded_is_not_checked(load: Load) -> None:
    """How Houdini rounds is not known, and a wrong guess would fail every frame."""
    sizes = [
        frame(load({"/out/a": node("Driver/ifd", override_camerares=1, res_fraction=one)}))[0].size
        for one in ("0.25", "0.1")
    ]

    assert sizes == [(16, 12), None]
