"""Houdini on a farm: a real server and real workers, and a fake hython that runs our real scripts on the double."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import houdinis
import pytest
from farms import Farm, wait_for

from buildcat.client import control, events
from buildcat.farm import plugins
from buildcat.farm.images import read_size
from buildcat.farm.session import Session
from buildcat.inside.messages import Order
from buildcat.model.errors import SettingError
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState
from buildcat_houdini.dcc import DCC
from buildcat_houdini.version import version_of


@pytest.fixture
def hython(farm: Farm, tmp_path: Path) -> str:
    """A fake Houdini that this farm's workers find."""
    path = houdinis.install(tmp_path / "opt").executable
    farm.environment = {"BUILDCAT_HOUDINI": path}
    return path


def submit(farm: Farm, nodes: dict[str, Any], frames: str = "1", **fields: Any) -> str:
    """Submit a scene of these nodes."""
    houdinis.save(farm.root / "shot.hip", nodes)
    return control.submit(farm.connection, JobSpec(dcc="houdini", scene="shot.hip", frames=frames, **fields))


def test_a_hip_file_becomes_checked_frames(farm: Farm, hython: str) -> None:
    """From submit to pictures on disk, each decoded, in one warm hython."""
    farm.start_worker("--trust", "houdini")
    job = submit(farm, {"/out/a": houdinis.mantra()}, "1-3", settings={"percentage": 50})

    assert farm.wait(job).state is JobState.DONE
    frames = [farm.root / f"render/a.{number:04}.png" for number in (1, 2, 3)]
    assert [read_size(one, "png") for one in frames] == [(32, 24)] * 3
    wait_for(lambda: not list(farm.root.glob("render/.bc-*")), "temporary folders to go")


def test_a_simulation_becomes_files_in_one_go(farm: Farm, hython: str) -> None:
    """By one worker, in place; what is left of an older one is gone."""
    farm.start_worker("--trust", "houdini")
    cache = {"type": "Driver/geometry", "parms": {"sopoutput": "$HIP/sim/$F4.bgeo", "initsim": 1}}
    job = submit(farm, {"/out/sim": cache}, "1-4", split="whole")

    assert farm.wait(job).state is JobState.DONE
    assert sorted(one.name for one in (farm.root / "sim").iterdir()) == [f"{n:04}.bgeo" for n in (1, 2, 3, 4)]


def test_a_hip_file_is_rendered_without_a_farm(hython: str, farm: Farm) -> None:
    """`buildcat run houdini`, with the settings of the description as options."""
    scene = houdinis.save(farm.root / "shot.hip", {"/out/a": houdinis.mantra(), "/out/b": houdinis.mantra()})
    command = [sys.executable, "-m", "buildcat", "run", "houdini", str(scene), "--frames", "1-2", "--rop", "/out/b"]

    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **farm.environment})

    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(one.name for one in (farm.root / "render").iterdir()) == ["b.0001.png", "b.0002.png"]


def test_a_mistake_of_the_job_is_no_missing_licence(tmp_path: Path) -> None:
    """Though the log tells of one too: else the job would wait for ever."""
    nodes = {"/out/a": houdinis.mantra()}
    scene = houdinis.save(tmp_path / "shot.hip", nodes, says="Failed to acquire a license for what isn't needed.")
    session = Session(DCC, houdinis.install(tmp_path))
    session.start()

    with pytest.raises(SettingError, match=r"The scene has no node /out/b\. Did you mean '/out/a'\?"):
        session.load("e1", Order(str(scene), str(tmp_path), {"rop": "/out/b"}))
    session.close()


def test_hython_is_not_started_to_tell_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take a licence; where its path tells nothing, it is asked after all."""
    told = houdinis.install(tmp_path / "a")
    hidden = tmp_path / "plain/bin/hython"
    hidden.parent.mkdir(parents=True)
    hidden.write_text(Path(told.executable).read_text().replace("exec", f"echo started >> {tmp_path}/starts; exec"))
    hidden.chmod(0o755)

    found = plugins.installations(DCC, [told.executable])
    assert not (tmp_path / "starts").exists()
    asked = plugins.installations(DCC, [str(hidden)])

    assert found.installations[0].version == told.version == asked.installations[0].version
    assert (tmp_path / "starts").exists()


@pytest.mark.parametrize(
    ("place", "version"),
    [
        ("/opt/hfs20.5.410/bin/hython", "20.5.410"),
        ("C:/Program Files/Side Effects Software/Houdini 21.0.512/bin/hython.exe", "21.0.512"),
        ("/Applications/Houdini/Houdini19.5.805/Frameworks/Houdini.framework/x/bin/hython", "19.5.805"),
        ("/opt/houdini/bin/hython", ""),
    ],
)
def test_the_version_is_read_from_where_hython_lies(place: str, version: str) -> None:
    """As SideFX's installers name their folders."""
    assert version_of(place) == version


def test_the_version_is_read_from_houdinis_own_header(tmp_path: Path) -> None:
    """Where its folder was renamed."""
    header = tmp_path / "houdini/toolkit/include/SYS/SYS_Version.h"
    header.parent.mkdir(parents=True)
    header.write_text('#define SYS_VERSION_MAJOR "20"\n#define SYS_VERSION_FULL "20.0.896"\n')

    assert version_of(str(tmp_path / "houdini/bin/hython")) == "20.0.896"


@pytest.mark.parametrize("program", ["husk", "mantra"])
def test_the_renderers_are_dccs_of_their_own(farm: Farm, tmp_path: Path, program: str) -> None:
    """Their files are scenes; a worker must trust them; a licence that is not free costs no try."""
    farm.environment = {f"BUILDCAT_{program.upper()}": houdinis.install_renderer(tmp_path, program).executable}
    ending = {"husk": "usd", "mantra": "ifd"}[program]
    for number in (1, 2):
        (farm.root / f"a.{number:04}.{ending}").write_text("{}")
    spec = JobSpec(dcc=program, scene=f"a.0001.{ending}", frames="1-2", output="out/a.####.png")
    farm.start_worker("--trust", program)

    done = farm.wait(control.submit(farm.connection, spec))
    for number in (1, 2):
        (farm.root / f"a.{number:04}.{ending}").write_text('{"trouble": "licence"}')
    again = control.submit(farm.connection, spec)
    given_back = wait_for(
        lambda: [one.details["reason"] for one in events.read(farm.connection) if one.kind == "given-back"],
        "the frame to be given back",
    )

    assert done.state is JobState.DONE
    pictures = ["a.0001.png", "a.0002.png"]
    wait_for(lambda: sorted(one.name for one in (farm.root / "out").iterdir()) == pictures, "temporary folders to go")
    assert given_back[0] == f"No licence of {program.title()} is free."
    assert farm.job(again).counts.failed == 0
