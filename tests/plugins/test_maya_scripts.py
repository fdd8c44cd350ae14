"""What of a scene's scripts runs, and when; on the double of `maya`."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugins.maya_scenes import NODES, Load, frame, process, using

from buildcat.inside.messages import Order


@pytest.mark.parametrize("is_allowed", [True, False])
def test_scripts_run_only_when_they_may(load_maya: Load, capsys: pytest.CaptureFixture[str], is_allowed: bool) -> None:
    """Script nodes, and MEL around renders."""
    content = {"script": "a script node ran", "attributes": {"defaultRenderGlobals.preMel": "ran"}}

    load_maya(content, allow_scripts=is_allowed)

    assert ("a script node ran" in capsys.readouterr().out) == is_allowed
    assert process().scene.get("defaultRenderGlobals.preMel") == ("ran" if is_allowed else "")


@pytest.mark.parametrize("is_allowed", [True, False])
def test_mel_before_a_render_runs_when_it_may(
    load_maya: Load, capsys: pytest.CaptureFixture[str], is_allowed: bool
) -> None:
    """Maya's batch render runs it, the commands of the renderers don't; the layer's comes when it is current."""
    mel = {"defaultRenderGlobals.preMel": "before-all", "defaultRenderGlobals.preRenderLayerMel": "before-layer"}

    load_maya({"attributes": mel}, allow_scripts=is_allowed)

    assert capsys.readouterr().out.split() == (["before-all", "before-layer"] if is_allowed else [])


def test_mel_that_fails_is_told(load_maya: Load) -> None:
    """As of a plug-in that this worker doesn't have."""
    opened = load_maya({"attributes": {"defaultRenderGlobals.preMel": "fails"}}, allow_scripts=True)

    assert opened.loaded.warnings == ("The scene's preMel fails: Cannot find procedure.",)
    assert frame(opened)


@pytest.mark.parametrize("is_allowed", [True, False])
def test_script_nodes_stay_silent_after_the_scene_was_opened(
    load_maya: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_allowed: bool
) -> None:
    """Some run with each frame; and what is to run at the end does when the next scene is opened, whatever the type."""
    nodes = {"onDemand": 0, "openClose": 1, "ownByMaya": 6, "eachRender": 4, "eachFrame": 5, "eachTime": 7}
    parts = {f"{one}.{part}": f"{one}:{part}" for one in nodes for part in ("before", "after")}
    types = {f"{one}.scriptType": kind for one, kind in nodes.items()}
    content = {"nodes": dict.fromkeys(nodes, "script"), "attributes": {**types, **parts}}

    opened = load_maya(content, allow_scripts=is_allowed)
    frame(opened)
    opened.plugin.load(Order(str(tmp_path / "shot.ma"), str(tmp_path)))

    ran = set(capsys.readouterr().out.split())
    assert ran == ({*parts.values()} - {"onDemand:before"} if is_allowed else set())


def test_what_maya_itself_keeps_in_a_script_node_is_left_alone(load_maya: Load) -> None:
    """It runs only when the scene is opened, and may lie in a reference that is locked."""
    own = {"set:own.scriptType": 6, "set:own.before": "playbackOptions"}
    held = {"referenced": ["set:own"], "locked": ["set:own.before"]}

    assert frame(load_maya({"nodes": {"set:own": "script"}, "attributes": own, **held}))


@pytest.mark.parametrize(
    ("name", "plug"),
    [
        ("arnold", "defaultArnoldRenderOptions.PostTranslation"),
        *(
            ("redshift", f"redshiftOptions.{when}Render{what}Mel")
            for when in ("pre", "post")
            for what in ("", "Layer", "Frame")
        ),
        *(("vray", f"vraySettings.{one}") for one in ("postTranslatePython", "preKeyframeMel", "rtImageReadyMel")),
    ],
)
@pytest.mark.parametrize("is_allowed", [True, False])
def test_scripts_of_renderers_run_only_when_they_may(load_maya: Load, name: str, plug: str, is_allowed: bool) -> None:
    """Each has its own attributes for them."""
    content = {**using(name, **{plug.replace(".", "__"): "ran"}), "nodes": NODES[name]}

    load_maya(content, allow_scripts=is_allowed)

    assert process().scene.get(plug) == ("ran" if is_allowed else "")
