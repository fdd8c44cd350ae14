"""Frame ranges, their orders, and the units they become."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildcat.model import frames
from buildcat.model.errors import FramesError, UsageError
from buildcat.model.job import MAX_UNITS, JobSpec, Unit

ORDERS = st.sampled_from(["forward", "reverse", "ends-first"]) | st.integers(1, 50).map(lambda step: f"every:{step}")
FRAMES = st.lists(st.integers(-5000, 5000), min_size=1, max_size=60, unique=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-5", [1, 2, 3, 4, 5]),
        ("1..5", [1, 2, 3, 4, 5]),
        ("1-10x3", [1, 4, 7, 10]),
        ("1-10:3", [1, 4, 7, 10]),
        ("1-10step3", [1, 4, 7, 10]),
        ("1 - 10 step 3", [1, 4, 7, 10]),
        ("10-1", [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("10-1x-2", [10, 8, 6, 4, 2]),
        ("10-1x2", [10, 8, 6, 4, 2]),
        ("1-8y2", [2, 4, 6, 8]),
        ("8-1y2", [7, 5, 3, 1]),
        ("-5--1", [-5, -4, -3, -2, -1]),
        ("-5..-3", [-5, -4, -3]),
        ("-2-3", [-2, -1, 0, 1, 2, 3]),
        ("1,5-7", [1, 5, 6, 7]),
        ("1, 5-7", [1, 5, 6, 7]),
        (" 7 ", [7]),
        ("0007", [7]),
        ("1-5,", [1, 2, 3, 4, 5]),
        ("1-3,2-5x2", [1, 2, 3, 4]),
        ("5,1-3,5,2", [5, 1, 2, 3]),
        ("1-9x4,1-9", [1, 5, 9, 2, 3, 4, 6, 7, 8]),
    ],
)
def test_a_range_means_what_artists_of_every_tool_mean(text: str, expected: Sequence[int]) -> None:
    """Every spelling gives its frames, each once, in the order they are first named."""
    assert list(frames.expand(text)) == expected


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("1-10x0", "1-10x0"),
        ("1-10x-2", "1-10x-2"),
        ("1-10y0", "1-10y0"),
        ("1-10y1", "1-10y1"),
        ("1,a-b", "a-b"),
        ("1-2-3", "1-2-3"),
        ("1-10x", "1-10x"),
        ("1-3x0.5", "1-3x0.5"),
        ("1.5", "1.5"),
        ("1 2", "1 2"),
        ("1-5#", "1-5#"),
        ("\uff11-\uff15", "\uff11-\uff15"),
        ("1,,2", "1,,2"),
        (",1", ",1"),
        ("9999999999", "9999999999"),
    ],
)
def test_what_is_no_range_is_refused(text: str, bad: str) -> None:
    """The error names the bad part and shows an example."""
    with pytest.raises(FramesError) as caught:
        frames.expand(text)

    assert repr(bad) in str(caught.value)
    assert "1-100x5" in str(caught.value)


@pytest.mark.parametrize("text", ["", " ", ",", ", ,"])
def test_no_frames_are_refused(text: str) -> None:
    """A job without frames is a mistake, not a job that is done at once."""
    with pytest.raises(FramesError, match="Write frames such as"):
        frames.expand(text)


def test_a_million_frames_are_taken() -> None:
    """The cap itself is allowed."""
    assert len(frames.expand(f"1-{MAX_UNITS}")) == MAX_UNITS


@pytest.mark.parametrize("text", ["1-1000001", "0-2000000x2", "1-600000,1-600000", "1-999999999", "1-2000000y2"])
def test_more_than_a_million_frames_are_refused(text: str) -> None:
    """A slip of a finger doesn't fill the farm, or the memory of who reads it."""
    with pytest.raises(FramesError, match=r"more than 1,000,000 frames\. Submit it as several jobs"):
        frames.expand(text)


def test_a_long_text_is_not_repeated_in_its_error() -> None:
    """An error is a sentence, however long what was given is."""
    with pytest.raises(FramesError) as caught:
        frames.expand("1" * 100_000)

    assert len(str(caught.value)) < 200


