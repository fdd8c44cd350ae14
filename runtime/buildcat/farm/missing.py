"""Finds done units whose outputs are gone or damaged: `buildcat retry --missing`. The worker's side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord
from buildcat.farm import outputs
from buildcat.model import frames, patterns
from buildcat.model.job import Unit
from buildcat.model.states import UnitState

_PADDING = re.compile(r"(?<=\{frame):0\d+(?=\})")
_FINISHED = (UnitState.DONE.value, UnitState.SKIPPED.value)


def missing_units(connection: Connection, job: JobRecord, root: Path) -> list[int]:
    """Return the indexes of finished units that lack a whole output below the root on this machine.

    Of a frame in tiles that is not whole, those that failed too: it takes all of them to make it.
    """
    states = records.unit_bytes(connection, job.id)
    rows = records.outputs(connection, job.id)
    units = frames.units(job.spec)
    looked_at = (*_FINISHED, UnitState.FAILED.value) if units.tiles else _FINISHED
    return [
        index
        for index, state in enumerate(states)
        if state in looked_at and not all(_are_whole(root, units[index], rows))
    ]


def _are_whole(root: Path, unit: Unit, rows: dict[str, dict[str, Any]]) -> Iterator[bool]:
    """Yield for each output of the unit whether it is whole; nothing known of its outputs is not whole either."""
    if not rows:
        yield False
    # Names without padding may have given a pattern for each length: one of those that differ in it is enough.
    groups: dict[str, list[str]] = {}
    for pattern in rows:
        groups.setdefault(_PADDING.sub("", pattern), []).append(pattern)
    for alternatives in groups.values():
        yield any(_is_whole(root / patterns.fill(one, unit), rows[one]) for one in alternatives)


def _is_whole(path: Path, row: dict[str, Any]) -> bool:
    return outputs.is_whole(path, row["kind"], (row["size"][0], row["size"][1]) if row["size"] else None)
