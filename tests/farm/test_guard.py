"""The guard: it ends with its program, and its program ends with whoever started the guard."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from farms import wait_for

from buildcat.farm import guard

POLITE = """
import pathlib, signal, sys, time
def end(number, frame):
    pathlib.Path(sys.argv[1]).write_text("saved")
    sys.exit(5)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(100)
"""

HALF_GONE = """
import ctypes, subprocess, sys, threading, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=True)
threading.Thread(target=time.sleep, args=[100]).start()
print(child.pid, flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


def python(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


@pytest.mark.parametrize(("end", "code"), [("sys.exit(3)", 3), ("os.abort()", 128 + 6), ("pass", 0)])
def test_a_guard_ends_with_the_exit_code_of_its_program(end: str, code: int) -> None:
    """Who waits for the guard learns how the program ended; a signal is told as shells do."""
    process = guard.start(python(f"import os, sys; {end}"), stderr=subprocess.DEVNULL)

    with process:
        assert process.wait(30) == code


def test_a_program_that_can_not_be_started_is_reported() -> None:
    """The exit code is kept for this, and stderr has the reason."""
    process = guard.start(["/no/such/program"], stderr=subprocess.PIPE)

    _, said = process.communicate(timeout=30)

    assert process.returncode == guard.NOT_STARTED
    assert said == b"/no/such/program can't be started: No such file or directory.\n"


def test_a_program_with_a_grace_may_end_politely(tmp_path: Path) -> None:
    """Redis writes its last second to disk before it ends."""
    process = guard.start([*python(POLITE), str(tmp_path / "data")], grace_s=30, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"

    with process:
        assert process.stdin
        process.stdin.close()

    assert process.returncode == 5
    assert (tmp_path / "data").read_text() == "saved"


def test_a_program_that_stays_after_its_grace_is_killed() -> None:
    """Politeness has a limit."""
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(99)"
    process = guard.start(python(program), grace_s=0.3, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()

    with process:
        assert process.stdin
        process.stdin.close()

    assert process.returncode == guard.SIGNALLED + 9


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows such a process as a zombie")
def test_children_of_a_process_that_is_half_gone_are_found() -> None:
    """A DCC whose first thread has ended looks like a zombie while others end, and still has its children."""
    with subprocess.Popen(python(HALF_GONE), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        child = psutil.Process(int(process.stdout.readline()))
        wait_for(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE, "the end of the first thread")

        found = guard.descendants(os.getpid())

        child.kill()
        process.kill()
    assert found >= {process.pid, child.pid}


@pytest.mark.parametrize("number", [1, 2, 15])
def test_signals_are_left_to_the_guards_starter(number: int) -> None:
    """Ctrl-C, a closed terminal and a service manager reach the whole group; what renders is ended by the worker."""
    process = guard.start(python("import time; print(1, flush=True); time.sleep(99)"), stdout=subprocess.PIPE)
    assert process.stdout and process.stdin
    process.stdout.readline()
    program = psutil.Process(process.pid).children()[0]

    os.kill(process.pid, number)

    with process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        assert program.is_running()
        process.stdin.close()
    assert not program.is_running()


def test_the_job_object_has_the_size_that_windows_expects() -> None:
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION is 144 bytes on 64 bits (Windows SDK, winnt.h)."""
    limits = guard.job_limits()

    assert ctypes.sizeof(limits) == 144
    assert bytes(limits)[16:20] == b"\0\x20\0\0"


@pytest.mark.parametrize(("code", "ours"), [(0, 0), (-9, 137), (3, 3), (0xC0000005, 0xC0000005 - 2**32)])
def test_every_exit_code_can_be_passed_on(code: int, ours: int) -> None:
    """Windows' exit codes fit the signed number that a process can end with."""
    assert guard.exit_code(code) == ours
