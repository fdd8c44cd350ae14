"""Modo runs this at its start: it makes the commands of the kit known."""

import os
import sys

_PYTHON = os.path.join(os.path.dirname(os.path.dirname(__file__)), "python")  # noqa: PTH118, PTH120  # before our modules
if _PYTHON not in sys.path:
    sys.path.insert(0, _PYTHON)

from buildcat_modo.panel import commands  # noqa: E402  # found by the line above

commands.bless()
