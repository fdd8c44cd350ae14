"""The socket between a worker and a session. The worker's side."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
from collections.abc import Mapping
from typing import Any

#: How long whoever connects may take to show the token.
TOKEN_LIMIT_S = 2.0

Message = dict[str, Any]


class Channel:
    """Messages over a socket: one JSON object a line."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._received = bytearray()

    def shows(self, token: str) -> bool:
        """Whether the other side begins with the session's token."""
        try:
            first = self.receive(TOKEN_LIMIT_S)
        except (OSError, ValueError):
            return False
        given = first.get("token") if isinstance(first, dict) else None
        return isinstance(given, str) and secrets.compare_digest(given.encode(), token.encode())

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message; OSError if the other side is gone."""
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, limit_s: float) -> Message | None:
        """Return the next message, or None if there was none in time.

        Raises:
            OSError: the other side is gone.
            ValueError: what came is not JSON.
        """
        self._socket.settimeout(limit_s)
        start = 0
        while (end := self._received.find(b"\n", start)) < 0:
            start = len(self._received)
            try:
                chunk = self._socket.recv(2**16)
            except TimeoutError:
                return None
            if not chunk:
                raise ConnectionResetError("the other side closed")
            self._received += chunk
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        message: Message = json.loads(line)
        return message

    def shut(self) -> None:
        """End the conversation; a thread that waits in `receive` returns."""
        with contextlib.suppress(OSError):  # it was over already
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()
