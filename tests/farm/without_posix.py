"""Runs a script in a Python that has lost what Windows doesn't have: `python without_posix.py SCRIPT ARGUMENTS …`."""

from __future__ import annotations

import contextlib
import importlib
import os
import runpy
import signal
import sys
from pathlib import Path

LOST = {os: ("fork", "forkpty", "killpg", "getpgid", "setsid"), signal: ("SIGALRM", "SIGHUP", "alarm", "setitimer")}


def main() -> None:
    """Take the names away, then run the script as if it had been started itself."""
    with contextlib.suppress(ImportError):  # its half for Linux needs them; Windows has another half
        importlib.import_module("psutil")
    for module, names in LOST.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    for name in ("resource", "fcntl", "pwd", "grp"):
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to make an import fail
    del sys.argv[0]
    sys.path[:1] = [str(Path(sys.argv[0]).parent)]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
