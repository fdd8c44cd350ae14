"""Frame ranges, their order, and the units they become: the same everywhere. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from buildcat.model.errors import FramesError, UsageError
from buildcat.model.job import MAX_UNITS, JobSpec, Unit

EXAMPLE = "Write frames such as 1-100, 1-100x5 or 1,5,8-12."

# Stricter than fileseq, which also takes decimals, digits of other scripts, padding and blanks inside numbers.
_PART = re.compile(r"(-?\d{1,9})(?:\s*(?:-|\.\.)\s*(-?\d{1,9})(?:\s*(x|:|step|y)\s*(-?\d{1,9}))?)?", re.ASCII)
_EVERY = re.compile(r"every:([1-9]\d{0,8})", re.ASCII)
_TILES = re.compile(r"tiles:([1-9]\d{0,3})x([1-9]\d{0,3})", re.ASCII)


def expand(text: str) -> Sequence[int]:
    """Return the frames of a range such as `1-10`, `10-1x2` or `1,5-7`: each once, in the order they are named.

    `1-8y2` is what `1-8x2` leaves out. `..` is read as `-`. `:` and `step` are read as `x`, the step, as Deadline
    does (to fileseq and OpenCue `:` is interleave).

    Raises:
        FramesError: a part isn't a frame range, or there are more than 1,000,000 frames; names the part.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    if parts == [""]:
        raise FramesError(f"There are no frames. {EXAMPLE}")
    if "" in parts:
        raise FramesError(f"{_short(text)} has a comma too many. {EXAMPLE}")
    ranges, count = [], 0
    for part in parts:
        ranges.append(_expand_part(part))
        count += len(ranges[-1])
        if count > MAX_UNITS:
            raise _too_many(text)
    return ranges[0] if len(ranges) == 1 else tuple(dict.fromkeys(chain.from_iterable(ranges)))


def _expand_part(part: str) -> Sequence[int]:
    match = _PART.fullmatch(part)
    if not match:
        raise FramesError(f"{_short(part)} is not a frame range. {EXAMPLE}")
    first, last, mode, step = match.groups()
    start, end, stride = int(first), int(last or first), int(step or 1)
    if stride == 0 or (stride < 0 and start < end):
        raise FramesError(f"{part!r} has a step that leads nowhere. Use a step of 1 or more, such as 1-100x5.")
    if abs(end - start) >= MAX_UNITS * abs(stride if mode != "y" else 1):
        raise _too_many(part)
    if mode == "y":
        return _fill(start, end, abs(stride), part)
    # Python's own range: fileseq takes 60 ms to import and 0.3 us a frame, which every plain job would pay.
    return range(start, end + 1, stride) if start <= end else range(start, end - 1, -abs(stride))


def _fill(start: int, end: int, step: int, part: str) -> Sequence[int]:
    from fileseq.frameset import FrameSet

    frames = tuple(int(frame) for frame in FrameSet(f"{start}-{end}y{step}"))
    if not frames:
        raise FramesError(f"{part!r} leaves no frame over. {EXAMPLE}")
    return frames


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")


def _too_many(text: str) -> FramesError:
    return FramesError(f"{_short(text)} names more than {MAX_UNITS:,} frames. Submit it as several jobs.")


def text(frames: range) -> str:
    """Return these frames, one at the least, as `expand` reads them: `7`, `1-100`, `10-2x4`."""
    step = f"x{abs(frames.step)}" if abs(frames.step) > 1 else ""
    return str(frames[0]) if len(frames) == 1 else f"{frames[0]}-{frames[-1]}{step}"


def compact(frames: Iterable[int]) -> str:
    """Return the shortest range of these frames, sorted, each once: `1-3,5-9x2,10`."""
    known = sorted(set(frames))
    if len(known) > 1 and known[-1] - known[0] == len(known) - 1:
        return text(range(known[0], known[-1] + 1))
    from fileseq.frameset import FrameSet

    return FrameSet.framesToFrameRange(known)


def ordered(frames: Sequence[int], order: str) -> Sequence[int]:
    """Return the frames in the order in which they are rendered.

    `forward` is as they are; `reverse` the other way; `ends-first` the first, the last, the middle, then the middle
    of each gap; `every:N` each Nth, then the rest.

    Raises:
        UsageError: there is no such order.
    """
    if order == "forward":
        return frames
    if order == "reverse":
        return frames[::-1]
    if order == "ends-first":
        return _ends_first(frames)
    match = _EVERY.fullmatch(order)
    if not match:
        raise UsageError(f"The order is forward, reverse, ends-first, or every:N such as every:10, not {order!r}.")
    step = int(match.group(1))
    return (*frames[::step], *(frame for place, frame in enumerate(frames) if place % step))


