"""Output names with `{frame}` and `{tile}`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildcat.model import patterns
from buildcat.model.job import Unit


@pytest.mark.parametrize(
    ("path", "unit", "expected"),
    [
        ("a/b_0007.png", Unit(0, 7), "a/b_{frame:04}.png"),
        ("a/b7.png", Unit(0, 7), "a/b{frame}.png"),
        ("a/b_-0003.png", Unit(0, -3), "a/b_{frame:04}.png"),
        ("a/b-0003.png", Unit(0, 3), "a/b-{frame:04}.png"),
        ("a/b_0000.png", Unit(0, 0), "a/b_{frame:04}.png"),
        ("a/b_1000.png", Unit(0, 1000), "a/b_{frame:04}.png"),
        ("a/b.0007", Unit(0, 7), "a/b.{frame:04}"),
        ("a/v7_0007.png", Unit(0, 7), "a/v7_{frame:04}.png"),
        ("a/0007_v7.png", Unit(0, 7), "a/{frame:04}_v7.png"),
        ("a/sh7_7.png", Unit(0, 7), "a/sh7_{frame}.png"),
        ("a/b_0007.t3.png", Unit(0, 7, 3), "a/b_{frame:04}.t{tile}.png"),
        ("a/b_3.t3.png", Unit(0, 3, 3), "a/b_{frame}.t{tile}.png"),
        ("a/b_0007.t03.png", Unit(0, 7, 3), "a/b_{frame:04}.t{tile:02}.png"),
        ("C:\\7\\b_0007.png", Unit(0, 7), "C:\\7\\b_{frame:04}.png"),
    ],
)
def test_a_name_becomes_the_pattern_of_all_frames(path: str, unit: Unit, expected: str) -> None:
    """One row of the records stands for all units of a job."""
    assert patterns.pattern(path, unit) == expected


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("a/still.png", Unit(0, 7)),
        ("a/movie_0001-0007.mp4", Unit(0, None)),
        ("0007/still.png", Unit(0, 7)),
        ("a/b_0008.png", Unit(0, 7)),
        ("a/movie.mp4", Unit(0, 4)),
        ("a/b_0070.png", Unit(0, 7)),
        ("a/b_0003.png", Unit(0, -3)),
    ],
)
def test_a_name_without_the_frame_stays(path: str, unit: Unit) -> None:
    """Digits in a folder, in an ending, or of another number are not the frame."""
    assert patterns.pattern(path, unit) == path


@pytest.mark.parametrize(
    ("pattern", "unit", "expected"),
    [
        ("out/{frame:04}.png", Unit(0, 7), "out/0007.png"),
        ("out/{frame:04}.png", Unit(0, -3), "out/-0003.png"),
        ("out/{frame:04}.png", Unit(0, 12345), "out/12345.png"),
        ("out/{frame}.t{tile:02}.png", Unit(0, 7, 3), "out/7.t03.png"),
        ("out/{frame}.png", Unit(0, None), "out/{frame}.png"),
        ("out/{frame.real}{0}{frame!r}{name}.png", Unit(0, 7), "out/{frame.real}{0}{frame!r}{name}.png"),
    ],
)
def test_a_pattern_gives_the_name_of_a_unit(pattern: str, unit: Unit, expected: str) -> None:
    """Only the two places are filled in; nothing else in braces means anything."""
    assert patterns.fill(pattern, unit) == expected


@given(
    st.text("ab7-_. ", max_size=8),
    st.integers(-2000, 2000),
    st.integers(1, 6),
    st.none() | st.integers(0, 99),
    st.sampled_from([".png", ".exr", ".jp2", ""]),
)
def test_a_pattern_gives_back_the_name_it_was_made_from(
    stem: str, frame: int, width: int, tile: int | None, ending: str
) -> None:
    """Whatever a file is called, its pattern leads back to it."""
    unit = Unit(0, frame, tile)
    path = f"a/{stem}{'-' * (frame < 0)}{abs(frame):0{width}}{'' if tile is None else f'.t{tile}'}{ending}"

    assert patterns.fill(patterns.pattern(path, unit), unit) == path
