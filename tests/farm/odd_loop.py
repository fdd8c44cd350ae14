"""A DCC whose messages are odd, in place of the session's loop: a stranger calls first, then come left-overs."""

from __future__ import annotations

import json
import os
import socket
from typing import Any


def main() -> None:
    """Answer a load and a render, each after a message of another execution."""
    session = json.loads(os.environ["BUILDCAT_SESSION"])
    address = tuple(session["address"])
    stranger = socket.create_connection(address)
    stranger.sendall(b'{"token": "guessed"}\n')
    connection = socket.create_connection(address)
    lines = connection.makefile("rb")

    def send(**message: Any) -> None:
        connection.sendall(json.dumps({"mark": 0, "execution": "old", **message}).encode() + b"\n")

    send(token=session["token"])
    send(type="ready", execution="", version=f"stranger saw {stranger.recv(9)!r}", pid=os.getpid())
    asked = json.loads(next(lines))
    send(type="loaded", loaded={"folders": ["/old"], "warnings": []})
    send(type="loaded", execution=asked["execution"], loaded={"folders": ["/new"], "warnings": []})
    asked = json.loads(next(lines))
    send(type="error", kind="crash", message="of the old one", traceback="")
    send(type="done", outputs=[{"path": "/old", "written": "/old", "kind": "png"}])
    send(type="done", execution=asked["execution"], outputs=[{"path": "/new", "written": "/new", "kind": "png"}])
    next(lines)


if __name__ == "__main__":
    main()
