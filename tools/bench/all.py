"""Runs every benchmark. With --check, ends with 1 when a figure doesn't keep to its limit. Python 3.11 or newer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = ("commands", "scale", "views", "picking", "crowd", "dispatch", "overhead", "blender", "panel", "tiles")


def main(arguments: list[str]) -> int:
    """Run them one after the other, so that none disturbs another."""
    failed = []
    for name in NAMES:
        script = Path(__file__).with_name(f"{name}.py")
        if subprocess.run([sys.executable, str(script)], check=False).returncode:
            failed.append(name)
    print(f"not kept: {', '.join(failed)}" if failed else "all figures keep to their limits")
    return 1 if failed and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
