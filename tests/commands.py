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
from typing import Any, Self

from farms import PATIENCE_S, Farm, wait_for

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


def say(farm: Farm, *arguments: str) -> str:
    """Run a command in the farm's root and return what it said; it must have worked."""
    done = buildcat(*arguments, cwd=farm.root)
    assert done.returncode == 0, done.stderr
    return done.stdout


class _Started:
    """A command that was started; killed at the end of the `with`."""

    process: subprocess.Popen[Any]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def interrupt(self) -> int:
        """Press Ctrl-C, wait for its end and return its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait_end()

    def wait_end(self) -> int:
        """Wait for its end and return its exit code."""
        return self.process.wait(PATIENCE_S)


class Running(_Started):
    """A command whose output is read while it runs."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self.process = subprocess.Popen(
            [*BUILDCAT, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def said(self) -> str:
        """What it has printed so far, errors included."""
        return "".join(self._lines)

    def wait_said(self, text: str) -> None:
        """Wait until it has printed that."""
        wait_for(lambda: text in self.said or self.process.poll() is not None, f"{text!r} to be printed")
        assert text in self.said, self.said

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.append(line)


class Screen(_Started):
    """A command on a terminal of its own."""

    def __init__(self, *arguments: str, cwd: Path, columns: int = 80) -> None:
        import pty

        self._ours, theirs = pty.openpty()
        self.resize(columns)
        sizes = ("COLUMNS", "LINES")  # they would outdo the terminal's own
        environment = {key: value for key, value in os.environ.items() if key not in sizes} | {"TERM": "xterm-256color"}
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen([*BUILDCAT, *arguments], cwd=cwd, env=environment, **streams)
        os.close(theirs)
        self._pieces: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._reader.join(PATIENCE_S)
        os.close(self._ours)

    @property
    def drawn(self) -> str:
        """All that it has drawn so far."""
        return b"".join(self._pieces).decode(errors="replace")

    def wait_drawn(self, text: str) -> None:
        """Wait until it has drawn that."""
        wait_for(lambda: text in self.drawn, f"{text!r} to be drawn")

    def resize(self, columns: int) -> None:
        """Give the terminal another width; a command that runs on it is told."""
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        if hasattr(self, "process"):  # it has no controlling terminal, which would tell it
            self.process.send_signal(signal.SIGWINCH)

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # what Linux says when the other side is closed
                return
            if not piece:
                return
            self._pieces.append(piece)


def on_terminal(*arguments: str, cwd: Path, columns: int = 80) -> tuple[int, str]:
    """Run a command on a terminal of that width; returns the exit code and all that it drew."""
    with Screen(*arguments, cwd=cwd, columns=columns) as screen:
        code = screen.wait_end()
    return code, screen.drawn
