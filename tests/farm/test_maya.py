"""Maya on a farm: a real server and real workers, and a fake mayapy that runs our real scripts on the double."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mayas
import pytest
from doubles.maya.nodes import PLUGINS
from farms import Farm, wait_for
from needs import require

from buildcat.client import control, events, records, waiting
from buildcat.farm.images import read_size
from buildcat.farm.patience import Patience
from buildcat.farm.session import Session
from buildcat.inside.messages import Order, Progress
from buildcat.model.errors import LicenceError, SessionError
from buildcat.model.job import JobSpec, Unit
from buildcat.model.states import JobState
from buildcat_maya.dcc import DCC

PYTHONS = ("3.9.18", "3.10.13", "3.13.0")


@pytest.fixture
def mayapy(farm: Farm, tmp_path: Path) -> str:
    """A fake Maya that this farm's workers find."""
    path = mayas.install(tmp_path / "opt").executable
    farm.environment = {"BUILDCAT_MAYA": path}
    return path


def submit(farm: Farm, frames: str = "1", content: dict[str, Any] | None = None, **fields: Any) -> str:
    """Submit a scene of this content."""
    mayas.save(farm.root / "shot.ma", **(content or {}))
    return control.submit(farm.connection, JobSpec(dcc="maya", scene="shot.ma", frames=frames, **fields))


def test_a_scene_becomes_checked_frames(farm: Farm, mayapy: str) -> None:
    """From submit to pictures on disk, each decoded, in one warm mayapy; AOVs beside them."""
    farm.start_worker("--trust", "maya")
    attributes = {"defaultRenderGlobals.currentRenderer": "arnold", "defaultArnoldDriver.aiTranslator": "png"}
    content = {"aovs": ["depth"], "attributes": attributes, "nodes": PLUGINS["arnold"][1]}
    job = submit(farm, "1-3", content, settings={"percentage": 50})

    assert farm.wait(job).state is JobState.DONE
    frames = [farm.root / f"images/{place}shot.{number:04}.png" for number in (1, 2, 3) for place in ("", "depth/")]
    assert [read_size(one, "png") for one in frames] == [(32, 24)] * 6
    assert len({one.read_bytes() for one in frames}) == 6 - 3
    wait_for(lambda: not list(farm.root.glob("images/**/.bc-*")), "temporary folders to go")


def test_a_job_names_its_output(farm: Farm, mayapy: str) -> None:
    """In another folder than the project's images."""
    farm.start_worker("--trust", "maya")
    job = submit(farm, "7", output="final/shot_####.png")

    assert farm.wait(job).state is JobState.DONE
    assert sorted(one.name for one in (farm.root / "final").iterdir()) == ["shot_0007.png"]


def test_a_worker_runs_scenes_only_when_it_is_told_to(farm: Farm, mayapy: str) -> None:
    """They are programs: who can place one would run code."""
    farm.start_worker()

    job = submit(farm)

    needed = "runs no scenes of Maya, which are programs; start it with --trust maya."
    assert waiting.why(farm.connection, farm.job(job)) == f"The one worker can't render it: w1 {needed}"


def test_without_a_licence_the_frame_waits_and_loses_no_try(farm: Farm, mayapy: str) -> None:
    """Maya says so when it is initialized; the frame is rendered when one is free."""
    taken = Path(mayapy).parents[1] / "licences-taken"
    taken.touch()
    farm.start_worker("--trust", "maya")
    job = submit(farm, "1-2")

    given_back = wait_for(
        lambda: [one.details["reason"] for one in events.read(farm.connection) if one.kind == "given-back"],
        "the frame to be given back",
    )
    taken.unlink()

    assert given_back[0] == "No licence of Maya is free."
    assert farm.wait(job).state is JobState.DONE
    assert sum(one.tries for one in records.facts(farm.connection, job, 2)) == 0


def test_a_worker_says_what_it_has_of_maya(farm: Farm, mayapy: str) -> None:
    """`buildcat maya-info`."""
    farm.start_worker("--trust", "maya")
    command = [sys.executable, "-m", "buildcat", "maya-info", "--server", farm.server, "--json"]

    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert mayapy in json.dumps(answer)
    assert mayas.VERSION in json.dumps(answer)


def test_a_scene_is_rendered_without_a_farm(mayapy: str, farm: Farm) -> None:
    """`buildcat run maya`, with the settings of the description as options."""
    scene = mayas.save(farm.root / "shot.ma", {"side_camShape.renderable": True})
    command = [sys.executable, "-m", "buildcat", "run", "maya", str(scene), "--frames", "1-2", "--camera", "side_cam"]

    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **farm.environment})

    assert done.returncode == 0, done.stdout + done.stderr
    found = sorted(one.name for one in (farm.root / "images/side_cam").iterdir())
    assert found == ["shot.0001.png", "shot.0002.png"]
    assert not list(farm.root.glob("**/.bc-*"))


