"""What becomes of the ROPs that an artist chooses: jobs in their order; on the double of `hou`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import pytest
from plugins.houdini_nodes import RANGE, Load, node

from buildcat.model.errors import BuildcatError
from buildcat.model.job import JobSpec


@pytest.fixture
def batch(load: Load, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open a scene, and return the module as Houdini would import it."""

    def batch(nodes: dict[str, Any]) -> Any:
        load({"/out/only": node("Driver/comp"), **nodes}, rop="/out/only")
        monkeypatch.delitem(sys.modules, "buildcat_houdini.panel.batch", raising=False)
        return import_module("buildcat_houdini.panel.batch")

    return batch


def wired(name: str, *inputs: str, **parms: Any) -> dict[str, Any]:
    return {**node(name, **{**RANGE, **parms}), "inputs": list(inputs)}


def test_each_job_waits_for_what_is_wired_into_it(batch: Any) -> None:
    """One job for each ROP; what must be rendered before comes along, though it wasn't chosen."""
    nodes = {
        "/out/sim": wired("Driver/geometry", initsim=1),
        "/out/a": wired("Driver/ifd", "/out/sim"),
        "/out/b": wired("Driver/ifd", "/out/sim"),
        "/out/slap": wired("Driver/comp", "/out/all"),
        "/out/all": {"type": "Driver/merge", "inputs": ["/out/a", "/out/b"]},
    }

    jobs = batch(nodes).jobs(["/out/slap"], {"priority": 70})

    assert [one.spec["settings"]["rop"] for one in jobs] == ["/out/sim", "/out/a", "/out/b", "/out/slap"]
    assert [one.after for one in jobs] == [(), (0,), (0,), (1, 2)]
    assert [one.spec["split"] for one in jobs] == ["whole", "frames", "frames", "frames"]
    assert {one.spec["priority"] for one in jobs} == {70}


def test_a_job_is_one_that_the_farm_takes(batch: Any, tmp_path: Any) -> None:
    """All fields fit; the frames are the node's own, and the version is Houdini's without its build."""
    (job,) = batch({"/out/a": wired("Driver/ifd", f3=2)}).jobs(["/out/a"], {"settings": {"percentage": 50}})

    spec = JobSpec(**job.spec, scene="shot.hip").checked()

    assert spec.dcc == "houdini"
    assert (spec.frames, spec.name) == ("1-9x2", "shot /out/a")
    assert spec.version_min in {20005000, 19005000}
    assert spec.settings == {"percentage": 50, "rop": "/out/a"}
    assert job.place == str(tmp_path / "out")


def test_the_form_says_which_frames(batch: Any) -> None:
    """Instead of the nodes; a range in one unit keeps its step."""
    nodes = {"/out/a": node("Driver/ifd"), "/out/s": wired("Driver/geometry", initsim=1)}
    module = batch(nodes)

    a, s = module.jobs(["/out/a", "/out/s"], {"frames": "5-9x2", "order": "reverse"})

    assert (a.spec["frames"], a.spec["order"], a.spec["settings"]) == ("5-9x2", "reverse", {"rop": "/out/a"})
    assert (s.spec["frames"], s.spec["order"]) == ("5-9", "forward")
    assert s.spec["settings"] == {"rop": "/out/s", "frame_step": 2}


def test_a_node_without_a_range_renders_the_current_frame(batch: Any) -> None:
    """As its button would."""
    (job,) = batch({"/out/a": node("Driver/ifd")}).jobs(["/out/a"], {})

    assert job.spec["frames"] == "1"


def test_what_is_chosen_may_be_a_node_that_passes_on(batch: Any) -> None:
    """A merge stands for what is wired into it, a fetch for what it fetches."""
    nodes = {
        "/obj/r": wired("Driver/ifd"),
        "/out/f": {"type": "Driver/fetch", "parms": {"source": "/obj/r"}},
        "/out/m": {"type": "Driver/merge", "inputs": ["/out/f"]},
    }
    module = batch(nodes)

    assert [one.path() for one in module.ordered(["/out/m"])] == ["/obj/r"]
    assert [one.path() for one in module.ordered(["/out/f", "/obj/r"])] == ["/obj/r"]


