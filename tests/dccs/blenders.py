"""The Blenders that the tests run with: what a worker finds, and those that the test command installed beside them."""

from __future__ import annotations

import sys
from pathlib import Path

from buildcat.farm import plugins
from buildcat.farm.plugins import Installation
from buildcat.model.dcc import version_text
from buildcat_blender.dcc import DCC

#: Lowest version first. `tools/blenders.py` writes the launchers.
FOUND = plugins.installations(DCC, [str(one) for one in Path(sys.prefix, "blenders").glob("*/blender")]).installations


def is_wheel(installation: Installation) -> bool:
    """Whether it is the wheel of our own Python, and no program."""
    return installation.launch == DCC.wheel_launch.arguments


def name(installation: Installation | None) -> str:
    """Return its name in a test's name."""
    if installation is None:
        return "missing"
    return f"{'wheel' if is_wheel(installation) else 'blender'}-{version_text(installation.version)}"
