"""Reads an expanded HDA as Houdini would, and refuses what Houdini might not read. Knows nothing of who wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

INDEX = (
    *("Operator", "Label", "Path", "Icon", "Table", "License", "Extra", "User"),
    *("Inputs", "Subnet", "Python", "Empty", "Modified"),
)
_COLUMN = 14
_TYPES = {
    *("string", "integer", "float", "toggle", "ordinal", "button", "label"),
    *("file", "directory", "oppath", "oplist"),
}
_OPTIONS: dict[str, tuple[str, type]] = {
    "Cursor": ("intarray", list),
    "IsExpr": ("bool", bool),
    "IsPython": ("bool", bool),
    "IsScript": ("bool", bool),
    "Source": ("string", str),
}
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
#: A comment · a string, without line breaks · a brace · a word · a line's end · blanks.
_TOKEN = re.compile(r'(#[^\n]*)|"((?:[^"\\\n]|\\.)*)"|([{}])|([^\s{}"#][^\s{}"]*)|(\n)|[ \t]+')


class UnreadableError(ValueError):
    """Houdini might not read it."""


@dataclass(frozen=True)
class Token:
    """One word of DialogScript."""

    kind: str
    text: str


@dataclass
class Statement:
    """One line of DialogScript: a word, what follows it, and the block that it opens."""

    word: str
    values: list[str] = field(default_factory=list)
    block: list[Statement] | None = None


@dataclass
class Parm:
    """One parameter."""

    name: str
    label: str
    kind: str
    folder: str
    default: list[str]
    help: str
    flags: set[str]
    #: Both ends as (number, whether it can't be passed).
    range: list[tuple[float, bool]]
    menu: list[tuple[str, str]]
    disabled_when: str
    tags: dict[str, str]


@dataclass
class Hda:
    """What one expanded library says of its one operator."""

    index: dict[str, str]
    #: Texts of all sections by their real names.
    sections: dict[str, str]
    parms: dict[str, Parm]
    folders: list[str]
    inputs: list[str]
    options: dict[str, Any]


def read(folder: Path) -> Hda:
    """Read the library in the folder.

    Raises:
        UnreadableError: something in it is not as Houdini writes it.
    """
    index = _index(folder / "INDEX__SECTION")
    operator = f"{index['Table']}/{index['Operator']}"
    listed = _listed(folder)
    _check(set(listed.values()) == {"INDEX_SECTION", "houdini.hdalibrary", operator}, f"It lists {listed}.")
    _check((folder / "houdini.hdalibrary").read_bytes() == b"", "The marker is not empty.")
    _check(index["Path"] == f"oplib:/{operator}?{operator}", f"Its path is {index['Path']}.")
    below = next(folder / name for name, real in listed.items() if real == operator)
    sections = {real: (below / name).read_text("utf-8") for name, real in _listed(below).items()}
    head, parms, folders = dialog(sections["DialogScript"])
    _check(head["name"] == head["script"] == [index["Operator"]], f"The dialog is of {head['name']}.")
    _check(index["Inputs"] == f"0 to {len(head['inputlabel'])}", f"It has {len(head['inputlabel'])} labels of inputs.")
    _check(index["Subnet"] != "false" or not any(one.startswith("Contents") for one in sections), "It has contents.")
    options = _options(sections["ExtraFileOptions"])
    _check({one.partition("/")[0] for one in options} <= set(sections), "Options of a section that isn't there.")
    ElementTree.fromstring(sections["Tools.shelf"])
    ElementTree.fromstring(sections["IconSVG"])
    return Hda(index, sections, parms, folders, head["inputlabel"], options)


def real_name(name: str) -> str:
    """Return the name that a file's name stands for."""
    found = re.sub(r"_(.?)", lambda match: {"_": "_", "1": "/", "8": ":"}.get(match[1], "\0"), name)
    _check("\0" not in found and not re.search(r"[\s:/]", name), f"{name!r} has an unknown escape.")
    return found


def _listed(folder: Path) -> dict[str, str]:
    """Return the rows of a folder's Sections.list: name of the file → real name."""
    lines = (folder / "Sections.list").read_bytes().decode("ascii").split("\n")
    _check(lines[0] == '""' and lines[-1] == "", f"{folder.name}/Sections.list begins or ends wrongly.")
    rows: dict[str, str] = {}
    for line in lines[1:-1]:
        name, *real = line.split("\t")
        _check(real == [real_name(name)] and name not in rows, f"{folder.name}/Sections.list has the row {line!r}.")
        rows[name] = real[0]
    there = {one.name for one in folder.iterdir()} - {"Sections.list"}
    _check(there == set(rows), f"{folder.name} holds {sorted(there)} and lists {sorted(rows)}.")
    return rows


def _index(path: Path) -> dict[str, str]:
    lines = path.read_bytes().decode("ascii").split("\n")
    _check(lines[-2:] == ["", ""], "The index has no empty line at its end.")
    entries: dict[str, str] = {}
    for line in lines[:-2]:
        key = line[:_COLUMN]
        _check(re.fullmatch(r"[A-Z][a-z]+: +", key) and len(key) == _COLUMN, f"The index has the line {line!r}.")
        entries[key.rstrip()[:-1]] = line[_COLUMN:]
    _check(tuple(entries) == INDEX, f"The index has {tuple(entries)}.")
    return entries


