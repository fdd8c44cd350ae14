"""What crosses a process, as JSON: the JobSpec, units and rendered outputs. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeVar

from buildcat.model import paths
from buildcat.model.errors import UsageError, near_names

SCHEMA = 1
MAX_UNITS = 1_000_000
#: Tag of workers that can join tiles.
TILES = "tiles"

T = TypeVar("T")


@dataclass(frozen=True)
class JobSpec:
    """One scene with one list of frames: all that a submission says."""

    #: Name of the DCC, such as `blender`.
    dcc: str
    #: Scene file, relative to the root, with forward slashes; empty for a command without one.
    scene: str = ""
    #: Frame range, such as `1-100x2`.
    frames: str = "1"
    #: How the frames become units: `frames`, `whole`, or `tiles:CxR`.
    split: str = "frames"
    #: In which order the frames are rendered: `forward`, `reverse`, `ends-first`, or `every:N`.
    order: str = "forward"
    #: Most units in a task.
    chunk: int = 1
    #: Output pattern relative to the root; empty: as in the scene.
    output: str = ""
    #: The DCC's settings; those left out are as in the scene.
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    user: str = ""
    host: str = ""
    pool: str = "default"
    #: 0 to 100; higher goes first.
    priority: int = 50
    #: Submitted paused: waits for `resume`.
    paused: bool = False
    #: Lowest DCC version that can render it, as an integer (4.2.1 is 4002001); 0: any.
    version_min: int = 0
    #: Tags a worker must have, such as `scripts`.
    requires: tuple[str, ...] = ()
    #: Ids of jobs that must have succeeded before this one starts.
    after: tuple[str, ...] = ()
    #: Ids of jobs that must have ended, however, before this one starts.
    after_any: tuple[str, ...] = ()
    #: Whether a unit waits only for the same unit of each job in `after`, which have the same frames.
    per_frame: bool = False
    #: The jobs of one submission go by this name too; empty: it is alone.
    batch: str = ""
    #: Counted resources, such as licences, that a worker holds while it renders the job.
    limits: tuple[str, ...] = ()
    #: Whether to go on when much of it has failed.
    keep_going: bool = False
    #: Seconds that a frame may take before its try has failed; 0: for ever.
    frame_timeout: int = 86_400
    #: Units whose outputs are there and whole are not rendered; until a retry, which means what it says.
    skip_existing: bool = False
    #: Whether the scene is a copy that was made for this job, and goes with it.
    snapshot: bool = False
    #: The scene file as it was submitted: bytes, nanoseconds, digest of its head and tail. 0 or empty: not checked.
    scene_size: int = 0
    scene_mtime_ns: int = 0
    scene_hash: str = ""
    schema: int = SCHEMA

    @property
    def tags(self) -> tuple[str, ...]:
        """All tags that a worker must have: those required, and what joins tiles."""
        return (*self.requires, *([TILES] if self.split.startswith("tiles:") and TILES not in self.requires else []))

    def to_json(self) -> str:
        """Return the spec as JSON."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> JobSpec:
        """Read and check a spec.

        Raises:
            UsageError: it isn't a JSON object, has unknown or missing fields, or a value of the wrong type or range.
            PathError: its scene or output isn't a path below the root.
        """
        spec = _from_json(cls, text, "job")
        return spec.checked()

    def checked(self) -> JobSpec:
        """Return the spec in its exact types, after checking everything that needs no DCC and no disk.

        Raises:
            UsageError: a value has the wrong type or range.
            PathError: the scene or output isn't a path below the root.
        """
        if self.schema != SCHEMA:
            raise UsageError(f"This job has schema {self.schema!r}; this Buildcat reads {SCHEMA}. Upgrade one of them.")
        for one in fields(self):
            _check_type(one.name, getattr(self, one.name), _TYPES[str(one.type)])
        _check_range("priority", self.priority, 0, 100)
        _check_range("chunk", self.chunk, 1, MAX_UNITS)
        for key in ("version_min", "scene_size", "scene_mtime_ns", "frame_timeout"):
            _check_range(key, getattr(self, key), 0, 2**63 - 1)
        try:
            self.to_json().encode("utf-8")
        except UnicodeEncodeError as exc:
            raise UsageError("A name in the job is not text that every system can read. Rename the file.") from exc
        for key, word in self._words():
            check_word(key, word)
        if self.per_frame and not self.after:
            raise UsageError("per_frame needs a job to wait for. Name it by after.")
        if self.scene:
            paths.check_relative(self.scene, "scene")
        if self.output:
            paths.check_relative(self.output, "output")
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        values.update({one.name: tuple(values[one.name]) for one in fields(self) if one.type == "tuple[str, ...]"})
        values.update(settings=dict(self.settings))
        return type(self)(**values)

    def _words(self) -> Iterator[tuple[str, str]]:
        """Yield what must be a word, with what it is."""
        yield "dcc", self.dcc
        yield "pool", self.pool
        yield from (("A limit", one) for one in self.limits)
        yield from (("The id of a job", one) for one in (*self.after, *self.after_any))
        if self.batch:
            yield "batch", self.batch


