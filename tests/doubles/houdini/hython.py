"""A fake hython: `python -I -S hython.py STUBS VERSION SCRIPT …` runs the script with the double of `hou`. Python 3.9.

As the real one, it takes a licence at its start. BUILDCAT_FAKE_LICENCES names a file; while it is there, none is free.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from doubles import stubs  # found by the line above
from doubles.houdini import module  # as above


def main() -> None:
    """Be hython."""
    stub, version, *arguments = sys.argv[1:]
    taken = os.environ.get("BUILDCAT_FAKE_LICENCES")
    if taken and Path(taken).exists():
        print("No licenses could be found to run this application.")
        print("RuntimeError: Error encountered when initializing Houdini", file=sys.stderr)
        raise SystemExit(3)
    sys.modules["hou"] = module.make(stubs.parse("hou", Path(stub)), version)
    sys.path.pop(0)
    if arguments[0] == "-c":
        exec(arguments[1], {})  # what -c is for
        return
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


main()