def _ends_first(frames: Sequence[int]) -> Sequence[int]:
    last, parts = len(frames) - 1, 1
    if last < 1:
        return frames
    places = dict.fromkeys((0, last))
    while len(places) <= last:
        parts *= 2
        places.update(dict.fromkeys(last * part // parts for part in range(1, parts, 2)))
    return tuple(frames[place] for place in places)


@dataclass(frozen=True)
class Units:
    """The units of a job: `len()`, `[index]` and iteration, made when asked for."""

    #: In the order in which they are rendered.
    frames: Sequence[int]
    #: Columns and rows of each frame's tiles; None when frames aren't split.
    tiles: tuple[int, int] | None = None
    #: Whether one unit stands for all frames.
    is_whole: bool = False

    @property
    def tile_count(self) -> int:
        """Tiles of a frame; 1 when frames aren't split."""
        return self.tiles[0] * self.tiles[1] if self.tiles else 1

    @cached_property
    def span(self) -> tuple[int, int]:
        """The lowest and the highest frame."""
        return min(self.frames), max(self.frames)

    def __len__(self) -> int:
        return 1 if self.is_whole else len(self.frames) * self.tile_count

    def __getitem__(self, index: int) -> Unit:
        if not 0 <= index < len(self):
            raise IndexError(f"there is no unit {index} among {len(self)}")
        if self.is_whole:
            return Unit(index, None)
        place, tile = divmod(index, self.tile_count)
        return Unit(index, self.frames[place], tile if self.tiles else None)

    def __iter__(self) -> Iterator[Unit]:
        return (self[index] for index in range(len(self)))

    def index_of(self, frame: int) -> Sequence[int]:
        """Return the indexes of the units that hold this frame: one, or one for each of its tiles.

        Raises:
            UsageError: the job doesn't have this frame.
        """
        if frame not in self.frames:
            first, last = self.span
            raise UsageError(f"Frame {frame} is not in this job, which has {len(self.frames)} from {first} to {last}.")
        if self.is_whole:
            return range(1)
        first = self.frames.index(frame) * self.tile_count
        return range(first, first + self.tile_count)


def units(spec: JobSpec) -> Units:
    """Return the units of a job. Asking again for the same job costs nothing.

    Raises:
        UsageError: the frames, the order or the split can't be read, or there are more than 1,000,000 units.
    """
    return _units(spec.frames, spec.order, spec.split)


def tiles(split: str) -> tuple[int, int] | None:
    """Return columns and rows of a split such as `tiles:4x2`; None for `frames` and `whole`.

    Raises:
        UsageError: there is no such split.
    """
    match = _TILES.fullmatch(split)
    if not match and split not in ("frames", "whole"):
        raise UsageError(f"The split is frames, whole, or tiles:CxR such as tiles:4x2, not {split!r}.")
    return (int(match.group(1)), int(match.group(2))) if match else None


def tile_box(size: tuple[int, int], tiles: tuple[int, int], tile: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a tile in pixels, of a picture of this size split in columns and rows.

    Tiles are counted row by row from the top left. Together they are the picture, and differ by a pixel at most.
    """
    (width, height), (columns, rows) = size, tiles
    row, column = divmod(tile, columns)
    return (
        width * column // columns,
        height * row // rows,
        width * (column + 1) // columns,
        height * (row + 1) // rows,
    )


# A worker asks for every task of a job; 8 jobs of 1,000,000 listed frames are 300 MB, plain ranges are nothing.
@lru_cache(maxsize=8)
def _units(frames: str, order: str, split: str) -> Units:
    made = Units(ordered(expand(frames), order), tiles(split), is_whole=split == "whole")
    if made.is_whole and tuple(made.frames) != tuple(range(made.span[0], made.span[1] + 1)):
        raise UsageError(f"With the split whole, frames are one range such as 1-100, forward; not {_short(frames)}.")
    if len(made) > MAX_UNITS:
        raise UsageError(f"{len(made):,} tiles are more than the {MAX_UNITS:,} units of a job. Use fewer tiles.")
    return made
