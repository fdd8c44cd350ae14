"""Failed tries in words: what failed, where, and what was said last. Python 3.11 or newer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from buildcat.cli import words
from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.records import Failure, JobRecord
from buildcat.model import frames
from buildcat.model.states import UnitState

#: So many units are told with all their tries, and of the last one so many lines of what was said.
_MOST, _MOST_LINES = 4, 3


def of_unfinished(connection: Connection, job_id: str, states: str) -> dict[int, list[Failure]]:
    """Return by unit the failed tries at those that are not done, newest first; the unit that failed last comes first.

    The records keep the last 100 of a job.
    """
    found: dict[int, list[Failure]] = defaultdict(list)
    for one in records.failures(connection, job_id):
        if states[one.unit : one.unit + 1] not in (UnitState.DONE.value, UnitState.SKIPPED.value):
            found[one.unit].append(one)
    return found


def lines(job: JobRecord, failed: dict[int, list[Failure]]) -> list[str]:
    """Return a line for each unit and each try, with the last lines that the DCC said in the last one."""
    units = frames.units(job.spec)
    told: list[str] = []
    for unit, tries in list(failed.items())[:_MOST]:
        told += _lines(words.unit_name(units[unit]), tries)
    if len(failed) > _MOST:
        told.append(f"and {len(failed) - _MOST} more: `buildcat units {job.id} --state failed`")
    return [words.plain(one) for one in told]


def _lines(name: str, tries: Sequence[Failure]) -> Iterator[str]:
    last = tries[0]
    yield f"{name} on {words.worker_label(last.worker)}: {last.message}"
    for one in tries[1:]:
        same = "the same" if one.message == last.message else one.message
        yield f"  before on {words.worker_label(one.worker)}: {same}"
    yield from (f"  │ {line}" for line in last.log.rstrip().splitlines()[-_MOST_LINES:])
