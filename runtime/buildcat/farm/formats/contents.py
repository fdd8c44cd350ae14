"""What the formats share: what is found in a file, and how its bytes are taken apart. Our own Python, stdlib."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

TOO_SHORT = "it ends too early"


@dataclass(frozen=True)
class Stream:
    """A part of a picture that is packed with zlib."""

    packed: bytes
    #: Bytes that it must hold when unpacked.
    length: int


@dataclass(frozen=True)
class Contents:
    """A file whose every part was found in its place."""

    #: Width and height in pixels.
    size: tuple[int, int]
    #: What can be unpacked for a closer look.
    streams: Sequence[Stream] = ()


def unpack(layout: str, data: bytes, at: int) -> tuple[Any, ...]:
    """Return the numbers at this place, as `struct` does.

    Raises:
        ValueError: the data ends before.
    """
    try:
        return struct.unpack_from(layout, data, at)
    except (struct.error, OverflowError):  # a damaged offset can be any 64-bit number
        raise ValueError(TOO_SHORT) from None


def cut(data: bytes, at: int, length: int) -> bytes:
    """Return so many bytes from this place.

    Raises:
        ValueError: the data ends before.
    """
    if at < 0 or length < 0 or at + length > len(data):
        raise ValueError(TOO_SHORT)
    return data[at : at + length]


def inflate(streams: Iterable[Stream]) -> None:
    """Unpack the streams and compare their check sums.

    Raises:
        ValueError: one is damaged, or holds more or less than it must.
    """
    for stream in streams:
        unpacker = zlib.decompressobj()
        try:
            length = len(unpacker.decompress(stream.packed, stream.length + 1))
        except (zlib.error, OverflowError):  # a damaged length can be any 64-bit number
            raise ValueError("its pixels can't be unpacked") from None
        if length != stream.length or not unpacker.eof:
            raise ValueError("it lacks some of its pixels")
