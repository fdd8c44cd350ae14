"""The session's loop, where no worker is needed to see it."""

from __future__ import annotations

import subprocess
import sys

_ENDS = """
import socket
from types import SimpleNamespace
from buildcat.inside.loop import Loop

def close():
    print("what was started ends")
    raise OSError("it is stuck")

Loop(socket.socketpair()[0], "mark", SimpleNamespace(close=close))._close()
print("never said")
"""


def test_an_end_that_fails_keeps_no_process() -> None:
    """The log says why; the process ends all the same."""
    done = subprocess.run([sys.executable, "-c", _ENDS], capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 0
    assert "what was started ends" in done.stdout
    assert "never said" not in done.stdout
    assert done.stderr.strip().endswith("OSError: it is stuck")
