"""Limits: counted resources, such as licences, that workers hold while they render. Python 3.9, redis-py."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from buildcat.client import config
from buildcat.client.connection import Connection
from buildcat.model.errors import UsageError, near_names
from buildcat.model.job import check_word

_VALUE = re.compile(r"(\d{1,6})(/host)?")


@dataclass(frozen=True)
class Limit:
    """How many sessions may use something at the same time."""

    name: str
    count: int
    #: Whether that many on each host, instead of on the whole farm.
    is_per_host: bool = False
    #: Own names of the workers that hold a slot now.
    holders: tuple[str, ...] = ()
    #: How many of them on each host, for a limit of each host.
    on_hosts: Mapping[str, int] = field(default_factory=dict)
    #: Whether somebody waits for a slot.
    is_wanted: bool = False

    @property
    def value(self) -> str:
        """The limit as a person writes it: `4`, or `1/host`."""
        return f"{self.count}/host" if self.is_per_host else str(self.count)

    def is_full(self, hosts: Iterable[str]) -> bool:
        """Whether no worker on these hosts could take a slot."""
        if not self.is_per_host:
            return len(self.holders) >= self.count
        return all(self.on_hosts.get(host, 0) >= self.count for host in hosts)


def parse(text: str) -> tuple[int, bool]:
    """Read `4` or `1/host`: how many, and whether on each host.

    Raises:
        UsageError: it is neither.
    """
    match = _VALUE.fullmatch(text)
    if not match:
        raise UsageError(f"A limit is a number, such as 4, or 1/host, not {text!r}.")
    return int(match[1]), bool(match[2])


def set_limit(connection: Connection, name: str, count: int, *, is_per_host: bool = False) -> None:
    """Allow so many sessions at the same time; those that run already go on.

    Raises:
        UsageError: the name can't be typed.
    """
    check_word("A limit", name)
    connection.call("limit", name=name, count=count, per_host=is_per_host, by=config.current_user())


def propose(connection: Connection, name: str, value: str) -> None:
    """Set a limit that a DCC brings, unless somebody has set it already.

    Raises:
        UsageError: the value is none of a limit.
    """
    count, is_per_host = parse(value)
    with connection.errors():
        connection.redis.hsetnx("bc:limits", name, json.dumps({"count": count, "per_host": is_per_host}))


def lift(connection: Connection, name: str) -> None:
    """Forget the limit: as many as there are may use it.

    Raises:
        UsageError: nobody has set it.
    """
    if connection.call("limit", name=name, by=config.current_user()).get("error"):
        check(connection, [name])


def read(connection: Connection) -> list[Limit]:
    """Return all limits, by name."""
    redis = connection.redis
    with connection.errors():
        raw = cast("dict[bytes, bytes]", redis.hgetall("bc:limits"))
        names = sorted(one.decode() for one in raw)
        keys = [_keys(connection, name) for name in names]
        now = int(cast("list[int]", redis.time())[0]) * 1000
        return [_limit(connection, name, json.loads(raw[name.encode()]), here, now) for name, here in zip(names, keys)]


def _keys(connection: Connection, name: str) -> list[bytes]:
    on_hosts = connection.redis.scan_iter(f"bc:slots:{name}@*")
    return [f"bc:slots:{name}".encode(), *(one for one in on_hosts if not one.endswith(b":wanted"))]


def _limit(connection: Connection, name: str, data: Mapping[str, object], keys: Iterable[bytes], now_ms: int) -> Limit:
    holders: list[str] = []
    on_hosts: dict[str, int] = {}
    is_wanted = False
    for key in keys:
        held = cast("list[bytes]", connection.redis.zrangebyscore(key, now_ms, "+inf"))
        holders += [one.decode() for one in held]
        if b"@" in key:
            on_hosts[key.decode().partition("@")[2]] = len(held)
        is_wanted = is_wanted or bool(connection.redis.exists(key + b":wanted"))
    return Limit(
        name=name,
        count=int(str(data["count"])),
        is_per_host=bool(data.get("per_host")),
        holders=tuple(sorted(holders)),
        on_hosts=on_hosts,
        is_wanted=is_wanted,
    )


def check(connection: Connection, names: Iterable[str]) -> None:
    """Check that each limit was set by somebody: a mistyped one would hold nothing back.

    Raises:
        UsageError: it was not; near names are suggested.
    """
    wanted = list(names)
    if not wanted:
        return
    with connection.errors():
        known = [one.decode() for one in cast("list[bytes]", connection.redis.hkeys("bc:limits"))]
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"There is no limit {name!r}.{near_names(name, known)} `buildcat limits set {name} 4` makes one of 4."
            )
