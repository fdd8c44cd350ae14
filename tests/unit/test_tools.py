"""The test command's own parts: what counts as a line of code, and that nothing is skipped where all is required."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import the tools as they are run, from their own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.py", '"""Doc.\n\nMore.\n"""\n\n# why\nx = 1  # why\n', 1),
        ("a.py", 'def f():\n    """Doc."""\n    return (\n        1\n    )\n', 4),
        ("a.py", 'x = """text\n\nthat counts"""\n', 3),
        ("a.lua", "-- why\n\nlocal x = 1\n", 1),
    ],
)
def test_a_line_of_code_holds_code(tmp_path: Path, name: str, text: str, lines: int) -> None:
    """Blank lines, comments and docstrings are free: nobody saves on them to stay under the limit."""
    import lines as counter

    (tmp_path / name).write_text(text)

    assert counter.count(tmp_path / name) == lines


def test_each_dependency_has_its_reason() -> None:
    """DECISIONS.md lists what is installed for a user, with the lower bound that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: wanted for name, wanted in project["optional-dependencies"].items() if name != "dev"}
    asked = [*project["dependencies"], *(one for wanted in extras.values() for one in wanted)]
    bounds = dict(match.groups() for one in asked if (match := re.match(r"([\w.-]+)(?:>=|==)([\w.]+)", one)))
    rows = re.findall(r"^\| ([\w.-]+)(?: \(extra[^|]*)? \| ([\w.]+) \| \S", _decisions(), re.MULTILINE)

    assert {name: "exact" if name == "bpy" else bound for name, bound in bounds.items()} == dict(rows)


def _decisions() -> str:
    return (ROOT / "DECISIONS.md").read_text(encoding="utf-8")


def test_every_source_of_the_runtime_is_counted() -> None:
    """The limit holds for all of it."""
    import lines as counter

    counts = counter.by_folder()

    assert all(counts[f"runtime/buildcat/{layer}"] > 20 for layer in ("cli", "client", "farm", "inside", "model"))


@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 1)])
def test_a_skip_is_a_failure_where_all_is_required(tmp_path: Path, required: str, code: int) -> None:
    """CI can't be green because something was missing."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text("from needs import require\ndef test_it(): require(False, 'no such thing')\n")
    environment = {**os.environ, "BUILDCAT_REQUIRE_ALL": required, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "pytest", "-p", "no:valkey", "--rootdir", str(tmp_path), str(tmp_path)]

    ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ended.returncode == code
    assert "no such thing" in ended.stdout or not required
