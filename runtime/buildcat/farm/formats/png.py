"""PNG: every chunk with its check sum, up to IEND (https://www.w3.org/TR/png-3/). Our own Python, stdlib."""

from __future__ import annotations

import zlib

from buildcat.farm.formats.contents import Contents, Stream, cut, unpack

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Samples of a pixel by colour type.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
#: First column, first row, and the steps between them, of each pass of an interlaced picture.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def read(data: bytes) -> Contents:
    """Find all of a PNG's parts.

    Raises:
        ValueError: something is missing or damaged; says what.
    """
    if cut(data, 0, 8) != _SIGNATURE:
        raise ValueError("it is not a PNG file")
    at, name, chunks = 8, b"", []
    while name != b"IEND":
        length, name = unpack(">I4s", data, at)
        chunk = cut(data, at + 4, length + 4)
        if unpack(">I", data, at + 8 + length) != (zlib.crc32(chunk),):
            raise ValueError(f"the check sum of its part {name.decode('ascii', 'replace')} is wrong")
        chunks.append(chunk)
        at += length + 12
    width, height, depth, colour, *_, is_interlaced = unpack(">4xIIBBBBB", chunks[0], 0)
    if not chunks[0].startswith(b"IHDR") or colour not in _SAMPLES:
        raise ValueError("its header is damaged")
    length = _length(width, height, depth * _SAMPLES[colour], is_interlaced=bool(is_interlaced))
    packed = b"".join(chunk[4:] for chunk in chunks if chunk.startswith(b"IDAT"))
    return Contents((width, height), (Stream(packed, length),))


def _length(width: int, height: int, pixel_bits: int, *, is_interlaced: bool) -> int:
    total = 0
    for column, row, right, down in _PASSES if is_interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - column) // right), -(-(height - row) // down)
        if columns > 0:
            total += max(rows, 0) * (1 + (columns * pixel_bits + 7) // 8)
    return total
