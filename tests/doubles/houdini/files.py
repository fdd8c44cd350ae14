"""What the double writes: pictures that depend on all that a job may change, and caches as texts."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path


def write_picture(path: str, width: int, height: int, seed: str) -> None:
    """Write a PNG whose colours come from the seed; the folder must be there, as Houdini's renderers want it."""
    base = zlib.crc32(seed.encode())
    row = bytes((base >> shift) + x & 255 for x in range(width) for shift in (0, 8, 16))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress((b"\0" + row) * height, 1)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def write_cache(path: str, text: str) -> None:
    """Write a cache; of the same file, more is added, as Alembic does with its frames."""
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text + "\n")