def test_a_plain_range_needs_no_fileseq() -> None:
    """What nearly every job asks for costs neither an import nor a list."""
    script = (
        "import sys; from buildcat.model import frames\n"
        "frames.ordered(frames.expand('1-100000x3'), 'reverse'); frames.compact(range(1, 9))\n"
        "print('fileseq' in sys.modules)"
    )

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "False"
    assert isinstance(frames.expand("1-100000x3"), range)


@pytest.mark.parametrize(
    ("given_frames", "expected"),
    [
        ([1, 2, 3, 5, 7, 9, 10], "1-3,5-9x2,10"),
        ([3, 1, 2, 2], "1-3"),
        ([-3, -2, -1], "-3--1"),
        ([7], "7"),
        ([1, 9], "1,9"),
        ([], ""),
    ],
)
def test_frames_are_written_short(given_frames: Sequence[int], expected: str) -> None:
    """A list of frames becomes the range a person would write."""
    assert frames.compact(given_frames) == expected


@given(st.lists(st.integers(-5000, 5000), min_size=1, max_size=60))
def test_a_short_range_has_the_same_frames(numbers: Sequence[int]) -> None:
    """What `compact` writes, `expand` reads: sorted, each once."""
    assert list(frames.expand(frames.compact(numbers))) == sorted(set(numbers))


@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(1, 40))
def test_a_step_and_what_it_leaves_out_make_the_range(first: int, last: int, step: int) -> None:
    """`x` takes every Nth frame from the first on, `y` all others, and both keep the direction."""
    whole = list(frames.expand(f"{first}-{last}"))
    taken = list(frames.expand(f"{first}-{last}x{step}"))

    left = [] if len(taken) == len(whole) else list(frames.expand(f"{first}-{last}y{step}"))

    assert taken == whole[::step]
    assert left == [frame for frame in whole if frame not in taken]