@pytest.mark.parametrize(
    ("nodes", "chosen", "says"),
    [
        ({}, [], "No ROP is chosen. Choose at least one."),
        ({}, ["/out/none"], "The scene has no node /out/none."),
        ({"/out/m": {"type": "Driver/merge"}}, ["/out/m"], "Nothing that writes files is wired into /out/m."),
        (
            {"/out/bc": {"type": "Driver/buildcat_rop"}, "/out/a": wired("Driver/ifd", "/out/bc")},
            ["/out/a"],
            "/out/bc is wired into /out/a. Wire ROPs into it instead, or choose them.",
        ),
        (
            {
                "/out/f": {"type": "Driver/fetch", "parms": {"source": "/out/g"}},
                "/out/g": {"type": "Driver/null", "inputs": ["/out/f"]},
            },
            ["/out/f"],
            "/out/f is rendered by itself.",
        ),
        (
            {
                "/out/f": {"type": "Driver/fetch", "parms": {"source": "/out/a"}},
                "/out/a": wired("Driver/ifd", "/out/f"),
            },
            ["/out/a"],
            "/out/a",
        ),
        (
            {"/out/a": wired("Driver/ifd", "/out/s"), "/out/s": {"type": "Driver/subnet"}},
            ["/out/a"],
            "/out/s is of the type Driver/subnet, and Buildcat doesn't know which files it writes.",
        ),
        ({"/out/s": {"type": "Driver/shell"}}, ["/out/s"], "/out/s is of the type Driver/shell, and Buildcat doesn't"),
        (
            {"/out/f": {"type": "Driver/fetch", "parms": {"source": "/obj/gone"}}},
            ["/out/f"],
            "/out/f renders /obj/gone, which isn't there. Set another, or bypass the node.",
        ),
        ({"/out/a": {**wired("Driver/ifd"), "bypass": True}}, ["/out/a"], "is bypassed"),
        ({"/out/a": wired("Driver/ifd", vm_picture="$HIP/a.png")}, ["/out/a"], "Put $F4 into its output."),
    ],
)
def test_what_can_not_be_submitted_is_said(batch: Any, nodes: dict[str, Any], chosen: list[str], says: str) -> None:
    """Before anything is sent."""
    with pytest.raises(BuildcatError) as caught:
        batch(nodes).jobs(chosen, {})

    assert says in str(caught.value)


def test_every_rop_is_listed_with_what_is_wrong(batch: Any) -> None:
    """Those that can't be rendered too, with the reason."""
    nodes = {"/out/a": wired("Driver/ifd", vm_picture=""), "/out/b": wired("Driver/ifd", "/out/a")}

    found = {one.path: one for one in batch(nodes).every()}

    assert found["/out/a"].problem == "/out/a names no file to write. Set its output."
    assert (found["/out/b"].type, found["/out/b"].frames) == ("Driver/ifd", "1-10")
    assert (found["/out/b"].inputs, found["/out/b"].problem) == (("/out/a",), "")


def test_what_is_wired_into_a_lop_or_a_sop_is_no_rop(batch: Any) -> None:
    """It is cooked, not rendered; what isn't known among it doesn't matter."""
    nodes = {
        "/stage/all": {"type": "Lop/null", "stage": {"resolution": [8, 8]}},
        "/stage/r": {**wired("Lop/usdrender_rop", "/stage/all", loppath="")},
        "/obj/g/in": {"type": "Sop/file"},
        "/obj/g/out": wired("Sop/rop_alembic", "/obj/g/in"),
    }

    jobs = batch(nodes).jobs(["/stage/r", "/obj/g/out"], {})

    assert [(one.spec["settings"]["rop"], one.after) for one in jobs] == [("/stage/r", ()), ("/obj/g/out", ())]


def test_only_the_chosen_input_of_a_switch_is_rendered(batch: Any) -> None:
    """As Houdini does."""
    nodes = {
        "/out/a": wired("Driver/ifd"),
        "/out/b": wired("Driver/ifd"),
        "/out/s": {"type": "Driver/switch", "parms": {"index": 1}, "inputs": ["/out/a", "/out/b"]},
    }

    assert [one.path() for one in batch(nodes).ordered(["/out/s"])] == ["/out/b"]


