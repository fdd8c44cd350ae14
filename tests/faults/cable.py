"""A network cable between a worker and the server, to be cut: nothing passes, and nobody is told."""

from __future__ import annotations

import contextlib
import socket
import threading


class Cable:
    """Passes on what comes to its port. While it is cut, all that was sent waits, as in a network that is down."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_whole = threading.Event()
        self._is_whole.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """The server's address for whoever is at the end of this cable."""
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def cut(self) -> None:
        """Let nothing pass."""
        self._is_whole.clear()

    def mend(self) -> None:
        """Let everything pass again, late as it is."""
        self._is_whole.set()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()
        self.mend()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                near = self._listener.accept()[0]
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._is_whole.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            near.close()
            return
        threading.Thread(target=self._pass_on, args=(far, near), daemon=True).start()
        self._pass_on(near, far)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):  # one side is gone
            while data := source.recv(2**16):
                self._is_whole.wait()
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
