"""How Modo names the files of a frame: filename, pattern, ending. Runs on any Python.

Source: "Output filename pattern" in The Foundry's documentation of Modo 15: a group in brackets is left out when its
token is empty; `<FFFF>` is the frame, with as many digits.
"""

from __future__ import annotations

import re

from buildcat.model.errors import RefusedError

#: Format, as Modo names it → the ending of its files.
ENDINGS = {
    "openexr": "exr",
    "openexr_32": "exr",
    "openexr_tiled16": "exr",
    "openexr_tiled32": "exr",
    "PNG": "png",
    "PNG16": "png",
    "JPG": "jpg",
    "TIF": "tif",
    "TIF16": "tif",
    "TIF16BIG": "tif",
    "$Targa": "tga",
    "HDR": "hdr",
    "BMP": "bmp",
}
_GROUP = re.compile(r"\[([^\[\]]*)\]")
_TOKEN = re.compile(r"<(\w+)>")


def ending(form: str) -> str:
    """Return the ending of a format's files.

    Raises:
        RefusedError: the format isn't known.
    """
    if form not in ENDINGS:
        raise RefusedError(f"The render output writes {form}. Buildcat knows {', '.join(ENDINGS)}.")
    return ENDINGS[form]


def has_number(pattern: str) -> bool:
    """Whether the files of one frame have other names than those of the next."""
    return expanded(pattern, 1) != expanded(pattern, 2)


def expanded(pattern: str, frame: int, render_pass: str = "", output: str = "") -> str:
    """Return what stands between filename and ending for one frame."""
    values = {"pass": render_pass, "output": output, "LR": ""}

    def value(match: re.Match[str]) -> str:
        word = match.group(1)
        return str(frame).zfill(len(word)) if set(word) == {"F"} else values.get(word, "")

    def group(match: re.Match[str]) -> str:
        inner = match.group(1)
        is_empty = any(not value(one) for one in _TOKEN.finditer(inner))
        return "" if is_empty else _TOKEN.sub(value, inner)

    return _TOKEN.sub(value, _GROUP.sub(group, pattern))