def test_a_bypassed_node_passes_on_what_is_wired_into_it(batch: Any) -> None:
    """It renders nothing itself; of a fetch its source isn't rendered either."""
    nodes = {
        "/out/sim": wired("Driver/geometry", initsim=1),
        "/out/off": {**wired("Driver/ifd", "/out/sim"), "bypass": True},
        "/out/f": {"type": "Driver/fetch", "parms": {"source": "/out/c"}, "inputs": ["/out/off"], "bypass": True},
        "/out/a": wired("Driver/ifd", "/out/f"),
        "/out/c": wired("Driver/ifd"),
    }

    jobs = batch(nodes).jobs(["/out/a"], {})

    assert [one.spec["settings"]["rop"] for one in jobs] == ["/out/sim", "/out/a"]


def test_a_large_net_of_merges_is_walked_once(batch: Any) -> None:
    """Forty merges one after another, each wired twice into the next, are not walked a million million times."""
    nodes = {"/out/m0": {"type": "Driver/merge", "inputs": ["/out/a"]}, "/out/a": wired("Driver/ifd")}
    for place in range(1, 41):
        nodes[f"/out/m{place}"] = {"type": "Driver/merge", "inputs": [f"/out/m{place - 1}"] * 2}

    assert [one.path() for one in batch(nodes).ordered(["/out/m40"])] == ["/out/a"]


def test_frames_that_are_no_range_are_refused_in_one_go(batch: Any) -> None:
    """They would be others than those that were asked for."""
    module = batch({"/out/s": wired("Driver/geometry", initsim=1)})

    with pytest.raises(BuildcatError) as caught:
        module.jobs(["/out/s"], {"frames": "1,5,8-12"})

    assert str(caught.value) == (
        "/out/s writes its frames in one go, so they must be a range with one step, such as 1-12, not 1,5,8-12."
    )


@pytest.mark.parametrize(
    ("frames", "wanted"), [("", "1-10x3"), ("2-9", "2-8x3"), ("9-2", "9-3x3"), ("1,4,9,12,20", "1,12")]
)
def test_a_frame_step_takes_each_nth_frame(batch: Any, frames: str, wanted: str) -> None:
    """Of frames that are units of their own, before they are submitted."""
    module = batch({"/out/a": wired("Driver/ifd")})

    (job,) = module.jobs(["/out/a"], {"frames": frames, "settings": {"frame_step": 3}})

    assert (job.spec["frames"], job.spec["settings"]) == (wanted, {"rop": "/out/a"})


def test_a_frame_step_and_that_of_the_frames_count_both(batch: Any) -> None:
    """Each third of each second."""
    (job,) = batch({"/out/s": wired("Driver/geometry", initsim=1)}).jobs(
        ["/out/s"], {"frames": "1-19x2", "settings": {"frame_step": 3}}
    )

    assert (job.spec["frames"], job.spec["settings"]) == ("1-19", {"rop": "/out/s", "frame_step": 6})


@pytest.mark.parametrize("broken", [{"f1": "BROKEN"}, {"vm_picture": "BROKEN"}])
def test_one_odd_rop_hides_no_other(batch: Any, broken: dict[str, str]) -> None:
    """Its problem is its own."""
    nodes = {"/out/a": {**wired("Driver/ifd"), "keys": broken}, "/out/b": wired("Driver/ifd")}

    found = {one.path: one for one in batch(nodes).every()}

    assert "Unable to evaluate expression" in found["/out/a"].problem
    assert found["/out/b"].problem == ""


def test_a_large_stage_is_not_walked_for_the_list(batch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is Houdini's own; how large pictures are is asked by the worker."""
    nodes = {"/out/a": wired("Driver/usdrender"), "/stage/all": {"type": "Lop/null", "stage": {"resolution": [8, 8]}}}
    module = batch(nodes)
    monkeypatch.setattr("buildcat_houdini.stage._of_type", lambda *_: 1 / 0)

    assert {one.path: one.problem for one in module.every()}["/out/a"] == ""
    assert len(module.jobs(["/out/a"], {})) == 1
