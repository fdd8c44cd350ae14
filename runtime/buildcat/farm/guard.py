"""Starts a program and ends its whole process tree when we end. Imported by the farm and run as a script: stdlib only.

As a script it reads its stdin to the end and never writes to it: end-of-file means that the process that started it
asked for the end, or died in any way, kill -9 included.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

TYPE_CHECKING = False  # importing typing would cost 2 ms at every start
if TYPE_CHECKING:
    import ctypes

#: Exit code of a guard whose program could not be started; the last line of its stderr says why.
NOT_STARTED = 127
#: Added to the signal's number when a signal ended the program, as shells do.
SIGNALLED = 128

_KILL_LIMIT_S = 5.0
_PR_SET_CHILD_SUBREAPER = 36


def start(  # noqa: PLR0913  # three of them are Popen's own
    command: Sequence[str],
    *,
    grace_s: float = 0.0,
    stdout: int | None = None,
    stderr: int | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start the command under a guard and return the guard's process.

    Closing its stdin, or our death, ends the command and everything it has started: politely first, if there is a
    grace, with SIGTERM and that many seconds. The guard ends after its command, with the command's exit code;
    `stdout`, `stderr` (as for Popen), `env` and `cwd` are the command's own.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(grace_s), *command],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        env=env,
        cwd=cwd,
        # Windows: no console window of its own when a service starts us, and no Ctrl-C meant for us.
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """Return our environment with these added, for a program that renders.

    What is Buildcat's own is left out: the server's address may hold a password, and is nothing to a scene.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("BUILDCAT_")} | dict(added)


def main(arguments: Sequence[str]) -> int:
    """Run the command in `arguments[1:]`, with a grace of `arguments[0]` seconds, and return its exit code."""
    grace_s, command = float(arguments[0]), list(arguments[1:])
    job = _join_windows_job() if os.name == "nt" else None
    _adopt_orphans()
    _leave_signals_to_starter()
    try:
        # A session of its own keeps the terminal's Ctrl-C away from it, and makes a group that can be killed as one.
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as exc:
        sys.stderr.write(f"{command[0]} can't be started: {exc.strerror}.\n")
        return NOT_STARTED
    threading.Thread(target=_end_with_stdin, args=(program, grace_s), daemon=True).start()
    code = _wait(program)
    if job is None:
        _kill_tree(program)
    # Closing the job's last handle, here by exiting, kills all that is left in it.
    return exit_code(code)


def _leave_signals_to_starter() -> None:
    """Outlive signals to the whole group (Ctrl-C, a closed terminal, a service manager): our starter decides.

    Not by SIG_IGN, which the program would inherit.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _number, _frame: None)


def exit_code(code: int) -> int:
    """Turn a Popen's return code into what a process can end with: -9 is 137; Windows' 0xC0000005 fits a C int."""
    if code < 0:
        return SIGNALLED - code
    return code if code < 2**31 else code - 2**32


def _end_with_stdin(program: subprocess.Popen[bytes], grace_s: float) -> None:
    while os.read(0, 4096):
        pass
    _end(program, grace_s)


def _end(program: subprocess.Popen[bytes], grace_s: float) -> None:
    """End the program and its tree, then this process."""
    if grace_s > 0:
        # Not `program.terminate()`, which may take the exit code away from the main thread.
        os.kill(program.pid, signal.SIGTERM)
        time.sleep(grace_s)  # the main thread ends this process as soon as the program has ended
    _kill_tree(program)
    os._exit(SIGNALLED + getattr(signal, "SIGKILL", 9))


def _wait(program: subprocess.Popen[bytes]) -> int:
    """Wait for the program; on the way, bury the orphans that were handed to us."""
    if not hasattr(os, "wait"):
        return program.wait()
    while True:
        pid, status = os.wait()
        if pid == program.pid:
            return os.waitstatus_to_exitcode(status)


def _kill_tree(program: subprocess.Popen[bytes]) -> None:
    """Kill the program, its group and all descendants, until none is left."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(program.pid)], capture_output=True, check=False)
        return
    limit = time.monotonic() + _KILL_LIMIT_S
    clean_looks = 0
    # Twice: a process whose parent died during the look, and is not ours yet, is missed by it.
    while clean_looks < 2 and time.monotonic() < limit:
        if hasattr(os, "killpg"):
            _kill(os.killpg, program.pid)
        victims = descendants(os.getpid())
        for pid in victims:
            _kill(os.kill, pid)
        clean_looks = 0 if victims else clean_looks + 1


def _kill(kill: Callable[[int, int], None], pid: int) -> None:
    # Gone already; macOS says "permission" of a group that holds only zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        kill(pid, signal.SIGKILL)


def descendants(pid: int) -> set[int]:
    """Return the living processes below `pid`, from /proc, or from ps where there is none.

    A process whose first thread has ended looks like a zombie to Linux, and lives on with its other threads, and with
    its children (`man 5 proc`, `forget_original_parent`).
    """
    children: dict[int, list[int]] = {}
    living = set()
    for child, parent, is_living in _processes():
        children.setdefault(parent, []).append(child)
        if is_living:
            living.add(child)
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found & living


def _processes() -> list[tuple[int, int, bool]]:
    """Return pid, parent and whether it lives, of every process; the ps asked for it is left out."""
    rows = []
    if os.path.isdir("/proc/self"):  # noqa: PTH112  # pathlib would double the guard's start-up time
        for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208  # as above
            try:
                with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  # as above
                    # After the name, which stands in brackets and may hold any byte.
                    values = file.read().rpartition(b")")[2].split()
            except OSError:  # ended in between, or somebody else's where /proc is mounted with hidepid
                continue
            state, threads = values[0], int(values[17])
            rows.append((int(pid), int(values[1]), threads > 1 or state not in b"ZX"))
        return rows
    ps = subprocess.Popen(["ps", "-axo", "pid=,ppid=,stat="], stdout=subprocess.PIPE)
    for line in ps.communicate()[0].splitlines():
        child, parent, status = line.split()[:3]
        if int(child) != ps.pid:
            rows.append((int(child), int(parent), not status.startswith(b"Z")))
    return rows


def _adopt_orphans() -> None:
    """Linux: descendants whose parent dies become our children, so that daemons are found too."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _join_windows_job() -> object:
    """Put this process, and so all it will start, into a Job Object that dies with us; None if Windows refuses."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]  # Windows only
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.SetInformationJobObject.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32]
    kernel.AssignProcessToJobObject.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    job = kernel.CreateJobObjectW(None, None)
    limits = job_limits()
    is_ready = (
        job
        and kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits))
        and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
    )
    return job if is_ready else None


def job_limits() -> ctypes.Structure:
    """Return Windows' JOBOBJECT_EXTENDED_LIMIT_INFORMATION with JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE set."""
    import ctypes

    class Limits(ctypes.Structure):
        _fields_ = (
            ("per_process_time", ctypes.c_int64),
            ("per_job_time", ctypes.c_int64),
            ("flags", ctypes.c_uint32),
            ("minimum_working_set", ctypes.c_size_t),
            ("maximum_working_set", ctypes.c_size_t),
            ("active_processes", ctypes.c_uint32),
            ("affinity", ctypes.c_size_t),
            ("priority", ctypes.c_uint32),
            ("scheduling", ctypes.c_uint32),
            ("io_counters", ctypes.c_uint64 * 6),
            ("memory", ctypes.c_size_t * 4),
        )

    return Limits(flags=0x2000)


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # at once: a thread still waits for stdin
