"""A fake hython: `python -I -S hython.py STUBS HFS VERSION SCRIPT …` runs a script with the double of `hou`.

As the real one, it takes a licence at its start; while there is a file `licences-taken` in HFS, none is free. A file
`slow-start` there holds for how many seconds it starts.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from doubles import stubs  # found by the line above
from doubles.houdini import module  # as above


def main() -> None:
    """Be hython."""
    stub, hfs, version, *arguments = sys.argv[1:]
    if Path(hfs, "licences-taken").exists():
        print("No licenses could be found to run this application.")
        print("RuntimeError: Error encountered when initializing Houdini", file=sys.stderr)
        raise SystemExit(3)
    slow = Path(hfs, "slow-start")
    time.sleep(float(slow.read_text()) if slow.exists() else 0)
    hou = sys.modules["hou"] = module.make(stubs.parse("hou", Path(stub)), version)
    hou._session.has_window = False
    sys.path.pop(0)
    if arguments[0] == "-c":
        exec(arguments[1], {})  # what -c is for
        return
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


main()
