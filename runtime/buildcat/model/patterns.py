"""Output names with `{frame}` and `{tile}`, such as `a/b_{frame:04}.png`. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

import re

from buildcat.model.job import Unit

_PLACE = re.compile(r"\{(frame|tile)(?::0(\d{1,2}))?\}", re.ASCII)
_TILE = re.compile(r"(?<![A-Za-z0-9])t(\d+)(?![A-Za-z0-9])", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_SIGNED = re.compile(r"-\d+", re.ASCII)
_ENDING = re.compile(r"\.[^.]*[A-Za-z][^.]*\Z")


def fill(pattern: str, unit: Unit) -> str:
    """Return the name that a unit has by this pattern.

    `{frame:04}` is at least four digits, the sign not counted (as Blender and Maya write it). All other text,
    braces included, stays as it is, and so does a place for what the unit doesn't have.
    """
    numbers = {"frame": unit.frame, "tile": unit.tile}

    def number(match: re.Match[str]) -> str:
        value = numbers[match.group(1)]
        if value is None:
            return match.group()
        return "-" * (value < 0) + str(abs(value)).zfill(int(match.group(2) or 0))

    return _PLACE.sub(number, pattern)


def pattern(path: str, unit: Unit) -> str:
    """Return the pattern by which this unit has this name; a name without the frame is returned as it is.

    Only the file's name is looked at, not its ending. Of several runs of digits that are the frame, the widest is
    taken, then the last: `v7_0007.png` is `v7_{frame:04}.png`. A tile is `t` and its number: `_0007.t3.png`.
    """
    start = max(path.rfind("/"), path.rfind("\\")) + 1
    end = len(_ENDING.sub("", path)) if _ENDING.search(path, start) else len(path)
    tiles = [found.span(1) for found in _TILE.finditer(path, start, end) if int(found.group(1)) == unit.tile]
    taken = tiles[-1] if tiles else (0, 0)
    runs = (_SIGNED if (unit.frame or 0) < 0 else _DIGITS).finditer(path, start, end)
    frames = [found.span() for found in runs if int(found.group()) == unit.frame and found.start() != taken[0]]
    places = [(span, "tile") for span in tiles[-1:]]
    places += [(span, "frame") for span in sorted(frames, key=lambda span: (span[1] - span[0], span))[-1:]]
    for (first, last), word in sorted(places, reverse=True):
        width = len(path[first:last].lstrip("-"))
        path = path[:first] + (f"{{{word}:0{width}}}" if width > 1 else f"{{{word}}}") + path[last:]
    return path
