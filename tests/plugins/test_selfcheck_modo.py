"""What owners of Modo run; here on the double, in the same way: with a fake modo_cl."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dcc_selfcheck
import modos
from doubles.modo.table import API, CHANNELS
from selfcheck import modo_inside


def run(folder: Path, executable: str) -> tuple[int, dict[str, str], str]:
    """Run the check; returns its code, each verdict, and the last line."""
    report = folder / "report.json"
    command = [sys.executable, "-I", "-S", dcc_selfcheck.__file__, "modo", "--json", str(report)]
    environment = {"BUILDCAT_MODO": executable, "PATH": os.defpath}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    told = json.loads(report.read_text()) if report.exists() else {"rows": []}
    return done.returncode, {one["name"]: one["verdict"] for one in told["rows"]}, (done.stdout + done.stderr).strip()


def test_the_walk_ends_well_in_a_modo_that_has_all(tmp_path: Path) -> None:
    """Each name, each channel, two real frames in one process; as table and JSON."""
    code, names, said = run(tmp_path, modos.install(tmp_path).executable)

    assert code == 0, said
    assert set(names.values()) == {"ok"}
    assert {"lx.symbol.fCMD_UI", "renderOutput$filename", "the scene keeps its name"} <= set(names)
    assert names["frame 2 is rendered"] == "ok"
    assert said.splitlines()[-1] == f"Modo {modos.VERSION}: {len(names)} ok"


def test_what_is_not_so_is_told_and_fails(tmp_path: Path) -> None:
    """A check that can't fail would be none: here no licence is free, and there is no Modo at all."""
    executable = modos.install(tmp_path).executable
    Path(executable).with_name("licences-taken").touch()

    code, names, said = run(tmp_path, executable)
    none = run(tmp_path, "")

    assert (code, names) == (1, {"modo_cl starts, and runs our script": "WRONG"})
    assert "Modo ended with exit code 3" in said
    assert none[:2] == (1, {"modo_cl": "WRONG"})


def test_the_check_knows_what_the_double_knows() -> None:
    """So the two can't drift apart; messages and hints come from Modo, and can't be made here."""
    every = (name for module, names in modo_inside.NAMES.items() for name in (module, *names))
    named = {part for name in every for part in name.split(".")}

    assert API - named == {"SetCode", "SetMessage", "SetArgumentString", "Class"}
    assert named - API == {"command"}
    assert set(modo_inside.OUTPUT) == set(CHANNELS["renderOutput"])
