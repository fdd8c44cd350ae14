"""What owners of a DCC run inside it; here on the double, in the same way: by a fake hython."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path

import dcc_selfcheck
import houdinis
import pytest
from doubles.houdini import module

from buildcat_houdini import nodes


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> object:
    """The checks of Houdini, in this process."""
    from importlib import import_module

    monkeypatch.setitem(sys.modules, "hou", module.make(houdinis.stub()))
    monkeypatch.delitem(sys.modules, "selfcheck.houdini", raising=False)
    return import_module("selfcheck.houdini")


def test_the_walk_ends_well_in_a_houdini_that_has_all(tmp_path: Path) -> None:
    """By hython: each name, each type with its parameters, the HDA, one real frame; as table and JSON."""
    hython = houdinis.install(tmp_path).executable
    report = tmp_path / "report.json"

    done = subprocess.run(
        [hython, dcc_selfcheck.__file__, "houdini", "--json", str(report)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(report.read_text())
    names = {one["name"]: one["verdict"] for one in told["rows"]}
    assert told["version"] == f"Houdini {houdinis.VERSION}"
    assert set(names.values()) == {"ok", "absent"}
    assert {name for name, verdict in names.items() if verdict == "absent"} <= {
        name for name in names if name.startswith(("hou.ui", "hou.qt"))
    }
    assert names["hou.renderMethod.FrameByFrame"] == "ok"
    assert names["Driver/ifd  vm_picture"] == "ok"
    assert names["Driver/buildcat_rop  rops"] == names["the HDA is loaded"] == "ok"
    assert names["a frame is rendered by ifd"] == "ok"
    assert set(nodes.KINDS) | set(nodes.PASSING) <= set(names)
    assert done.stdout.splitlines()[-1].startswith(f"Houdini {houdinis.VERSION}: ")


def test_what_is_not_so_is_told_and_fails(check: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A check that can't fail would be none."""
    kind = nodes.KINDS["Driver/comp"]
    monkeypatch.setitem(nodes.KINDS, "Driver/comp", type(kind)(("vm_picture",)))
    monkeypatch.setitem(check.METHODS, "Take", ("rename",))  # type: ignore[attr-defined]  # a module

    rows = {one.name: one for one in check.rows(tmp_path)}  # type: ignore[attr-defined]  # as above

    wrong = {name for name, one in rows.items() if one.verdict == "WRONG"}
    assert wrong == {"Driver/comp  vm_picture", "hou.Take.rename"}
    assert rows["Driver/comp  vm_picture"].detail == "no such parameter"


def test_every_method_that_the_plugin_calls_is_checked(check: object) -> None:
    """On whatever it is called: what Houdini's stubs know as a method, and what isn't Python's own."""
    stub = houdinis.stub()
    methods = {name for one in stub.classes.values() for name in one.methods}
    checked = {name for names in check.METHODS.values() for name in names}  # type: ignore[attr-defined]  # a module
    folder = Path(inspect.getfile(nodes)).parent
    ours = {
        "end",
        "warnings",
        "reload",
        "connect",
        "glob",
        "group",
        "load",
        "render",
        "save",
        "find",
        "submit",
        "jobs",
        "close",
        "show",
        "add",
        "ask",
        "dumps",
    }
    pythons = {name for one in (str, bytes, dict, list, set, tuple, range) for name in dir(one)}

    called = {
        node.func.attr
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if not ast.unparse(node.func).startswith(
            ("hou.", "self.", "os.", "scene.", "parms.", "rops.", "sizes.", "stage.")
        )
    }

    assert (called & methods) - checked - pythons - ours == set()
