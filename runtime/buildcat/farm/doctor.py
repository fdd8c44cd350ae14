"""Looks for what is wrong on this machine, and says how to fix it. Python 3.11 or newer."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from buildcat.client import records
from buildcat.client.config import Config, current_user, shown
from buildcat.client.connection import Connection, library_version
from buildcat.farm import plugins
from buildcat.farm.beat import CLOCK_WARNING_S
from buildcat.model import paths
from buildcat.model.dcc import Dcc, function, version_text
from buildcat.model.errors import LicenceError, ServerError

_LEAST_FREE_BYTES = 10**9
#: Of the server's memory, where it has a limit.
_MOST_MEMORY = 0.9
_IMPORT_LIMIT_S = 120
#: What Debian and Ubuntu call the libraries that a DCC's wheel takes from the system.
_LIBRARIES = "libgl1 libsm6 libice6 libxi6 libxkbcommon0 libxrender1 libxfixes3 libxext6"
_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")


class Verdict(str, Enum):
    """How a finding is to be taken."""

    FINE = "fine"
    #: Worth knowing; on many machines it is as it should be.
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    verdict: Verdict
    text: str
    #: What to do; empty when there is nothing to do.
    fix: str = ""


def examine(config: Config) -> Iterator[Finding]:
    """Look at server, root and DCCs, and yield what is found as it is found."""
    yield from _server(config.server.value)
    yield from _root(config.root.value or paths.find_root(Path.cwd()))
    found_one = False
    for dcc in plugins.plugins().values():
        found = plugins.installations(dcc, config.executables.get(dcc.name, ()))
        found_one = found_one or bool(found.installations)
        yield from _dcc(dcc, found)
    if not found_one:
        yield Finding("DCCs", Verdict.NOTE, "none can render here, so this machine can only submit and watch")


def _server(url: str) -> Iterator[Finding]:
    connection = Connection(url)
    try:
        with connection.errors():
            info = connection.redis.info()
            version = connection.loaded_version()
        name = "Valkey" if info.get("server_name") == "valkey" else "Redis"
        number = info.get("valkey_version") or info["redis_version"]
        yield Finding("server", Verdict.FINE, f"{name} {number} at {shown(url)}")
        yield _persistence(info)
        yield from _memory(info)
        yield _clock(connection)
        yield _library(version)
        yield from _workers(connection)
    except ServerError as exc:
        yield Finding("server", Verdict.WRONG, str(exc))


def _persistence(info: dict[str, Any]) -> Finding:
    statuses = [info.get(f"aof_last_{one}_status", "ok") for one in ("write", "bgrewrite")]
    if info.get("aof_enabled") and statuses != ["ok", "ok"]:
        fix = "Make room on the server's disk, and look at server.log in its storage."
        return Finding("records", Verdict.WRONG, "the server can't write them to its disk any more", fix)
    if info.get("aof_enabled"):
        return Finding("records", Verdict.FINE, "written to disk as they change")
    fix = "Start the farm's server with `buildcat server`, or set `appendonly yes` in its configuration."
    return Finding("records", Verdict.WRONG, "kept in memory only: a restart of the server loses all jobs", fix)


def _memory(info: dict[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the server's memory, or how much of it is used where it has a limit."""
    most, used, policy = int(info["maxmemory"]), int(info["used_memory"]), info["maxmemory_policy"]
    if not most:
        return
    text = f"{used / 10**6:,.0f} of {most / 10**6:,.0f} MB used"
    if policy != "noeviction":
        fix = "Set `maxmemory-policy noeviction` in the server's configuration."
        yield Finding("memory", Verdict.WRONG, f"{text}; when it is full the server throws jobs away ({policy})", fix)
    elif used > _MOST_MEMORY * most:
        fix = "Raise `maxmemory` in the server's configuration, or delete old jobs (`server --history`)."
        yield Finding("memory", Verdict.WRONG, f"{text}; soon the server takes nothing more", fix)
    else:
        yield Finding("memory", Verdict.FINE, text)


def _clock(connection: Connection) -> Finding:
    before = time.time()
    with connection.errors():
        seconds, micros = connection.redis.time()
    offset = (before + time.time()) / 2 - seconds - micros / 1e6
    if abs(offset) < CLOCK_WARNING_S:
        return Finding("clock", Verdict.FINE, "agrees with the server's")
    text = f"{abs(offset):,.0f} s {'ahead of' if offset > 0 else 'behind'} the server's"
    return Finding("clock", Verdict.WRONG, text, "Frames are safe, but times look odd. Let NTP set both clocks.")


def _library(version: int | None) -> Finding:
    ours = library_version()
    if version is None:
        return Finding("library", Verdict.NOTE, "not loaded yet; the first command or worker loads it")
    if version == ours:
        return Finding("library", Verdict.FINE, f"version {version}, as here")
    older = "this machine" if version > ours else "the server"
    return Finding("library", Verdict.WRONG, f"version {version}, here {ours}", f"Upgrade Buildcat on {older}.")


