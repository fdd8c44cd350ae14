"""Writes DialogScript, the language in which Houdini describes the parameters of a node. Any Python 3.9 or newer.

Sources: "The Dialog Script Language" of SideFX's HDK documentation; how Houdini itself writes strings and conditions,
as in the expanded assets of github.com/sideeffects/SideFXLabs; the tags of node paths: "#pragma parmtag" of SideFX's
VEX documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_INDENT = "    "


@dataclass(frozen=True)
class Parm:
    """One parameter."""

    name: str
    label: str
    #: Houdini's word for what it holds; empty: Houdini's own parameter of that name, a base parameter.
    kind: str = ""
    #: As text, whatever the kind; of a menu it is a token.
    default: str = ""
    #: What a tooltip shows.
    help: str = ""
    #: Words that stand alone: `invisible`, `nolabel`, `joinnext`.
    flags: tuple[str, ...] = ()
    #: Lowest and highest number; an end with `!` is one that can't be passed.
    range: tuple[str, str] | None = None
    #: Token → label of each choice.
    menu: Mapping[str, str] = field(default_factory=dict)
    #: The parameter is greyed when this is so, such as `use_take == 0`.
    disabled_when: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    """Parameters under one heading."""

    name: str
    label: str
    parms: tuple[Parm, ...]


def script(name: str, label: str, inputs: int, parts: Iterable[Parm | Folder]) -> str:
    """Return the DialogScript of an operator; folders that follow each other become the tabs of one row."""
    lines = [
        "{",
        f"{_INDENT}name\t{name}",
        f"{_INDENT}script\t{name}",
        f"{_INDENT}label\t{quoted(label)}",
        "",
        f"{_INDENT}help {{",
        '\t""',
        f"{_INDENT}}}",
        "",
        *(f'{_INDENT}inputlabel\t{one}\t"Input #{one}"' for one in range(1, inputs + 1)),
        "",
    ]
    for part in parts:
        lines += (_INDENT + line for line in (_parm(part) if isinstance(part, Parm) else _folder(part)))
    return "\n".join([*lines, "}", ""])


def quoted(text: str) -> str:
    """Return a text as a string of DialogScript, on one line whatever is in it."""
    return '"' + "".join(_ESCAPES.get(one, one) for one in text) + '"'


def _folder(folder: Folder) -> Iterator[str]:
    yield "group {"
    yield f"{_INDENT}name    {quoted(folder.name)}"
    yield f"{_INDENT}label   {quoted(folder.label)}"
    for parm in folder.parms:
        yield from (_INDENT + line for line in _parm(parm))
    yield "}"


def _parm(parm: Parm) -> Iterator[str]:
    yield "parm {"
    yield from (_INDENT + line for line in _properties(parm))
    yield "}"


def _properties(parm: Parm) -> Iterator[str]:
    yield f"name    {quoted(parm.name)}"
    if not parm.kind:
        yield "baseparm"
    yield f"label   {quoted(parm.label)}"
    if parm.kind:
        yield f"type    {parm.kind}"
    yield from parm.flags
    if parm.kind:
        yield f"default {{ {quoted(parm.default)} }}"
    if parm.help:
        yield f"help    {quoted(parm.help)}"
    if parm.menu:
        yield "menu {"
        yield from (f"{_INDENT}{quoted(token)}\t{quoted(label)}" for token, label in parm.menu.items())
        yield "}"
    if parm.disabled_when:
        yield f"disablewhen {quoted(f'{{ {parm.disabled_when} }}')}"
    if parm.range:
        yield f"range   {{ {parm.range[0]} {parm.range[1]} }}"
    yield from (f"parmtag {{ {quoted(tag)} {quoted(value)} }}" for tag, value in parm.tags.items())
    if not parm.kind:
        yield "export  none"
