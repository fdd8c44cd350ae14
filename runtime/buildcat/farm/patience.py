"""How long a DCC may take, and whether it still does something. The worker's side."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

from buildcat.model.errors import SessionError
from buildcat.model.times import duration

#: What raises a unit's own limit.
FRAME_OPTION = "the job's --frame-timeout"
#: A DCC whose processes use less of a core than this does nothing: a thread that only waits uses a tenth of it.
_LEAST_CPU = 0.01
#: It is looked at so often in the time of silence that is allowed.
_LOOKS = 10


@dataclass(frozen=True)
class Patience:
    """How many seconds a session may take; 0: for ever. A unit's own limit comes with its job."""

    #: From its start until it is ready.
    start_s: float = 120.0
    #: To load a scene.
    load_s: float = 3600.0
    #: Without a word, progress, or use of the CPU.
    silence_s: float = 600.0


class Vigil:
    """Watches over one thing that a DCC was asked for."""

    def __init__(self, what: str, limit_s: float, option: str, silence_s: float, pulse: Pulse) -> None:
        #: For sentences: `Blender was loading shot.blend`.
        self._what = what
        self._limit_s = limit_s
        #: What raises the limit.
        self._option = option
        self._silence_s = silence_s
        self._pulse = pulse
        self._started = self._heard = self._looked = time.monotonic()
        self._progress: object = None
        self._sign = pulse.sign()
        #: None before the first look, which most units never live to see: it costs milliseconds.
        self._cpu_s: float | None = None

    def take(self, progress: object) -> None:
        """Note the DCC's progress; that it is told again is no sign of life, a thread of its own tells it."""
        if progress != self._progress:
            self._progress, self._heard = progress, time.monotonic()

    def check(self) -> None:
        """Raise SessionError when it has taken too long, or has done nothing for too long."""
        now = time.monotonic()
        if self._limit_s and now - self._started > self._limit_s:
            raise SessionError(
                f"{self._what} for {duration(self._limit_s)}, as long as {self._option} allows. "
                "Raise that, or look at the log for what takes so long."
            )
        if self._silence_s and now - self._looked >= self._silence_s / _LOOKS:
            self._look(now)
        if self._silence_s and now - self._heard > self._silence_s:
            raise SessionError(
                f"{self._what}, and for {duration(self._silence_s)} said nothing and used no CPU: it hangs. "
                "Look at the log; the worker's --silence-limit raises that time."
            )

    def _look(self, now: float) -> None:
        sign, cpu_s = self._pulse.sign(), self._pulse.cpu_s()
        used_s = 0.0 if self._cpu_s is None else abs(cpu_s - self._cpu_s)
        if sign != self._sign or used_s > _LEAST_CPU * (now - self._looked):
            self._heard = now
        self._sign, self._cpu_s, self._looked = sign, cpu_s, now


@dataclass(frozen=True)
class Pulse:
    """What shows that a DCC does something."""

    #: Any value that changes with each word that it prints.
    sign: Callable[[], object]
    #: Process id of its guard; 0: there is none yet.
    guard: Callable[[], int]

    def cpu_s(self) -> float:
        """Return the seconds of CPU that its processes have used; less than before when some have ended."""
        total = 0.0
        for process in family(self.guard()):
            with contextlib.suppress(psutil.Error):
                used = process.cpu_times()
                total += used.user + used.system
        return total


def family(guard: int) -> Iterator[psutil.Process]:
    """Yield all processes below a guard: the DCC and what it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        yield from psutil.Process(guard).children(recursive=True) if guard else ()


def memory_bytes(guard: int) -> int:
    """Return the memory of all processes below a guard, as resident in RAM; 0 when they have ended."""
    total = 0
    for process in family(guard):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total
