"""What the double has for kits: commands with arguments, dialogs. Python 3.9.

Source: kits in public repositories, and the Python API's page of The Foundry.
"""

from __future__ import annotations

import types
from typing import Any

from doubles.modo.session import Session
from doubles.strict import MisuseError

_TYPES = {"sTYPE_STRING": "string", "sTYPE_INTEGER": "integer", "sTYPE_BOOLEAN": "boolean", "sTYPE_FLOAT": "float"}
_FLAGS = {"fCMDARG_OPTIONAL": 2, "fCMD_UI": 16}


def modules(session: Session) -> dict[str, types.ModuleType]:
    """Return `lx` with what kits need, `lxu.command` and `modo`."""
    lx = session.lx()
    lx.symbol = types.SimpleNamespace(**_TYPES, **_FLAGS)  # type: ignore[attr-defined]  # a module
    lx.out = session.printed.append  # type: ignore[attr-defined]  # as above
    platform = types.SimpleNamespace(IsHeadless=lambda: session.is_headless)
    lx.service = types.SimpleNamespace(Platform=lambda: platform)  # type: ignore[attr-defined]  # as above

    def bless(kind: type, name: str) -> None:
        if name in session.blessed or not issubclass(kind, BasicCommand):
            raise MisuseError(f"{name} can't be blessed")
        session.blessed[name] = kind

    lx.bless = bless  # type: ignore[attr-defined]  # as above
    lxu, command, modo = (types.ModuleType(one) for one in ("lxu", "lxu.command", "modo"))
    lxu.command, command.BasicCommand = command, BasicCommand  # type: ignore[attr-defined]  # as above
    alert = lambda title, text, kind: session.alerts.append((title, text, kind))  # noqa: E731  # one line
    modo.dialogs = types.SimpleNamespace(alert=alert)  # type: ignore[attr-defined]  # as above
    return {"lx": lx, "lxu": lxu, "lxu.command": command, "modo": modo}


class BasicCommand:
    """lxu.command.BasicCommand"""

    def __init__(self) -> None:
        self._arguments: list[tuple[str, str]] = []
        self._flags: dict[int, int] = {}
        self._given: dict[str, Any] = {}

    def dyna_Add(self, name: str, kind: str) -> None:
        if kind not in _TYPES.values() or name in dict(self._arguments):
            raise MisuseError(f"no argument {name} of the type {kind}")
        self._arguments.append((name, kind))

    def basic_SetFlags(self, place: int, flags: int) -> None:
        self._flags[place] = flags

    def dyna_IsSet(self, place: int) -> bool:
        return self._arguments[place][0] in self._given

    def _value(self, place: int, kind: str) -> Any:
        name, own = self._arguments[place]
        if own != kind:
            raise MisuseError(f"{name} is of the type {own}, and is read as {kind}")
        return self._given[name]

    def dyna_String(self, place: int) -> Any:
        return self._value(place, "string")

    def dyna_Int(self, place: int) -> Any:
        return self._value(place, "integer")

    def dyna_Bool(self, place: int) -> Any:
        return self._value(place, "boolean")

    def dyna_Float(self, place: int) -> Any:
        return self._value(place, "float")


def run(session: Session, name: str, /, **given: Any) -> None:
    """Run a command as a script would: arguments that aren't declared are refused, those that must be are asked for."""
    command: Any = session.blessed[name]()
    known = dict(command._arguments)
    if set(given) - set(known):
        raise RuntimeError(f"{name} has no argument {min(set(given) - set(known))}")
    if any(command._flags.get(place) != 2 for place in range(len(known))):
        raise MisuseError(f"{name} would ask for an argument")
    command._given = given
    if not (command.basic_Enable(None) and command.cmd_Flags() == 16):
        raise MisuseError(f"{name} would be undone with the scene")
    command.basic_Execute(None, 0)
