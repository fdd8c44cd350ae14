"""What the double has for kits: commands with arguments, dialogs, messages. Python 3.9.

Sources: kits in public repositories; "Python Command Overview", "Message Tables" and "Command System: Executing" of The
Foundry's documentation.
"""

from __future__ import annotations

import types
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from doubles.modo.session import Session, parse
from doubles.strict import MisuseError

_TYPES = {"sTYPE_STRING": "string", "sTYPE_INTEGER": "integer", "sTYPE_BOOLEAN": "boolean"}
_OPTIONAL, _UI, _POPUPS, _FAILED = 1, 16, 4, "failed"
_FLAGS = {"fCMDARG_OPTIONAL": _OPTIONAL, "fCMD_UI": _UI, "fVALHINT_POPUPS": _POPUPS}
_READ = {"string": str, "integer": int, "boolean": lambda text: {"true": True, "false": False}[text]}


def modules(session: Session) -> dict[str, types.ModuleType]:
    """Return `lx` with what kits need, `lxifc`, `lxu.command` and `modo`."""
    lx: Any = session.lx()
    lx.symbol = types.SimpleNamespace(**_TYPES, **_FLAGS)
    lx.result = types.SimpleNamespace(FAILED=_FAILED)
    lx.out = session.printed.append

    class Platform:
        def IsHeadless(self) -> bool:
            return session.is_headless

    lx.service = types.SimpleNamespace(Platform=Platform)

    def bless(kind: type, name: str) -> None:
        if name in session.blessed or not issubclass(kind, BasicCommand):
            raise MisuseError(f"{name} can't be blessed")
        session.blessed[name] = kind

    def alert(title: str, message: str, dtype: str) -> None:
        if dtype not in {"info", "warning", "error"}:
            raise MisuseError(f"no alert is a {dtype}")
        session.alerts.append((title, message, dtype))

    lx.bless = bless
    made: dict[str, Any] = {one: types.ModuleType(one) for one in ("lxifc", "lxu", "lxu.command", "modo")}
    made["lxifc"].UIValueHints = UIValueHints
    made["lxu"].command, made["lxu.command"].BasicCommand = made["lxu.command"], BasicCommand
    made["modo"].dialogs = types.SimpleNamespace(alert=alert)
    return {"lx": lx, **made}


class UIValueHints:
    """lxifc.UIValueHints: what isn't overridden isn't there."""


class Hints:
    """What arg_UIHints is given."""

    def __init__(self) -> None:
        self.kind = ""

    def Class(self, name: str) -> None:
        if name != "sPresetText":
            raise MisuseError(f"no source has a class {name} of arguments")
        self.kind = name


class BasicCommand:
    """lxu.command.BasicCommand: the methods that Modo calls, and those that a command calls."""

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

    def _value(self, place: int, kind: str, other: Any) -> Any:
        name, own = self._arguments[place]
        if own != kind:
            raise MisuseError(f"{name} is of the type {own}, and is read as {kind}")
        return self._given.get(name, other)

    def dyna_String(self, place: int, other: str) -> Any:
        return self._value(place, "string", other)

    def dyna_Int(self, place: int, other: int) -> Any:
        return self._value(place, "integer", other)

    def dyna_Bool(self, place: int, other: bool) -> Any:
        return self._value(place, "boolean", other)

    def _set(self, place: int, kinds: tuple[str, ...], value: Any) -> None:
        name, own = self._arguments[place]
        if own not in kinds:
            raise MisuseError(f"{name} is of the type {own}, and {value!r} isn't")
        self._given[name] = value

    def attr_SetString(self, place: int, value: str) -> None:
        self._set(place, ("string",), value)

    def attr_SetInt(self, place: int, value: int) -> None:
        self._set(place, ("integer", "boolean"), value)


class Message:
    """What a command tells of its end."""

    def __init__(self, tables: ET.ElementTree) -> None:
        self._texts = {
            (table.attrib["key"], one.attrib["key"]): one.text or ""
            for table in tables.iter("hash")
            if table.attrib["type"] == "Table"
            for one in table.iter("hash")
            if one.attrib["type"] == "T"
        }
        self.code, self.text = "", ""

    def SetCode(self, code: str) -> None:
        self.code = code

    def SetMessage(self, table: str, key: str, _number: int) -> None:
        if (f"{table}.en_US", key) not in self._texts:
            raise MisuseError(f"no table of messages has {table} {key}")
        self.text = self._texts[f"{table}.en_US", key]

    def SetArgumentString(self, place: int, value: str) -> None:
        if f"%{place}" not in self.text:
            raise MisuseError(f"{self.text} has no place {place}")
        self.text = self.text.replace(f"%{place}", value)


class Dialog:
    """Modo's own dialog of a command: each argument with what it holds, and what its list offers."""

    def __init__(self, command: Any) -> None:
        command.cmd_DialogInit()
        self.values = dict(command._given)
        self.lists: dict[str, dict[str, str]] = {}
        self.typed: set[str] = set()
        for place, (name, _) in enumerate(command._arguments):
            offered, hints = command.arg_UIValueHints(place), Hints()
            command.arg_UIHints(place, hints)
            if hints.kind:
                self.typed.add(name)
            if offered is not None:
                if offered.uiv_Flags() != _POPUPS:
                    raise MisuseError(f"{name} has a list that isn't shown")
                places = range(offered.uiv_PopCount())
                self.lists[name] = {offered.uiv_PopInternalName(i): offered.uiv_PopUserName(i) for i in places}


def run(session: Session, line: str, kit: Path, **typed: Any) -> Dialog | None:
    """Run a command as a menu or a script does; `?` opens its dialog first, in which `typed` is typed.

    Raises:
        RuntimeError: it failed, as a script sees it.
    """
    name, _, rest = line.partition(" ")
    command: Any = session.blessed[name.lstrip("?")]()
    types_of = dict(command._arguments)
    for key, text in parse(rest):
        if key not in types_of:
            raise RuntimeError(f"{name} has no argument {key}")
        command._given[key] = _READ[types_of[key]](text)
    if any(command._flags.get(place) != _OPTIONAL for place in range(len(types_of))):
        raise MisuseError(f"{name} would ask for an argument")
    if not (command.basic_Enable(None) and command.cmd_Flags() == _UI):
        raise MisuseError(f"{name} would be undone with the scene")
    dialog = Dialog(command) if name.startswith("?") else None
    if dialog:  # each row that is shown is set then
        empty = {"string": "", "integer": 0, "boolean": False}
        command._given = {**{key: empty[kind] for key, kind in types_of.items()}, **command._given, **typed}
    message = Message(ET.parse(kit / "configs/messages.cfg"))
    command.basic_Execute(message, 0)
    if message.code == _FAILED:
        raise RuntimeError(message.text)
    return dialog
