"""Numbers, times and names as people read them."""

from __future__ import annotations

import pytest

from buildcat.cli import words
from buildcat.model.job import JobSpec, Unit
from buildcat.model.states import Counts, UnitState


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.042, "0.042 s"), (3.21, "3.2 s"), (42, "42 s"), (89, "89 s"), (90, "2 min"), (7200, "2 h")],
)
def test_a_duration_is_told_in_the_one_unit_that_matters(seconds: float, text: str) -> None:
    """Nobody has to read 7,200 seconds."""
    assert words.duration(seconds) == text


def test_days_are_told_as_days() -> None:
    """After two days, hours are too many."""
    assert words.duration(3 * 86_400) == "3 d"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (185, "3:05"), (3661, "1:01:01")])
def test_a_remaining_time_is_a_clock(seconds: float, text: str) -> None:
    """An ETA moves, so it keeps its form."""
    assert words.clock(seconds) == text


def test_what_steers_a_terminal_is_taken_out_of_names() -> None:
    """A job's name comes from somebody else and can't clear the screen or colour it."""
    assert words.plain("shot\x1b[2J\x07 01\r") == "shot�[2J� 01�"
    assert words.plain("Größe 影\nsecond line") == "Größe 影\nsecond line"


def test_one_is_not_plural() -> None:
    """`1 frame`, `1,000 frames`."""
    assert [words.many(count, "frame") for count in (0, 1, 1000)] == ["0 frames", "1 frame", "1,000 frames"]


def test_units_are_named_for_people() -> None:
    """A frame, one of its tiles, or the whole list."""
    units = [Unit(0, -7), Unit(1, 7, 3), Unit(0, None)]

    names = [words.unit_name(one) for one in units]

    assert names == ["frame -7", "frame 7, tile 3", "all frames"]


@pytest.mark.parametrize(("split", "noun"), [("frames", "frame"), ("tiles:2x2", "tile"), ("whole", "part")])
def test_a_job_counts_what_it_is_split_into(split: str, noun: str) -> None:
    """Tiles are not called frames."""
    assert words.noun(JobSpec("toy", "a.toy", split=split)) == noun


def test_progress_names_what_failed() -> None:
    """Failures are said beside what is done, not hidden in it."""
    assert words.progress(Counts(done=7, skipped=1, failed=2), "frame") == "8/10 frames, 2 failed"
    assert words.progress(Counts(waiting=3)) == "0/3"


def test_settings_are_told_in_words() -> None:
    """Yes and no, as they were typed."""
    assert words.settings({"samples": 64, "denoising": False}) == "samples 64, denoising no"
    assert words.settings({"command": ["cp", "a b", "{output}"]}) == "command cp 'a b' '{output}'"


def test_a_strip_shows_every_unit_of_a_short_job() -> None:
    """One cell a unit, in order."""
    assert words.strip("drwfs") == [
        UnitState.DONE,
        UnitState.RUNNING,
        UnitState.WAITING,
        UnitState.FAILED,
        UnitState.SKIPPED,
    ]


def test_a_failed_unit_among_a_million_is_seen_in_the_strip() -> None:
    """A cell shows what most needs to be seen of its units."""
    states = "d" * 500_000 + "f" + "d" * 499_999

    cells = words.strip(states)

    assert len(cells) == 60
    assert cells.count(UnitState.FAILED) == 1
    assert cells.index(UnitState.FAILED) == 30
