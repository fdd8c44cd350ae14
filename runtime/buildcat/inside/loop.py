"""The session's loop: takes messages from the worker and renders. A script run by a DCC's Python 3.9 or newer, stdlib.

It is started by its path and finds our modules by itself, so it imports nothing of ours before `main` has run.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any

#: Environment variable with all that a session is given, as JSON: address, token, mark, module, folders.
VARIABLE = "BUILDCAT_SESSION"

_PROGRESS_S = 0.5
#: After so long without a message a plugin that has `idle` is told, once: it may give a licence back.
_IDLE_S = 20.0

Fields = dict[str, Any]


class Finder(MetaPathFinder):
    """Finds exactly the packages it was given, before anything else that goes by the same names."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = folders

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return where the package is, or None when it isn't one of ours."""
        if name not in self._folders:
            return None
        folder = self._folders[name]
        spec = spec_from_file_location(name, Path(folder, "__init__.py"), submodule_search_locations=[folder])
        if spec and any(other.startswith(f"{name}.") for other in self._folders):
            spec.submodule_search_locations = []  # of such a package only the parts that were given
        return spec


class Loop:
    """One DCC process: answers one message at a time on the main thread, and reports progress beside it."""

    def __init__(self, connection: socket.socket, mark: str, plugin: Any) -> None:
        self._connection = connection
        self._mark = mark
        self._plugin = plugin
        self._messages: queue.SimpleQueue[Fields] = queue.SimpleQueue()
        self._flush_c = _c_flush()
        self._replies = 0
        self._sending = threading.Lock()
        self._is_rendering = threading.Event()
        self._execution = ""

    def run(self) -> None:
        """Bring the DCC up, then answer until the worker closes."""
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._report, daemon=True).start()
        answers = {"start": self._start, "load": self._load, "expect": self._expect, "render": self._render}
        message: Fields = {"type": "start", "execution": ""}
        while message["type"] != "close":
            self._answer(answers[message["type"]], message)
            message = self._next()
        self._close()

    def _close(self) -> None:
        """Let the plugin end what it has started, then end at once: DCCs may crash or hang in their normal exit."""
        try:
            if close := getattr(self._plugin, "close", None):
                close()
        except Exception:  # noqa: BLE001  # whatever it is, nothing may keep the process
            traceback.print_exc()
        self._flush()
        os._exit(0)

    def _next(self) -> Fields:
        """Wait for the next message, and tell the plugin when none comes for a while."""
        idle = getattr(self._plugin, "idle", None)
        if idle is not None:
            try:
                return self._messages.get(timeout=_IDLE_S)
            except queue.Empty:
                idle()
        return self._messages.get()

    def _start(self, _message: Fields) -> Fields:
        return {"type": "ready", "version": self._plugin.start(), "pid": os.getpid()}

    def _load(self, message: Fields) -> Fields:
        from buildcat.inside.messages import Order

        return {"type": "loaded", "loaded": self._plugin.load(Order.from_json(message["order"])).to_json()}

    def _expect(self, message: Fields) -> Fields:
        from buildcat.model.job import Unit

        outputs = self._plugin.expected(Unit(**message["unit"]))
        return {"type": "expected", "outputs": [one.to_json() for one in outputs]}

    def _render(self, message: Fields) -> Fields:
        from buildcat.model.job import Unit

        self._is_rendering.set()
        outputs = self._plugin.render(Unit(**message["unit"]), message["execution"])
        return {"type": "done", "outputs": [one.to_json() for one in outputs]}

    def _answer(self, work: Callable[[Fields], Fields], message: Fields) -> None:
        """Do the work and reply with its result, or with what went wrong."""
        from buildcat.model.errors import BuildcatError

        self._execution = message["execution"]
        try:
            reply = work(message)
        except BuildcatError as exc:
            reply = _error(type(exc).__name__, str(exc))
        except BaseException as exc:  # noqa: BLE001  # outermost loop: whatever it is, the worker must hear of it
            reply = _error("crash", f"{type(exc).__name__}: {exc}")
        self._replies += 1
        self._flush()
        with self._sending:  # the thread that reports looks under the same lock: no progress comes after the reply
            self._is_rendering.clear()
            self._send({**reply, "mark": self._replies})

    def _flush(self) -> None:
        """Push out all that was printed, by Python or by C, and then the mark that the worker waits for."""
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # a Windows program without a console has none
                stream.flush()
        self._flush_c()
        with contextlib.suppress(OSError):  # the scene closed stdout; the worker can do without marks
            os.write(1, f"\x1e{self._mark}{self._replies}\n".encode())

    def _send(self, message: Fields) -> None:
        self._connection.sendall(json.dumps({"execution": self._execution, **message}).encode() + b"\n")

    def _read(self) -> None:
        """Hand the worker's messages to the main thread; when there is no worker any more, end."""
        try:
            for line in self._connection.makefile("rb"):
                self._messages.put(json.loads(line))
        finally:
            os._exit(1)

    def _report(self) -> None:
        while True:
            self._is_rendering.wait()
            time.sleep(_PROGRESS_S)
            try:
                progress = self._plugin.progress().to_json()
            except Exception:  # noqa: BLE001  # outermost loop of this thread; a frame is worth more than its progress
                traceback.print_exc()
                progress = {"fraction": None, "text": ""}
            with self._sending:
                if self._is_rendering.is_set():
                    self._send({"type": "progress", "progress": progress})


def _error(kind: str, message: str) -> Fields:
    """Return the reply for the exception being handled, and print it: the DCC's stderr is the task's log."""
    trace = traceback.format_exc()
    print(trace if kind == "crash" else f"{kind}: {message}", file=sys.stderr)  # noqa: T201
    return {"type": "error", "kind": kind, "message": message, "traceback": trace}


def _c_flush() -> Callable[[], object]:
    """Return what flushes the buffers of the C library, where a DCC's own output waits when stdout is a pipe."""
    try:
        import ctypes

        flush = ctypes.CDLL("ucrtbase" if os.name == "nt" else None).fflush
    except (ImportError, OSError, AttributeError):  # this Python was built without it
        return lambda: None
    return lambda: flush(None)


def main() -> None:
    """Connect to the worker and serve it."""
    session = json.loads(os.environ.pop(VARIABLE))
    here = Path(__file__).resolve().parent
    # Python puts a script's folder on the path; from there our modules could pass for others of the same name.
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != here]
    sys.meta_path.insert(0, Finder(session["folders"]))
    connection = socket.create_connection(tuple(session["address"]))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(json.dumps({"token": session["token"]}).encode() + b"\n")
    Loop(connection, session["mark"], importlib.import_module(session["module"])).run()


if __name__ == "__main__":
    main()
