"""The tiles of a frame: kept in the job's folder until all are there, then joined. Our own Python."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from buildcat.farm import join, outputs
from buildcat.model import paths
from buildcat.model.errors import OutputError
from buildcat.model.job import JobSpec, Output, Unit


def remove_all(root: Path, job_id: str) -> None:
    """Remove all tiles of a job that has ended."""
    shutil.rmtree(_folder(root, job_id), ignore_errors=True)  # there may be none


def _folder(root: Path, job_id: str) -> Path:
    return paths.job_folder(root, job_id) / "tiles"


class Tiles:
    """The tiles of one frame, wherever they were rendered."""

    def __init__(self, root: Path, job_id: str, spec: JobSpec, frame: int | None, grid: tuple[int, int]) -> None:
        """`grid` is columns and rows. Tiles of a scene that has changed since are not taken for tiles of this one."""
        digest = "".join(filter(str.isalnum, spec.scene_hash))  # it comes from the client, and names a folder
        self._folder = _folder(root, job_id) / f"{frame}-{spec.scene_size}-{digest[:32]}"
        self._grid = grid

    def keep(self, unit: Unit, found: Sequence[Output]) -> None:
        """Move a tile's files, one for each picture of the frame, to where they wait for the others.

        Raises:
            OutputError: a file can't be moved.
        """
        for output in found:
            place = self._place(output, unit.tile or 0)
            passing = place.with_name(f".{uuid.uuid4().hex[:12]}")
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                shutil.move(output.written, passing)  # the job's folder may lie on another disk
                passing.replace(place)
            except OSError as exc:
                raise OutputError(f"A tile of {output.path} can't be kept: {exc.strerror}. Check the storage.") from exc

    def join(self, found: Sequence[Output], is_stopped: Callable[[], bool]) -> None:
        """Join all tiles of each picture to where the last one was written, and check the pictures.

        Raises:
            OutputError: a tile is gone, doesn't fit, or the picture can't be written.
            SessionError: it was stopped in between.
        """
        columns, rows = self._grid
        for output in found:
            grid = [[self._place(output, row * columns + column) for column in range(columns)] for row in range(rows)]
            for place in (place for row in grid for place in row):
                if not place.is_file():
                    raise OutputError(f"A tile of {output.path} is gone: {place}. {join.ADVICE}")
            join.join(grid, Path(output.written), is_stopped)
            outputs.check(replace(output, tile_size=None))

    def remove(self) -> None:
        """Remove the frame's tiles, once the frame is there."""
        shutil.rmtree(self._folder, ignore_errors=True)  # what is left goes with the job

    def _place(self, output: Output, tile: int) -> Path:
        return self._folder / f"{tile}-{Path(output.path).name}"
