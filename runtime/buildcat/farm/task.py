"""Renders the units of one task: load, render, check, move, report. On a worker, or here and now without a server."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from buildcat.client import submission
from buildcat.farm import command, job_files, outputs
from buildcat.farm.plugins import Installation
from buildcat.farm.queue import Picked
from buildcat.farm.storage import Storage
from buildcat.farm.tiles import Tiles
from buildcat.farm.warm import AnySession, OutgrownError, Scene, WarmSession
from buildcat.inside.messages import Order, Progress
from buildcat.model import frames, paths
from buildcat.model.dcc import Dcc, version_text
from buildcat.model.errors import (
    BuildcatError,
    LicenceError,
    OutputError,
    RefusedError,
    RenderError,
    SceneChangedError,
    SessionError,
    SettingError,
    UsageError,
)
from buildcat.model.job import JobSpec, Output, Unit

log = logging.getLogger(__name__)

#: Errors that every worker would meet: they stop the job instead of costing three tries a unit.
FINAL_ERRORS = (SettingError, RefusedError)
#: After a retry, or with a scene that has changed, what lies there is not what is wanted.
FIRST_GENERATION = 1


@dataclass(frozen=True)
class Rendered:
    """One unit, rendered and moved into place."""

    unit: Unit
    seconds: float
    peak_mb: int
    #: Output pattern relative to the root → kind, size and mode as JSON.
    rows: Mapping[str, str]
    #: Its first output, relative to the root.
    path: str
    #: Whether nothing was rendered: all its outputs were there and whole.
    is_skipped: bool = False
    #: Of a tile: how many of them are joined to its frame. 0: the outputs are in their places.
    tiles: int = 0


class Answer(NamedTuple):
    """What a report answers to a unit that is done."""

    #: Whether to go on.
    go: bool
    #: Whether all other tiles of the frame are finished: join them, then report this one again, as its frame.
    is_last_tile: bool = False
    is_counted: bool = True


@dataclass(frozen=True)
class FailedTry:
    """One failed try at a unit."""

    unit: Unit
    seconds: float
    #: Class name of the error.
    kind: str
    message: str
    #: The last 4 KB of the DCC's output.
    log: str
    is_final: bool


class Report(Protocol):
    """Where a task tells what became of its units."""

    def is_wanted(self, unit: Unit) -> bool:
        """Whether the unit's outputs still count."""

    def done(self, rendered: Rendered) -> Answer:
        """The unit is done."""

    def failed(self, failed: FailedTry) -> bool:
        """The try failed; returns whether to go on."""

    def give_back(self, reason: str, pause_why: str = "") -> None:
        """The rest is not going to be rendered by this task; with `pause_why`, the job is paused."""


@dataclass(frozen=True)
class Bench:
    """What a worker renders with: its root, session and DCCs."""

    root: Path
    session: WarmSession
    #: DCC name → what was found of it.
    installations: Mapping[str, Sequence[Installation]]
    are_scripts_allowed: bool = False
    #: Where the root may go away; None: it is that of this very process.
    storage: Storage | None = None
    #: Removes temporary folders beside the work: that takes 3 ms each on ext4.
    cleaner: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "cleaner"))
    #: Makes thumbnails, not before the cleaner: a worker that dies meanwhile would leave its temporary folder.
    painter: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "painter"))

    def installation(self, dcc: Dcc, version: int) -> Installation:
        """Return the lowest installation that is of that version or newer.

        Raises:
            SessionError: all are older.
        """
        for one in self.installations.get(dcc.name, ()):
            if one.version >= version:
                return one
        needed = version_text(version)
        raise SessionError(f"The scene needs {dcc.label} {needed} or newer, which isn't here. Install it on a worker.")


