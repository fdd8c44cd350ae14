"""Paints a frame and writes it as PNG. Inside the toy's Python."""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

from buildcat.model import frames
from buildcat.model.job import Unit
from buildcat_toy.scene import Scene

Box = tuple[int, int, int, int]


def box(scene: Scene, unit: Unit) -> Box:
    """Return left, top, right and bottom of what the unit shows, in pixels."""
    if unit.tile is None or scene.tiles is None:
        return 0, 0, scene.width, scene.height
    return frames.tile_box((scene.width, scene.height), scene.tiles, unit.tile)


def paint(scene: Scene, frame: int, part: Box) -> list[bytes]:
    """Return the part's rows of RGB bytes. Each frame and each setting makes a difference."""
    left, top, right, bottom = part
    shift = (frame * 3 + sum(scene.camera.encode())) % scene.width
    places = [(x + shift) % scene.width for x in range(scene.width)]
    base = b"".join(bytes(channel * (1 + place) // scene.width for channel in scene.colour) for place in places)
    texture = Path(scene.texture).read_bytes() if scene.texture else b""
    stripes = {sum(name.encode()) % scene.height: 80 + 40 * index for index, name in enumerate(scene.layers)}
    tones = bytes(_tone(value, scene.gamma, scene.invert) for value in range(256))
    rows = []
    for y in range(top, bottom):
        row = bytes([stripes[y] % 256]) * len(base) if y in stripes else base
        if texture:
            row = bytes(value ^ texture[(place + y) % len(texture)] for place, value in enumerate(row))
        rows.append(row[3 * left : 3 * right].translate(tones))
    return rows


def _tone(value: int, gamma: float, is_inverted: bool) -> int:
    toned = round(255 * math.pow(value / 255, 1 / gamma))
    return 255 - toned if is_inverted else toned


def png(rows: list[bytes]) -> bytes:
    """Return the rows as a PNG file."""
    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
