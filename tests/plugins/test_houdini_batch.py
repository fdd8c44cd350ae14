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
    assert (spec.frames, spec.version_min, spec.name) == ("1-9x2", 20005000, "shot /out/a")
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
