"""Joins tiles to a picture, pixel for pixel as they are. Our own Python, with OpenImageIO."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from buildcat.farm import images
from buildcat.model.errors import OutputError, SessionError

#: Rows of a picture's tiles, from the top; in each row from the left.
Grid = Sequence[Sequence[Path]]
ADVICE = "Type `buildcat retry JOB --missing`: it renders the whole frame again."
#: What describes how a tile was written, and not how the picture will be.
_OWN_ATTRIBUTES = ("openexr:chunkCount", "oiio:subimages")


def is_possible() -> bool:
    """Whether OpenImageIO can be used here."""
    return images.openimageio() is not None


def join(grid: Grid, target: Path, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Write the picture that the tiles make: their kind of file, the first one's metadata, no pixel changed.

    One row of tiles is in memory at a time. Of an EXR with several parts, each is joined for itself.

    Raises:
        OutputError: OpenImageIO is not installed, a file can't be read or written, or the tiles make no rectangle.
        SessionError: it was stopped between two rows.
    """
    oiio = images.needed()
    specs = _specs(oiio, grid)
    with _open(oiio, grid[0][0]) as first:  # by its kind, since a name may have no ending
        picture = oiio.ImageOutput.create(first.format_name())
    if not picture or not picture.open(str(target), specs if len(specs) > 1 else specs[0]):
        raise _unwritten(oiio, picture, target)
    with closing(picture):
        for part, spec in enumerate(specs):
            if part and not picture.open(str(target), spec, "AppendSubimage"):
                raise _unwritten(oiio, picture, target)
            top = 0
            for pixels in _rows(oiio, grid, part, spec):
                if is_stopped():
                    raise SessionError("The task was stopped.")
                bottom = top + len(pixels)
                if bottom > spec.height or not picture.write_scanlines(top, bottom, 0, pixels):
                    raise _unwritten(oiio, picture, target)
                top = bottom


def _open(oiio: Any, tile: Path) -> Any:
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1  # else PNG and TIFF are multiplied by their alpha, and lose by it
    opened = oiio.ImageInput.open(str(tile), config)
    if not opened:
        raise OutputError(f"The tile {tile} can't be read. {images.first_line(oiio.geterror())}.")
    return closing(opened)


def _parts(oiio: Any, tile: Path) -> Iterator[Any]:
    with _open(oiio, tile) as opened:
        for part in count():
            if not opened.seek_subimage(part, 0):
                return
            yield oiio.ImageSpec(opened.spec())


def _specs(oiio: Any, grid: Grid) -> list[Any]:
    """Return what each part of the picture will be."""
    width = sum(next(_parts(oiio, tile)).width for tile in grid[0])
    height = sum(next(_parts(oiio, row[0])).height for row in grid)
    specs = list(_parts(oiio, grid[0][0]))
    for spec in specs:
        spec.x = spec.y = spec.full_x = spec.full_y = 0
        spec.width = spec.full_width = width
        spec.height = spec.full_height = height
        spec.tile_width = spec.tile_height = 0  # of the file's own tiles
        spec["oiio:UnassociatedAlpha"] = 1
        for name in _OWN_ATTRIBUTES:
            spec.erase_attribute(name)
    return specs


def _rows(oiio: Any, grid: Grid, part: int, spec: Any) -> Iterator[Any]:
    """Yield the pixels of each row of tiles, as an array of lines, columns and channels."""
    import numpy

    for row in grid:
        found: list[Any] = []
        for tile in row:
            with _open(oiio, tile) as opened:
                opened.seek_subimage(part, 0)
                pixels = opened.read_image(part, 0, 0, spec.nchannels, spec.format)
                if pixels is None or pixels.ndim != 3 or len(pixels) != len(found[0] if found else pixels):
                    raise OutputError(f"The tile {tile} doesn't fit the others. {ADVICE}")
                found.append(pixels)
        joined = numpy.concatenate(found, axis=1)
        if joined.shape[1] != spec.width:
            raise OutputError(f"The tiles beside {row[0]} don't fit those above. {ADVICE}")
        yield joined


def _unwritten(oiio: Any, picture: Any, target: Path) -> OutputError:
    said = picture.geterror() if picture else oiio.geterror()
    return OutputError(f"{target} can't be written. {images.first_line(said)}.")