def _workers(connection: Connection) -> Iterator[Finding]:
    known = records.workers(connection, with_lost=True)
    live = [one for one in known if not one.is_lost]
    if live:
        yield Finding("workers", Verdict.FINE, ", ".join(one.label for one in live))
    else:
        yield Finding("workers", Verdict.NOTE, "none", "Start `buildcat worker` in the shared storage.")
    for one in live:
        if one.trouble:
            fix = "Mount the storage there; the worker then goes on by itself."
            yield Finding("worker", Verdict.WRONG, f"{one.label} {one.trouble}", fix)
    if lost := sorted({one.label for one in known if one.is_lost} - {one.label for one in live}):
        fix = "Look at those machines; what they rendered was given to others."
        yield Finding("workers", Verdict.NOTE, f"lost in the last day: {', '.join(lost)}", fix)


def _root(root: Path | None) -> Iterator[Finding]:
    if root is None:
        fix = "Go to the shared storage, pass --root, or set BUILDCAT_ROOT."
        yield Finding("root", Verdict.NOTE, "no folder here is the shared storage", fix)
    elif not root.is_dir():
        yield Finding("root", Verdict.WRONG, f"there is no folder {root}", "Mount the shared storage there.")
    elif paths.find_root(root) != root:
        fix = f"Start a worker in it: buildcat worker --root {root}"
        yield Finding("root", Verdict.WRONG, f"{root} is not marked as the farm's shared storage", fix)
    elif not os.access(root, os.W_OK | os.X_OK):
        yield Finding("root", Verdict.WRONG, f"{root} can't be written by {current_user()}", "Change its permissions.")
    else:
        free = shutil.disk_usage(root).free
        text = f"{root}, {free / 10**9:,.0f} GB free"
        is_full = free < _LEAST_FREE_BYTES
        yield Finding("root", Verdict.WRONG if is_full else Verdict.FINE, text, "Make room in it." if is_full else "")


def _dcc(dcc: Dcc, found: plugins.Found) -> Iterator[Finding]:
    for one in found.installations:
        text = f"{version_text(one.version)}, {one.executable}"
        is_wheel = one.launch == dcc.wheel_launch.arguments and one.executable == sys.executable
        yield _wheel(dcc, one) if is_wheel else Finding(dcc.name, Verdict.FINE, text)
    for unusable in found.unusable:
        text = f"{unusable.executable} can't be used: {unusable.reason}"
        yield Finding(dcc.name, Verdict.WRONG, text, f"Correct {dcc.environment} or the configuration file.")
    if not found.installations:
        yield Finding(dcc.name, Verdict.NOTE, "not installed here", _how_to_install(dcc))
    elif dcc.licence:
        yield _licence(dcc)


def _licence(dcc: Dcc) -> Finding:
    try:
        return Finding(dcc.name, Verdict.FINE, f"licence: {function(dcc.licence)()}")
    except LicenceError as exc:
        return Finding(dcc.name, Verdict.WRONG, f"licence: {exc}", f"Look at the licence server of {dcc.label}.")


def _wheel(dcc: Dcc, installed: plugins.Installation) -> Finding:
    """Import the DCC's module in a process of its own, since it may lack libraries, or crash."""
    text = f"{version_text(installed.version)}, the Python module {dcc.wheel}"
    command = [sys.executable, "-c", f"import {dcc.wheel.replace('-', '_')}"]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=_IMPORT_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return Finding(dcc.name, Verdict.WRONG, f"{text}, did not start within {_IMPORT_LIMIT_S} s")
    missing = _MISSING_LIBRARY.search(tried.stderr)
    if missing:
        fix = f"sudo apt-get install {_LIBRARIES}"
        return Finding(dcc.name, Verdict.WRONG, f"{text}, lacks the system's library {missing.group(1)}", fix)
    if tried.returncode:
        reason = tried.stderr.strip().rpartition("\n")[2] or f"exit code {tried.returncode}"
        return Finding(dcc.name, Verdict.WRONG, f"{text}, can't be loaded: {reason}")
    return Finding(dcc.name, Verdict.FINE, text)


def _how_to_install(dcc: Dcc) -> str:
    install = f"To render with it here, install {dcc.label}, or name its executable in {dcc.environment}."
    pythons = _wheel_pythons(dcc)
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if not pythons:
        return install
    if here in pythons:
        return f"{install} Or: pip install 'buildcat[{dcc.name}]'"
    return f"{install} There is no {dcc.wheel} wheel for Python {here}, only for {' and '.join(pythons)}."


def _wheel_pythons(dcc: Dcc) -> list[str]:
    """Return the Python versions for which the plugin's distribution names a wheel of the DCC."""
    if not dcc.wheel:
        return []
    entries = importlib.metadata.entry_points(group=plugins.GROUP, name=dcc.name)
    needed = [line for entry in entries if entry.dist for line in entry.dist.requires or ()]
    named = re.compile(rf"{re.escape(dcc.wheel)}\b.*python_version == ['\"]([\d.]+)")
    return [match.group(1) for match in map(named.match, needed) if match]