class Task:
    """The units of one pick, rendered one after the other."""

    def __init__(self, bench: Bench, picked: Picked, spec: JobSpec, report: Report) -> None:
        self._bench = bench
        self._picked = picked
        self.execution = picked.execution
        #: How far the present unit is.
        self.latest = Progress()
        #: Whether the worker was told to stop.
        self.is_ending: Callable[[], bool] = lambda: False
        #: Called with the DCC of which there is no licence.
        self.on_shortage: Callable[[str], None] = lambda dcc: None
        self.on_progress: Callable[[Unit, Progress], None] = lambda unit, progress: None
        self._spec = spec
        self._report = report
        self._dcc = command.dcc(spec.dcc)
        self._units = frames.units(spec)
        if picked.first + picked.count > len(self._units):
            raise UsageError(f"it has {len(self._units)} units, and its records have more")
        self._lock = threading.Lock()
        self._is_over = False
        self._stopped = threading.Event()
        self._stop_reason = ""
        #: A unit that stands for all frames may take as long as all of them.
        self._limit_s = spec.frame_timeout * (len(self._units.frames) if self._units.is_whole else 1)
        #: Folders that may hold this execution's temporary ones.
        self._folders: set[Path] = set()

    def stop(self, reason: str) -> None:
        """Stop now: the session is killed, what is not done is given back without a try. Thread-safe.

        Once the last unit is being reported there is nothing to stop, and the session is the next task's.
        """
        with self._lock:
            if self._is_over:
                return
            self._stop_reason = reason
            self._stopped.set()
        self._bench.session.drop()

    def run(self) -> None:
        """Render the units. Never raises for one of them: it is reported."""
        try:
            for index in range(self._picked.first, self._picked.first + self._picked.count):
                if self._stopped.is_set() or not self._render(self._units[index]):
                    break
        finally:
            self._clean()
            if self._stopped.is_set():
                self._report.give_back(self._stop_reason)

    def _render(self, unit: Unit) -> bool:
        """Render one unit and report it; returns whether to go on."""
        started = time.monotonic()
        try:
            found, is_skipped = self._make(unit)
        except Exception as exc:  # noqa: BLE001  # outermost loop of a task: a fault of ours must not cost the worker
            return self._not_done(unit, started, exc)
        if not found:
            return True
        if self._end_with(unit) and not found[0].tile_size:
            self._clean()  # begun before the report: of a worker that dies after it, nobody would know what to clean
        tiles = self._units.tile_count if found[0].tile_size and not is_skipped else 0
        rendered = replace(self._rendered(unit, started, found), is_skipped=is_skipped, tiles=tiles)
        answer = self._report.done(rendered)
        if answer.is_last_tile:
            answer = self._join(rendered, started, found)
        elif not (is_skipped or tiles):
            self._paint(found)
        self._bench.session.recycle()
        return answer.go

    def _make(self, unit: Unit) -> tuple[Sequence[Output], bool]:
        """Return the unit's outputs, in their places, and whether they were there; none if they aren't wanted now."""
        session = self._ready(unit)
        if there := self._there(session, unit):
            return there, True
        found = session.render(self.execution, unit, partial(self._progress, unit), limit_s=self._limit_s)
        self._check(found, unit)
        if not self._report.is_wanted(unit):
            return (), False
        if found[0].tile_size:
            self._tiles(unit).keep(unit, found)
        else:
            outputs.move(found)
        return found, False

    def _join(self, tile: Rendered, started: float, found: Sequence[Output]) -> Answer:
        """Make the frame of its tiles, of which this is the last, and report it."""
        tiles = self._tiles(tile.unit)
        with self._lock:  # the frame may take a while, and is stopped as any other
            self._is_over = False
        try:
            tiles.join(found, self._stopped.is_set)
            if not self._report.is_wanted(tile.unit):
                return Answer(go=True)
            is_over = self._end_with(tile.unit)
            if self._stopped.is_set():
                return Answer(go=False)
            outputs.move(found)
            if is_over:
                self._clean()
        except Exception as exc:  # noqa: BLE001  # as above: there may be too little memory
            return Answer(go=self._not_done(tile.unit, started, exc))
        self._paint(found)
        answer = self._report.done(replace(tile, tiles=0, seconds=time.monotonic() - started))
        if answer.is_counted:
            self._bench.cleaner.submit(tiles.remove)
        return answer

    def _tiles(self, unit: Unit) -> Tiles:
        assert self._units.tiles, "only frames that are split have tiles"
        return Tiles(self._bench.root, self._picked.job, self._spec, unit.frame, self._units.tiles)

    def _paint(self, found: Sequence[Output]) -> None:
        self._bench.painter.submit(job_files.keep_thumbnail, self._bench.root, self._picked.job, Path(found[0].path))

    def _not_done(self, unit: Unit, started: float, error: Exception) -> bool:
        """Give the unit back where it isn't its fault, else report a failed try; returns whether to go on."""
        if isinstance(error, SceneChangedError):
            self._report.give_back("the scene has changed", pause_why=str(error))
            return False
        if isinstance(error, (LicenceError, OutgrownError)):
            self._bench.session.drop()
            if isinstance(error, LicenceError):
                self.on_shortage(self._dcc.name)
            self._report.give_back(str(error))
            return False
        if not isinstance(error, BuildcatError):
            log.error("Job %s, unit %s: unexpected error", self._picked.job, unit.label, exc_info=error)
        return self._failed(unit, started, error)

    def _end_with(self, unit: Unit) -> bool:
        """Note and return whether nothing is left to stop but the unit's report."""
        with self._lock:
            self._is_over = unit.index == self._picked.first + self._picked.count - 1 and not self._stopped.is_set()
            return self._is_over

    def _clean(self) -> None:
        self._bench.cleaner.submit(outputs.clean, frozenset(self._folders), self.execution)

    def _progress(self, unit: Unit, progress: Progress) -> None:
        self.latest = progress
        self._bench.session.check_memory()
        self.on_progress(unit, progress)

    def _ready(self, unit: Unit) -> AnySession:
        """Return the session with the job's scene loaded, its output going to the unit's log."""
        scene = self._scene() if self._spec.scene or self._dcc.extensions else None
        needed = max(self._picked.version, submission.needed_version(self._dcc, scene) if scene else 0)
        logs = paths.job_folder(self._bench.root, self._picked.job) / "logs"
        session = self._bench.session.get(
            self._dcc,
            self._bench.installation(self._dcc, needed),
            logs / f"{unit.label}-{self.execution}.log",
        )
        if self._stopped.is_set():  # `stop` came before there was a session to drop
            raise SessionError("The task was stopped.")
        loaded = self._bench.session.load(
            self.execution, Scene(self._picked.job, self._picked.generation), self._order(scene)
        )
        for warning in loaded.warnings if loaded else ():
            log.warning("Job %s: %s", self._picked.job, warning)
        if loaded:
            job_files.note_folders(self._bench.root, self._picked.job, self._bench.session.folders)
        self._folders.update(self._bench.session.folders)
        return session

    def _scene(self) -> Path:
        """Return the scene on this host, as it was submitted."""
        scene = paths.resolve(self._bench.root, self._spec.scene, "scene")
        if not scene.is_file():
            # Perhaps only here, where the storage is not mounted; so other workers try it too.
            raise RenderError(f"There is no scene {self._spec.scene} in {self._bench.root}. Put it there, then retry.")
        if submission.has_changed(self._spec, scene):
            raise SceneChangedError(self._spec.scene)
        return scene

    def _order(self, scene: Path | None) -> Order:
        self._dcc.check_split(self._spec.split)
        return Order(
            scene=str(scene or ""),
            root=str(self._bench.root),
            settings=self._dcc.check_settings(self._spec.settings),
            output=self._spec.output,
            frames=self._units.span,
            tiles=frames.tiles(self._spec.split),
            allow_scripts=self._bench.are_scripts_allowed and "scripts" in self._spec.requires,
        )

    def _there(self, session: AnySession, unit: Unit) -> Sequence[Output]:
        """Return the unit's outputs if the job may skip it and each is whole; else none."""
        if not self._spec.skip_existing or self._picked.generation > FIRST_GENERATION:
            return ()
        expected = session.expected(self.execution, unit)
        for output in expected:
            paths.check_inside(self._bench.root, Path(output.path), "output")
        return expected if all(outputs.is_whole(Path(one.path), one.kind, one.size) for one in expected) else ()

    def _check(self, found: Sequence[Output], unit: Unit) -> None:
        if not found:
            raise OutputError(f"{self._dcc.label} wrote no file for {unit.label}. Look at its log.")
        for output in found:
            paths.check_inside(self._bench.root, Path(output.path), "output")
            outputs.check(output)

    def _rendered(self, unit: Unit, started: float, found: Sequence[Output]) -> Rendered:
        relative = [paths.below_root(self._bench.root, Path(one.path)) for one in found]
        rows = {
            self._bench.session.pattern(path, replace(unit, tile=None) if one.tile_size else unit): json.dumps(
                {"kind": one.kind, "size": one.size, "in_place": one.in_place}
            )
            for path, one in zip(relative, found, strict=True)
        }
        return Rendered(unit, time.monotonic() - started, self._bench.session.memory_mb(), rows, relative[0])

    def _failed(self, unit: Unit, started: float, error: Exception) -> bool:
        last_output = self._bench.session.last_output
        self._bench.session.drop()
        if isinstance(error, SessionError) and self.is_ending():
            # A service manager's SIGTERM reaches the DCC as well as the worker.
            self.stop("the worker is stopping")
        if self._bench.storage and not self._bench.storage.look():
            self.stop(f"the worker {self._bench.storage.trouble}")
        if self._stopped.is_set():
            return False
        log.warning("Job %s, unit %s: %s", self._picked.job, unit.label, error)
        message = str(error)
        if not isinstance(error, BuildcatError):
            message = f"Buildcat itself failed: {error!r}. The worker's log has the details."
        return self._report.failed(
            FailedTry(
                unit=unit,
                seconds=time.monotonic() - started,
                kind=type(error).__name__,
                message=message,
                log=last_output,
                is_final=isinstance(error, FINAL_ERRORS),
            )
        )
