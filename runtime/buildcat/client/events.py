"""Reads the farm's stream of events as they happen. Python 3.9, redis-py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from buildcat.client.connection import Connection

STREAM = "bc:events"
#: Shorter than the connection's time-out.
_WAIT_MS = 5000


@dataclass(frozen=True)
class Event:
    """One thing that happened. `docs/events.md` lists the kinds, each with its details."""

    id: str
    kind: str
    job: str
    details: Mapping[str, Any]

    @property
    def time(self) -> float:
        """Seconds since the epoch, by the server's clock."""
        return int(self.id.split("-")[0]) / 1000


def read(connection: Connection, after: str = "0", *, wait: bool = False) -> list[Event]:
    """Return the events after the one with that id; with `wait`, give the next ones up to five seconds to come."""
    with connection.errors():
        found = connection.redis.xread({STREAM: after}, block=_WAIT_MS if wait else None)
    rows = cast("list[Any]", found)[0][1] if found else []
    return [_event(event_id.decode(), row) for event_id, row in rows]


def latest(connection: Connection, most: int, job: str = "") -> list[Event]:
    """Return the newest events, oldest first; of one job, if asked for. Of all, the stream keeps about 5,000."""
    with connection.errors():
        rows = cast("list[Any]", connection.redis.xrevrange(STREAM, count=None if job else most))
    found = [_event(event_id.decode(), row) for event_id, row in rows if not job or row[b"job"].decode() == job]
    return found[:most][::-1]


def last_id(connection: Connection) -> str:
    """Return the id of the newest event, to follow from there."""
    with connection.errors():
        rows = cast("list[Any]", connection.redis.xrevrange(STREAM, count=1))
    return rows[0][0].decode() if rows else "0"


def follow(connection: Connection, after: str) -> Iterator[Event]:
    """Yield the events after the one with that id, waiting for new ones for ever."""
    while True:
        for event in read(connection, after, wait=True):
            after = event.id
            yield event


def _event(event_id: str, row: Mapping[bytes, bytes]) -> Event:
    return Event(event_id, row[b"kind"].decode(), row[b"job"].decode(), json.loads(row[b"details"]))
