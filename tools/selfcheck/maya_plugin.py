"""Checks inside a real Maya what its plug-in and its window rely on. Run by mayapy 2023 to 2027; stdlib."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from selfcheck.rows import Row, tried

PLUGIN = Path(__file__).parents[2] / "plugins/maya/install/buildcat/plug-ins/buildcatPlugin.py"
_PATIENCE_S = 60
_WORD = "plain"


def rows() -> Iterator[Row]:
    """Yield every check; a saved scene is open."""
    yield tried("mayapy -I is a plain Python", _runs_plainly)
    yield tried("the plug-in is loaded", _loads)
    yield tried("cmds.buildcatSubmit reads its flags", _answers)
    yield tried("the plug-in is unloaded", _unloads)


def _runs_plainly() -> bool:
    """Whether the Python that talks to the farm comes up without Maya."""
    from buildcat_maya.panel.host import MayaHost

    command = [MayaHost().command()[0], "-I", "-c", f"print({_WORD!r})"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    return done.stdout.strip() == _WORD


def _loads() -> bool:
    from maya import cmds

    cmds.loadPlugin(PLUGIN.as_posix())
    return True


def _answers() -> bool:
    """Whether flags come as they were given, those that may be given several times too."""
    from maya import cmds

    submit = getattr(cmds, "buildcatSubmit")  # noqa: B009  # in no stubs
    found = submit(layer=["masterLayer"], cam="persp", frames="1-2", percentage=50, paused=True, dryRun=True)
    scene = Path(cmds.file(query=True, sceneName=True)).stem
    return bool(found == [f"masterLayer seen by persp: frames 1-2, {scene} masterLayer persp"])


def _unloads() -> bool:
    from maya import cmds

    cmds.unloadPlugin(PLUGIN.stem)
    return PLUGIN.stem not in (cmds.pluginInfo(query=True, listPlugins=True) or ())
