"""Shows Buildcat: makes a scene, renders it on a farm of its own, makes a film of the frames. Stdlib only.

    python3 tools/demo.py [--output DIR] [--frames 1-24]

Makes `.venv` when needed, then goes on in it, in `demo_farm.py`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import environment


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Makes a scene, renders it with two workers on a farm of its own, and makes a film of the frames."
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=environment.ROOT / "demo",
        metavar="DIR",
        help="folder for scene, frames and film (demo)",
    )
    parser.add_argument("--frames", default="1-24", help="which of the scene's 24 frames (1-24)")
    return parser.parse_args()


def main() -> int:
    """Run the demo; return 0 when it went well, 2 when something is missing, which is then named."""
    given = options()
    try:
        return show(given.output.absolute(), given.frames)
    except environment.SetupError as exc:
        print(exc, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", file=sys.stderr)
        return 130


def show(folder: Path, frames: str) -> int:
    """Make `.venv`, go on as its Python, and return the exit code."""
    python = environment.prepare(["demo"])
    if Path(sys.prefix).resolve() == environment.VENV.resolve():
        import demo_farm

        return demo_farm.main(folder, frames)
    command = [str(python), *sys.argv]
    if os.name != "nt":  # where exec would give the prompt back at once
        os.execv(python, command)
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
