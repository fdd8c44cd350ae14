"""One modo_cl process, told what to do by lines on its input. Runs in the worker's own Python; stdlib.

modo_cl has no channel of its own. A line `@{script} {request}` lets it run our script, which reads a request and
writes its answer beside it, both as JSON files in a folder of ours. What modo_cl prints goes on to the log.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from buildcat.inside import loop
from buildcat.model import errors
from buildcat.model.errors import BuildcatError, RenderError

_SCRIPT = Path(__file__).with_name("script.py")
#: Our packages, for Modo's Python.
_FOLDERS = {"buildcat": str(Path(loop.__file__).parents[1]), "buildcat_modo": str(_SCRIPT.parent)}
#: What modo_cl prints when it takes commands. Source: "Headless" of The Foundry's documentation.
_READY = b"@start"
#: Early commands may be lost: so long one is waited for before it is sent again, and so often.
_PROBE_S, _PROBES = 10.0, 12
_PAUSE_S = 0.05
_CHUNK_BYTES = 65536
#: Nothing of the user's, and no window that reports a crash, for which nobody would be there.
_OPTIONS = ("-dbon:noconfig", "-dboff:crashreport")
#: So long modo_cl may take to end when it is asked to.
_QUIT_S = 2.0
_ENCODING = "utf-8"

Fields = dict[str, Any]


class Driver:
    """A warm modo_cl."""

    def __init__(self, executable: str, more: Mapping[str, str] | None = None) -> None:
        """Start it; `more` are packages that its Python is to find, and their folders.

        Raises:
            RenderError: it can't be started.
        """
        self._executable = executable
        self._folders = {**_FOLDERS, **(more or {})}
        try:
            self._process = subprocess.Popen(
                [executable, *_OPTIONS],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=tempfile.gettempdir(),
            )
        except OSError as exc:
            raise RenderError(f"{executable} can't be started: {exc.strerror}.") from exc
        self._is_ready = threading.Event()
        threading.Thread(target=self._pass_on, daemon=True).start()

    def _pass_on(self) -> None:
        assert self._process.stdout is not None, "it is a pipe"
        said = b""
        # Not by lines: its prompt ends without one, and so may what it prints while it renders.
        while chunk := os.read(self._process.stdout.fileno(), _CHUNK_BYTES):
            os.write(1, chunk)
            if not self._is_ready.is_set():
                said += chunk
                if _READY in said:
                    self._is_ready.set()
        self._is_ready.set()  # it has ended, as whoever waits will see

    def start(self) -> Fields:
        """Wait until modo_cl answers, and return what it says of itself.

        Raises:
            RenderError: it ended, or never answered.
        """
        # Commands that come earlier may let it hang. Source: Conductor's render script, which waits too.
        self._is_ready.wait(_PROBE_S)
        for _ in range(_PROBES):
            # Without these two nothing of a render is printed.
            self._say("log.toConsole true")
            self._say("log.toConsoleRolling true")
            answer = self._ask("buildcat_modo.scene:about", {}, _PROBE_S)
            if answer is not None:
                return answer
        raise RenderError(f"{self._executable} doesn't answer. Look whether it starts in a terminal, and its licence.")

    def ask(self, do: str, **given: Any) -> Fields:
        """Let modo_cl call a function, `module:function`, however long it takes, and return its answer.

        Raises:
            BuildcatError: it can't; says why.
        """
        answer = self._ask(do, given, None)
        assert answer is not None, "without a limit there is an answer or an error"
        return answer

    def quit(self) -> None:
        """Let modo_cl end; one that doesn't is killed."""
        with suppress(RenderError):  # it is gone already
            self._say("!app.quit")
        try:
            self._process.wait(_QUIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, do: str, given: Fields, limit_s: float | None) -> Fields | None:
        with tempfile.TemporaryDirectory(prefix="buildcat-modo-") as folder:
            request, answer = Path(folder, "request.json"), Path(folder, "answer.json")
            content = {"do": do, "given": given, "loop": loop.__file__, "folders": self._folders, "answer": str(answer)}
            request.write_text(json.dumps(content), encoding=_ENCODING)
            self._say(f"@{{{_SCRIPT.as_posix()}}} {{{request.as_posix()}}}")
            if not self._wait(answer, limit_s):
                return None
            told: Fields = json.loads(answer.read_text(encoding=_ENCODING))
        if "error" in told:
            raise _error(told)
        return told

    def _wait(self, answer: Path, limit_s: float | None) -> bool:
        """Wait for the answer, for ever where there is no limit; returns whether it came."""
        deadline = None if limit_s is None else time.monotonic() + limit_s
        while not answer.exists():
            if self._process.poll() is not None and not answer.exists():
                raise self._ended()
            if deadline is not None and time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE_S)
        return True

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None, "it is a pipe"
        try:
            self._process.stdin.write(f"{line}\n".encode(_ENCODING))
            self._process.stdin.flush()
        except OSError as exc:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_QUIT_S)
            raise self._ended() from exc

    def _ended(self) -> RenderError:
        code = self._process.returncode
        what = "takes no commands any more" if code is None else f"ended with exit code {code}"
        return RenderError(f"Modo {what}. The log has what it said.")


def _error(told: Fields) -> BuildcatError:
    kind: Any = getattr(errors, told["error"], None)
    is_ours = isinstance(kind, type) and issubclass(kind, BuildcatError)
    error: BuildcatError = kind(told["message"]) if is_ours else RenderError(f"Modo failed: {told['message']}.")
    return error
