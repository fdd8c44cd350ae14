"""Runs the client process beside a DCC, so that its window never waits. Runs inside a DCC: Python 3.9, stdlib.

The panel asks from its main thread and goes on; a timer of the DCC calls `deliver`, which hands over the answers that
have come. Everything that may wait, starting the process included, is done by two threads.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

Fields = dict[str, Any]
#: Takes a reply; an error has `error`, a sentence for the artist, and `kind`.
OnAnswer = Callable[[Fields], None]

#: Variables that would lead the client's Python to the DCC's modules or libraries.
_OF_THE_DCC = ("PYTHON", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_", "QT_", "VIRTUAL_ENV")
#: How much of what a client that died had said is shown.
_LAST_WORDS = 400


def command(archive: str, python: str = "") -> list[str]:
    """Return how the client in this archive is started: by BUILDCAT_PYTHON, else `python`, else what runs this."""
    return [os.environ.get("BUILDCAT_PYTHON") or python or sys.executable, "-I", archive]


def environment() -> dict[str, str]:
    """Return the environment without what belongs to the DCC."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_DCC)}


class Client:
    """A client process, started with the first request and again after it has died."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: _Process | None = None
        self._asked: dict[int, OnAnswer] = {}
        self._number = 0

    def ask(self, do: str, on_answer: OnAnswer, **given: Any) -> None:
        """Send a request. `on_answer` is called by `deliver`, whatever happens."""
        if self._process is None:
            self._process = _Process(self._command)
        self._number += 1
        self._asked[self._number] = on_answer
        self._process.send({"id": self._number, "do": do, **given})

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    def deliver(self) -> bool:
        """Hand over the answers that have come; returns whether there were any. Call it from the main thread."""
        found = self._process.answers() if self._process else []
        for one in found:
            if one.get("kind") == "ended":
                self._fail(one)
            elif on_answer := self._asked.pop(one["id"], None):
                on_answer(one.get("reply", one))
        return bool(found)

    def _fail(self, ended: Fields) -> None:
        waiting, self._asked, self._process = list(self._asked.values()), {}, None
        for on_answer in waiting:
            on_answer(ended)

    def close(self) -> None:
        """Let the process end after the request that it is at. Whoever still waits is not told."""
        self._asked.clear()
        if self._process:
            self._process.close()
            self._process = None


class _Process:
    """One client process, with a thread that writes to it and one that reads."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._requests: queue.SimpleQueue[Fields | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Fields] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="buildcat client", daemon=True).start()

    def send(self, request: Fields) -> None:
        self._requests.put(request)

    def close(self) -> None:
        self._requests.put(None)

    def answers(self) -> list[Fields]:
        found = []
        while not self._answers.empty():
            found.append(self._answers.get())
        return found

    def _run(self) -> None:
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # else Windows opens a console
            )
        except OSError as exc:
            python = self._command[0]
            self._end(f"{python} can't be started: {exc.strerror}. Set BUILDCAT_PYTHON to a Python 3.9 or newer.")
            return
        assert process.stdin and process.stdout and process.stderr, "pipes, as asked for"
        said: list[bytes] = []
        threads = [
            threading.Thread(target=self._write, args=(process.stdin,), daemon=True),
            threading.Thread(target=said.extend, args=(process.stderr,), daemon=True),
        ]
        for one in threads:
            one.start()
        for line in process.stdout:
            self._answers.put(json.loads(line))
        code = process.wait()
        threads[1].join(1)
        last = b"".join(said).decode("utf-8", "replace").strip()[-_LAST_WORDS:]
        self._end(f"Buildcat's client ended with exit code {code}. {last}".rstrip())

    def _end(self, words: str) -> None:
        self._answers.put({"error": words, "kind": "ended"})
        self.close()  # for the thread that writes

    def _write(self, stream: Any) -> None:
        with contextlib.suppress(OSError):  # it has ended, which the other thread tells
            while (request := self._requests.get()) is not None:
                stream.write(json.dumps(request).encode() + b"\n")
                stream.flush()
            stream.close()
