"""What a check tells. Any Python from 3.9, stdlib."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OK, WRONG, ABSENT = "ok", "WRONG", "absent"


@dataclass(frozen=True)
class Row:
    """One thing that we rely on."""

    name: str
    #: `ok`; `WRONG`: we rely on what isn't so; `absent`: not installed here, so nothing can be told.
    verdict: str
    detail: str = ""


def tried(name: str, what: Callable[[], object]) -> Row:
    """Do something, and tell how it went."""
    try:
        found = what()
    except Exception as exc:  # noqa: BLE001  # outermost: whatever it is, its owner is to read it, and all else is checked
        return Row(name, WRONG, f"{type(exc).__name__}: {exc}")
    return Row(name, OK if found else WRONG, "" if found is True else str(found or "nothing"))
