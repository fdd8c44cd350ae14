"""What is true of each DCC that can't be had here: fake executables run our real scripts on doubles."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from commands import buildcat
from farms import Farm, wait_for
from needs import require
from stand_ins import STAND_INS, StandIn

from buildcat.client import control, events, records, waiting
from buildcat.farm.images import read_size
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Patience, Session
from buildcat.inside.messages import Order, Progress
from buildcat.model.errors import LicenceError, RenderError, SessionError
from buildcat.model.job import JobSpec, Output, Unit
from buildcat.model.states import JobState


@pytest.fixture(params=STAND_INS.values(), ids=STAND_INS)
def stand_in(request: pytest.FixtureRequest) -> StandIn:
    """One after the other."""
    found: StandIn = request.param
    return found


def found_by_workers(farm: Farm, stand_in: StandIn, folder: Path) -> Installation:
    """Install it where this farm's workers find it."""
    installation = stand_in.install(folder / "opt")
    farm.environment = {stand_in.dcc.environment: installation.executable}
    return installation


def submit(farm: Farm, stand_in: StandIn, frames: str = "1") -> str:
    """Submit a scene of it."""
    scene = stand_in.make(farm.root, 0, "")
    return control.submit(farm.connection, JobSpec(dcc=stand_in.dcc.name, scene=scene.name, frames=frames))


def loaded(stand_in: StandIn, folder: Path, seconds: float = 0, trouble: str = "", **more: Any) -> Session:
    """Open a session with a scene."""
    session = Session(stand_in.dcc, stand_in.install(folder, **more))
    session.start()
    session.load("e1", Order(str(stand_in.make(folder, seconds, trouble)), str(folder), frames=(1, 2)))
    return session


def render(session: Session, **more: Any) -> tuple[list[Output], list[Progress]]:
    """Render frame 1; returns what was written, and what was told of it meanwhile."""
    heard: list[Progress] = []
    return session.render("e1", Unit(0, 1), heard.append, **more), heard


# -- on a farm ---------------------------------------------------------------------------------------------------------


def test_a_worker_runs_its_scenes_only_when_it_is_told_to(farm: Farm, stand_in: StandIn, tmp_path: Path) -> None:
    """They are programs: who can place one would run code."""
    found_by_workers(farm, stand_in, tmp_path)
    farm.start_worker()

    job = submit(farm, stand_in)

    name, label = stand_in.dcc.name, stand_in.dcc.label
    needed = f"runs no scenes of {label}, which are programs; start it with --trust {name}."
    assert waiting.why(farm.connection, farm.job(job)) == f"The one worker can't render it: w1 {needed}"


def test_a_worker_without_it_says_just_that(farm: Farm, stand_in: StandIn) -> None:
    """To trust its scenes would not help."""
    farm.start_worker()

    job = submit(farm, stand_in)

    assert (
        waiting.why(farm.connection, farm.job(job)) == f"The one worker can't render it: w1 has no {stand_in.dcc.name}."
    )


def test_without_it_nothing_is_rendered_here(stand_in: StandIn, tmp_path: Path) -> None:
    """`buildcat run` says what to do."""
    scene = stand_in.make(tmp_path, 0, "")
    done = buildcat("run", stand_in.dcc.name, str(scene), "--frames", "1", cwd=tmp_path)

    words = f"{stand_in.dcc.label} can't be used here: it is not installed."
    assert done.returncode == SessionError.exit_code
    assert f"{words} Install it, or name its executable in {stand_in.dcc.environment}." in done.stderr


