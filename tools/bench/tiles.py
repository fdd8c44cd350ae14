"""What it costs to join the tiles of a poster. Python 3.11 or newer, with OpenImageIO.

.venv/bin/python tools/bench/tiles.py
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy
import OpenImageIO as oiio  # noqa: N813  # as everywhere here
from figures import Figure, report

from buildcat.farm import join
from buildcat.model import frames

SIZE, GRID = (8192, 8192), (4, 4)
#: Of the picture, as half RGBA.
PICTURE_MB = SIZE[0] * SIZE[1] * 4 * 2 / 2**20
_ROUNDS = 3


def make(folder: Path) -> list[list[Path]]:
    """Write the tiles of a picture with some noise in it, and return them by row."""
    noise = numpy.random.default_rng(1).normal(0.5, 0.1, (SIZE[1] // GRID[1], SIZE[0] // GRID[0], 4)).astype("half")
    found = []
    for tile in range(GRID[0] * GRID[1]):
        left, top, right, bottom = frames.tile_box(SIZE, GRID, tile)
        spec = oiio.ImageSpec(right - left, bottom - top, 4, "half")
        spec["compression"] = "zip"
        found.append(folder / f"{tile}.exr")
        target: Any = oiio.ImageOutput.create(str(found[-1]))
        target.open(str(found[-1]), spec)
        target.write_image(noise)
        target.close()
    return [found[row * GRID[0] : (row + 1) * GRID[0]] for row in range(GRID[1])]


def measure(grid: list[list[Path]], target: Path) -> tuple[float, float]:
    """Return how many seconds it takes to join them, and by how many MB the process grows at its largest."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    join.join(grid, target)
    seconds = time.monotonic() - began
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def copy_s(source: Path, target: Path) -> float:
    """Return how many seconds OpenImageIO takes to read and write that picture."""
    began = time.monotonic()
    picture: Any = oiio.ImageInput.open(str(source))
    written: Any = oiio.ImageOutput.create(str(target))
    written.open(str(target), picture.spec())
    written.write_image(picture.read_image("half"))
    written.close()
    return time.monotonic() - began


def main() -> int:
    """Measure it in a process of its own each time, as memory is not given back."""
    joins, growths, copies = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grid = make(folder)
        for _ in range(_ROUNDS):
            with get_context("spawn").Pool(1) as pool:
                seconds, growth_mb = pool.apply(measure, (grid, folder / "joined.exr"))
                joins.append(seconds)
                growths.append(growth_mb)
            with get_context("spawn").Pool(1) as pool:
                copies.append(pool.apply(copy_s, (folder / "joined.exr", folder / "copy.exr")))
    seconds, growth_mb = statistics.median(joins), statistics.median(growths)
    return report(
        [
            Figure("16 tiles to 8192 x 8192, half RGBA EXR: join", seconds, 30, "s"),
            Figure("the same, to one read and write of the picture", seconds / statistics.median(copies), 2, "times"),
            Figure("memory that it takes, to that of the picture", growth_mb / PICTURE_MB, 0.75, "times"),
        ]
    )


if __name__ == "__main__":
    sys.exit(bool(main()))
