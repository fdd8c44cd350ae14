"""Lengths of time, as people write and read them."""

from __future__ import annotations

import pytest

from buildcat.model import times
from buildcat.model.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("0", 0),
        ("30m", 1800),
        ("30 min", 1800),
        ("1.5h", 5400),
        ("24h", 86_400),
        ("2d", 172_800),
    ],
)
def test_a_time_is_read_as_a_person_writes_it(text: str, seconds: float) -> None:
    """Seconds when no unit is named."""
    assert times.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "soon", "1w", "1h30m", "s"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    """The sentence shows how it is written."""
    with pytest.raises(UsageError, match=r"such as 90s, 30m or 24h"):
        times.parse(text)
