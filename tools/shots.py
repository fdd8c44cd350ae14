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
from panels.window import BLENDERS, SUBMIT, Window, make_scene

from buildcat.farm.server import Server

_FRAMES = 240
#: Headings in a window without jobs, from the last to the first, since each moves what is below it.
_HEADINGS = {"assets": (86, 825), "output": (86, 799), "render": (86, 773), "job": (86, 747)}
_TILES = (456, 827)


def shoot_jobs(window: Window) -> Iterator[Path]:
    """Yield pictures of a first submit."""
    window.scroll_down()
    yield window.picture("first")
    window.submit()
    window.wait(lambda known: known["jobs"] and known["jobs"][0][2] > 8, "some frames")
    time.sleep(3)  # a thumbnail is looked for every half second
    window.scroll_down()
    yield window.picture("running")


def shoot_settings(window: Window) -> Iterator[Path]:
    """Yield pictures of what can be set, and of the question that unsaved changes lead to."""
    window.scroll_down()
    window.screen.click(_HEADINGS["job"])
    time.sleep(1)
    window.screen.click(_TILES)
    window.screen.click(SUBMIT)
    time.sleep(1)
    yield window.picture("unsaved")
    window.screen.do("key", "Escape")
    window.screen.click(_HEADINGS["job"])
    for place in _HEADINGS.values():
        window.screen.click(place)
    window.scroll_down()
    yield window.picture("all")


def shoot(version: str, folder: Path) -> Iterator[Path]:
    """Yield a picture of each state that an artist meets in this Blender."""
    for number, pictures in enumerate((shoot_jobs, shoot_settings)):
        place = folder / str(number)
        place.mkdir()
        with _farm(place, BLENDERS[version]) as server:
            window = Window(BLENDERS[version], server, place, package_plugins.package("blender", place))
            try:
                yield from pictures(window)
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
