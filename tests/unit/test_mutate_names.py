"""The tool that misspells names: what it changes, what it leaves alone, and that it can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mutate_names

SOURCE = '''"""Docs of node."""

def render(rop: "Node") -> str:
    """Docs."""
    assert rop.parm, "parm"
    rop.parm("vm_picture").set(1, lock=True)
    raise ValueError(f"node {rop.path}")
'''


def test_each_name_is_changed_alone(tmp_path: Path) -> None:
    """Attributes, texts that may be names, arguments and flags; not what no test could notice."""
    (tmp_path / "render.py").write_text(SOURCE)
    (tmp_path / "dcc.py").write_text(SOURCE)

    names = mutate_names.Names(frozenset({"parm", "set", "lock", "path"}))

    found = list(mutate_names.mutants(tmp_path, names, ("dcc",)))

    assert sorted(one.what for one in found) == [
        "True -> False",
        "lock -> lockx",
        "parm -> parmx",
        "set -> setx",
        "vm_picture -> vm_picturex",
    ]
    assert {one.line for one in found} == {6}
    assert all(len(one.text.splitlines()) == len(SOURCE.splitlines()) and one.text != SOURCE for one in found)


def test_a_method_that_the_dcc_calls_is_changed(tmp_path: Path) -> None:
    """Else its name could be any."""
    (tmp_path / "panel.py").write_text("class A:\n    @final\n    def draw(self): ...\n    def other(self): ...\n")

    (found,) = mutate_names.mutants(tmp_path, mutate_names.Names(frozenset(), called=frozenset({"draw"})), ())

    assert (found.line, found.what) == (3, "draw -> drawx")
    assert "def drawx(self)" in found.text


def test_a_misspelled_parameter_is_noticed_and_an_equal_one_is_not() -> None:
    """The tool runs the real tests; without a change they pass."""
    only = ["--only", "vm_picture -> "]

    done = subprocess.run(
        [sys.executable, mutate_names.__file__, "plugins/houdini", *only], capture_output=True, text=True, check=False
    )

    assert done.stdout.split() == ["mutants", "noticed", "1", "of", "1", "100.0", "%", "100", "%", "PASS"], (
        done.stdout + done.stderr
    )
    assert mutate_names.verdict(mutate_names.PLUGINS["plugins/houdini"], None) is mutate_names.Verdict.UNNOTICED
