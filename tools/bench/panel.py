"""How long Blender's window stands still for the panel. Python 3.11 or newer.

Without a GPU, Blender redraws its window in 40 to 140 ms: so the gaps of a 10 ms timer during a submit are shown
beyond those of redraws alone, taken in the same window.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import package_plugins  # it lies in the folder above
from farm import farm
from figures import Figure, report
from panels.window import BLENDERS, Known, Window, make_scene

LIMIT_S = 0.05
_REDRAWS_S = 4


def measure(version: str, server: str, folder: Path, ends: Callable[[Known], bool]) -> Known:
    """Return what a window knows once a submit has ended."""
    window = Window(BLENDERS[version], server, folder, package_plugins.package("blender", folder))
    try:
        window.scroll_down()
        window.tell("redraw")
        time.sleep(_REDRAWS_S)
        window.submit()
        return window.wait(ends, "the end of the submit")
    finally:
        window.close()


def figures(version: str, what: str, known: Known) -> list[Figure]:
    """Return the figures of one window."""
    name = f"Blender {version}, {what}: "
    return [
        Figure(f"{name}longest call of ours", known["longest_s"], LIMIT_S, "s"),
        Figure(f"{name}gap beyond redraws", max(0, known["gap_s"] - known["redraw_s"]), LIMIT_S, "s"),
    ]


def main() -> int:
    """Measure each Blender that is here, with a server and with one that never answers."""
    found = []
    for version, blender in BLENDERS.items():
        if not Path(blender).exists():
            print(f"There is no {blender}; Blender {version} is left out.")
            continue
        with farm() as one, one.worker():
            folder = one.root.parent
            make_scene(blender, folder)
            known = measure(version, one.connection.url, folder, lambda known: bool(known["jobs"]))
            found += figures(version, "submit", known)
        with socket.create_server(("127.0.0.1", 0), backlog=8) as deaf, tempfile.TemporaryDirectory() as name:
            make_scene(blender, Path(name))
            marker = Path(name, "root/.buildcat/root.json")
            marker.parent.mkdir()
            marker.write_text(json.dumps({"id": "bench"}), encoding="utf-8")
            address = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
            known = measure(version, address, Path(name), lambda known: bool(known["said"] and known["error"]))
            found += figures(version, "no server", known)
    return report(found)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
