"""The settings of a picture's size, which every DCC words alike. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

from buildcat.model.dcc import Kind, Setting

PERCENTAGE = Setting(
    key="percentage",
    label="Percentage",
    kind=Kind.INT,
    help="How large to render, in percent of the resolution.",
    examples=(50, 100),
    minimum=1,
    maximum=1_000,
    group="Size",
)


def settings(least: int) -> tuple[Setting, ...]:
    """Return width, height and percentage; `least` is the smallest side in pixels that the DCC renders."""
    return (
        _side("resolution_x", "Width", (48, 64), least),
        _side("resolution_y", "Height", (36, 48), least),
        PERCENTAGE,
    )


def _side(key: str, label: str, examples: tuple[int, int], least: int) -> Setting:
    text = f"{label} in pixels at 100 percent."
    return Setting(key, label, Kind.INT, text, examples, minimum=least, maximum=65_536, group="Size")
