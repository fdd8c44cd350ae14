"""All the ways in which a DCC misbehaves, by name. Inside the toy's Python."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

_leaked: list[bytes] = []


def _error() -> None:
    raise ZeroDivisionError("a fault in the toy")


def _segfault() -> None:
    ctypes.string_at(0)


def _hang() -> None:
    """Go round for ever, giving other threads their turn."""
    while True:
        pass


def _stuck() -> None:
    """Go round for ever inside C, so that no other thread of this Python gets a turn."""
    re.fullmatch(r"(a|a)*b", "a" * 64)


def _freeze() -> None:
    """Stop as a whole, deaf to polite signals."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(signal, "SIGSTOP"):
        os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(10_000)


def _flood() -> None:
    line = b"flood " * 2000 + b"\n"
    for _ in range(20 * 2**20 // len(line)):
        sys.stdout.buffer.write(line)


def _garbage() -> None:
    sys.stdout.buffer.write(bytes(range(128, 256)) + b"\x1e\xff\xfe\0\n")


def _mutter() -> None:
    """Print from C, where a text waits in a buffer of its own."""
    ctypes.CDLL("ucrtbase" if os.name == "nt" else None).puts(b"muttered in C")


def _leak() -> None:
    _leaked.append(b"x" * 128 * 2**20)


def _children() -> None:
    """Start three processes: a child, one in a session of its own, and one whose parent ends at once."""
    sleep = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(1000)"]
    start = f"import subprocess; subprocess.Popen({sleep!r}, start_new_session=True)"
    subprocess.Popen(sleep)
    subprocess.Popen(sleep, start_new_session=True)
    subprocess.run([sys.executable, "-I", "-S", "-c", start], check=True)


#: What happens before a frame is written.
BEFORE: dict[str, Callable[[], object]] = {
    "crash": lambda: os._exit(9),
    "quit": lambda: os._exit(0),
    "exit": lambda: sys.exit(0),
    "error": _error,
    "segfault": _segfault,
    "hang": _hang,
    "stuck": _stuck,
    "sleep": lambda: time.sleep(10_000),
    "freeze": _freeze,
    "flood": _flood,
    "garbage": _garbage,
    "mutter": _mutter,
    "leak": _leak,
    "children": _children,
}

#: What becomes of the file: `half` of it, `small`: a whole picture of another size, `nothing`: no file.
AFTER = ("half", "small", "nothing")
