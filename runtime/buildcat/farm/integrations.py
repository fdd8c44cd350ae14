"""What a worker will call: an allow-list, never a dotted name found in Redis. The worker's side."""

from __future__ import annotations

import logging
import os
import platform
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import buildcat
from buildcat.client import config
from buildcat.farm import plugins
from buildcat.model.dcc import version_text
from buildcat.model.errors import RefusedError, UsageError, near_names

log = logging.getLogger(__name__)

Integration = Callable[..., Any]

_allowed: dict[str, Integration] = {}


def allow(name: str, integration: Integration) -> None:
    """Let RQ jobs of that name call the function."""
    _allowed[name] = integration


def allow_dotted(name: str) -> None:
    """Let RQ jobs call `package.function`, as `--allow` names it.

    Raises:
        UsageError: there is no such function.
    """
    module, _, function = name.rpartition(".")
    try:
        allow(name, getattr(import_module(module), function))
    except (ImportError, AttributeError, ValueError) as exc:
        raise UsageError(f"--allow {name}: there is no such function here ({exc}).") from exc


def allow_builtin(root: str, configured: Callable[[str], Sequence[str]]) -> None:
    """Allow Buildcat's own functions, and those of the entry points `buildcat.integrations`.

    `configured` gives the executables that this machine's configuration names for a DCC.
    """
    allow("buildcat.worker.info", lambda: worker_info(root))
    for dcc in plugins.plugins().values():
        allow(f"buildcat.{dcc.name}.info", lambda dcc=dcc: dcc_info(root, dcc.name, configured(dcc.name)))
    for entry in entry_points(group="buildcat.integrations"):
        allow(entry.name, entry.load())


def find(name: str) -> Integration:
    """Return the integration of that name.

    Raises:
        RefusedError: it is not on the list.
    """
    if name not in _allowed:
        raise RefusedError(
            f"This worker doesn't run {name!r}.{near_names(name, _allowed)} Start it with --allow {name} if it should."
        )
    return _allowed[name]


def worker_info(root: str) -> dict[str, dict[str, Any]]:
    """Describe the worker and its host: the integration `buildcat.worker.info`."""
    host = platform.uname()
    return {
        "os": {
            "host": host.node,
            "machine": host.machine,
            "processor": host.processor,
            "release": host.release,
            "system": host.system,
            "version": host.version,
        },
        "python": {"prefix": sys.prefix, "version": sys.version},
        "worker": {"pid": os.getpid(), "root": root, "user": config.current_user(), "version": buildcat.__version__},
    }


def dcc_info(root: str, name: str, configured: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Describe the worker and what it found of a DCC: the integrations `buildcat.<dcc>.info`."""
    found = plugins.installations(plugins.plugin(name), configured)
    return {
        **worker_info(root),
        name: {
            "executables": [
                {"executable": one.executable, "version": version_text(one.version)} for one in found.installations
            ],
            "unusable": [{"executable": one.executable, "reason": one.reason} for one in found.unusable],
        },
    }
