"""JPEG: every segment, up to the end marker (https://www.w3.org/Graphics/JPEG/itu-t81.pdf). Our own Python, stdlib."""

from __future__ import annotations

import re
from dataclasses import dataclass

from buildcat.farm.formats.contents import TOO_SHORT, Contents, cut, unpack

_END, _SCAN = 0xD9, 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
#: A marker that ends a scan: not a stuffed byte, a restart or filling.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def read(data: bytes) -> Contents:
    """Find all of a JPEG's parts. What is inside its scans can't be told without a decoder.

    Raises:
        ValueError: something is missing; says what.
    """
    return Contents(_walk(data).size)


def without_last_bytes(data: bytes) -> bytes:
    """Return a whole file less the last 8 bytes of its last scan.

    A decoder that still finds all pixels in it didn't come to those bytes: something before them is damaged.
    """
    walk = _walk(data)
    return data[: max(walk.scan, walk.end - 8)].rstrip(b"\xff") + data[walk.end :]


@dataclass(frozen=True)
class _Walk:
    size: tuple[int, int]
    #: Where the bytes of the last scan begin.
    scan: int
    #: Where the end marker is.
    end: int


def _walk(data: bytes) -> _Walk:
    if cut(data, 0, 2) != b"\xff\xd8":
        raise ValueError("it is not a JPEG file")
    at, size, scan = 2, None, 0
    while found := _MARKER.search(data, at):
        marker = found.group()[1]
        if scan != at and data[at : found.start()].strip(b"\xff"):
            raise ValueError("one of its segments is damaged")
        if marker == _END:
            if not size or not scan:
                raise ValueError("it has no picture")
            return _Walk(size, scan, found.start())
        (length,) = unpack(">H", data, found.end())
        if marker in _FRAMES:
            height, width = unpack(">HH", cut(data, found.end(), length), 3)
            size = width, height
        at = found.end() + length
        scan = at if marker == _SCAN else scan
    raise ValueError(TOO_SHORT)
