"""A throw-away farm for benchmarks: server, root, worker processes. Python 3.11 or newer."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.farm.server import Server


@dataclass(frozen=True)
class Farm:
    """A running server with an empty root."""

    root: Path
    connection: Connection

    def buildcat(self, *arguments: str) -> list[str]:
        """Return a `buildcat` command line for this farm."""
        return [sys.executable, "-m", "buildcat", *arguments, "--server", self.connection.url]

    @contextlib.contextmanager
    def worker(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker process; yields when it is ready."""
        command = self.buildcat("worker", *arguments)
        with (self.root.parent / "worker.log").open("ab") as log:
            worker = subprocess.Popen(command, cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for(lambda: bool(records.workers(self.connection)), "a worker")
            yield worker
        finally:
            worker.terminate()
            worker.wait(30)

    def wait(self, job_id: str) -> records.JobRecord:
        """Wait for the end of a job."""
        wait_for(lambda: records.job(self.connection, job_id).state.has_ended, f"the end of job {job_id}")
        return records.job(self.connection, job_id)


@contextlib.contextmanager
def farm() -> Iterator[Farm]:
    """Start a server of its own on a free port, and stop it."""
    with tempfile.TemporaryDirectory(prefix="buildcat-bench-") as folder:
        server = Server(Path(folder, "redis"), port=0)
        server.start()
        try:
            root = Path(folder, "root")
            root.mkdir()
            connection = Connection(server.address)
            connection.load_library(is_upgrade_allowed=True)
            yield Farm(root, connection)
        finally:
            server.stop()


def wait_for(condition: Callable[[], bool], what: str, patience_s: float = 600.0) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {patience_s:g} s")
        time.sleep(0.02)
