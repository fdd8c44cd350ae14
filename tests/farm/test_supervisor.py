"""`buildcat worker --count`: signals reach every worker, also one that is being started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from buildcat.farm.supervisor import Supervisor


class Interrupted(Supervisor):
    """Gets a signal in the middle of starting a worker, which is a process that waits."""

    def __init__(self) -> None:
        super().__init__(2, (), "pair")
        self.made: list[subprocess.Popen[bytes]] = []

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        self.made.append(super()._start([sys.executable, "-c", "import time; time.sleep(30)"]))
        if len(self.made) == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return self.made[-1]


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Give pytest its own signal handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_a_signal_reaches_a_worker_that_is_being_started() -> None:
    """Else that worker runs on, and the supervisor waits for it for ever."""
    supervisor = Interrupted()
    began = time.monotonic()

    code = supervisor.run()

    assert code == 0
    assert time.monotonic() - began < 25
    assert all(worker.poll() is not None for worker in supervisor.made)
