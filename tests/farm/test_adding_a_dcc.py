"""docs/adding-a-dcc.md: the DCC that it builds is taken out of the page, installed, and renders on a real farm."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from farms import Farm, wait_for
from needs import require

from buildcat.client import records
from buildcat.farm.images import read_size

PAGE = Path(__file__).parents[2] / "docs/adding-a-dcc.md"
#: A line with a file's name alone, then its block.
_FILE = re.compile(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SCENE = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST_LINES = 200


def files() -> dict[str, str]:
    """Return the files of the page by their paths."""
    return dict(_FILE.findall(PAGE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's package, as pip installs it."""
    source, place = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name, text in files().items():
        path = source / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--target", str(place), str(source)], check=True)
    return place


@pytest.fixture
def swatches(farm: Farm, installed: Path) -> Iterator[Any]:
    """A farm with a worker that has the package; called with the command line's words, it runs a command."""
    tool = Path(sys.executable).with_name("oiiotool")
    require(tool.exists(), "OpenImageIO's wheel brings no oiiotool here")
    farm.environment = {"PYTHONPATH": str(installed), "BUILDCAT_SWATCH": str(tool)}
    (scene,) = _SCENE.findall(PAGE.read_text(encoding="utf-8"))
    (farm.root / "shot.swatch").write_text(scene)
    farm.start_worker()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "buildcat", *words, "--server", farm.server]
        environment = {**os.environ, **farm.environment}
        return subprocess.run(
            command, cwd=farm.root, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    yield run


def test_the_page_holds_a_whole_package_in_few_lines() -> None:
    """All that it takes to render."""
    found = files()

    assert set(found) == {
        "pyproject.toml",
        *(f"buildcat_swatch/{name}.py" for name in ("__init__", "dcc", "render")),
    }
    assert sum(len(text.splitlines()) for text in found.values()) <= MOST_LINES
    for name, text in found.items():
        if name.endswith(".py"):
            compile(text, name, "exec")


def test_it_needs_no_line_of_the_runtime() -> None:
    """Nothing of ours knows its name."""
    runtime = PAGE.parents[1] / "runtime"

    assert not [path for path in runtime.rglob("*.py") if "swatch" in path.read_text(encoding="utf-8").lower()]


def test_the_dcc_of_the_page_renders(farm: Farm, swatches: Any) -> None:
    """By the commands of the page: frames with their own colours, in the size that was asked for."""
    import OpenImageIO

    done = swatches("submit", "swatch", "shot.swatch", "--frames", "1-4", "--percentage", "50", "--wait")

    assert done.returncode == 0, done.stdout + done.stderr
    frames = [farm.root / f"render/shot.{number:04}.png" for number in (1, 2, 3, 4)]
    assert [read_size(one, "png") for one in frames] == [(32, 24)] * 4
    corners = [OpenImageIO.ImageBuf(str(one)).getpixel(31, 23) for one in frames]
    assert corners[0] == corners[2] != corners[1] == corners[3]
    assert len({one.read_bytes() for one in frames}) == 4  # the text has the frame's number
    wait_for(lambda: not list(farm.root.glob("render/.bc-*")), "temporary folders to go")


def test_its_settings_are_options_and_are_checked(swatches: Any) -> None:
    """In words, before anything is sent."""
    done = swatches("submit", "swatch", "shot.swatch", "--frames", "1", "--resolution-x", "4")

    assert done.returncode != 0
    assert "a whole number from 16 to 65536, not 4" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        ({"width": 64}, "shot.swatch is no swatch: 'height'. Look at its text."),
        ({"output": "one.png"}, "All frames would go to one.png. Put #### into the output."),
        ({"output": "render/a.####.nope"}, "oiiotool ended with exit code"),
    ],
)
def test_what_goes_wrong_is_a_sentence(farm: Farm, swatches: Any, scene: dict[str, Any], says: str) -> None:
    """Which the artist reads with the job."""
    whole = json.loads((farm.root / "shot.swatch").read_text())
    content = scene if "width" in scene else {**whole, **scene}
    (farm.root / "shot.swatch").write_text(json.dumps(content))

    done = swatches("submit", "swatch", "shot.swatch", "--frames", "1-2", "--wait")

    assert done.returncode != 0
    (job,) = records.jobs(farm.connection)
    shown = swatches("show", job.id).stdout
    assert says in " ".join(shown.split())


def test_it_says_what_it_has(swatches: Any) -> None:
    """`buildcat swatch-info`."""
    done = swatches("swatch-info")

    assert done.returncode == 0, done.stderr
    assert "oiiotool" in done.stdout
