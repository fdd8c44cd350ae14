"""Houdini's zip, unpacked as a user does it, where nothing of ours is installed: its ROP submits to a real farm."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import houdinis
import package_plugins
import pytest
from farms import Farm
from needs import require

from buildcat.client import records
from buildcat.model.states import JobState

#: What a script in Houdini would do; `hou` is the double, all else comes from the zip.
SCRIPT = """
import sys
sys.path.insert(0, {place!r})
import hou
hou.hipFile.load({scene!r}, suppress_save_prompt=True)
from buildcat_houdini.rop_node import dry_run, submit
assert "buildcat" not in sys.modules, "nothing of ours is a module of its own in Houdini"
dry_run({{"node": hou.node("/out/farm")}})
submit({{"node": hou.node("/out/farm")}})
"""


@pytest.mark.parametrize("version", ["3.9.18", "3.13.0"])
def test_the_rop_of_the_zip_brings_frames(farm: Farm, tmp_path: Path, version: str) -> None:
    """By Houdini's oldest and newest Python; the client process talks to the server, and frames are on disk."""
    python = Path.home() / f".pyenv/versions/{version}/bin/python"
    require(python.exists(), f"no Python {version}")
    packages = tmp_path / "houdini20.5/packages"
    zipfile.ZipFile(package_plugins.package("houdini", tmp_path)).extractall(packages)
    hython = houdinis.install(tmp_path / "opt", python=str(python)).executable
    farm.environment = {"BUILDCAT_HOUDINI": hython}
    farm.start_worker("--trust", "houdini")
    ours = {"type": "Driver/buildcat_rop", "parms": {"rops": "/out/a", "use_percentage": 1, "percentage": 50}}
    scene = houdinis.save(farm.root / "shot.hip", {"/out/a": houdinis.mantra(), "/out/farm": ours})
    script = SCRIPT.format(place=str(packages / "buildcat/scripts/python"), scene=str(scene))
    environment = {**os.environ, "BUILDCAT_SERVER": farm.server, "BUILDCAT_PYTHON": sys.executable}

    done = subprocess.run([hython, "-c", script], capture_output=True, text=True, check=False, env=environment)

    assert done.returncode == 0, done.stdout + done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("1. /out/a: frames 1, to ")
    job = second.partition("Submitted as ")[2].partition(":")[0]
    assert farm.wait(job).state is JobState.DONE
    assert records.job(farm.connection, job).spec.settings == {"percentage": 50, "rop": "/out/a"}
    assert (farm.root / "render/a.0001.png").is_file()