def _options(text: str) -> dict[str, Any]:
    found = json.loads(text)
    for name, option in found.items():
        kind, python = _OPTIONS[name.partition("/")[2]]
        is_fit = set(option) == {"type", "value"} and option["type"] == kind and isinstance(option["value"], python)
        _check(is_fit, f"The option {name} is {option}.")
    return {name: option["value"] for name, option in found.items()}


def dialog(text: str) -> tuple[dict[str, list[str]], dict[str, Parm], list[str]]:
    """Parse a DialogScript; returns the operator's own words, its parameters by name, its folders."""
    (whole,) = _only(parse(text), "")
    head: dict[str, list[str]] = {"name": [], "script": [], "label": [], "help": [], "inputlabel": []}
    parms: dict[str, Parm] = {}
    folders: list[str] = []
    for one in whole.block or []:
        if one.word == "parm":
            _add(parms, one, "")
        elif one.word == "group":
            label = _words(one)["label"].values[0]
            folders.append(label)
            _check(set(_words(one)) == {"name", "label", "parm"}, f"The folder {label} has other words.")
            for parm in one.block or []:
                if parm.word == "parm":
                    _add(parms, parm, label)
        else:
            _check(one.word in head, f"Nobody knows the word {one.word!r}.")
            head[one.word] += one.values[-1:]
    for parm in parms.values():
        _check_fit(parm, set(parms))
    return head, parms, folders


def _check_fit(parm: Parm, names: set[str]) -> None:
    """Refuse a default that the parameter doesn't take, and a condition on what isn't there."""
    (default,) = parm.default if parm.kind else [""]
    _check(parm.kind != "toggle" or default in ("0", "1"), f"{parm.name} begins as {default!r}.")
    _check(parm.kind != "ordinal" or default in dict(parm.menu), f"{parm.name} begins as {default!r}.")
    if parm.range:
        (low, _), (high, _) = parm.range
        _check(low <= float(default) <= high and low < high, f"{parm.name} begins as {default} of {parm.range}.")
    if parm.disabled_when:
        condition = re.fullmatch(r"\{ (\w+) == \S+ \}", parm.disabled_when)
        _check(condition and condition[1] in names, f"{parm.name} is disabled when {parm.disabled_when}.")


def _only(statements: list[Statement], word: str) -> list[Statement]:
    _check([one.word for one in statements] == [word], f"There are {[one.word for one in statements]}.")
    return statements


def _words(statement: Statement) -> dict[str, Statement]:
    return {one.word: one for one in statement.block or []}


def _add(parms: dict[str, Parm], statement: Statement, folder: str) -> None:
    words = _words(statement)
    name, kind = words["name"].values[0], words["type"].values[0] if "type" in words else ""
    known = {"name", "label", "type", "default", "help", "menu", "disablewhen", "range", "parmtag", "export"}
    flags = set(words) - known
    _check(flags <= {"baseparm", "invisible", "nolabel", "joinnext"}, f"{name} has the words {flags}.")
    _check(kind in _TYPES or (not kind and "baseparm" in flags), f"{name} is of the type {kind!r}.")
    _check(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and name not in parms, f"{name!r} can't be a name here.")
    parms[name] = Parm(
        name,
        words["label"].values[0],
        kind,
        folder,
        _inside(words.get("default")),
        words["help"].values[0] if "help" in words else "",
        flags,
        [(float(end.rstrip("!")), end.endswith("!")) for end in _inside(words.get("range"))],
        [(one.word, one.values[0]) for one in (words["menu"].block or [])] if "menu" in words else [],
        words["disablewhen"].values[0] if "disablewhen" in words else "",
        {tag: value for tag, value in map(_inside, (one for one in statement.block or [] if one.word == "parmtag"))},
    )


def _inside(statement: Statement | None) -> list[str]:
    """Return what is between the braces of `default { "1" }`."""
    if statement is None:
        return []
    (only,) = statement.block or [Statement("")]
    return [only.word, *only.values]


def parse(text: str) -> list[Statement]:
    """Return the statements of a DialogScript, each with those of its block."""
    tokens = list(_tokens(text))
    statements, end = _block(tokens, 0)
    _check(end == len(tokens), "A brace closes nothing.")
    return statements


def _block(tokens: list[Token], at: int) -> tuple[list[Statement], int]:
    """Read statements from a place on, up to the brace that closes their block, or the end."""
    found: list[Statement] = []
    is_new = True
    while at < len(tokens) and tokens[at].text + tokens[at].kind != "}brace":
        token = tokens[at]
        at += 1
        if token.kind == "line":
            is_new = True
        elif token.kind == "brace":
            if is_new:
                found.append(Statement(""))
            found[-1].block, at = _block(tokens, at)
            _check(at < len(tokens), "A brace is not closed.")
            at += 1
        elif is_new:
            found.append(Statement(token.text))
        else:
            found[-1].values.append(token.text)
        is_new = token.kind == "line"
    return found, at


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableError(f"DialogScript can't go on with {text[at : at + 20]!r}.")
        at = match.end()
        _, string, brace, word, line = match.groups()
        if string is not None:
            yield Token("string", _unescaped(string))
        elif brace or word or line:
            yield Token("brace" if brace else "word" if word else "line", brace or word or line)


def _unescaped(text: str) -> str:
    unknown = set(re.findall(r"\\(.)", text)) - set(_ESCAPES)
    _check(not unknown, f"Unknown escapes {unknown} in {text!r}.")
    return re.sub(r"\\(.)", lambda match: _ESCAPES[match[1]], text)


def _check(condition: object, message: str) -> None:
    if not condition:
        raise UnreadableError(message)
