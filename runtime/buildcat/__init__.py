"""Buildcat, a render farm. The public names are loaded when first used, so that importing this costs nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from buildcat.client.api import Farm as Farm
    from buildcat.client.api import Job as Job
    from buildcat.client.api import connect as connect
    from buildcat.model.errors import BuildcatError as BuildcatError
    from buildcat.model.job import JobSpec as JobSpec

__version__ = "1.0.0.dev0"

_HOMES = {
    "BuildcatError": "buildcat.model.errors",
    "Farm": "buildcat.client.api",
    "Job": "buildcat.client.api",
    "JobSpec": "buildcat.model.job",
    "connect": "buildcat.client.api",
}
__all__ = ["BuildcatError", "Farm", "Job", "JobSpec", "connect"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'buildcat' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
