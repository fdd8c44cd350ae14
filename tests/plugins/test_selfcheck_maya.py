"""What owners of Maya run inside it; here on the double, in the same way: by a fake mayapy."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import dcc_selfcheck
import mayas
from doubles.maya.nodes import ALWAYS, PLUGINS, RENDERMAN_FORMATS, TYPES
from selfcheck import maya as check

from buildcat_maya.renderers.known import RENDERERS

#: Node of the self-check → its type in the double's table.
KINDS = {**ALWAYS, "perspShape": "camera", "persp": "transform", "checkscript": "script"}


def run(folder: Path) -> tuple[int, dict[str, str], str]:
    """Run the check by a fake mayapy; returns its code, each verdict, and the last line."""
    report = folder / "report.json"
    command = [mayas.install(folder).executable, dcc_selfcheck.__file__, "maya", "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(report.read_text())
    return done.returncode, {one["name"]: one["verdict"] for one in told["rows"]}, done.stdout.splitlines()[-1]


def test_the_walk_ends_well_in_a_maya_that_has_all(tmp_path: Path) -> None:
    """Each command, each attribute, each renderer, one real frame; as table and JSON."""
    code, names, last = run(tmp_path)

    assert code == 0, names
    assert [name for name, verdict in names.items() if verdict != "ok"] == []
    assert names["the layer is found by its name"] == names["the layer becomes the current one"] == "ok"
    assert names["cmds.renderSettings"] == names["cmds.arnoldRender"] == "ok"
    assert names["defaultRenderGlobals.imageFilePrefix"] == names["vraySettings.animFrames"] == "ok"
    assert {names[f"a frame is rendered by {one}"] for one in RENDERERS} == {"ok"}
    assert names["cmds.buildcatSubmit reads its flags"] == "ok"
    assert last.startswith(f"Maya {mayas.VERSION}: ")


def test_what_is_not_so_is_told_and_fails(tmp_path: Path) -> None:
    """A check that can't fail would be none: here no licence is free."""
    (tmp_path / f"maya{mayas.VERSION}").mkdir()
    (tmp_path / f"maya{mayas.VERSION}/licences-taken").touch()

    done = subprocess.run(
        [mayas.install(tmp_path).executable, dcc_selfcheck.__file__, "maya"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0


def test_the_check_knows_every_attribute_that_the_double_knows() -> None:
    """So the two tables can't drift apart."""
    checked = {KINDS[node]: set(names) for node, names in check.NODES.items()}
    for name, nodes in check.OPTIONS.items():
        checked.update({PLUGINS[name][1][node]: set(names) for node, names in nodes.items()})
    checked.update({kind: set() for kind in RENDERMAN_FORMATS})
    checked.update({kind: set(names) for kind, names in check.TEXTURES.items()})
    known = {kind: set(attributes) for kind, attributes in TYPES.items() if kind != "renderSetupLayer"}

    assert checked == known
