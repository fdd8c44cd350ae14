"""Maya on a farm: a real server and real workers, and a fake mayapy that runs our real scripts on the double."""

from __future__ import annotations

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

from buildcat.client import control
from buildcat.farm.images import read_size
from buildcat.farm.session import Session
from buildcat.inside.messages import Order
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState
from buildcat_maya.dcc import DCC


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
