"""Modo on a farm: a real server and real workers, and a fake modo_cl that runs our real scripts on the double."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import modos
import psutil
import pytest
from commands import buildcat
from farms import Farm, wait_for

from buildcat.client import control, limits
from buildcat.farm.images import read_size
from buildcat.farm.session import Session
from buildcat.model.errors import RenderError, SettingError
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState
from buildcat_modo import driver
from buildcat_modo.dcc import DCC


@pytest.fixture
def modo_cl(farm: Farm, tmp_path: Path) -> str:
    """A fake Modo that this farm's workers find."""
    path = modos.install(tmp_path / "opt").executable
    farm.environment = {"BUILDCAT_MODO": path}
    return path


def submit(farm: Farm, frames: str = "1", content: dict[str, Any] | None = None, **fields: Any) -> str:
    """Submit a scene of this content."""
    modos.save(farm.root / "shot.lxo", **(content or {}))
    return control.submit(farm.connection, JobSpec(dcc="modo", scene="shot.lxo", frames=frames, **fields))


def test_a_scene_becomes_checked_frames(farm: Farm, modo_cl: str) -> None:
    """From submit to pictures on disk, each decoded, in one warm modo_cl; of every pass."""
    farm.start_worker("--trust", "modo")
    settings = {"percentage": 50, "passes": "Lights"}
    job = submit(farm, "1-3", {"passes": {"Lights": ["sun", "lamp"]}}, settings=settings)

    assert farm.wait(job).state is JobState.DONE
    frames = [farm.root / f"render/shot_{light}{number:04}.png" for number in (1, 2, 3) for light in ("sun", "lamp")]
    assert [read_size(one, "png") for one in frames] == [(32, 24)] * 6
    assert len({one.read_bytes() for one in frames}) == 6
    wait_for(lambda: not list(farm.root.glob("render/.bc-*")), "temporary folders to go")
    home = str(Path(modo_cl).parent)
    started = [one for one in psutil.process_iter() if {home, modos.NUMBER} <= set(cmdline(one))]
    assert len(started) == 1


@pytest.mark.parametrize("split", ["whole", "tiles:2x2"])
def test_a_job_that_modo_can_not_split_is_refused(farm: Farm, modo_cl: str, split: str) -> None:
    """By the client; whoever writes it past us is told by the worker, at the first try."""
    modos.save(farm.root / "shot.lxo")
    done = buildcat("submit", "modo", "shot.lxo", "--split", split, "--server", farm.server, cwd=farm.root)
    farm.start_worker("--trust", "modo")

    ended = farm.wait(submit(farm, "1-2", split=split))

    assert done.returncode == SettingError.exit_code
    assert done.stderr.endswith(" Leave --split out.\n")
    assert ended.state is JobState.FAILED
    assert ended.stopped_why.endswith("Leave --split out.")


def cmdline(process: psutil.Process) -> list[str]:
    """The command of a process; none when it is gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_one_modo_runs_on_each_host(farm: Farm, modo_cl: str) -> None:
    """Two would wait for each other; the limit comes with the worker, and a wrangler's own value stays."""
    farm.start_worker("--trust", "modo", label="w1")
    farm.start_worker("--trust", "modo", label="w2")
    (limit,) = limits.read(farm.connection)
    job = submit(farm, "1-6", {"seconds": 0.3}, chunk=1)

    most = 0
    while not farm.job(job).state.has_ended:
        most = max(most, farm.job(job).counts.running)
    limits.set_limit(farm.connection, "modo", 3)
    farm.start_worker("--trust", "modo", label="w3")

    assert (limit.name, limit.value) == ("modo", "1/host")
    assert farm.job(job).state is JobState.DONE
    assert most == 1
    assert [one.value for one in limits.read(farm.connection)] == ["3"]


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("No valid license was found", True),
        ("modo_cl: license not found", True),
        ("All licenses in use (-22)", True),
        ("Modo 16.1v9: 12 of 40 licenses in the pool", False),
    ],
)
def test_what_modo_prints_without_a_licence_is_known(line: str, is_one: bool) -> None:
    """Sources: its documentation, which says what it fails with, and the licence server's own words."""
    assert any(re.search(one, line) for one in DCC.no_licence) == is_one


def test_a_scene_is_rendered_without_a_farm(modo_cl: str, farm: Farm) -> None:
    """`buildcat run modo`, with the settings of the description as options."""
    scene = modos.save(farm.root / "shot.lxo")
    command = [sys.executable, "-m", "buildcat", "run", "modo", str(scene), "--frames", "1-2", "--camera", "Side"]

    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **farm.environment})

    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(one.name for one in (farm.root / "render").iterdir()) == ["shot_0001.png", "shot_0002.png"]


def test_commands_wait_until_modo_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it says so, they may hang it; if it never does, they are sent all the same."""
    installation = modos.install(tmp_path)
    (Path(installation.executable).parent / "slow-start").write_text("1")

    slow = driver.Driver(installation.executable)
    told = slow.start()
    slow.quit()
    monkeypatch.setattr(driver, "_READY", b"never said")
    monkeypatch.setattr(driver, "_PROBE_S", 2.0)
    silent = driver.Driver(installation.executable)
    told_late = silent.start()
    silent.quit()

    assert told == told_late == {"version": modos.NUMBER}


def test_early_commands_that_are_lost_are_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to a limit."""
    monkeypatch.setattr(driver, "_PROBE_S", 0.5)
    installation = modos.install(tmp_path)
    home = Path(installation.executable).parent

    (home / "early").write_text("2")
    patient = driver.Driver(installation.executable)
    told = patient.start()
    patient.quit()
    (home / "early").write_text("99")
    monkeypatch.setattr(driver, "_PROBES", 2)
    lost = driver.Driver(installation.executable)
    with pytest.raises(RenderError, match=r"doesn't answer\. Look whether it starts in a terminal"):
        lost.start()
    lost.quit()

    assert told == {"version": modos.NUMBER}


@pytest.mark.parametrize("state", ["", "hangs-at-end", "gone"])
def test_modo_ends_when_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """Or it is killed."""
    monkeypatch.setattr(driver, "_QUIT_S", 2.0)
    installation = modos.install(tmp_path)
    (Path(installation.executable).parent / state).touch()
    running = driver.Driver(installation.executable)
    running.start()
    if state == "gone":
        running._process.kill()
        running._process.wait()

    running.quit()

    assert running._process.returncode == (0 if state == "" else -9)


def test_a_modo_that_is_gone_is_said(tmp_path: Path) -> None:
    """At its start, and later."""
    with pytest.raises(RenderError, match="can't be started: No such file"):
        driver.Driver(str(tmp_path / "gone"))
    running = driver.Driver(modos.install(tmp_path).executable)
    running.start()
    running._process.kill()
    running._process.wait()

    with pytest.raises(RenderError, match=r"ended with exit code|takes no commands any more"):
        running.ask("buildcat_modo.scene:about")


@pytest.mark.parametrize("hangs", [False, True])
def test_a_session_that_ends_gives_the_licence_back(tmp_path: Path, hangs: bool) -> None:
    """modo_cl is asked to end; one that doesn't is killed with all that it started."""
    installation = modos.install(tmp_path)
    home = Path(installation.executable).parent
    session = Session(DCC, installation)
    session.start()
    if hangs:
        (home / "hangs-at-end").touch()

    session.close()

    assert (home / "licence-returned").exists() != hangs
    assert not [one for one in psutil.process_iter() if str(tmp_path) in " ".join(cmdline(one))]