def test_the_command_render_takes_the_place_of_mayapy(farm: Farm, tmp_path: Path) -> None:
    """Where both the job and the worker let scripts of the scene run."""
    farm.environment = {"BUILDCAT_MAYARENDER": mayas.install_command(tmp_path / "opt").executable}
    farm.start_worker("--trust", "mayarender", "--allow-scripts")
    mayas.save(farm.root / "shot.ma")
    spec = JobSpec(dcc="mayarender", scene="shot.ma", frames="1-2", output="out/a_####.png", requires=("scripts",))
    job = control.submit(farm.connection, spec)

    assert farm.wait(job).state is JobState.DONE
    assert sorted(one.name for one in (farm.root / "out").glob("*.png")) == ["a_0001.png", "a_0002.png"]


@pytest.mark.parametrize("version", PYTHONS)
def test_each_python_of_maya_renders(tmp_path: Path, version: str) -> None:
    """Maya 2023 has Python 3.9, 2024 has 3.10, 2027 has 3.13."""
    python = Path.home() / f".pyenv/versions/{version}/bin/python"
    require(python.exists(), f"no Python {version}")
    scene = mayas.save(tmp_path / "shot.ma")
    session = Session(DCC, mayas.install(tmp_path, python=str(python)))
    session.start()

    session.load("e1", Order(str(scene), str(tmp_path), frames=(1, 2)))
    (output,) = session.render("e1", Unit(0, 1), lambda _progress: None)

    session.close()
    assert read_size(Path(output.written), "png") == (64, 48)


def test_what_a_renderer_prints_of_its_progress_is_heard(tmp_path: Path) -> None:
    """While a frame is rendered."""
    scene = mayas.save(tmp_path / "shot.ma", seconds=2.5)
    session = Session(DCC, mayas.install(tmp_path))
    session.start()
    session.load("e1", Order(str(scene), str(tmp_path)))
    heard: list[Progress] = []

    session.render("e1", Unit(0, 1), heard.append)

    session.close()
    fractions = [one.fraction for one in heard if one.fraction is not None]
    assert fractions == sorted(fractions)
    assert 0 < fractions[-1] < 1


@pytest.mark.parametrize(
    ("line", "percent"),
    [
        ("00:00:12   512MB         |  40% done - 21 rays/pixel", "40"),
        ("R90000  37%", "37"),
        ("[PROGRESS] 75 percent", "75"),
        ("Rendering image...: 62.5", "62"),
        ("loaded 100% of nothing that is rendered", None),
    ],
)
def test_each_renderers_own_words_of_progress_are_known(line: str, percent: str | None) -> None:
    """Sources: the publishers' logs, as public farms read them."""
    found = re.search(DCC.progress_pattern, line)

    assert (found.group(1) if found else None) == percent


@pytest.mark.parametrize(
    ("trouble", "kind", "says"),
    [
        ("crash", SessionError, r"Maya ended while rendering frame 1, with signal SIGSEGV\. The log has"),
        ("licence", LicenceError, r"^No licence of Maya is free\."),
    ],
)
def test_how_a_maya_fails_is_told_apart(tmp_path: Path, trouble: str, kind: type[Exception], says: str) -> None:
    """A crash costs a try, a licence that is not free costs none."""
    scene = mayas.save(tmp_path / "shot.ma", trouble=trouble)
    session = Session(DCC, mayas.install(tmp_path))
    session.start()
    session.load("e1", Order(str(scene), str(tmp_path)))

    with pytest.raises(kind, match=says):
        session.render("e1", Unit(0, 1), lambda _progress: None)

    session.close()


@pytest.mark.parametrize("limit_s", [0.5, 30])
def test_a_slow_start_is_waited_for_up_to_the_limit(tmp_path: Path, limit_s: float) -> None:
    """Half a minute is usual; one that never comes up is ended."""
    installation = mayas.install(tmp_path)
    (Path(installation.executable).parents[1] / "slow-start").write_text("2")
    session = Session(DCC, installation, patience=Patience(start_s=limit_s))

    if limit_s < 2:
        with pytest.raises(SessionError, match="--start-limit"):
            session.start()
    else:
        session.start()
        assert session.version == mayas.VERSION
        session.close()


def test_an_exit_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    """The process ends at once, without Python's own end."""
    scene = mayas.save(tmp_path / "shot.ma")
    installation = mayas.install(tmp_path)
    (Path(installation.executable).parents[1] / "stuck-exit").touch()
    session = Session(DCC, installation)
    session.start()
    session.load("e1", Order(str(scene), str(tmp_path)))
    began = time.monotonic()

    session.close()

    assert not session.is_alive
    assert time.monotonic() - began < 3


def test_a_maya_that_hangs_is_ended(tmp_path: Path) -> None:
    """By the time limit of the frame."""
    scene = mayas.save(tmp_path / "shot.ma", trouble="hang")
    session = Session(DCC, mayas.install(tmp_path), patience=Patience())
    session.start()
    session.load("e1", Order(str(scene), str(tmp_path)))

    with pytest.raises(SessionError, match="rendering frame 1"):
        session.render("e1", Unit(0, 1), lambda _progress: None, limit_s=1)

    assert not session.is_alive
