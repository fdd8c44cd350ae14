"""The command `buildcatSubmit` for scripts, with a window and without; on the double of `maya`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doubles.maya.model import Scene
from plugins.maya_scenes import OpenPanel

from buildcat.inside import form
from buildcat.model.job import JobSpec
from buildcat_maya.dcc import DCC

PLUGIN = Path(__file__).parents[2] / "plugins/maya/install/buildcat/plug-ins/buildcatPlugin.py"
LAYERS = {"layers": {"matte": "rs_matte"}, "attributes": {"rs_matte.renderable": False}}

Submit = Callable[..., Any]


@pytest.fixture
def submit(maya_panel: OpenPanel, maya: Any) -> Submit:
    """The command, in a mayapy with a scene of two layers and two cameras."""
    maya_panel("host", **LAYERS)
    maya.state, maya.is_batch = 2, True
    maya.load_script(PLUGIN)
    command: Submit = maya.registry["buildcatSubmit"]
    return command


def specs(asked: list[dict[str, Any]]) -> list[JobSpec]:
    """What was submitted."""
    (given,) = [one for one in asked if one["do"] == "submit"]
    return [JobSpec(**one["spec"], scene="shot.ma").checked() for one in given["jobs"]]


def test_without_a_window_it_submits_what_is_switched_on(submit: Submit, farm_client: list[dict[str, Any]]) -> None:
    """As a batch render would; it waits for the farm, and returns the ids."""
    assert submit() == ["ab12"]

    (spec,) = specs(farm_client)
    assert (spec.settings["layer"], spec.settings["camera"], spec.frames) == ("masterLayer", "front_cam", "1-10")
    assert farm_client[0]["scene"].endswith("/shot.ma")
    assert farm_client[-1] == {"do": "closed"}


def test_with_a_window_it_is_the_menus_entry(submit: Submit, maya: Any, maya_window: Any) -> None:
    """It opens the window, and submits nothing."""
    maya.state, maya.is_batch = 0, False

    assert submit() is None

    assert len(maya_window.windows) == 1


def test_flags_are_the_forms(submit: Submit, farm_client: list[dict[str, Any]]) -> None:
    """By their long and their short names; each layer as each camera sees it."""
    submit(
        layer=["masterLayer", "matte"], cam=["front_cam", "side_cam"], frames="1-3", pri=70, rx=48, skipExisting=True
    )

    found = specs(farm_client)
    assert [(one.settings["layer"], one.settings["camera"]) for one in found] == [
        *(("masterLayer", "front_cam"), ("masterLayer", "side_cam")),
        *(("matte", "front_cam"), ("matte", "side_cam")),
    ]
    rest = {(one.frames, one.priority, one.settings["resolution_x"], one.skip_existing) for one in found}
    assert rest == {("1-3", 70, 48, True)}


def test_a_layer_alone_is_seen_by_the_cameras_that_are_on(submit: Submit, farm_client: list[dict[str, Any]]) -> None:
    """And a camera alone sees the layers that are on."""
    submit(layer="matte")
    first = specs(farm_client)
    farm_client.clear()
    submit(camera="side_cam")

    assert [(one.settings["layer"], one.settings["camera"]) for one in first] == [("matte", "front_cam")]
    assert [one.settings["layer"] for one in specs(farm_client)] == ["masterLayer"]


@pytest.mark.parametrize("row", form.rows(DCC, without=("layer", "camera")), ids=lambda one: one.key)
def test_each_row_of_the_form_has_a_flag(submit: Submit, farm_client: list[dict[str, Any]], row: Any) -> None:
    """Which brings its value into the job."""
    first, *more = row.key.split("_")
    example = {"order": "reverse", "frames": "5", "name": "own", "pool": "gpu", "priority": 70, "chunk": 4}
    value = example.get(row.key, row.setting.examples[0] or True)

    submit(**{first + "".join(one.capitalize() for one in more): value})

    (spec,) = specs(farm_client)
    found = spec.settings[row.key] if row in form.rows(DCC)[len(form.JOB) :] else getattr(spec, row.key)
    assert (tuple(found) if isinstance(found, list) else found) in (value, f"{value} masterLayer front_cam")


def test_a_dry_run_submits_nothing(submit: Submit, farm_client: list[dict[str, Any]]) -> None:
    """It says what each job would be."""
    assert submit(dryRun=True, layer="matte", frames="5") == ["matte seen by front_cam: frames 5, shot matte front_cam"]

    assert farm_client == []


def test_script_nodes_run_where_the_job_asks_for_it(submit: Submit, farm_client: list[dict[str, Any]]) -> None:
    """And the worker allows it."""
    submit(allowScripts=True)

    assert specs(farm_client)[0].requires == ("scripts",)


@pytest.mark.parametrize(("unsaved", "name"), [("save", "shot.ma"), ("last", "shot.ma"), ("snapshot", ".shot.bc-")])
def test_unsaved_changes_are_what_the_script_says(
    submit: Submit, maya: Any, farm_client: list[dict[str, Any]], unsaved: str, name: str
) -> None:
    """Nobody is there to be asked."""
    maya.scene.is_modified = True

    with pytest.raises(RuntimeError, match=r"unsaved changes\. Say what becomes of them by unsaved: save, snapshot, l"):
        submit()
    submit(unsaved=unsaved)

    assert Path(farm_client[0]["scene"]).name.startswith(name)
    assert specs(farm_client)[0].snapshot == (unsaved == "snapshot")
    assert maya.scene.is_modified == (unsaved != "save")


def test_with_a_window_nothing_waits_for_the_farm(
    submit: Submit, maya: Any, maya_window: Any, farm_client: list[dict[str, Any]]
) -> None:
    """The end is told in Maya's line; a script that wants the ids says so."""
    from PySide6 import QtTest

    maya.state, maya.is_batch = 0, False

    assert submit(frames="1") is None
    assert maya.said == []
    QtTest.QTest.qWait(300)
    assert maya.said == [("info", "Buildcat: Submitted as ab12: 10 units.")]
    submit(name="fails", frames="1")
    QtTest.QTest.qWait(300)
    assert maya.said[1:] == [("error", "Buildcat: The farm fails.")]
    farm_client.clear()
    assert submit(frames="1", wait=True) == ["ab12"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"layer": "matter"}, r"^Buildcat: The scene has no layer 'matter'\. Did you mean 'matte'\\?"),
        ({"camera": "top_cam"}, "^Buildcat: The scene has no camera top_cam"),
        ({"name": "fails"}, r"^Buildcat: The farm fails\.$"),
        ({"percentage": 0}, "^Buildcat: percentage takes a whole number from 1 to 1000, not 0"),
        ({"unsaved": "throw"}, "^Buildcat: unsaved takes one of save, snapshot, last, not 'throw'"),
    ],
)
def test_what_a_script_can_not_submit_is_raised(
    submit: Submit, farm_client: list[dict[str, Any]], given: dict[str, Any], says: str
) -> None:
    """As Maya raises what a command can't do."""
    with pytest.raises(RuntimeError, match=says):
        submit(**given)


def test_a_flag_that_is_none_is_refused_by_maya(submit: Submit) -> None:
    """And so is a value of another kind."""
    with pytest.raises(TypeError, match="Invalid flag 'framez'"):
        submit(framez="1")
    with pytest.raises(TypeError, match="Invalid arguments for flag 'priority'"):
        submit(priority="high")


def test_a_scene_that_was_never_saved_is_not_submitted(submit: Submit, maya: Any) -> None:
    """There is no file that a worker could open."""
    maya.scene = Scene("", {})

    with pytest.raises(RuntimeError, match="never saved"):
        submit()


def test_a_farm_that_does_not_answer_is_told(submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while, also when the client can't even be started."""
    monkeypatch.setattr("buildcat.inside.sending.PATIENCE_S", 0.1)
    monkeypatch.setattr("buildcat.inside.client.Client.deliver", lambda self: False)

    with pytest.raises(RuntimeError, match=r"didn't answer within 0\.1 s"):
        submit()
