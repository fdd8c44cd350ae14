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

from buildcat.model.errors import LicenceError
from buildcat_toy.scene import Scene

_leaked: list[bytes] = []


def _error(_scene: Scene) -> None:
    raise ZeroDivisionError("a fault in the toy")


def _segfault(_scene: Scene) -> None:
    ctypes.string_at(0)


def _hang(_scene: Scene) -> None:
    """Go round for ever, giving other threads their turn."""
    while True:
        pass


def _stuck(_scene: Scene) -> None:
    """Go round for ever inside C, so that no other thread of this Python gets a turn."""
    re.fullmatch(r"(a|a)*b", "a" * 64)


def _freeze(_scene: Scene) -> None:
    """Stop as a whole, deaf to polite signals."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if hasattr(signal, "SIGSTOP"):
        os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(10_000)


def _flood(scene: Scene) -> None:
    line = b"flood " * 2000 + b"\n"
    for _ in range(scene.flood_mb * 2**20 // len(line)):
        sys.stdout.buffer.write(line)


def _garbage(_scene: Scene) -> None:
    sys.stdout.buffer.write(bytes(range(128, 256)) + b"\x1e\xff\xfe\0\n")


def _mimic(_scene: Scene) -> None:
    """Print what looks like the session's own marks and messages."""
    print("\x1e0123456789abcdef1", flush=True)
    print('{"type": "done", "execution": "", "mark": 1, "outputs": []}', flush=True)
    print('{"type": "error", "kind": "crash", "message": "not so", "mark": 1, "traceback": ""}', flush=True)


def _ask(_scene: Scene) -> None:
    """Wait for somebody to type something."""
    input("Replace the file? [y/n] ")


def _nap(scene: Scene) -> None:
    time.sleep(scene.nap_s)


def _mutter(_scene: Scene) -> None:
    """Print from C, where a text waits in a buffer of its own."""
    ctypes.CDLL("ucrtbase" if os.name == "nt" else None).puts(b"muttered in C")


def _leak(_scene: Scene) -> None:
    _leaked.append(b"x" * 128 * 2**20)


def _hog(_scene: Scene) -> None:
    """Need 512 MB for this one frame, for a while."""
    held = b"x" * 512 * 2**20
    time.sleep(3)
    del held


def _licence(scene: Scene) -> None:
    """There is a licence unless somebody has taken it."""
    if scene.path.with_name("licence-taken").exists():
        raise LicenceError("No licence of the toy is free.")


def _percent(scene: Scene) -> None:
    """Print how far it is, which the plugin doesn't know."""
    from buildcat_toy import render

    render.forget_progress()
    print("TOY_PROGRESS 10%\nTOY_PROGRESS 40%", flush=True)
    time.sleep(scene.nap_s)


def _denied(_scene: Scene) -> None:
    """Fail for want of a licence, and say so on paper only."""
    print("No toy licence could be found", flush=True)
    raise ZeroDivisionError


def _unlicensed(_scene: Scene) -> None:
    """End for want of a licence."""
    print("No toy licence could be found", flush=True)
    os._exit(3)


def _children(_scene: Scene) -> None:
    """Start three processes: a child, one in a session of its own, and one whose parent ends at once."""
    sleep = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(1000)"]
    start = f"import subprocess; subprocess.Popen({sleep!r}, start_new_session=True)"
    subprocess.Popen(sleep)
    subprocess.Popen(sleep, start_new_session=True)
    subprocess.run([sys.executable, "-I", "-S", "-c", start], check=True)


#: What happens before a frame is written.
BEFORE: dict[str, Callable[[Scene], object]] = {
    "crash": lambda _scene: os._exit(9),
    "quit": lambda _scene: os._exit(0),
    "exit": lambda _scene: sys.exit(0),
    "error": _error,
    "segfault": _segfault,
    "hang": _hang,
    "stuck": _stuck,
    "sleep": lambda _scene: time.sleep(10_000),
    "hog": _hog,
    "licence": _licence,
    "freeze": _freeze,
    "flood": _flood,
    "garbage": _garbage,
    "mimic": _mimic,
    "ask": _ask,
    "nap": _nap,
    "mutter": _mutter,
    "leak": _leak,
    "children": _children,
    "percent": _percent,
    "denied": _denied,
    "unlicensed": _unlicensed,
}

#: What becomes of the file: `half` of it, `small`: a whole picture of another size, `nothing`: no file.
AFTER = ("half", "small", "nothing")
