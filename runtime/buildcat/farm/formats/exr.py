"""EXR: headers, offset tables and every chunk (https://openexr.com/en/latest/OpenEXRFileLayout.html). Stdlib."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from buildcat.farm.formats.contents import TOO_SHORT, Contents, Stream, cut, unpack

_IS_TILED, _IS_DEEP, _IS_MULTIPART = 0x200, 0x800, 0x1000
_RAW, _ZIP = 0, (2, 3)
#: Scanlines of a chunk, by compression: none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB, HTJ2K.
_LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256, 10: 256, 11: 32}
_PIXEL_BYTES = {0: 4, 1: 2, 2: 4}


@dataclass(frozen=True)
class _Part:
    """One picture of a file. A file that isn't a multipart file has one."""

    attributes: dict[str, bytes]
    is_tiled: bool
    is_deep: bool

    def numbers(self, name: str, layout: str) -> tuple[int, ...]:
        if name not in self.attributes:
            raise ValueError(f"its header lacks {name}")
        return unpack(layout, self.attributes[name], 0)

    @cached_property
    def window(self) -> tuple[int, ...]:
        return self.numbers("dataWindow", "<4i")

    @cached_property
    def compression(self) -> int:
        return self.numbers("compression", "<B")[0]

    @cached_property
    def channels(self) -> list[tuple[int, int, int]]:
        """Bytes of a sample, and columns and rows from one to the next."""
        found, table, at = [], self.attributes.get("channels", b""), 0
        while table[at : at + 1] not in (b"", b"\0"):
            _name, at = _text(table, at)
            kind, across, down = unpack("<i4xii", table, at)
            if kind not in _PIXEL_BYTES or across < 1 or down < 1:
                raise ValueError("its list of channels is damaged")
            found.append((_PIXEL_BYTES[kind], across, down))
            at += 16
        return found

    def raw_length(self, first_x: int, first_y: int, columns: int, rows: int) -> int:
        """Return how many bytes this part of the picture is when unpacked."""
        return sum(
            size * _multiples(first_x, columns, across) * _multiples(first_y, rows, down)
            for size, across, down in self.channels
        )


def _multiples(first: int, count: int, step: int) -> int:
    """Count the multiples of a step among so many numbers."""
    return (first + count - 1) // step - (first - 1) // step


def read(data: bytes) -> Contents:
    """Find all of an EXR's parts; its size is that of the first one's display window.

    Raises:
        ValueError: something is missing or damaged; says what.
    """
    magic, version = unpack("<4sI", data, 0)
    if magic != b"v/1\x01":
        raise ValueError("it is not an EXR file")
    parts, at = _parts(data, version)
    first_x, first_y, last_x, last_y = parts[0].numbers("displayWindow", "<4i")
    is_multipart = bool(version & _IS_MULTIPART)
    streams = []
    for offset in _offsets(data, at, parts):
        number = unpack("<i", data, offset)[0] if is_multipart else 0
        if not 0 <= number < len(parts):
            raise ValueError("one of its blocks is damaged")
        stream = _chunk(data, offset + 4 * is_multipart, parts[number])
        streams += [stream] if stream else []
    return Contents((last_x - first_x + 1, last_y - first_y + 1), streams)


def _parts(data: bytes, version: int) -> tuple[list[_Part], int]:
    """Return the headers, and where the offset tables begin."""
    parts, at = [], 8
    while True:
        attributes, at = _attributes(data, at)
        if not attributes:
            break
        kind = attributes.get("type", b"")
        is_tiled = bool(version & _IS_TILED) or kind in (b"tiledimage", b"deeptile")
        parts.append(_Part(attributes, is_tiled, bool(version & _IS_DEEP) and kind.startswith(b"deep")))
        if not version & _IS_MULTIPART:
            break
    if not parts:
        raise ValueError("it has no picture")
    return parts, at


def _attributes(data: bytes, at: int) -> tuple[dict[str, bytes], int]:
    found: dict[str, bytes] = {}
    while True:
        name, at = _text(data, at)
        if not name:
            return found, at
        _type, at = _text(data, at)
        (length,) = unpack("<i", data, at)
        found[name] = cut(data, at + 4, length)
        at += 4 + length


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if not at <= end <= at + 255:
        raise ValueError(TOO_SHORT)
    return data[at:end].decode("utf-8", "replace"), end + 1


def _offsets(data: bytes, at: int, parts: list[_Part]) -> list[int]:
    """Return where the chunks are. The tables end where the first chunk begins, as every writer lays them out."""
    offsets: list[int] = []
    end = len(data)
    while at + 8 * len(offsets) < end:
        (offset,) = unpack("<Q", data, at + 8 * len(offsets))
        if offset <= at:
            raise ValueError("it was not written to its end")
        offsets.append(offset)
        end = min(end, offset)
    counts = [part.numbers("chunkCount", "<i")[0] for part in parts if "chunkCount" in part.attributes]
    if not offsets or (len(counts) == len(parts) and sum(counts) != len(offsets)):
        raise ValueError("its table of blocks is damaged")
    return offsets


def _chunk(data: bytes, at: int, part: _Part) -> Stream | None:
    """Find a chunk's bytes; return them if they are packed with zlib."""
    if part.is_deep:
        at += 16 if part.is_tiled else 4
        cut(data, at + 24, sum(unpack("<QQ", data, at)))
        return None
    length_at = at + (16 if part.is_tiled else 4)
    (length,) = unpack("<i", data, length_at)
    packed = cut(data, length_at + 4, length)
    raw_length = _tile_length(data, at, part) if part.is_tiled else _lines_length(data, at, part)
    if not length or (part.compression == _RAW and length != raw_length):
        raise ValueError("it lacks some of its pixels")
    # A chunk that packing would make no shorter is kept as it is.
    return Stream(packed, raw_length) if part.compression in _ZIP and length < raw_length else None


def _lines_length(data: bytes, at: int, part: _Part) -> int:
    (y,) = unpack("<i", data, at)
    first_x, first_y, last_x, last_y = part.window
    lines = _LINES.get(part.compression, 1)
    if not first_y <= y <= last_y or (y - first_y) % lines:
        raise ValueError("one of its blocks is damaged")
    return part.raw_length(first_x, y, last_x - first_x + 1, min(lines, last_y - y + 1))


def _tile_length(data: bytes, at: int, part: _Part) -> int:
    column, row, level_x, level_y = unpack("<4i", data, at)
    width, height, mode = part.numbers("tiles", "<IIB")
    first_x, first_y, last_x, last_y = part.window
    if min(column, row, level_x, level_y) < 0 or max(level_x, level_y) > 31:
        raise ValueError("one of its blocks is damaged")
    columns = _level(last_x - first_x + 1, level_x, mode) - column * width
    rows = _level(last_y - first_y + 1, level_y, mode) - row * height
    if columns < 1 or rows < 1:
        raise ValueError("one of its blocks is damaged")
    x, y = first_x + column * width, first_y + row * height
    return part.raw_length(x, y, min(width, columns), min(height, rows))


def _level(length: int, level: int, mode: int) -> int:
    """Return the width or height of a smaller copy of the picture; the mode says whether it is rounded up."""
    return max(1, (length + ((1 << level) - 1 if mode >> 4 else 0)) >> level)
