"""A warm DCC: started under a guard, spoken to over a socket, killed after any doubt. The worker's side."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from buildcat.farm import guard
from buildcat.farm.channel import Channel
from buildcat.farm.patience import FRAME_OPTION, Patience, Pulse, Vigil, memory_bytes
from buildcat.farm.plugins import Installation
from buildcat.farm.transcript import Transcript
from buildcat.inside import loop
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model import errors
from buildcat.model.dcc import Dcc
from buildcat.model.errors import BuildcatError, LicenceError, RenderError, SessionError
from buildcat.model.job import Output, Unit

log = logging.getLogger(__name__)

#: What the loop's finder shows to the DCC, besides the plugin's own package.
_SHOWN = ("buildcat", "buildcat.model", "buildcat.inside", "fileseq")
#: How often a waiting call looks whether the DCC still runs; answers don't wait for it.
_LOOK_S = 0.2
_CLOSE_LIMIT_S = 3.0
_KILL_LIMIT_S = 2.0
_END_LIMIT_S = 2.0
_OUTPUT_LIMIT_S = 0.5

Message = dict[str, Any]


@dataclass(frozen=True)
class _Call:
    """What the session is being asked for."""

    #: Type of the reply that ends the call.
    reply: str
    #: For sentences: `loading scene.blend`.
    doing: str
    vigil: Vigil
    execution: str = ""
    on_progress: Callable[[Progress], None] = lambda _progress: None


class Session:
    """One DCC process, used by one thread at a time; `kill`, `log_to` and all that is asked may come from any thread.

    After any error it is dead: killed, never used again.
    """

    def __init__(
        self,
        plugin: Dcc,
        installation: Installation,
        *,
        patience: Patience | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        #: The DCC's own version, as text, and its process id; known after `start`.
        self.version = ""
        self.pid = 0
        self._plugin = plugin
        self._installation = installation
        self._patience = patience or Patience()
        self._environment = environment or {}
        self._mark = secrets.token_hex(8)
        self._transcript = Transcript(self._mark)
        self._lock = threading.Lock()
        self._is_stopped = False
        self._guard: subprocess.Popen[bytes] | None = None
        self._dcc: psutil.Process | None = None
        self._connection: Channel | None = None
        self._pulse = Pulse(lambda: self._transcript.printed, lambda: self._guard.pid if self._guard else 0)

    def start(self) -> None:
        """Start the DCC and wait until it is ready.

        Raises:
            SessionError: it can't be started, ended, hangs, or wasn't ready in time.
        """
        call = self._call("ready", "starting", self._patience.start_s, "the worker's --start-limit")
        with self._killed_on_error(), socket.create_server(("127.0.0.1", 0)) as listener:
            token = secrets.token_hex(16)
            self._spawn(listener.getsockname(), token)
            self._connection = self._accept(listener, token, call)
            ready = self._answer(call)
            self.version, self.pid = str(ready["version"]), int(ready["pid"])
            with contextlib.suppress(psutil.NoSuchProcess):  # died already: the next call will say so
                self._dcc = psutil.Process(self.pid)

    def load(self, execution: str, order: Order) -> Loaded:
        """Open a scene and apply the job's settings.

        Raises:
            BuildcatError: of the kind that the plugin raised; a SessionError if the DCC ended, was stopped, hangs, or
                takes too long.
        """
        doing = f"loading {Path(order.scene).name}"
        call = self._call("loaded", doing, self._patience.load_s, "the worker's --load-limit", execution=execution)
        return Loaded.from_json(self._ask({"type": "load", "order": order.to_json()}, call)["loaded"])

    def expected(self, execution: str, unit: Unit) -> list[Output]:
        """Return what rendering the unit would write, each where it would be in the end; only what is known.

        Raises:
            BuildcatError: of the kind that the plugin raised; a SessionError if the DCC ended or was stopped.
        """
        limit_s, option = self._patience.load_s, "the worker's --load-limit"
        call = self._call("expected", "naming its outputs", limit_s, option, execution=execution)
        reply = self._ask({"type": "expect", "unit": asdict(unit)}, call)
        return [Output.from_json(one) for one in reply["outputs"]]

    def render(
        self, execution: str, unit: Unit, on_progress: Callable[[Progress], None], *, limit_s: float = 0
    ) -> list[Output]:
        """Render one unit of the loaded scene; progress comes about twice a second, on the calling thread.

        `limit_s` is how long it may take; 0: for ever.

        Raises:
            BuildcatError: of the kind that the plugin raised; a SessionError if the DCC ended, was stopped, hangs, or
                takes too long.
        """
        doing = "rendering" if unit.frame is None else f"rendering frame {unit.label}"
        call = self._call("done", doing, limit_s, FRAME_OPTION, execution=execution, on_progress=on_progress)
        return [Output.from_json(one) for one in self._ask({"type": "render", "unit": asdict(unit)}, call)["outputs"]]

    def log_to(self, path: Path | None) -> None:
        """Send the DCC's output from now on to this file, which is made when something comes; None: discard it."""
        self._transcript.log_to(path)

    @property
    def last_output(self) -> bytes:
        """The last 4 KB that the DCC printed since the log was switched."""
        return self._transcript.tail

    @property
    def is_alive(self) -> bool:
        """Whether the session can be used."""
        return self._connection is not None and not self._is_stopped and not self._has_ended()

    def memory_bytes(self) -> int:
        """Return the memory of the DCC and all it has started, as resident in RAM; 0 when it has ended."""
        return memory_bytes(self._guard.pid) if self._guard else 0

    def close(self) -> None:
        """Ask the DCC to end, kill it after 3 s, and free what the session holds."""
        if self.is_alive and self._connection and self._guard:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):  # gone, or stuck: it is killed next
                self._connection.send({"type": "close", "execution": ""})
                self._guard.wait(_CLOSE_LIMIT_S)
        self.kill()
        self._free()

    def kill(self) -> None:
        """End the DCC and all it has started, now; a waiting call raises SessionError."""
        with self._lock:
            self._is_stopped = True
        if self._guard is None:
            return
        assert self._guard.stdin  # a pipe, by guard.start
        self._guard.stdin.close()
        try:
            self._guard.wait(_KILL_LIMIT_S)
        except subprocess.TimeoutExpired:
            log.warning("the guard of %s doesn't end; it is killed with its processes", self._plugin.label)
            _kill_tree(psutil.Process(self._guard.pid))
        if self._dcc and self._dcc.is_running():  # the guard itself was killed
            _kill_tree(self._dcc)
        if self._connection:
            self._connection.shut()
        self._transcript.finish(_OUTPUT_LIMIT_S)

    def _spawn(self, address: tuple[str, int], token: str) -> None:
        package = self._plugin.package
        module = f"{package}.{self._plugin.module}"
        given = {"address": address, "token": token, "mark": self._mark, "module": module}
        ours = {**self._environment, loop.VARIABLE: json.dumps({**given, "folders": shown_folders(package)})}
        with self._lock:
            if self._is_stopped:
                raise SessionError(f"{self._plugin.label} was stopped before it started.")
            self._guard = guard.start(
                self._command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=guard.environment(ours)
            )
        assert self._guard.stdout  # a pipe, as asked for
        self._transcript.follow(self._guard.stdout)

    def _command(self) -> list[str]:
        places = {
            "{executable}": self._installation.executable,
            "{loop}": loop.__file__,
            "{python}": sys.executable,
        }
        return [places.get(argument, argument) for argument in self._installation.launch]

    def _accept(self, listener: socket.socket, token: str, call: _Call) -> Channel:
        """Wait for the DCC to connect; whoever else does is sent away."""
        listener.settimeout(_LOOK_S)
        while True:
            with contextlib.suppress(TimeoutError):
                connection = Channel(listener.accept()[0])
                if connection.shows(token):
                    return connection
                connection.close()
            self._check(call)

    def _call(self, reply: str, doing: str, limit_s: float, option: str, **more: Any) -> _Call:
        what = f"{self._plugin.label} was {doing}"
        return _Call(reply, doing, Vigil(what, limit_s, option, self._patience.silence_s, self._pulse), **more)

    def _ask(self, message: Message, call: _Call) -> Message:
        with self._killed_on_error():
            if self._connection is None or self._is_stopped:
                raise SessionError(f"{self._plugin.label} is not running, so it can't go on with {call.doing}.")
            try:
                self._connection.send({**message, "execution": call.execution})
            except OSError as exc:
                raise self._ended(call) from exc
            return self._answer(call)

    def _answer(self, call: _Call) -> Message:
        """Wait for the reply; messages of other executions are left-overs and ignored."""
        while True:
            message = self._next_message(call)
            kind = message["type"]
            if message["execution"] != call.execution:
                log.debug("ignored %s of execution %s", kind, message["execution"])
            elif kind == "progress":
                call.vigil.take(message["progress"])
                call.vigil.check()
                call.on_progress(self._progress(message))
            elif kind in (call.reply, "error"):
                self._transcript.settle(message["mark"])
                if kind == "error":
                    raise self._error(message, call)
                return message

    def _progress(self, message: Message) -> Progress:
        """Return how far the unit is; where the plugin can't tell, what the DCC has printed of it counts."""
        told = Progress.from_json(message["progress"])
        pattern = self._plugin.progress_pattern
        percents = re.findall(pattern, self._printed) if pattern and told.fraction is None else ()
        return replace(told, fraction=min(float(percents[-1]) / 100, 1.0)) if percents else told

    @property
    def _printed(self) -> str:
        return self.last_output.decode(errors="replace")

    def _lacks_licence(self) -> bool:
        """Whether the DCC has printed that no licence is free."""
        return any(re.search(one, self._printed) for one in self._plugin.no_licence)

    def _next_message(self, call: _Call) -> Message:
        assert self._connection  # there is one before anything is asked
        while True:
            try:
                message = self._connection.receive(_LOOK_S)
            except (OSError, ValueError) as exc:
                raise self._ended(call) from exc
            if message is not None:
                return message
            self._check(call)

    def _check(self, call: _Call) -> None:
        if self._is_stopped or self._has_ended():
            raise self._ended(call)
        call.vigil.check()

    def _has_ended(self) -> bool:
        return self._guard is None or self._guard.poll() is not None

    def _error(self, message: Message, call: _Call) -> BuildcatError:
        """Return what the loop reports as the exception it was there."""
        kind: Any = getattr(errors, message["kind"], None)
        is_ours = isinstance(kind, type) and issubclass(kind, BuildcatError)
        error: BuildcatError
        # A mistake of the job stays one: it would wait for ever for a licence that it doesn't need.
        if self._lacks_licence() and (not is_ours or issubclass(kind, RenderError)):
            error = LicenceError(f"No licence of {self._plugin.label} is free.")
        elif is_ours:
            error = kind(message["message"])
        else:
            what = message["message"]
            error = RenderError(f"{self._plugin.label} met an error while {call.doing}: {what}. The log has the rest.")
        error.add_note(message["traceback"])
        return error

    def _ended(self, call: _Call) -> SessionError | LicenceError:
        """Return the sentence for a DCC that is gone."""
        label, doing = self._plugin.label, call.doing
        if self._is_stopped or self._guard is None:
            return SessionError(f"{label} was stopped while {doing}.")
        try:
            code = self._guard.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            return SessionError(f"{label} stopped answering while {doing}.")
        self._transcript.finish(_OUTPUT_LIMIT_S)
        how = _exit_words(guard.exit_code(code))
        if self._lacks_licence():
            return LicenceError(f"No licence of {label} is free.")
        if self._dcc is None:
            last_words = self._printed.strip().rpartition("\n")[2]
            return SessionError(f"{label} could not be started: {last_words or how}")
        return SessionError(f"{label} ended while {doing}, with {how}. The log has its last words.")

    @contextlib.contextmanager
    def _killed_on_error(self) -> Iterator[None]:
        """After any doubt, Ctrl-C included, nothing that the DCC says can be trusted."""
        try:
            yield
        except BaseException:
            self.kill()
            self._free()
            raise

    def _free(self) -> None:
        if self._connection:
            self._connection.close()


def shown_folders(package: str) -> dict[str, str]:
    """Return where the packages are that the DCC is shown."""
    folders = {}
    for name in (*_SHOWN, package):
        spec = importlib.util.find_spec(name)
        if spec and spec.submodule_search_locations:
            folders[name] = next(iter(spec.submodule_search_locations))
    if package not in folders:
        raise SessionError(f"The plugin's package {package} can't be found. Install the plugin again.")
    return folders


def _exit_words(code: int) -> str:
    names = {guard.SIGNALLED + one.value: one.name for one in signal.Signals}
    if code in names:
        return f"signal {names[code]}"
    return f"exit code {code}" if 0 <= code < 256 else f"exit code {code & 0xFFFFFFFF:#x}"


def _kill_tree(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for victim in (*process.children(recursive=True), process):
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
