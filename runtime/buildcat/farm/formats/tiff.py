"""TIFF and BigTIFF: every page, tag, strip and tile lies in the file (TIFF 6.0). Our own Python, stdlib."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from buildcat.farm.formats.contents import Contents, Stream, cut, unpack

#: Letters of whole numbers in `struct`, by the number of a value's type.
_LETTERS = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
#: Bytes of a value, by the number of its type.
_BYTES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PLANES = 256, 257, 258, 259, 262, 277, 284
_STRIP_ROWS, _STRIPS, _STRIP_LENGTHS = 278, 273, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_LENGTHS = 322, 323, 324, 325
_RAW, _LZW, _DEFLATE, _YCBCR = 1, 5, (8, 32946), 6
#: No LZW code is 0 three times running (two blacks have a code of their own by then), so 46 zero bits are the most.
_LZW_HOLE = bytes(16)

#: A page's tags that are whole numbers.
_Page = Mapping[int, Sequence[int]]


def read(data: bytes) -> Contents:
    """Find all of a TIFF's parts; its size is that of the first page.

    Raises:
        ValueError: something is missing; says what.
    """
    pages = list(_pages(data))
    if not pages:
        raise ValueError("it has no picture")
    streams = [stream for page in pages for stream in _streams(data, page)]
    return Contents((_number(pages[0], _WIDTH), _number(pages[0], _HEIGHT)), streams)


def _pages(data: bytes) -> Iterator[_Page]:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    version = unpack(f"{order}H", data, 2)[0] if order else 0
    if version not in (42, 43):
        raise ValueError("it is not a TIFF file")
    is_big = version == 43
    count, place, entry = (f"{order}Q", f"{order}Q", 20) if is_big else (f"{order}H", f"{order}I", 12)
    (at,) = unpack(place, data, 8 if is_big else 4)
    seen = {0}
    while at not in seen:
        seen.add(at)
        (entries,) = unpack(count, data, at)
        first = at + (8 if is_big else 2)
        yield dict(_tag(data, first + entry * number, place) for number in range(entries))
        (at,) = unpack(place, data, first + entry * entries)


def _tag(data: bytes, at: int, place: str) -> tuple[int, Sequence[int]]:
    order = place[0]
    tag, kind, count = unpack(f"{order}HH{place[1]}", data, at)
    inline = 8 if place[1] == "Q" else 4
    length, at = count * _BYTES.get(kind, 1), at + 4 + inline
    if length > inline:
        (at,) = unpack(place, data, at)
    value = cut(data, at, length)
    return tag, unpack(f"{order}{count}{_LETTERS[kind]}", value, 0) if kind in _LETTERS else ()


def _streams(data: bytes, page: _Page) -> Iterator[Stream]:
    offsets = page.get(_TILES) or page.get(_STRIPS, ())
    lengths = page.get(_TILE_LENGTHS) or page.get(_STRIP_LENGTHS, ())
    compression = _number(page, _COMPRESSION, _RAW)
    is_raw = compression == _RAW and page.get(_PHOTOMETRIC) != (_YCBCR,)
    for offset, length, raw_length in zip_longest(offsets, lengths, _raw_lengths(page), fillvalue=0):
        packed = cut(data, offset, length)
        if not offset or not length or not raw_length or (is_raw and length < raw_length):
            raise ValueError("it lacks some of its pixels")
        if compression == _LZW and _LZW_HOLE in packed:
            raise ValueError("there is a hole in its pixels")
        if compression in _DEFLATE:
            yield Stream(packed, raw_length)


def _raw_lengths(page: _Page) -> Iterator[int]:
    """Yield how many bytes each strip or tile is when unpacked."""
    width, height, samples = _number(page, _WIDTH), _number(page, _HEIGHT), _number(page, _SAMPLES, 1)
    planes = samples if _number(page, _PLANES, 1) == 2 else 1
    pixel_bits = _number(page, _BITS, 1) * samples // planes
    if _TILES in page:
        columns, rows = _number(page, _TILE_WIDTH), _number(page, _TILE_HEIGHT)
        tiles = -(-width // columns) * -(-height // rows) * planes
        yield from (rows * ((columns * pixel_bits + 7) // 8) for _ in range(tiles))
        return
    rows = _number(page, _STRIP_ROWS, height)
    for _plane in range(planes):
        for first in range(0, height, rows):
            yield min(rows, height - first) * ((width * pixel_bits + 7) // 8)


def _number(page: _Page, tag: int, default: int = 0) -> int:
    number = (page.get(tag) or (default,))[0]
    if number < 1:
        raise ValueError("one of its tags is missing or damaged")
    return number
