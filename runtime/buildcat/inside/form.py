"""What a form shows of a job: its own fields, then the DCC's settings, as rows. Runs inside a DCC: Python 3.9, stdlib.

The Qt dialog, Houdini's ROP and Modo's command are made from these rows, so that they can't drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buildcat.model.dcc import Dcc, Kind, Setting, Value
from buildcat.model.job import JobSpec

#: The orders that a form offers; `every:N` takes any number on the command line.
ORDERS = {
    "forward": "Forward",
    "reverse": "Reverse",
    "ends-first": "Ends first",
    "every:10": "Each tenth first",
}


@dataclass(frozen=True)
class Row:
    """One row of a form."""

    setting: Setting
    #: What it holds when nobody has touched it; None: it is left out of the job, so it is as in the scene.
    default: Value | None = None
    #: Words for the choices, in their order; empty: the choices speak for themselves.
    words: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name in the form's values: a field of the JobSpec, or the key of a setting; none is both."""
        return self.setting.key


def _row(key: str, label: str, kind: Kind, text: str, group: str, **more: Any) -> Row:
    words = more.pop("words", ())
    default = more.pop("default", getattr(JobSpec(dcc="any"), key))
    return Row(Setting(key, label, kind, text, examples=("", ""), group=group, **more), default, words)


#: The fields of a JobSpec that an artist chooses.
JOB = (
    _row("name", "Name", Kind.STR, "What the job is called; empty: the scene's name.", "Job"),
    _row("priority", "Priority", Kind.INT, "Higher goes first.", "Job", minimum=0, maximum=100),
    _row("paused", "Paused", Kind.BOOL, "Wait on the farm until it is resumed.", "Job"),
    _row(
        "frames",
        "Frames",
        Kind.STR,
        "Such as 1-100, 1-100x5 or 1,5,8-12; empty: as in the scene.",
        "Frames",
        default="",
    ),
    _row(
        "chunk", "Chunk", Kind.INT, "Most frames that a worker takes at once.", "Frames", minimum=1, maximum=1_000_000
    ),
    _row(
        "order",
        "Order",
        Kind.CHOICE,
        "In which order the frames are rendered.",
        "Frames",
        choices=tuple(ORDERS),
        words=tuple(ORDERS.values()),
    ),
    _row(
        "skip_existing", "Skip what is there", Kind.BOOL, "Leave out frames whose files are there and whole.", "Frames"
    ),
    _row("pool", "Pool", Kind.STR, "Which workers may render it.", "Farm"),
)


def rows(dcc: Dcc, *, without: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Return all rows of a DCC's form, in order; `without` names those that the DCC shows in another way."""
    every = (*JOB, *(Row(one) for one in dcc.settings))
    return tuple(one for one in every if one.key not in without)


def groups(all_rows: tuple[Row, ...]) -> dict[str, tuple[Row, ...]]:
    """Return the rows under their headings, both in order."""
    headings = dict.fromkeys(one.setting.group for one in all_rows)
    return {heading: tuple(one for one in all_rows if one.setting.group == heading) for heading in headings}


def fields(dcc: Dcc, values: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields of a JobSpec from a form's values; what is None or empty is left out.

    Raises:
        SettingError: a value doesn't fit its row, or no row has that key.
    """
    job = {one.key: one.setting for one in JOB}
    given = {key: value for key, value in values.items() if value is not None and value not in ("", ())}
    found: dict[str, Any] = {key: job[key].check(value) for key, value in given.items() if key in job}
    settings = dcc.check_settings({key: value for key, value in given.items() if key not in job})
    found["settings"] = {key: list(value) if isinstance(value, tuple) else value for key, value in settings.items()}
    return found
