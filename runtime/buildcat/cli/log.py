"""`buildcat log JOB`: what the DCC said, word for word. Python 3.11 or newer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command, root_option
from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.records import Failure, JobRecord
from buildcat.model import frames, paths
from buildcat.model.errors import BuildcatError, PathError

_EXAMPLES = """\
buildcat log last                  the newest try of all frames
buildcat log 3f2a 17               all tries of frame 17
buildcat log 3f2a --follow
"""
_LOOK_S = 0.3


@dataclass(frozen=True)
class Log:
    """The log of one execution's try at one unit."""

    path: Path
    #: The unit's label.
    unit: str
    execution: str
    changed: float
