"""Modo's kit, unpacked as a user does it, where nothing of ours is installed: its command submits to a real farm."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import modos
import package_plugins
import pytest
from farms import Farm
from needs import require

from buildcat.client import records
from buildcat.model.states import JobState

#: What Modo does at its start, and a script in it; `lx` is the double, all else comes from the kit.
SCRIPT = """
import runpy, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from doubles.modo import kit
from doubles.modo.session import Session
session, folder = Session(), Path({folder!r})
session.is_headless = True
sys.modules.update(kit.modules(session))
for one in sorted((folder / "lxserv").glob("*.py")):
    runpy.run_path(str(one))
session.eval("!scene.open {{{scene}}} normal")
kit.run(session, "buildcat.submit frames:{{1-2}} percentage:50 passes:{{Lights}}", folder)
assert "buildcat" not in sys.modules, "nothing of ours is a module of its own in Modo"
print(*session.printed)
"""


@pytest.mark.parametrize("ending", [".zip", ".lpk"])
@pytest.mark.parametrize("version", ["3.9.18", "3.13.0"])
def test_the_command_of_the_kit_brings_frames(farm: Farm, tmp_path: Path, version: str, ending: str) -> None:
    """Another Python talks to the server, as Modo has none that could; the frames are on disk."""
    python = Path.home() / f".pyenv/versions/{version}/bin/python"
    require(python.exists(), f"no Python {version}")
    zipfile.ZipFile(package_plugins.package("modo", tmp_path).with_suffix(ending)).extractall(tmp_path / "Kits")
    farm.environment = {"BUILDCAT_MODO": modos.install(tmp_path / "opt").executable}
    farm.start_worker("--trust", "modo")
    scene = modos.save(farm.root / "shot.lxo", passes={"Lights": ["sun"]})
    script = SCRIPT.format(
        tests=str(Path(__file__).parents[1]), folder=str(tmp_path / "Kits/buildcat"), scene=scene.as_posix()
    )
    own = {"BUILDCAT_SERVER": farm.server, "BUILDCAT_PYTHON": sys.executable}

    done = subprocess.run(
        [python, "-I", "-c", script], capture_output=True, text=True, check=False, env={**os.environ, **own}
    )

    assert done.returncode == 0, done.stdout + done.stderr
    words = done.stdout.split()
    assert words[:3] == ["Buildcat:", "Submitted", "as"]
    job = words[3].rstrip(":")
    assert farm.wait(job).state is JobState.DONE
    assert records.job(farm.connection, job).spec.settings == {"percentage": 50, "passes": "Lights"}
    frames = sorted(one.name for one in farm.root.glob("render/*.png"))
    assert frames == ["shot_sun0001.png", "shot_sun0002.png"]
