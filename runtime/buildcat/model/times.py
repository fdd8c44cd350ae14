"""Lengths of time, as people write and read them. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

import re

from buildcat.model.errors import UsageError

_TIME = re.compile(r"(\d+(?:\.\d+)?) ?(s|m|min|h|d)?")
_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


def parse(text: str) -> float:
    """Read `90`, `90s`, `30m`, `1.5h` or `2d`; returns seconds.

    Raises:
        UsageError: it is none of these.
    """
    match = _TIME.fullmatch(text.strip())
    if not match:
        raise UsageError(f"A time is a number with s, m, h or d, such as 90s, 30m or 24h, not {text!r}.")
    return float(match[1]) * _SECONDS[match[2] or ""]


def duration(seconds: float) -> str:
    """Return `0.04 s`, `42 s`, `3 min`, `5 h` or `12 d`: the one unit that matters."""
    if seconds < 10:
        return f"{max(seconds, 0):.2g} s"
    for limit, size, unit in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"


_ESTIMATES = ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h"), (float("inf"), 86_400, "d"))


def estimate(middle_s: float, low_s: float, high_s: float) -> str:
    """Return `about 12 min (8 to 20)`, or without the range where both ends read the same."""
    size, unit = next((size, unit) for limit, size, unit in _ESTIMATES if middle_s < limit)
    middle, low, high = (_rough(one / size) for one in (middle_s, low_s, high_s))
    return f"about {middle} {unit}" + ("" if low == high else f" ({low} to {high})")


def _rough(number: float) -> str:
    """Return two digits at most of what is below ten; nobody plans with more."""
    text = f"{number:.1f}" if 0.05 <= number < 3 else f"{number:,.0f}"
    return text[:-2] if text.endswith(".0") else text
