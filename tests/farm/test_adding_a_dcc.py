"""docs/adding-a-dcc.md: the DCC that it builds is taken out of the page, installed, and renders on a real farm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fifth_dcc
import pytest
from farms import Farm, wait_for

from buildcat.client import records
from buildcat.client.records import JobRecord
from buildcat.farm.images import read_size

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(farm: Farm, fifth: Path) -> Run:
    """Run a command in a farm with the page's scene, whose only worker has the page's package."""
    program = os.path.relpath(fifth_dcc.program(), farm.root)  # as the page names it
    farm.environment = {"PYTHONPATH": str(fifth), "BUILDCAT_SWATCH": program}
    (farm.root / "shot.swatch").write_text(fifth_dcc.scene())
    farm.start_worker()

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "buildcat", *words, "--server", farm.server]
        environment = {**os.environ, **farm.environment}
        return subprocess.run(
            command, cwd=farm.root, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run


def change(farm: Farm, **content: Any) -> None:
    """Change what the scene says; None leaves it out."""
    path = farm.root / "shot.swatch"
    whole = {**json.loads(path.read_text()), **content}
    path.write_text(json.dumps({key: value for key, value in whole.items() if value is not None}))


def failed(farm: Farm, run: Run, *words: str) -> tuple[JobRecord, str]:
    """Submit two frames that can't be rendered; returns the job, and what `show` says of it in one line."""
    done = run("submit", "swatch", "shot.swatch", "--frames", "1-2", "--wait", *words)
    assert done.returncode != 0, done.stdout
    (job,) = records.jobs(farm.connection)
    return job, " ".join(run("show", job.id).stdout.split())


def test_the_page_s_command_renders_the_page_s_scene(farm: Farm, run: Run) -> None:
    """Each frame with its own colour and text, in the size that was asked for, and nothing left beside them."""
    done = run(*fifth_dcc.command("submit swatch"))

    assert done.returncode == 0, done.stdout + done.stderr
    frames = [farm.root / f"render/shot.{number:04}.png" for number in range(1, 25)]
    wait_for(lambda: sorted((farm.root / "render").iterdir()) == frames, "the frames, and nothing beside them,")
    assert [read_size(one, "png") for one in frames] == [(32, 24)] * 24
    seen = [fifth_dcc.pixels(one) for one in frames]
    blue, orange = (26, 51, 153), (204, 76, 26)
    # OpenImageIO rounds a half up or down, by its version.
    far = [
        abs(a - b)
        for one, own in zip(seen, [orange, blue] * 12, strict=True)
        for a, b in zip(one[-3:], own, strict=True)
    ]
    assert max(far) <= 1
    assert len(set(seen)) == 24  # the number is written on it


def test_a_job_has_its_own_text_and_output(farm: Farm, run: Run) -> None:
    """Settings are options of the command line; the output begins at the root, the scene's own at the scene."""
    (farm.root / "sub").mkdir()
    (farm.root / "shot.swatch").rename(farm.root / "sub/shot.swatch")
    submit = ("submit", "swatch", "sub/shot.swatch", "--frames", "1", "--wait")
    for more in ((), ("--output", "a/####.png"), ("--output", "b/{frame:03}.png", "--text", "take {frame}")):
        assert run(*submit, *more).returncode == 0

    own, moved, other = (farm.root / one for one in ("sub/render/shot.0001.png", "a/0001.png", "b/001.png"))
    assert read_size(own, "png") == read_size(other, "png") == (64, 48)
    assert fifth_dcc.pixels(own) == fifth_dcc.pixels(moved) != fifth_dcc.pixels(other)


def test_a_wrong_setting_is_refused_before_anything_is_sent(farm: Farm, run: Run) -> None:
    """In words that say what it takes."""
    done = run("submit", "swatch", "shot.swatch", "--resolution-x", "4")

    assert done.returncode == 2
    assert "resolution_x takes a whole number from 16 to 65536, not 4." in " ".join(done.stderr.split())
    assert not records.jobs(farm.connection)


def test_a_frame_that_fails_says_why_and_has_the_program_s_words(farm: Farm, run: Run) -> None:
    """After its tries, as another worker could have done better."""
    change(farm, output="render/shot.####.nope")

    job, shown = failed(farm, run)

    assert f"oiiotool didn't write {farm.root}/render/shot.0001.nope. The frame's log has what it said." in shown
    assert 'could not find a format writer for "' in run("log", job.id, "1").stdout
    assert records.facts(farm.connection, job.id, 2)[0].tries == 3


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        ({"height": None}, (), "shot.swatch is no swatch: 'height'. Look at its text."),
        ({"colours": []}, (), "shot.swatch is no swatch: it has no colours. Look at its text."),
        ({"output": "a.png"}, (), "The output a.png needs #### in the file's name, and only there. Change it."),
        ({}, ("--output", "####/a.png"), "The output ####/a.png needs #### in the file's name, and only there."),
    ],
)
def test_a_mistake_stops_the_job_at_once(
    farm: Farm, run: Run, content: dict[str, Any], words: tuple[str, ...], says: str
) -> None:
    """Nobody could do better: one try, one sentence."""
    change(farm, **content)

    job, shown = failed(farm, run, *words)

    assert says in shown
    assert records.facts(farm.connection, job.id, 2)[0].tries == 1


def test_the_worker_says_which_program_it_found(farm: Farm, run: Run) -> None:
    """`buildcat swatch-info`."""
    done = run(*fifth_dcc.command("swatch-info"))

    assert done.returncode == 0, done.stderr
    assert os.path.relpath(fifth_dcc.program(), farm.root) in done.stdout
