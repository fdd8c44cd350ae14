"""What a benchmark prints: a table `figure limit PASS|FAIL`, and the same as JSON. Python 3.11 or newer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure and what it must keep to."""

    name: str
    value: float
    limit: float
    unit: str
    #: Whether the limit is the least allowed, not the most.
    is_least: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether the figure keeps to its limit."""
        return self.value >= self.limit if self.is_least else self.value <= self.limit


def report(figures: Sequence[Figure]) -> int:
    """Print the figures; returns how many don't keep to their limits."""
    for one in figures:
        sign = "≥" if one.is_least else "≤"
        verdict = "PASS" if one.is_kept else "FAIL"
        print(f"{one.name:<58} {one.value:>10.3g} {one.unit:<8} {sign} {one.limit:<8g} {verdict}")
    print(json.dumps([{**asdict(one), "is_kept": one.is_kept} for one in figures]))
    return sum(not one.is_kept for one in figures)
