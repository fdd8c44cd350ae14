"""The DCCs that can't be had here, as one table: for what must be true of each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import houdinis
import mayas
import modos

from buildcat.farm.plugins import Installation
from buildcat.model.dcc import Dcc
from buildcat_houdini.dcc import DCC as HOUDINI
from buildcat_maya.dcc import DCC as MAYA
from buildcat_modo.dcc import DCC as MODO

#: Makes a scene `shot` in a folder, of which a frame takes so many seconds and meets this trouble.
Make = Callable[[Path, float, str], Path]


@dataclass(frozen=True)
class StandIn:
    """A fake executable that runs our real scripts on a double."""

    dcc: Dcc
    #: Puts it into a folder; a Python may be named that runs it.
    install: Callable[..., Installation]
    make: Make
    #: What its version is.
    version: str
    #: How many folders above the executable the files lie that tell it how to behave.
    depth: int
    #: Versions of Python that it has had.
    pythons: tuple[str, ...]
    #: What is said when it crashes.
    crash: str

    def home(self, installation: Installation) -> Path:
        """Return the folder whose files tell it how to behave."""
        return Path(installation.executable).parents[self.depth]


def _make_hip(folder: Path, seconds: float, trouble: str) -> Path:
    return houdinis.save(folder / "shot.hip", {"/out/a": houdinis.mantra(seconds=seconds, trouble=trouble)})


def _make_ma(folder: Path, seconds: float, trouble: str) -> Path:
    return mayas.save(folder / "shot.ma", seconds=seconds, trouble=trouble)


def _make_lxo(folder: Path, seconds: float, trouble: str) -> Path:
    return modos.save(folder / "shot.lxo", seconds=seconds, trouble=trouble)


_PYTHONS = ("3.9.18", "3.10.13", "3.13.0")
_CRASH = r"{} ended while rendering frame 1, with signal SIGSEGV\. The log has"
STAND_INS = {
    # Houdini 19.5 has Python 3.9, 20 has 3.10, 22 has 3.13; Maya 2023 has 3.9, 2024 has 3.10, 2027 has 3.13.
    "houdini": StandIn(HOUDINI, houdinis.install, _make_hip, houdinis.VERSION, 1, _PYTHONS, _CRASH.format("Houdini")),
    "maya": StandIn(MAYA, mayas.install, _make_ma, mayas.VERSION, 1, _PYTHONS, _CRASH.format("Maya")),
    # Its session is the worker's own process, which sees modo_cl end.
    "modo": StandIn(
        MODO,
        modos.install,
        _make_lxo,
        modos.VERSION,
        0,
        ("3.9.18", "3.13.0"),
        r"Modo ended with exit code 139\. The log has what it said\.",
    ),
}
