"""The connection to the server, and the function library in it. Python 3.9, redis-py."""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from buildcat.client.config import shown
from buildcat.model.errors import ServerError, UsageError, VersionError

#: The parts of the function library, in the order in which they make one.
LIBRARY_PARTS = (
    *("base", "jobs", "executions", "limits", "links", "submit", "pick", "workers", "reports", "control", "sweep"),
)
#: A client gives up after about two seconds; a worker waits out an outage of ten minutes.
CLIENT_RETRIES, WORKER_RETRIES = 2, 300
CONNECT_TIMEOUT_S = 2.0
#: A disk that takes longer has a fault.
DISK_TIMEOUT_MS = 3000
#: Longer than any blocking wait of ours, shorter than a person's patience with a frozen server.
ANSWER_TIMEOUT_S = 10.0


@lru_cache(maxsize=1)
def library_version() -> int:
    """Return the version of the function library that this Buildcat brings."""
    match = re.search(r"^local VERSION = (\d+)$", _part("base"), re.MULTILINE)
    assert match, "base.lua has no VERSION line"
    return int(match.group(1))


def library() -> str:
    """Return the function library that this Buildcat brings, as Redis loads it."""
    return "\n".join(map(_part, LIBRARY_PARTS))


def _part(name: str) -> str:
    data = pkgutil.get_data(__package__, f"library/{name}.lua")  # a client may run from a zip
    assert data, f"{name}.lua is missing"
    return data.decode()


class Connection:
    """One connection to the server: `redis` for reading, `call` for every step that changes state."""

    def __init__(self, url: str, *, retries: int = CLIENT_RETRIES, answer_s: float = ANSWER_TIMEOUT_S) -> None:
        self.url = url
        passing: tuple[type[redis.RedisError], ...] = (redis.ConnectionError, redis.TimeoutError)
        if retries >= WORKER_RETRIES:  # a worker also waits until a server without memory has some again
            passing += (redis.OutOfMemoryError,)
        try:
            self.redis = redis.Redis.from_url(
                url,
                retry=Retry(ExponentialBackoff(cap=2, base=0.1), retries, supported_errors=passing),
                socket_connect_timeout=CONNECT_TIMEOUT_S,
                socket_timeout=answer_s,
                health_check_interval=15,
            )
        except ValueError as exc:
            raise UsageError(f"{shown(url)} is not a server's address, such as redis://127.0.0.1:6379/0.") from exc

    def call(self, function: str, **given: Any) -> dict[str, Any]:
        """Run `bc_<function>` in the server and return its reply.

        Raises:
            ServerError: the server can't be reached or refuses.
        """
        argument = json.dumps(given, separators=(",", ":"))
        with self.errors():
            try:
                reply = self.redis.fcall("bc_" + function, 0, argument)
            except redis.ResponseError as exc:
                if "Function not found" not in str(exc):
                    raise
                self.load_library(is_upgrade_allowed=False)
                reply = self.redis.fcall("bc_" + function, 0, argument)
        return cast("dict[str, Any]", json.loads(cast(bytes, reply)))

    def wait_for_disk(self) -> bool:
        """Wait until all that was written so far is on the server's disk; returns whether that is sure.

        By `WAITAOF` (Redis 7.2, Valkey), else by an append-only file that is flushed at once for this moment: about
        1 ms each. A server without an append-only file, or one that lets us do neither, can't be sure of anything.

        Raises:
            ServerError: the server can't be reached.
        """
        with self.errors():
            pipeline = self.redis.pipeline(transaction=False)
            # A write of this very connection, since it is the one that is waited for; the file has one order.
            pipeline.set("bc:synced", 1, px=1000)
            pipeline.waitaof(1, 0, DISK_TIMEOUT_MS)
            reply = pipeline.execute(raise_on_error=False)[1]
            if isinstance(reply, redis.ResponseError):
                return "unknown command" in str(reply).lower() and self._flush_at_once()
        return bool(reply[0])

    def _flush_at_once(self) -> bool:
        try:
            kept = cast("dict[str, str]", self.redis.config_get("append*"))
            if kept["appendonly"] != "yes":
                return False
            with self.redis.pipeline(transaction=True) as pipeline:  # flushed before it is answered
                pipeline.config_set("appendfsync", "always")
                pipeline.set("bc:synced", 1, px=1000)
                pipeline.execute()
            self.redis.config_set("appendfsync", kept["appendfsync"])
        except redis.ResponseError:  # access rules, or a host that rents servers out
            return False
        return True

    def load_library(self, *, is_upgrade_allowed: bool) -> None:
        """Load the function library where it is missing; server and workers also replace an older one.

        Raises:
            VersionError: the server's library is of another version, and not ours to replace.
            ServerError: the server can't be reached, is too old, or doesn't let us load it.
        """
        with self.errors():
            found, ours = self.loaded_version(), library_version()
            if found is not None and found > ours:
                raise VersionError(f"The farm runs a newer Buildcat ({found}, here {ours}). Upgrade this machine.")
            if found is not None and found < ours and not is_upgrade_allowed:
                raise VersionError(f"The farm runs an older Buildcat ({found}, here {ours}). Upgrade the server.")
            if found != ours:
                self.redis.function_load(library(), replace=True)

    def loaded_version(self) -> int | None:
        """Return the version of the library in the server, or None where there is none."""
        try:
            return int(cast(int, self.redis.fcall("bc_version", 0)))
        except redis.ResponseError as exc:
            if "Function not found" in str(exc):
                return None
            raise

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn redis-py's errors into sentences for people."""
        where = shown(self.url)
        try:
            yield
        except (redis.AuthenticationError, redis.exceptions.NoPermissionError) as exc:
            raise ServerError(f"The server at {where} refuses us: {exc}. Check the user and password.") from exc
        except (redis.ConnectionError, redis.TimeoutError) as exc:
            raise ServerError(
                f"There is no server at {where}. Start one with `buildcat server`, or name another with --server."
            ) from exc
        except redis.OutOfMemoryError as exc:
            raise ServerError(
                f"The server at {where} has no memory left: give it more (`maxmemory`), or delete old jobs."
            ) from exc
        except redis.ResponseError as exc:
            if "unknown command" in str(exc).lower():
                raise ServerError(f"The server at {where} is too old: Buildcat needs Redis 7.0 or Valkey.") from exc
            raise ServerError(f"The server at {where} could not do it: {exc}.") from exc


def open_client(url: str, *, retries: int = CLIENT_RETRIES, answer_s: float = ANSWER_TIMEOUT_S) -> Connection:
    """Return a client's connection, after checking that server and library are there.

    Raises:
        ServerError: there is no server.
        VersionError: server and this machine run versions that don't fit.
    """
    connection = Connection(url, retries=retries, answer_s=answer_s)
    connection.load_library(is_upgrade_allowed=False)
    return connection