def test_without_a_licence_the_frame_waits_and_loses_no_try(farm: Farm, stand_in: StandIn, tmp_path: Path) -> None:
    """It says so at its start, in its own way; the worker says so too, and goes on when one is free."""
    taken = stand_in.home(found_by_workers(farm, stand_in, tmp_path)) / "licences-taken"
    taken.touch()
    farm.start_worker("--trust", stand_in.dcc.name)
    job = submit(farm, stand_in, "1-2")

    given_back = wait_for(
        lambda: [one.details["reason"] for one in events.read(farm.connection) if one.kind == "given-back"],
        "the frame to be given back",
    )
    (worker,) = records.workers(farm.connection)
    taken.unlink()

    assert given_back[0] == f"No licence of {stand_in.dcc.label} is free."
    assert "no free licence" in worker.missing.get(stand_in.dcc.name, "no free licence")
    assert farm.wait(job).state is JobState.DONE
    assert sum(one.tries for one in records.facts(farm.connection, job, 2)) == 0


def test_a_worker_says_what_it_has_of_it(farm: Farm, stand_in: StandIn, tmp_path: Path) -> None:
    """Such as `buildcat modo-info`: executable and version."""
    installation = found_by_workers(farm, stand_in, tmp_path)
    farm.start_worker("--trust", stand_in.dcc.name)
    command = [sys.executable, "-m", "buildcat", f"{stand_in.dcc.name}-info", "--server", farm.server, "--json"]

    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert installation.executable in json.dumps(answer)
    assert stand_in.version in json.dumps(answer)


# -- one session -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version"), [(name, version) for name, one in STAND_INS.items() for version in one.pythons]
)
def test_each_python_that_it_has_had_renders(tmp_path: Path, name: str, version: str) -> None:
    """With nothing of the worker's."""
    python = Path.home() / f".pyenv/versions/{version}/bin/python"
    require(python.exists(), f"no Python {version}")
    session = loaded(STAND_INS[name], tmp_path, python=str(python))

    (output,), _ = render(session)

    session.close()
    assert read_size(Path(output.written), "png") == (64, 48)


def test_what_it_prints_of_its_progress_is_heard(stand_in: StandIn, tmp_path: Path) -> None:
    """While a frame is rendered."""
    session = loaded(stand_in, tmp_path, seconds=2.5)

    _, heard = render(session)

    session.close()
    fractions = [one.fraction for one in heard if one.fraction is not None]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] < 1


def test_a_crash_costs_a_try(stand_in: StandIn, tmp_path: Path) -> None:
    """And is told."""
    session = loaded(stand_in, tmp_path, trouble="crash")

    with pytest.raises(RenderError, match=stand_in.crash) as caught:
        render(session)

    session.close()
    assert not isinstance(caught.value, LicenceError)


def test_a_licence_that_is_not_free_is_told_apart(stand_in: StandIn, tmp_path: Path) -> None:
    """It costs none."""
    session = loaded(stand_in, tmp_path, trouble="licence")

    with pytest.raises(LicenceError, match=rf"^No licence of {stand_in.dcc.label} is free\."):
        render(session)

    session.close()


@pytest.mark.parametrize("limit_s", [0.5, 30])
def test_a_slow_start_is_waited_for_up_to_the_limit(stand_in: StandIn, tmp_path: Path, limit_s: float) -> None:
    """From a slow storage half a minute is usual; one that never comes up is ended."""
    installation = stand_in.install(tmp_path)
    (stand_in.home(installation) / "slow-start").write_text("2")
    session = Session(stand_in.dcc, installation, patience=Patience(start_s=limit_s))

    if limit_s < 2:
        with pytest.raises(SessionError, match="--start-limit"):
            session.start()
    else:
        session.start()
        assert session.version == stand_in.version
        session.close()


def test_one_that_hangs_is_ended_with_all_that_it_started(stand_in: StandIn, tmp_path: Path) -> None:
    """By the time limit of the frame."""
    session = loaded(stand_in, tmp_path, trouble="hang")
    began = time.monotonic()

    with pytest.raises(SessionError, match="rendering frame 1"):
        render(session, limit_s=1)

    assert not session.is_alive
    assert time.monotonic() - began < 20
    wait_for(lambda: not [one for one in psutil.process_iter() if str(tmp_path) in command(one)], "all of it to go")


def command(process: psutil.Process) -> str:
    """The command of a process; empty when it is gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
