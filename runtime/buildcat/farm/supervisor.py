"""Runs several workers on one host and starts again those that died: `buildcat worker --count N`."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

log = logging.getLogger(__name__)

#: A worker that dies sooner than this after its start is started again only after it.
LEAST_LIFE_S = 5.0
TICK_S = 0.2
#: Set for the workers of a supervisor: their standard input ends with it.
SUPERVISED = "BUILDCAT_SUPERVISED"


class Supervisor:
    """Starts `count` workers; passes signals on to them; ends when all have ended on request."""

    def __init__(self, count: int, arguments: Sequence[str], label: str) -> None:
        self._commands = [
            [sys.executable, "-m", "buildcat", "worker", *arguments, "--name", f"{label}-{number}"]
            for number in range(1, count + 1)
        ]
        self._workers: list[subprocess.Popen[bytes]] = []
        self._started: list[float] = []
        #: Signals that came, and how many of them each worker was sent.
        self._signals = 0
        self._sent = [0] * count

    def run(self) -> int:
        """Keep the workers running until a signal comes and they have ended; returns the exit code."""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._note)
        for command in self._commands:
            self._workers.append(self._start(command))
            self._started.append(time.monotonic())
        while any(worker.poll() is None for worker in self._workers) or not self._signals:
            if self._signals:
                self._pass_on()
            elif not self._keep():
                return max(abs(int(worker.returncode or 0)) for worker in self._workers)
            time.sleep(TICK_S)
        return 0

    def _keep(self) -> bool:
        """Start dead workers again; False when all ended by themselves, cleanly or refused, so there is no use."""
        ended = [worker.poll() for worker in self._workers]
        # 0: it did its --max-tasks. 2 to 4: wrong usage or refused, as it would be again.
        if all(code in (0, 2, 3, 4) for code in ended):
            return False
        for place, code in enumerate(ended):
            if code is None or code in (0, 2, 3, 4) or time.monotonic() - self._started[place] < LEAST_LIFE_S:
                continue
            log.warning("Worker %d ended with %s; starting it again", place + 1, code)
            self._workers[place] = self._start(self._commands[place])
            self._started[place] = time.monotonic()
        return True

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        # In a group of its own: Ctrl-C reaches the workers once, through us.
        new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            env={**os.environ, SUPERVISED: "1"},
            creationflags=new_group,
            start_new_session=not new_group,
        )

    def _note(self, signum: int, frame: FrameType | None) -> None:
        # Only this: a worker that is being started at this moment must get the signal as well.
        self._signals += 1

    def _pass_on(self) -> None:
        for place, worker in enumerate(self._workers):
            # One at a time: two that wait to be delivered are one.
            if self._sent[place] < self._signals and worker.poll() is None:
                worker.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
                self._sent[place] += 1


def supervise(count: int, arguments: Sequence[str], label: str) -> int:
    """Run `count` workers with the arguments of `buildcat worker` until told to stop; returns the exit code."""
    return Supervisor(count, arguments, label).run()


def end_with_supervisor() -> None:
    """In a supervised worker: stop, as on a first SIGTERM, when the supervisor is gone."""
    if os.environ.pop(SUPERVISED, ""):
        threading.Thread(target=_wait_for_end_of_input, name="supervised", daemon=True).start()


def _wait_for_end_of_input() -> None:
    while os.read(0, 4096):
        pass
    log.warning("The supervisor is gone; stopping when the task is done")
    interrupt()


def interrupt() -> None:
    """Act on this process as a SIGTERM does, also on a main thread that waits; from any thread."""
    if hasattr(signal, "pthread_kill"):  # interrupts the main thread's wait; raise_signal would not
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGTERM)
