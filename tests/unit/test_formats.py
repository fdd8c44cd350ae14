"""What is taken apart without a decoder: kinds of file that are rare but good, and files damaged at random."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import FORMATS, HEIGHT, SIZE, WIDTH, Format, paint

from buildcat.farm.formats import exr, jpeg, png, tiff
from buildcat.farm.formats.contents import inflate

READERS = {"png": png.read, "exr": exr.read, "jpeg": jpeg.read, "tiff": tiff.read}

RARE: Mapping[str, Format] = {
    **{
        f"exr-{name}": Format("exr", "half", {"compression": name})
        for name in ("rle", "zips", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab")
    },
    "exr-decreasing": Format("exr", "half", {"compression": "zip", "openexr:lineOrder": "decreasingY"}),
    "exr-tiled-none": Format("exr", "float", {"compression": "none"}, tile=64),
    "tiff-big": Format("tiff", "uint16", {"compression": "zip", "tiff:bigtiff": 1}),
    "tiff-planes": Format("tiff", "uint8", {"compression": "zip", "planarconfig": "separate"}),
    "tiff-planes-none": Format("tiff", "uint8", {"compression": "none", "planarconfig": "separate"}),
    "tiff-packbits": Format("tiff", "uint8", {"compression": "packbits"}),
    "tiff-float": Format("tiff", "float", {"compression": "lzw"}),
    "jpeg-full-colour": Format("jpeg", "uint8", {"jpeg:subsampling": "4:4:4"}),
}


def _read(kind: str, data: bytes) -> tuple[int, int]:
    contents = READERS[kind](data)
    inflate(contents.streams)
    return contents.size


@pytest.mark.parametrize("name", RARE)
def test_a_rare_kind_of_file_is_whole(name: str, tmp_path: Path) -> None:
    """A good frame is never refused because it was written in an unusual way."""
    data = paint(tmp_path / f"a.{RARE[name].kind}", RARE[name]).read_bytes()

    size = _read(RARE[name].kind, data)

    assert size == SIZE


@pytest.mark.parametrize("name", RARE)
def test_a_rare_kind_of_file_is_refused_when_it_is_cut(name: str, tmp_path: Path) -> None:
    """Wherever the file ends too early, it is seen."""
    data = paint(tmp_path / f"a.{RARE[name].kind}", RARE[name]).read_bytes()
    ends = [*(len(data) - lost for lost in range(1, 7)), *(len(data) * part // 20 for part in range(20))]

    for end in ends:
        with pytest.raises(ValueError, match=r"\w"):
            _read(RARE[name].kind, data[:end])


@pytest.mark.parametrize("tile", [0, 32])
@pytest.mark.parametrize("window", [(10, 20, 100, 50), (-8, -8, WIDTH + 16, HEIGHT + 16)])
def test_an_exr_has_the_size_of_its_display_window(
    window: tuple[int, int, int, int], tile: int, tmp_path: Path
) -> None:
    """A renderer that crops to what isn't empty, or adds overscan, still made the picture that was asked for."""
    oiio = pytest.importorskip("OpenImageIO")
    x, y, width, height = window
    spec = oiio.ImageSpec(width, height, 4, "half")
    spec.x, spec.y, spec.full_width, spec.full_height, spec.tile_width, spec.tile_height = x, y, *SIZE, tile, tile
    oiio.ImageBuf(spec).write(str(tmp_path / "a.exr"))

    size = _read("exr", (tmp_path / "a.exr").read_bytes())

    assert size == SIZE


@pytest.mark.parametrize("rounding", [0, 1])
def test_an_exr_with_smaller_copies_is_whole(rounding: int, tmp_path: Path) -> None:
    """A mip-mapped EXR has many levels of tiles, rounded up or down; all of them are found and unpacked."""
    oiio = pytest.importorskip("OpenImageIO")
    source = oiio.ImageBuf(str(paint(tmp_path / "a.exr", FORMATS["exr-zip"])))
    how = oiio.ImageSpec()
    how.attribute("openexr:roundingmode", rounding)
    oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, source, str(tmp_path / "mip.exr"), how)

    contents = exr.read((tmp_path / "mip.exr").read_bytes())

    assert contents.size[0] >= WIDTH
    assert len(contents.streams) > 4


@pytest.mark.parametrize("tile", [0, 4])
def test_a_deep_exr_is_whole_until_it_is_cut(tile: int, tmp_path: Path) -> None:
    """A deep EXR, with lists of samples for pixels, is found complete; without its last byte it is refused."""
    oiio = pytest.importorskip("OpenImageIO")
    spec = oiio.ImageSpec(8, 8, 2, "float")
    spec.channelnames, spec.deep, spec.tile_width, spec.tile_height = ("A", "Z"), True, tile, tile
    samples = oiio.DeepData()
    samples.init(64, 2, ("float", "float"), ("A", "Z"))
    for pixel in range(64):
        samples.set_samples(pixel, pixel % 3)
    target = oiio.ImageOutput.create("a.exr")
    is_written = target.open(str(tmp_path / "a.exr"), spec) and target.write_deep_image(samples) and target.close()
    data = (tmp_path / "a.exr").read_bytes()

    assert is_written
    assert _read("exr", data) == (8, 8)
    with pytest.raises(ValueError, match="too early"):
        _read("exr", data[:-1])


def _interlaced_png(width: int, height: int) -> bytes:
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = [
        bytes(1 + 3 * len(range(column, width, right)))
        for column, row, right, down in passes
        for _ in range(row, height, down)
        if column < width
    ]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (8, 8), (17, 33)])
def test_an_interlaced_png_is_whole(size: tuple[int, int]) -> None:
    """The seven pictures inside an interlaced PNG add up."""
    assert _read("png", _interlaced_png(*size)) == size


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """A good file of each kind."""
    folder = tmp_path_factory.mktemp("good")
    names = ("png-8", "exr-multipart", "jpeg-progressive", "tiff-lzw")
    return {FORMATS[name].kind: paint(folder / f"a.{FORMATS[name].kind}", FORMATS[name]).read_bytes() for name in names}


@pytest.mark.parametrize("kind", READERS)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 16), reach=st.sampled_from([64, 1024, 10**9]))
def test_bytes_changed_at_random_never_break_the_check(
    kind: str, good: Mapping[str, bytes], seed: int, count: int, reach: int
) -> None:
    """A damaged file is refused with a reason, or is legal; it never ends the worker with another error."""
    chance, data = random.Random(seed), bytearray(good[kind])
    for _ in range(count):
        data[chance.randrange(min(reach, len(data)))] = chance.randrange(256)

    result: Any
    try:
        result = _read(kind, bytes(data))
    except ValueError as exc:
        result = str(exc)

    assert result


def test_a_jpeg_without_its_last_bytes_is_a_jpeg_still(good: Mapping[str, bytes]) -> None:
    """What is cut off for the probe lies in the last scan; every segment and the end marker stay."""
    shorter = jpeg.without_last_bytes(good["jpeg"])

    assert _read("jpeg", shorter) == SIZE
    assert 8 <= len(good["jpeg"]) - len(shorter) <= 10


def test_a_tiff_whose_pages_go_round_in_a_circle_ends(good: Mapping[str, bytes]) -> None:
    """A damaged list of pages that comes back to its start doesn't hang the worker."""
    data = bytearray(good["tiff"])
    (page,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, page)
    struct.pack_into("<I", data, page + 2 + 12 * entries, page)

    assert _read("tiff", bytes(data)) == SIZE
