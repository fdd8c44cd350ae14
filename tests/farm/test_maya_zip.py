"""Maya's zip, unpacked as a user does it, where nothing of ours is installed: its command submits to a real farm."""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from pathlib import Path

import mayas
import package_plugins
import pytest
from farms import Farm
from needs import require

from buildcat.client import records
from buildcat.model.states import JobState

#: What a script in mayapy would do; `maya` is the double, all else comes from the zip.
SCRIPT = """
import sys
import maya.standalone
maya.standalone.initialize()
sys.path.insert(0, {python!r})
from maya import cmds
cmds.workspace({project!r}, openWorkspace=True)
cmds.file({scene!r}, open=True, force=True, prompt=False)
cmds.loadPlugin({plugin!r}, quiet=True)
assert "buildcat" not in sys.modules, "nothing of ours is a module of its own in Maya"
for one in cmds.buildcatSubmit(layer=["matte", "masterLayer"], frames="1-2", percentage=50):
    print(one)
"""


@pytest.mark.parametrize("version", ["3.9.18", "3.10.13", "3.11.7", "3.13.0"])
def test_the_command_of_the_zip_brings_frames(farm: Farm, tmp_path: Path, version: str) -> None:
    """By the Pythons of Maya 2023 to 2027; its own mayapy talks to the server, and frames are on disk."""
    python = Path.home() / f".pyenv/versions/{version}/bin/python"
    require(python.exists(), f"no Python {version}")
    modules = tmp_path / "modules"
    zipfile.ZipFile(package_plugins.package("maya", tmp_path)).extractall(modules)
    described = (modules / "buildcat.mod").read_text("utf-8")
    found = re.search(r"^\+ MAYAVERSION:2025 Buildcat \S+ (\S+)\nPYTHONPATH\+:=(\S+)$", described, re.MULTILINE)
    assert found
    module = modules / found[1]
    mayapy = Path(mayas.install(tmp_path / "opt", python=str(python)).executable)
    farm.environment = {"BUILDCAT_MAYA": str(mayapy)}
    farm.start_worker("--trust", "maya")
    prefix = {"defaultRenderGlobals.imageFilePrefix": "<RenderLayer>/<Scene>"}
    scene = mayas.save(farm.root / "film/scenes/shot.ma", prefix, layers={"matte": "rs_matte"})
    script = SCRIPT.format(
        python=str(module / found[2]),
        plugin=str(module / "plug-ins/buildcatPlugin.py"),
        scene=str(scene),
        project=str(farm.root / "film"),
    )
    own = {"BUILDCAT_SERVER": farm.server, "MAYA_LOCATION": str(mayapy.parents[1])}
    environment = {key: value for key, value in os.environ.items() if key != "BUILDCAT_PYTHON"}

    done = subprocess.run(
        [mayapy, "-c", script], capture_output=True, text=True, check=False, env={**environment, **own}
    )

    assert done.returncode == 0, done.stdout + done.stderr
    jobs = done.stdout.split()
    assert [farm.wait(one).state for one in jobs] == [JobState.DONE] * 2
    settings = {"camera": "front_cam", "percentage": 50, "project": "film"}
    assert [records.job(farm.connection, one).spec.settings for one in jobs] == [
        {**settings, "layer": "matte"},
        {**settings, "layer": "masterLayer"},
    ]
    assert len({records.job(farm.connection, one).spec.batch for one in jobs}) == 1
    images = farm.root / "film/images"
    frames = sorted(one.relative_to(images).as_posix() for one in images.glob("m*/*.png"))
    assert frames == [f"{layer}/shot.000{number}.png" for layer in ("masterLayer", "matte") for number in (1, 2)]
