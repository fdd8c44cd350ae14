"""The DCCs that are described here, and where they are installed on this host. The worker's side."""

from __future__ import annotations

import functools
import glob
import importlib.metadata
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from buildcat.farm import guard
from buildcat.model.dcc import Dcc, function, version_number
from buildcat.model.errors import UsageError, near_names

log = logging.getLogger(__name__)

GROUP = "buildcat.plugins"

_VERSION_LIMIT_S = 20.0


@dataclass(frozen=True)
class Installation:
    """One installed version of a DCC."""

    executable: str
    #: As an integer, see `version_number`.
    version: int
    #: Its launch line, with the placeholders `{executable}` and `{loop}`.
    launch: tuple[str, ...]


@dataclass(frozen=True)
class Unusable:
    """An executable that was named or found, and can't be used."""

    executable: str
    #: A sentence for people.
    reason: str


@dataclass(frozen=True)
class Found:
    """What this host has of one DCC."""

    #: Lowest version first; of equal versions the one that was named first.
    installations: tuple[Installation, ...] = ()
    unusable: tuple[Unusable, ...] = ()

    @property
    def versions(self) -> tuple[int, ...]:
        """The installed versions, lowest first."""
        return tuple(one.version for one in self.installations)

    @property
    def reason(self) -> str:
        """Why nothing of what was found can be used; empty when something can, or nothing was found."""
        if self.installations:
            return ""
        return " ".join(f"{one.executable}: {one.reason}".lstrip(": ") for one in self.unusable)


@functools.cache
def plugins() -> dict[str, Dcc]:
    """Return the description of every DCC whose plugin is installed, by name; a broken plugin is logged, left out."""
    found = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        try:
            description = entry.load()
            if not isinstance(description, Dcc):
                raise TypeError(f"{entry.value} is not a Dcc")
        except Exception:  # outermost: somebody else's code must not stop the other plugins
            log.exception("The plugin %s (%s) can't be loaded.", entry.name, entry.value)
        else:
            found[description.name] = description
    return found


def plugin(name: str) -> Dcc:
    """Return the description of that DCC.

    Raises:
        UsageError: no such plugin is installed; names the nearest and all that are.
    """
    known = plugins()
    if name not in known:
        installed = ", ".join(sorted(known)) or "none"
        raise UsageError(f"There is no plugin for {name!r}.{near_names(name, known)} Installed plugins: {installed}.")
    return known[name]


def installations(dcc: Dcc, configured: Sequence[str] = ()) -> Found:
    """Look for the DCC: configured executables, its environment variable, PATH, the usual places, its wheel.

    Every executable is asked for its version once, at most 20 s long.
    """
    candidates = executables(dcc, configured)
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = [*pool.map(lambda one: _ask_version(dcc, one), candidates), *_wheel(dcc)]
    usable = [one for one in answers if isinstance(one, Installation)]
    return Found(
        tuple(sorted(usable, key=lambda one: one.version)), tuple(one for one in answers if isinstance(one, Unusable))
    )


def executables(dcc: Dcc, configured: Sequence[str] = ()) -> list[str]:
    """Return what is named, and what is there, each file once; none of it is run."""
    return _without_twins([*_named(dcc, configured), *_usual(dcc)])


def _named(dcc: Dcc, configured: Sequence[str]) -> Iterator[str]:
    """Yield what a person has named: an error if it isn't there."""
    for one in (*configured, *os.environ.get(dcc.environment, "").split(os.pathsep)):
        if one.strip():
            path = str(Path(one.strip()).expanduser())
            yield shutil.which(path) or path


def _usual(dcc: Dcc) -> Iterator[str]:
    """Yield what is there: names on PATH, then the usual places of this system."""
    yield from filter(None, map(shutil.which, dcc.executables))
    for pattern in dcc.places.get(sys.platform, ()):
        expanded = os.path.expandvars(Path(pattern).expanduser())
        yield from sorted(glob.glob(expanded))  # noqa: PTH207  # an absolute pattern, which Path.glob refuses


def _without_twins(executables: Sequence[str]) -> list[str]:
    """Return the executables, each file once, under the name it was found by first."""
    by_file: dict[Path, str] = {}
    for one in executables:
        by_file.setdefault(Path(one).resolve(), one)
    return list(by_file.values())


def _ask_version(dcc: Dcc, executable: str) -> Installation | Unusable:
    """Read the version from the path, or start the executable under a guard: if it hangs, nothing is left behind."""
    if not Path(executable).is_file():
        return Unusable(executable, "There is no such file.")
    if dcc.version_of and (known := function(dcc.version_of)(executable)):
        return Installation(executable, version_number(known), dcc.launch.arguments)
    with tempfile.TemporaryFile() as output:
        asked = guard.start([executable, *dcc.version_arguments], stdout=output.fileno(), stderr=subprocess.STDOUT)
        with asked:
            try:
                asked.wait(_VERSION_LIMIT_S)
            except subprocess.TimeoutExpired:
                return Unusable(executable, f"It did not tell its version within {_VERSION_LIMIT_S:g} s.")
        output.seek(0)
        text = output.read().decode(errors="replace").strip()
    if asked.returncode == guard.NOT_STARTED:
        return Unusable(executable, text.rpartition("\n")[2])
    match = re.search(dcc.version_pattern, text)
    if not match:
        return Unusable(executable, f"It told no version, but: {text[:200]!r}.")
    return Installation(executable, version_number(match.group(1)), dcc.launch.arguments)


def _wheel(dcc: Dcc) -> Iterator[Installation]:
    if dcc.wheel:
        try:
            version = importlib.metadata.version(dcc.wheel)
        except importlib.metadata.PackageNotFoundError:
            return  # not a fault: most hosts have none
        yield Installation(sys.executable, version_number(version), dcc.wheel_launch.arguments)