_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "Mapping[str, Any]": (dict,),
    "tuple[str, ...]": (tuple, list),
}


@dataclass(frozen=True)
class Unit:
    """What one byte of state stands for: a frame, one tile of a frame, or the whole list."""

    #: Place in the job, from 0.
    index: int
    #: Frame number; None when the unit is the whole list.
    frame: int | None
    #: Tile of the frame, from 0, row by row from the top left; None when the frame isn't split.
    tile: int | None = None

    @property
    def label(self) -> str:
        """Name for people and file names: `7`, `7.t3`, or `all`."""
        if self.frame is None:
            return "all"
        return str(self.frame) if self.tile is None else f"{self.frame}.t{self.tile}"


@dataclass(frozen=True)
class Output:
    """One rendered file, as `render.py` reports it and the worker checks it."""

    #: Where the file is to be in the end; absolute.
    path: str
    #: Where it was written: in the execution's temporary folder, or, when in place, `path` itself.
    written: str
    #: Kind of file, such as `png`, `exr`, `jpeg`, `tiff`, or another word for what we can't decode.
    kind: str
    #: Width and height in pixels, of the whole picture; None when unknown.
    size: tuple[int, int] | None = None
    #: Whether it was written straight to `path`.
    in_place: bool = False
    #: Of a tile that is to be joined with others to the picture: its own width and height in pixels.
    tile_size: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the output as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Output:
        """Read an output from a session's message."""
        return cls(
            path=str(data["path"]),
            written=str(data["written"]),
            kind=str(data["kind"]),
            size=_size(data.get("size")),
            in_place=bool(data.get("in_place", False)),
            tile_size=_size(data.get("tile_size")),
        )


def _size(pair: Any) -> tuple[int, int] | None:
    return (int(pair[0]), int(pair[1])) if pair else None


def _from_json(cls: type[T], text: str, what: str) -> T:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise UsageError(f"The {what} is not JSON: {exc}.") from exc
    if not isinstance(data, dict):
        raise UsageError(f'The {what} must be a JSON object, such as {{"dcc": "blender", "scene": "a.blend"}}.')
    known: list[str] = [one.name for one in fields(cls)]  # type: ignore[arg-type]  # only called with dataclasses
    for key in data:
        if key not in known:
            raise UsageError(f"A {what} has no field {key!r}.{near_names(key, known)} Fields: {', '.join(known)}.")
    try:
        return cls(**data)
    except TypeError:
        raise UsageError(f"The {what} lacks a field: it needs at least dcc.") from None


def check_word(what: str, word: str) -> None:
    """Check that it can be typed and be part of a key.

    Raises:
        UsageError: it has other signs than letters, digits, `-`, `_` and `.`.
    """
    if not word.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise UsageError(f"{what} is a word of letters, digits, '-', '_' and '.', not {word!r}.")


def _check_type(key: str, value: object, types: tuple[type, ...]) -> None:
    is_wrong = not isinstance(value, types) or (isinstance(value, bool) and bool not in types)
    if types == (tuple, list) and not is_wrong:
        is_wrong = not all(isinstance(one, str) for one in value)  # type: ignore[attr-defined]  # it is a list
    if is_wrong:
        words = {"str": "a text", "int": "a whole number", "dict": "an object", "tuple": "a list of texts"}
        wanted = words.get(types[0].__name__, "true or false")
        raise UsageError(f"{key} must be {wanted}, not {value!r}.")


def _check_range(key: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise UsageError(f"{key} must be from {lowest} to {highest}, not {value}.")
