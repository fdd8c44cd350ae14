"""The command line as a process, for tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sysconfig
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from farms import PATIENCE_S, wait_for

#: The console script, as a person starts it. `python -m` may end by SIGINT itself after a Ctrl-C that was answered with
#: exit code 130 (CPython remembers one that passed through `exec()`, as in an import), which only a shell shows as 130.
BUILDCAT = [shutil.which("buildcat", path=sysconfig.get_path("scripts")) or "buildcat"]


def buildcat(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*BUILDCAT, *arguments], cwd=cwd, input=stdin, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


def ask(*arguments: str, cwd: Path) -> Any:
    """Run a command with `--json` and return its answer."""
    done = buildcat(*arguments, *(() if "--json" in arguments else ["--json"]), cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Running:
    """A command that is running; killed at the end of the `with`."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self.process = subprocess.Popen(
            [*BUILDCAT, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        """What it has printed so far, errors included."""
        return "".join(self._lines)

    def wait_said(self, text: str) -> None:
        """Wait until it has printed that."""
        wait_for(lambda: text in self.said or self.process.poll() is not None, f"{text!r} to be printed")
        assert text in self.said, self.said

    def wait_end(self) -> int:
        """Wait for its end and return its exit code."""
        return self.process.wait(PATIENCE_S)

    def interrupt(self) -> int:
        """Press Ctrl-C, wait for its end and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait_end()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.append(line)


def on_terminal(*arguments: str, cwd: Path, columns: int = 80) -> tuple[int, str]:
    """Run a command on a terminal of that width; returns the exit code and all that it drew."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    process = subprocess.Popen(
        [*BUILDCAT, *arguments], cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    drawn = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # what Linux says when the other side is closed
            break
        if not piece:
            break
        drawn += piece
    os.close(ours)
    return process.wait(PATIENCE_S), drawn.decode(errors="replace")
