"""Flags of Maya's commands."""

from __future__ import annotations

from doubles.strict import MisuseError


def need(**flags: object) -> None:
    """Refuse flags that are switched off: to Maya they are as good as not there, and it would do something else.

    Raises:
        MisuseError: one is.
    """
    off = [name for name, value in flags.items() if value is not True]
    if off:
        raise MisuseError(f"Maya is not told: {', '.join(off)}")
