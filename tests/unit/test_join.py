"""Tiles joined to a picture."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from needs import require
from pictures import FORMATS, HEIGHT, SIZE, WIDTH, paint

from buildcat.farm import images, join
from buildcat.model import frames
from buildcat.model.errors import OutputError, SessionError

oiio: Any = import_module("OpenImageIO") if join.is_possible() else None

GRID = (3, 2)
EXACT = [
    "png-8",
    "png-16",
    "exr-zip",
    "exr-none",
    "exr-tiled",
    "exr-multipart",
    "tiff-deflate",
    "tiff-none",
    "tiff-lzw",
]


@pytest.fixture(autouse=True)
def openimageio() -> None:
    """Tiles can't be joined without it."""
    require(oiio, "OpenImageIO is not installed")


def read(path: Path) -> list[tuple[Any, Any]]:
    """Return what each part of a picture is, and its pixels as they are in the file."""
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    opened = oiio.ImageInput.open(str(path), config)
    parts = []
    while opened.seek_subimage(len(parts), 0):
        spec = oiio.ImageSpec(opened.spec())
        parts.append((spec, opened.read_image(len(parts), 0, 0, spec.nchannels, spec.format)))
    return parts


def write(path: Path, parts: list[tuple[Any, Any]]) -> Path:
    """Write parts of these pixels."""
    specs = []
    for spec, pixels in parts:
        own = oiio.ImageSpec(spec)
        own.height, own.width = own.full_height, own.full_width = pixels.shape[:2]
        own["oiio:UnassociatedAlpha"] = 1
        specs.append(own)
    target = oiio.ImageOutput.create(str(path))
    assert target.open(str(path), tuple(specs) if len(specs) > 1 else specs[0]), target.geterror()
    for number, (_, pixels) in enumerate(parts):
        assert not number or target.open(str(path), specs[number], "AppendSubimage")
        assert target.write_image(pixels.copy()), target.geterror()
    assert target.close()
    return path


def cut(source: Path) -> list[list[Path]]:
    """Cut a picture in tiles, and return their files by row."""
    parts, (columns, rows) = read(source), GRID
    found = []
    for tile in range(columns * rows):
        left, top, right, bottom = frames.tile_box(SIZE, GRID, tile)
        pieces = [(spec, pixels[top:bottom, left:right]) for spec, pixels in parts]
        found.append(write(source.with_name(f"tile{tile}{source.suffix}"), pieces))
    return [found[row * columns : (row + 1) * columns] for row in range(rows)]


@pytest.mark.parametrize("name", EXACT)
def test_the_picture_is_as_it_was(name: str, tmp_path: Path) -> None:
    """Cut and joined, it has the same parts, channels and types, and each pixel."""
    source = paint(tmp_path / f"a.{FORMATS[name].kind}", FORMATS[name])
    joined = tmp_path / f"joined.{FORMATS[name].kind}"

    join.join(cut(source), joined)

    assert images.read_size(joined, FORMATS[name].kind) == SIZE
    for (spec, pixels), (own, joined_pixels) in zip(read(source), read(joined), strict=True):
        assert (own.channelnames, own.format, own.full_width) == (spec.channelnames, spec.format, spec.full_width)
        assert own.getattribute("compression") == spec.getattribute("compression")
        assert joined_pixels.tobytes() == pixels.tobytes()


@pytest.mark.parametrize(("ending", "sample"), [("png", "uint8"), ("png", "uint16"), ("tif", "uint8")])
def test_colours_behind_glass_stay(ending: str, sample: str, tmp_path: Path) -> None:
    """A colour that is hardly or not seen is not multiplied by its alpha, which would lose it."""
    numpy = pytest.importorskip("numpy")
    pixels = numpy.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 4)).astype(sample)
    pixels[:, :, 3] %= 3
    source = write(tmp_path / f"a.{ending}", [(oiio.ImageSpec(WIDTH, HEIGHT, 4, sample), pixels)])

    join.join(cut(source), tmp_path / f"joined.{ending}")

    ((_, joined),) = read(tmp_path / f"joined.{ending}")
    assert (joined == pixels).all()


def test_the_first_tile_says_what_the_picture_is(tmp_path: Path) -> None:
    """Such as its scene and its camera."""
    spec, pixels = read(paint(tmp_path / "a.exr", FORMATS["exr-zip"]))[0]
    spec["Camera"] = "Front"
    source = write(tmp_path / "a.exr", [(spec, pixels)])

    join.join(cut(source), tmp_path / "joined.exr")

    assert read(tmp_path / "joined.exr")[0][0]["Camera"] == "Front"


def test_tiles_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """A wider one among those below, a lower one beside a higher one; the error names a tile."""
    grid = cut(paint(tmp_path / "a.png", FORMATS["png-8"]))
    whole = tmp_path / "a.png"

    for row, column in ((1, 0), (0, 1)):
        wrong = [list(one) for one in grid]
        wrong[row][column] = whole
        with pytest.raises(
            OutputError, match=r"(tile4|a)\.png doesn.t fit the others\. Type .buildcat retry JOB --missing"
        ):
            join.join(wrong, tmp_path / "joined.png")


def test_a_tile_that_is_no_picture_is_an_error(tmp_path: Path) -> None:
    """The error names it."""
    grid = cut(paint(tmp_path / "a.png", FORMATS["png-8"]))
    grid[1][2].write_text("no picture")

    with pytest.raises(OutputError, match=r"tile5\.png can't be read"):
        join.join(grid, tmp_path / "joined.png")


def test_a_join_can_be_stopped(tmp_path: Path) -> None:
    """Between two rows: a poster takes a while."""
    grid = cut(paint(tmp_path / "a.png", FORMATS["png-8"]))
    answers = iter([False, True])

    with pytest.raises(SessionError, match="stopped"):
        join.join(grid, tmp_path / "joined.png", lambda: next(answers))


def test_a_name_without_an_ending_is_joined(tmp_path: Path) -> None:
    """The kind of file is that of its tiles."""
    source = paint(tmp_path / "a.png", FORMATS["png-8"])

    join.join(cut(source), tmp_path / "shot.v2_0001")

    assert (tmp_path / "shot.v2_0001").read_bytes()[1:4] == b"PNG"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The error names the picture."""
    grid = cut(paint(tmp_path / "a.exr", FORMATS["exr-zip"]))

    with pytest.raises(OutputError, match=r"none/a\.exr can't be written"):
        join.join(grid, tmp_path / "none" / "a.exr")
