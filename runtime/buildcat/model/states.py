"""The states of units and jobs. A unit's state is one byte in the records; a job's state is derived, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class UnitState(str, Enum):
    """State of one unit; the value is its byte in `bc:job:<id>:units`."""

    WAITING = "w"
    #: Held back: what the job waits for has not come yet.
    HELD = "h"
    RUNNING = "r"
    DONE = "d"
    #: Was already there and whole when the job came to it.
    SKIPPED = "s"
    FAILED = "f"


class JobState(str, Enum):
    """State of a job, as shown to people."""

    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"
    PAUSED = "paused"
    RUNNING = "running"
    WAITING = "waiting"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens until somebody retries the job."""
        return self in (JobState.CANCELLED, JobState.FAILED, JobState.DONE)


@dataclass(frozen=True)
class Counts:
    """How many units of a job are in each state."""

    waiting: int = 0
    held: int = 0
    running: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.left + self.finished + self.failed

    @property
    def left(self) -> int:
        """Units that are still to be finished."""
        return self.waiting + self.held + self.running

    @property
    def finished(self) -> int:
        """Units whose outputs are there: rendered now, or found whole."""
        return self.done + self.skipped


def job_state(counts: Counts, *, is_paused: bool, is_cancelled: bool) -> JobState:
    """Derive a job's state from its counts and flags; the first match wins."""
    if is_cancelled:
        return JobState.CANCELLED
    if not counts.left:
        return JobState.FAILED if counts.failed else JobState.DONE
    if is_paused:
        return JobState.PAUSED
    return JobState.RUNNING if counts.running else JobState.WAITING
