"""Counted things in words. Runs on any Python, ours or a DCC's."""

from __future__ import annotations


def many(count: int, noun: str) -> str:
    """Return `1 frame`, `24 frames`, `1,000,000 frames`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
