"""A fake mayapy: `python -I -S mayapy.py STUBS HOME VERSION SCRIPT …` runs a script with the double of `maya`.

As the real one, it takes a licence when it is initialized; while there is a file `licences-taken` in HOME, none is
free. A file `slow-start` there holds for how many seconds that takes; while there is a file `stuck-exit`, Python's own
end hangs, as it is known to do. With `-I` it is Python alone.
"""

from __future__ import annotations

import atexit
import os
import runpy
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from doubles import stubs  # found by the line above
from doubles.maya import api, module  # as above


def main() -> None:
    """Be mayapy."""
    stub, home, version, *arguments = sys.argv[1:]
    if arguments[0] == "-I":  # Python alone, without Maya
        os.execv(sys.executable, [sys.executable, *arguments])
    session = module.make(stubs.parse("maya.cmds", Path(stub)), version)
    session.has_licence = not Path(home, "licences-taken").exists()
    module.install(session, sys.modules)
    sys.modules.update(api.batch(session, Path(stub).parents[1]))
    session.state, session.is_batch = 2, True
    slow = Path(home, "slow-start")
    time.sleep(float(slow.read_text()) if slow.exists() else 0)
    if Path(home, "stuck-exit").exists():
        atexit.register(time.sleep, 10_000)
    sys.path.pop(0)
    if arguments[0] == "-c":
        exec(arguments[1], {})  # what -c is for
        return
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


main()
