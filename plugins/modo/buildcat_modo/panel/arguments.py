"""The arguments of `buildcat.submit`, one for each row of the form, and what Modo's own dialog shows of them.

Runs inside Modo 16 and 17. Modo opens that dialog for `?buildcat.submit`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import lx  # type: ignore[import-not-found]  # Modo's, in no stubs
import lxifc  # type: ignore[import-not-found]  # as above

from buildcat.inside import form
from buildcat.model.dcc import Kind
from buildcat.model.errors import BuildcatError
from buildcat_modo import scene
from buildcat_modo.dcc import DCC

ROWS = form.rows(DCC)
#: All others are texts.
_TYPES = {Kind.BOOL: lx.symbol.sTYPE_BOOLEAN, Kind.INT: lx.symbol.sTYPE_INTEGER}
#: Rows that take a name which the scene knows.
_NAMES: dict[str, Callable[[], list[str]]] = {"camera": scene.cameras, "passes": scene.pass_groups}


class Choices(lxifc.UIValueHints):  # type: ignore[misc]  # Modo's, in no stubs
    """What a list offers: values, and what is read of each."""

    def __init__(self, values: Sequence[str], words: Sequence[str]) -> None:
        self._values, self._words = values, words

    def uiv_Flags(self) -> int:  # noqa: N802  # Modo's name
        """Return that it is a list."""
        return int(lx.symbol.fVALHINT_POPUPS)

    def uiv_PopCount(self) -> int:  # noqa: N802  # as above
        """Return how many there are."""
        return len(self._values)

    def uiv_PopUserName(self, index: int) -> str:  # noqa: N802  # as above
        """Return what is read."""
        return self._words[index]

    def uiv_PopInternalName(self, index: int) -> str:  # noqa: N802  # as above
        """Return the value."""
        return self._values[index]


def declare(command: Any) -> None:
    """Add an argument for each row; none must be given."""
    for place, row in enumerate(ROWS):
        command.dyna_Add(row.key, _TYPES.get(row.setting.kind, lx.symbol.sTYPE_STRING))
        command.basic_SetFlags(place, lx.symbol.fCMDARG_OPTIONAL)


def fill(command: Any) -> None:
    """Give each argument that isn't set what the form holds at first."""
    writers = {Kind.BOOL: command.attr_SetInt, Kind.INT: command.attr_SetInt}
    for place, row in enumerate(ROWS):
        if row.default not in {None, ""} and not command.dyna_IsSet(place):
            writers.get(row.setting.kind, command.attr_SetString)(place, row.default)


def values(command: Any) -> dict[str, Any]:
    """Return what was given. A dialog gives nothing as an empty text, or as 0."""
    given = {row.key: _value(command, place) for place, row in enumerate(ROWS) if command.dyna_IsSet(place)}
    least = {row.key: row.setting.minimum for row in ROWS}
    return {key: value for key, value in given.items() if value or value is False or not least[key]}


def _value(command: Any, place: int) -> Any:
    kind = ROWS[place].setting.kind
    if kind is Kind.BOOL:
        return bool(command.dyna_Bool(place, False))  # Modo's own order
    if kind is Kind.INT:
        return command.dyna_Int(place, 0)
    return command.dyna_String(place, "")


def choices(place: int) -> Choices | None:
    """Return what the argument's list offers; None: it has none."""
    row = ROWS[place]
    if row.setting.kind is Kind.CHOICE:
        return Choices(row.setting.choices, row.words or row.setting.choices)
    if row.key not in _NAMES:
        return None
    try:
        names = _NAMES[row.key]()
    except BuildcatError:  # the dialog is worth more than its list; a name can be typed
        names = []
    return Choices(names, names)


def hint(place: int, hints: Any) -> None:
    """Let a name be typed as well as chosen."""
    if ROWS[place].key in _NAMES:
        hints.Class("sPresetText")
