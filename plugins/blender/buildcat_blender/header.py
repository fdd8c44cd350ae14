# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from a .blend file's first bytes which Blender saved it. Runs on any Python, without Blender; stdlib.

`zstandard` (or Python 3.14's own zstd) is used where it is installed; without it a compressed file tells nothing.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from buildcat.model.errors import RefusedError
from buildcat.model.scene_file import opened

#: To 4.5 `BLENDER-v405` (`_` in place of `-` from a 32-bit Blender); from 5.0 `BLENDER17-01v0502`.
_HEADER = re.compile(rb"BLENDER(?:[-_][vV](\d)(\d\d)|\d\d[-_]\d\d[vV](\d\d)(\d\d))")
_LONGEST = 17
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
#: The last block of every file is named ENDB; its head is 20 to 32 bytes long, with nothing behind it.
_END, _END_BYTES = b"ENDB", 32


def needed_version(path: Path) -> int | None:
    """Return the version that saved the file, as an integer (5.2 is 5002000); older ones aren't safe with it.

    None: the file is compressed with zstd, which this Python can't read.

    Raises:
        PathError: there is no such file.
        RefusedError: it is empty, cut short, or not a .blend file.
    """
    with opened(path, "Blender") as file:
        return _version(file, path)


def _version(file: BinaryIO, path: Path) -> int | None:
    first = file.read(_LONGEST)
    is_compressed = first.startswith((_GZIP, _ZSTD))
    header = _decompressed(file, path) if is_compressed else first
    if header is None:
        return None
    match = _HEADER.match(header)
    if not match:
        if b"BLENDER".startswith(header[:7]):
            raise _cut_short(path)
        raise RefusedError(f"{path} is not a Blender file, whatever its name says. Save it again in Blender.")
    if not is_compressed:
        _check_end(file, path)
    major, minor = (int(part) for part in match.groups() if part is not None)
    return major * 1_000_000 + minor * 1_000


def _decompressed(file: BinaryIO, path: Path) -> bytes | None:
    """Return the first bytes of a compressed file's content; None where this Python has no zstd."""
    file.seek(0)
    is_gzip = file.read(2) == _GZIP
    file.seek(0)
    try:
        return gzip.GzipFile(fileobj=file).read(_LONGEST) if is_gzip else _zstd_start(file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as exc:
        raise _cut_short(path) from exc


def _zstd_start(file: BinaryIO) -> bytes | None:
    for name in ("compression.zstd", "zstandard"):  # Python 3.14's own; the bpy wheel brings the other
        try:
            module: Any = import_module(name)
        except ImportError:
            continue
        try:
            return bytes(module.open(file, "rb").read(_LONGEST))
        except module.ZstdError as exc:
            raise EOFError from exc
    return None


def _check_end(file: BinaryIO, path: Path) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES))
    if _END not in file.read():
        raise _cut_short(path)


def _cut_short(path: Path) -> RefusedError:
    return RefusedError(f"{path} is cut short: its end is missing. Copy it again, or save it again in Blender.")
