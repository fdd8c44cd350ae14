"""Prints which modules can be imported behind the session's finder: `run_finder.py LOOP FOLDERS NAME …`."""

from __future__ import annotations

import importlib
import json
import runpy
import sys


def main(loop: str, folders: str, *names: str) -> None:
    """Try each name."""
    sys.meta_path.insert(0, runpy.run_path(loop)["Finder"](json.loads(folders)))
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        print(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
