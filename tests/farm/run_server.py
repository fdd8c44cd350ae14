"""What `buildcat server` does, for tests that end it: STORAGE PORT; prints the address once a signal can end it."""

from __future__ import annotations

import sys
from pathlib import Path

from buildcat.farm.server import Server

server = Server(Path(sys.argv[1]), port=int(sys.argv[2]))
server.start()
server.wait(lambda: print(server.address, flush=True))