@given(FRAMES, ORDERS)
def test_every_order_has_each_frame_once(numbers: Sequence[int], order: str) -> None:
    """No order loses a frame or renders one twice."""
    assert sorted(frames.ordered(numbers, order)) == sorted(numbers)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("forward", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("reverse", [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("ends-first", [1, 9, 5, 3, 7, 2, 4, 6, 8]),
        ("every:4", [1, 5, 9, 2, 3, 4, 6, 7, 8]),
        ("every:1", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_an_order_shows_what_it_promises(order: str, expected: Sequence[int]) -> None:
    """The first frames to come are those by which an artist judges the shot."""
    assert list(frames.ordered(range(1, 10), order)) == expected


@given(st.integers(3, 400))
def test_ends_first_halves_the_largest_gap(count: int) -> None:
    """After a handful of frames no gap is much wider than another."""
    shown = frames.ordered(range(count), "ends-first")

    for done in (3, 5, 9, 17):
        places = sorted(shown[:done])
        gaps = [after - before for before, after in zip(places, places[1:])]
        assert max(gaps) <= -(-(count - 1) // (done - 1)) or done > count


@pytest.mark.parametrize("order", ["", "backward", "every", "every:0", "every:-2", "every:x", "every:\uff12"])
def test_an_unknown_order_is_refused(order: str) -> None:
    """The error lists the orders."""
    with pytest.raises(UsageError, match=r"forward, reverse, ends-first, or every:N"):
        frames.ordered([1, 2], order)


def _spec(**fields: str) -> JobSpec:
    return JobSpec(dcc="toy", scene="a.toy", **fields)  # type: ignore[arg-type]  # only text fields are given


def test_a_unit_is_a_frame_in_the_order_asked_for() -> None:
    """Unit i is the i-th frame of the order, everywhere."""
    units = frames.units(_spec(frames="1-3", order="reverse"))

    assert list(units) == [Unit(0, 3), Unit(1, 2), Unit(2, 1)]


def test_a_unit_is_a_tile_when_frames_are_split() -> None:
    """All tiles of a frame come before the next frame."""
    units = frames.units(_spec(frames="7-8", split="tiles:2x1"))

    assert list(units) == [Unit(0, 7, 0), Unit(1, 7, 1), Unit(2, 8, 0), Unit(3, 8, 1)]
    assert units.tiles == (2, 1)


def test_one_unit_is_all_frames_when_the_output_is_one_file() -> None:
    """A movie or a simulation can't be shared out."""
    units = frames.units(_spec(frames="1-100", split="whole"))

    assert list(units) == [Unit(0, None)]
    assert units.span == (1, 100)
    assert list(units.index_of(20)) == [0]


@pytest.mark.parametrize(
    ("text", "order"), [("1,5,9", "forward"), ("1-9x2", "forward"), ("9-1", "forward"), ("1-9", "reverse")]
)
def test_a_job_in_one_go_has_one_range(text: str, order: str) -> None:
    """A DCC is told the first and the last frame, so others would be rendered than were named."""
    with pytest.raises(UsageError, match="one range such as 1-100"):
        frames.units(_spec(frames=text, order=order, split="whole"))


@pytest.mark.parametrize(("split", "indexes"), [("frames", [1]), ("tiles:2x2", [4, 5, 6, 7])])
def test_the_units_of_a_frame_are_found(split: str, indexes: Sequence[int]) -> None:
    """FRAME on the command line is a frame number and means all its tiles."""
    units = frames.units(_spec(frames="10,20,30", split=split))

    assert list(units.index_of(20)) == indexes


def test_a_frame_that_a_job_does_not_have_is_refused() -> None:
    """The error says which frames there are."""
    with pytest.raises(UsageError, match="Frame 4 is not in this job, which has 3 from 1 to 5"):
        frames.units(_spec(frames="5-1x2")).index_of(4)


@given(FRAMES, ORDERS, st.sampled_from(["frames", "tiles:3x2", "tiles:1x1"]))
def test_every_unit_is_found_by_its_frame(numbers: Sequence[int], order: str, split: str) -> None:
    """Units and their frames fit together, whatever the order and the split."""
    units = frames.units(_spec(frames=",".join(map(str, numbers)), order=order, split=split))

    found = [index for frame in numbers for index in units.index_of(frame)]

    assert sorted(found) == list(range(len(units)))
    assert all(unit.index == place for place, unit in enumerate(units))
    assert all(unit.index in units.index_of(unit.frame) for unit in units if unit.frame is not None)


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_unit_beyond_the_last(index: int) -> None:
    """A wrong index is a fault of ours, and never another frame."""
    with pytest.raises(IndexError):
        frames.units(_spec(frames="1-3"))[index]


@given(st.tuples(st.integers(9, 99), st.integers(9, 99)), st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_tiles_are_the_picture(size: tuple[int, int], grid: tuple[int, int]) -> None:
    """Row by row from the top left, each pixel is in one tile; they differ by a pixel at most."""
    boxes = [frames.tile_box(size, grid, tile) for tile in range(grid[0] * grid[1])]

    covered = [(x, y) for left, top, right, bottom in boxes for y in range(top, bottom) for x in range(left, right)]
    assert sorted(covered) == [(x, y) for x in range(size[0]) for y in range(size[1])]
    assert boxes == sorted(boxes, key=lambda box: (box[1], box[0]))
    for length, low, high in ((size[0] // grid[0], 0, 2), (size[1] // grid[1], 1, 3)):
        assert {box[high] - box[low] for box in boxes} <= {length, length + 1}


@pytest.mark.parametrize("split", ["", "tile", "tiles:2", "tiles:0x2", "tiles:2x2x2", "tiles:-1x2", "tiles:99999x1"])
def test_an_unknown_split_is_refused(split: str) -> None:
    """The error shows how tiles are written."""
    with pytest.raises(UsageError, match="tiles:4x2"):
        frames.units(_spec(split=split))


def test_more_than_a_million_tiles_are_refused() -> None:
    """The cap is on units, not on frames alone."""
    with pytest.raises(UsageError, match="1,000,010 tiles are more than"):
        frames.units(_spec(frames="1-100001", split="tiles:5x2"))


def test_the_same_job_is_read_once() -> None:
    """A worker asks for every task of a job and gets the very same units."""
    assert frames.units(_spec(frames="1-9y2", name="a")) is frames.units(_spec(frames="1-9y2", name="b"))
