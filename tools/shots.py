"""Makes the pictures of the panel for the documentation. Python 3.11 or newer, in the environment of the tests.

    .venv/bin/python tools/shots.py [--out DIR]

They come from real windows, with a real server and worker; look at each before it goes into `docs`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import package_plugins
from environment import ROOT
from panels.window import BLENDERS, Window, make_scene

from buildcat.farm.server import Server

_FRAMES = 240
#: Headings that are unfolded, from the last to the first, since each moves what is below it.
_HEADINGS = {"assets": (94, 747), "output": (94, 721), "render": (94, 694), "job": (86, 668)}
_PAUSED, _SUBMIT_AGAIN = (456, 801), (540, 612)


def shoot(version: str, folder: Path) -> Iterator[Path]:
    """Yield a picture of each state that an artist meets."""
    with _farm(folder, BLENDERS[version]) as server:
        window = Window(BLENDERS[version], server, folder, package_plugins.package("blender", folder))
        try:
            window.scroll_down()
            yield window.picture("first")
            window.submit()
            window.wait(lambda known: known["jobs"] and known["jobs"][0][2] > 8, "some frames")
            window.scroll_down()
            yield window.picture("running")
            for place in _HEADINGS.values():
                window.click(place)
            time.sleep(1)
            yield window.picture("job")
            window.click(_PAUSED)
            window.click(_SUBMIT_AGAIN)
            time.sleep(1)
            yield window.picture("unsaved")
            window.do("key", "Escape")
            window.scroll_down()
            yield window.picture("all")
        finally:
            window.close()


@contextmanager
def _farm(folder: Path, blender: str) -> Iterator[str]:
    """Run a server and a worker; yields the server's address."""
    scene = make_scene(blender, folder, _FRAMES)
    server = Server(folder / "redis", port=0)
    server.start()
    command = [sys.executable, "-m", "buildcat", "worker", "--server", server.address]
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=scene.parent, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield server.address
    finally:
        worker.kill()
        worker.wait(10)
        server.stop()


def main() -> None:
    """Make all of them."""
    parser = argparse.ArgumentParser(description="Make the pictures of the panel.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist/shots", help="Folder for them.")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for version in BLENDERS:
        with tempfile.TemporaryDirectory() as folder:
            for picture in shoot(version, Path(folder)):
                print(picture.rename(out / f"blender-{version}-{picture.name}"))


if __name__ == "__main__":
    main()
