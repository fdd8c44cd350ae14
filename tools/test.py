"""Checks everything: lint, format, types, lines of code, tests. Makes `.venv` when needed; then installs nothing.

    python3 tools/test.py [--blender] [arguments for pytest]

`--blender` also installs Blender as a Python module. With BUILDCAT_REQUIRE_ALL=1, as in CI, it is installed too, with
older ones beside it, and a test that would be skipped fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import blenders
import environment


@dataclass(frozen=True)
class Result:
    """How one step ended."""

    name: str
    code: int
    seconds: float


#: What mostly waits, for leases to end and for windows, and the plugins' own tests: they go beside the others, so that
#: both take about as long.
BESIDE = ("tests/faults", "tests/windows", "tests/plugins")


def steps(python: Path, arguments: list[str]) -> dict[str, list[str]]:
    """Return the command of each step by its name; the tests come last, so that their last line is near the end.

    `arguments` are for pytest; without any, all tests are meant but those that go beside them.
    """
    run = [str(python), "-m"]
    return {
        "lint": [*run, "ruff", "check", "."],
        "format": [*run, "ruff", "format", "--check", "."],
        "types": [*run, "mypy", "runtime", "tools"],
        "types: blender": [*run, "mypy", "plugins/blender"],
        "types: houdini": [*run, "mypy", "plugins/houdini"],
        "types: maya": [*run, "mypy", "plugins/maya"],
        "types: modo": [*run, "mypy", "plugins/modo"],
        "lines of code": [str(python), "tools/lines.py"],
        "tests": [*run, "pytest", *(arguments or [f"--ignore={one}" for one in BESIDE])],
    }


@contextmanager
def beside(python: Path) -> Iterator[Callable[[], Result]]:
    """Run drills, windows and plugins meanwhile; yields what waits for their end, and then shows their output."""
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", *BESIDE]
    start = time.monotonic()
    with tempfile.TemporaryFile() as output:
        running = subprocess.Popen(command, cwd=environment.ROOT, stdout=output, stderr=subprocess.STDOUT)

        def finish() -> Result:
            code = running.wait()
            seconds = time.monotonic() - start
            output.seek(0)
            print(f"\n== drills, windows, plugins\n{output.read().decode(errors='replace')}", flush=True)
            return Result("drills, windows, plugins, meanwhile", code, seconds)

        try:
            yield finish
        finally:
            if running.poll() is None:
                running.terminate()
                running.wait()


def run(name: str, command: list[str]) -> Result:
    """Run one step with its output shown."""
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    code = subprocess.run(command, cwd=environment.ROOT, check=False).returncode
    return Result(name, code, time.monotonic() - start)


def main(arguments: list[str]) -> int:
    """Run all steps, also after one has failed; return 0 when all went well, 2 when nothing could be run."""
    is_all_required = os.environ.get("BUILDCAT_REQUIRE_ALL", "") not in ("", "0")
    has_blender = is_all_required or "--blender" in arguments
    try:
        python = environment.prepare(["dev", "images", *(["blender"] if has_blender else [])], ["tests/toy"])
        if is_all_required:
            blenders.prepare()
    except environment.SetupError as exc:
        print(exc, file=sys.stderr)
        return 2
    given = [one for one in arguments if one != "--blender"]
    if given:
        results = [run(name, command) for name, command in steps(python, given).items()]
    else:
        with beside(python) as finish:
            results = [run(name, command) for name, command in steps(python, []).items()]
            results.append(finish())
    print("\n" + "\n".join(f"{'FAIL' if one.code else 'ok  '} {one.seconds:6.1f} s  {one.name}" for one in results))
    return 1 if any(one.code for one in results) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
