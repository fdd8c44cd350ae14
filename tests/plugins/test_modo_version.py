"""Which Modo is there, and whether it is new enough."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from buildcat.model.errors import RenderError
from buildcat_modo import driver, script
from buildcat_modo.render import Modo
from buildcat_modo.version import version_of


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("C:/Program Files/Foundry/Modo/15.1v1/modo_cl.exe", "15.1"),
        ("C:/Program Files/Modo16.1v9/modo/modo_cl.exe", "16.1"),
        ("/Applications/Modo17.0v4.app/Contents/MacOS/modo_cl", "17.0"),
        ("/opt/tools/modo_cl", ""),
    ],
)
def test_the_version_is_read_from_the_path(path: str, version: str) -> None:
    """As The Foundry's installers name their folders."""
    assert version_of(path) == version


@pytest.mark.parametrize("folder", ["Foundry/Modo/15.1v1", "Modo14.2v2.app/Contents/MacOS"])
def test_a_modo_that_is_too_old_is_not_even_started(folder: str) -> None:
    """Modo 14 has Python 2.7, Modo 15 has 3.7: our script would never answer."""
    with pytest.raises(RenderError, match=r"Modo 1[45]\.[12] is too old: .* Render with Modo 16 or 17\."):
        Modo(f"C:/{folder}/modo_cl").start()


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Let our script answer, which can't find our modules; returns what the worker makes of that."""
    request, answer = tmp_path / "request.json", tmp_path / "answer.json"
    request.write_text(json.dumps({"answer": str(answer), "loop": "/none/loop.py", "folders": {}}))
    monkeypatch.delitem(sys.modules, "buildcat")
    monkeypatch.setitem(sys.modules, "lx", SimpleNamespace(arg=lambda: str(request)))  # type: ignore[arg-type]  # a double

    def refused() -> str:
        script.main()
        return str(driver._error(json.loads(answer.read_text())))

    return refused


def test_modules_that_are_not_found_are_told_at_once(refused: Callable[[], str]) -> None:
    """Else the worker would wait, and hear nothing."""
    assert refused().startswith("Modo failed: FileNotFoundError: ")


def test_a_python_that_is_too_old_is_told(refused: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything of ours is looked for."""
    monkeypatch.setattr(script, "_PYTHON", (99, 0))

    assert refused().endswith(", and Buildcat needs 99.0. Render with Modo 16 or 17.")


def test_our_script_can_be_read_by_the_oldest_python(tmp_path: Path) -> None:
    """Its annotations too, which count when a function is defined; old Pythons that are here say what is wrong."""
    tree = ast.parse(driver._SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    told = [each.annotation for one in functions for each in one.args.args] + [one.returns for one in functions]

    assert functions
    assert {type(one) for one in told if one is not None} <= {ast.Constant, ast.Name}
    assert not [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    for python in Path.home().glob(".pyenv/versions/3.[78].*/bin/python"):
        said = refused_by(python, tmp_path)
        assert re.fullmatch(r"This Modo has Python 3\.[78], and Buildcat needs 3\.9\. Render with .*\.", said)


def refused_by(python: Path, folder: Path) -> str:
    """Run our script in that Python, and return what the worker makes of its answer."""
    request, answer = folder / "request.json", folder / "answer.json"
    request.write_text(json.dumps({"answer": str(answer)}))
    modo = f"import runpy, sys, types; lx = types.ModuleType('lx'); lx.arg = lambda: '{{{request}}}'"
    run = f"{modo}; sys.modules['lx'] = lx; runpy.run_path({str(driver._SCRIPT)!r}, run_name='__main__')"
    subprocess.run([python, "-I", "-S", "-c", run], check=True)
    return str(driver._error(json.loads(answer.read_text())))
