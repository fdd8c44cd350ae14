"""docs/adding-a-dcc.md: what it says is so, and its package keeps the contract of plugins."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import fifth_dcc
import pytest
from needs import require

from buildcat.farm import plugins
from buildcat.farm.session import Session
from buildcat.inside import loop
from buildcat.inside.messages import Order
from buildcat.model.dcc import Dcc, function
from buildcat.model.errors import RenderError
from buildcat.model.job import Output, Unit

ROOT = fifth_dcc.PAGE.parents[1]
MOST_LINES = 200


@contextmanager
def opened(fifth: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """Open a session of the page's DCC."""
    monkeypatch.syspath_prepend(fifth)
    monkeypatch.setenv("PATH", "")  # only the program that is named
    plugins.plugins.cache_clear()
    dcc = plugins.plugin("swatch")
    plugins.plugins.cache_clear()
    (installation,) = plugins.installations(dcc, [str(fifth_dcc.program())]).installations
    session = Session(dcc, installation)
    session.start()
    yield session
    session.close()


@pytest.fixture
def session(fifth: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session of the page's DCC."""
    with opened(fifth, monkeypatch) as session:
        yield session


def paint(session: Session, root: Path, output: str = "a.####.png", frame: int = 1, **settings: object) -> Output:
    """Render one frame of the page's scene."""
    (root / "shot.swatch").write_text(fifth_dcc.scene())
    session.load("e1", Order(str(root / "shot.swatch"), str(root), settings, output))
    (output_,) = session.render("e1", Unit(0, frame), lambda _progress: None)
    return output_


def test_the_package_is_whole_and_small() -> None:
    """All that it takes, in few lines, of which none is the runtime's."""
    found = fifth_dcc.files()
    runtime = [*(ROOT / "runtime").rglob("*.py"), ROOT / "pyproject.toml"]

    modules = {f"buildcat_swatch/{name}.py" for name in ("__init__", "dcc", "scene", "render", "window")}
    assert set(found) == {"pyproject.toml", *modules}
    assert sum(len(text.splitlines()) for text in found.values()) <= MOST_LINES
    assert not [path for path in runtime if "swatch" in path.read_text(encoding="utf-8").lower()]


@pytest.mark.parametrize("check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)])
def test_its_code_is_as_ours(fifth: Path, check: tuple[str, ...]) -> None:
    """Formatted, without a finding, typed."""
    known = "lint.isort.known-first-party=['buildcat', 'buildcat_swatch']"
    options = ["--config", "pyproject.toml", "--no-cache", *(("--config", known) if "check" in check else ())]
    given = options if check[0] == "ruff" else ["--strict", f"--cache-dir={os.devnull}"]

    command = [sys.executable, "-m", *check, *given, str(fifth / "buildcat_swatch")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_it_keeps_the_contract(fifth: Path, tmp_path: Path) -> None:
    """With the sample of the page added to the others, and nothing skipped."""
    add = f"import plugins.scenes\nexec({fifth_dcc.sample()!r}, vars(plugins.scenes))\n"
    (tmp_path / "with_swatch.py").write_text(add)
    path = os.pathsep.join(str(one) for one in (tmp_path, fifth, ROOT / "tests", ROOT / "tools"))
    environment = {**os.environ, "PYTHONPATH": path, "BUILDCAT_SWATCH": str(fifth_dcc.program())}
    (words,) = re.findall(r"^\.venv/bin/pytest (.*)$", fifth_dcc.TEXT, re.MULTILINE)

    command = [sys.executable, "-m", "pytest", *words.split(), "-p", "with_swatch", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
    assert "passed" in done.stdout


def test_what_a_job_brings_is_no_command(session: Session, tmp_path: Path) -> None:
    """Neither in a text nor in a path: oiiotool would read both."""
    root = tmp_path / "shots #%04d {1+1} {frame}"
    root.mkdir()

    pictures = []
    for text in ("{TOP.width}", "64", "1-3#", "0003", "-o"):
        written = Path(paint(session, root, text=text).written)
        assert written == root / ".bc-e1/a.0001.png"
        pictures.append(fifth_dcc.pixels(written))

    assert len(set(pictures)) == 5


def test_nothing_old_is_left_in_the_folder(session: Session, tmp_path: Path) -> None:
    """What another frame of the task left is no picture of this one."""
    (tmp_path / ".bc-e1").mkdir()
    (tmp_path / ".bc-e1/a.0002.png").write_text("half")

    output = paint(session, tmp_path)

    assert list((tmp_path / ".bc-e1").iterdir()) == [Path(output.written)]


@pytest.mark.parametrize("does", ['"$real" "$@"; exit 1', "exit 0"])
def test_only_a_picture_and_a_good_end_are_success(
    does: str, fifth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them is not enough."""
    require(sys.platform != "win32", "the program of this test is a shell script")
    fake = tmp_path / "fake"
    real = shlex.quote(str(fifth_dcc.program()))
    fake.write_text(f'#!/bin/sh\nreal={real}\n[ "$1" = --version ] && exec "$real" --version\n{does}\n')
    fake.chmod(0o755)
    monkeypatch.setattr(fifth_dcc, "program", lambda: fake)

    with (
        opened(fifth, monkeypatch) as session,
        pytest.raises(RenderError, match=r"oiiotool didn't write .*a\.0001\.png"),
    ):
        paint(session, tmp_path)


def test_a_scene_that_is_not_there_is_a_sentence(session: Session, tmp_path: Path) -> None:
    """Which says what is wrong, and what to do."""
    with pytest.raises(RenderError, match=r"gone\.swatch can't be read: No such file or directory\. Save it"):
        session.load("e1", Order(str(tmp_path / "gone.swatch"), str(tmp_path)))


def test_a_negative_frame_has_its_sign(session: Session, tmp_path: Path) -> None:
    """As with all DCCs."""
    assert paint(session, tmp_path, frame=-3).path == str(tmp_path / "a.-0003.png")


def test_what_the_page_names_is_there() -> None:
    """Fields of the description, functions that they name, files of ours, the loop's functions."""
    table = re.findall(r"^\| [^|]+ \| `(\w+)=(.+?)`", fifth_dcc.TEXT, re.MULTILINE)
    named = re.findall(r"`((?:runtime|tests|plugins|docs)/[\w./]+)`", fifth_dcc.TEXT)
    asked = re.findall(r"^\| `(\w+)\(", fifth_dcc.TEXT, re.MULTILINE)

    assert len(table) == 7
    assert {field for field, _ in table} <= {one.name for one in fields(Dcc)}
    assert all(callable(function(value.strip('"'))) for _, value in table if "buildcat_" in value)
    assert len(named) > 5
    assert not [one for one in named if not (ROOT / one).exists()]
    source = Path(loop.__file__).read_text(encoding="utf-8")
    assert set(asked) == set(re.findall(r"self\._plugin\.(\w+)\(", source))
