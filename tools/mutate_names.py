"""Misspells each name that a plugin takes from its DCC, one at a time; a test must fail each time.

    .venv/bin/python tools/mutate_names.py plugins/houdini [--jobs N] [--only TEXT]

A DCC that can't be had here can't tell us that a parameter or a method has another name. So the tests run on a double
that knows names only from type stubs and sourced tables; this shows that each name of ours is really looked up there.
Misspelled are: methods, classes and enumerations of the DCC's module, arguments given by name, and texts that may be
names of nodes, parameters and values; flags are turned round. Needs `fork`, so it runs on Linux and macOS.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from environment import ROOT


@dataclass(frozen=True)
class Plugin:
    """What is mutated of one plugin, and what must notice."""

    package: str
    #: Distribution with the stubs, and the modules that they describe; empty: there are none.
    stubs: tuple[str, ...]
    #: For pytest.
    tests: tuple[str, ...]
    #: What a text that is a name of the DCC looks like.
    name: str = r"[A-Za-z_][\w#]*(?:/[\w#]+)?"
    #: Modules without names of the DCC.
    left_out: tuple[str, ...] = ("dcc", "settings", "version", "header", "standalone")
    #: `module:name` of more names of the DCC's modules, for a DCC without stubs; and of methods that the DCC calls.
    known: str = ""
    called: str = ""


_HOUDINI = ("render", "files", "refusals", "process", "batch", "panel", "rop", "standalone")
_MAYA = ("render", "pictures", "scripts", "refusals", "names", "command_line", "panel", "menu", "command")
PLUGINS = {
    "plugins/houdini": Plugin(
        "buildcat_houdini",
        ("types-houdini", "hou"),
        (
            *(f"tests/plugins/test_houdini_{one}.py" for one in _HOUDINI),
            "tests/unit/test_build_hda.py",
        ),
    ),
    "plugins/maya": Plugin(
        "buildcat_maya",
        ("types-maya-strict", "maya.cmds", "maya.api.OpenMaya", "maya.OpenMayaUI"),
        tuple(f"tests/plugins/test_maya_{one}.py" for one in _MAYA),
        left_out=("dcc", "settings", "version", "header", "command"),
    ),
    "plugins/modo": Plugin(
        "buildcat_modo",
        (),
        tuple(f"tests/plugins/test_modo_{one}.py" for one in ("scene", "render", "kit", "version")),
        r"!?[A-Za-z_][\w.$]*",
        ("dcc", "settings", "version", "names", "driver"),
        "doubles.modo.table:API",
        "doubles.modo.table:CALLED",
    ),
}
#: How long the tests may take on one mutant.
_LIMIT_S = 120


@dataclass(frozen=True)
class Mutant:
    """One changed module."""

    module: str
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line}  {self.what}"


@dataclass(frozen=True)
class Names:
    """What is taken for a name of the DCC."""

    #: Attributes and arguments.
    vocabulary: frozenset[str]
    #: The pattern of a text.
    text: str = Plugin.name
    #: Methods of ours that the DCC calls.
    called: frozenset[str] = frozenset()


def mutants(folder: Path, names: Names, left_out: tuple[str, ...]) -> Iterator[Mutant]:
    """Yield all mutants of a package."""
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(folder).with_suffix("").parts)
        if module not in (*left_out, "__init__"):
            yield from _of_module(module, path.read_text(encoding="utf-8"), names)


def _of_module(module: str, text: str, names: Names) -> Iterator[Mutant]:
    tree = ast.parse(text)
    skipped = _not_run(tree)
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        for end, old, new in _changes(node, names):
            yield Mutant(module, node.lineno, f"{old} -> {new}", _replaced(text, end, old, new))  # type: ignore[attr-defined]  # those that are changed have a line


def _not_run(tree: ast.Module) -> set[int]:
    """Return all that no test can notice: docstrings, annotations, decorators, asserts, sentences, and so on."""
    found: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts = [node]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            parts = [node.returns, *(one.annotation for one in every)]
        elif isinstance(node, ast.ClassDef):
            parts = [*node.decorator_list]
        elif isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, (ast.Assert, ast.JoinedStr)) or (
            isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        ):
            parts = [node]
        found.update(id(inner) for part in parts if part for inner in ast.walk(part))
    return found


def _changes(node: ast.AST, names: Names) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Yield where a change ends, what is there, and what comes in its place."""
    if isinstance(node, ast.Attribute) and node.attr in names.vocabulary:
        yield (node.end_lineno or 0, node.end_col_offset or 0), node.attr, f"{node.attr}x"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(names.text, node.value):
        end = (node.end_lineno or 0, (node.end_col_offset or 0) - 1)
        yield end, node.value, f"{node.value}x"
    elif isinstance(node, ast.FunctionDef) and node.name in names.called:
        yield (node.lineno, node.col_offset + len(f"def {node.name}")), node.name, f"{node.name}x"
    elif isinstance(node, ast.keyword) and node.arg in names.vocabulary:
        end = (node.lineno, node.col_offset + len(node.arg))
        yield end, node.arg, f"{node.arg}x"
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
            old = str(node.value.value)
            yield (node.value.end_lineno or 0, node.value.end_col_offset or 0), old, str(not node.value.value)


def _replaced(text: str, end: tuple[int, int], old: str, new: str) -> str:
    lines = text.splitlines(keepends=True)
    line, column = lines[end[0] - 1].encode(), end[1]
    start = column - len(old.encode())
    assert line[start:column].decode() == old, (line, old)
    lines[end[0] - 1] = (line[:start] + new.encode() + line[column:]).decode()
    return "".join(lines)


class _Changed(MetaPathFinder, Loader):
    """Gives one module another text."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._text, f"<mutant of {self._name}>", "exec"), module.__dict__)


class Verdict(Enum):
    """What the tests make of a mutant."""

    NOTICED, HUNG, UNNOTICED = "noticed", "hung", "not noticed"


def verdict(plugin: Plugin, mutant: Mutant | None) -> Verdict:
    """Run the tests on a mutant, or on what is there, in a process of its own; noticed is one that fails a test."""
    child = os.fork()
    if child:
        deadline = time.monotonic() + _LIMIT_S
        while time.monotonic() < deadline:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return Verdict.NOTICED if status else Verdict.UNNOTICED
            time.sleep(0.02)
        os.kill(child, 9)
        os.waitpid(child, 0)
        return Verdict.HUNG
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(1, 2)
    if mutant:
        sys.meta_path.insert(0, _Changed(f"{plugin.package}.{mutant.module}", mutant.text))
    import pytest

    code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--timeout", "60", *_nearest_first(plugin, mutant)])
    os._exit(0 if code == 0 else 1)


def _nearest_first(plugin: Plugin, mutant: Mutant | None) -> list[str]:
    """Return the tests, those first that go by a word of the module's name: most mutants then end soon."""
    words = re.split(r"[._]", mutant.module) if mutant else []
    return sorted(plugin.tests, key=lambda one: not any(word in Path(one).stem.split("_") for word in words))


def names_of(plugin: Plugin) -> Names:
    """Return every name in the stubs of the DCC: of classes, functions, methods, values, and of their arguments.

    And those of its double's tables.
    """
    from doubles import stubs

    read = (stubs.read(plugin.stubs[0], one) for one in plugin.stubs[1:])
    vocabulary = frozenset(name for one in read for name in _names(one)) - {"self"}
    return Names(vocabulary | _table(plugin.known), plugin.name, _table(plugin.called))


def _table(place: str) -> frozenset[str]:
    module, _, name = place.partition(":")
    return frozenset(getattr(importlib.import_module(module), name)) if place else frozenset()


def _names(stub: Any) -> Iterator[str]:
    calls = [*stub.functions.values(), *(one for each in stub.classes.values() for one in each.methods.values())]
    yield from (*stub.classes, *stub.functions, *stub.values)
    yield from (name for signatures in calls for one in signatures for name in one.parameters)
    yield from (name for each in stub.classes.values() for name in (*each.methods, *each.values))


def main() -> int:
    """Try each mutant; return 1 if one wasn't noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("plugin", choices=sorted(PLUGINS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="Mutants that are tried at once.")
    parser.add_argument("--only", default="", help="Only mutants with this in their description.")
    given = parser.parse_args()
    plugin = PLUGINS[given.plugin]
    sys.path.insert(0, str(ROOT / "tests"))
    os.chdir(ROOT)
    import pytest  # noqa: F401  # loaded once, before all forks

    if verdict(plugin, None) is not Verdict.UNNOTICED:
        print("The tests fail already, without any mutant.")
        return 1
    found = mutants(ROOT / given.plugin / plugin.package, names_of(plugin), plugin.left_out)
    tried = [one for one in found if given.only in str(one)]
    with ThreadPoolExecutor(given.jobs) as pool:
        results = list(pool.map(lambda one: verdict(plugin, one), tried))
    for one, result in zip(tried, results, strict=True):
        if result is not Verdict.NOTICED:
            print(f"{result.value}: {one}")
    survivors, hung = results.count(Verdict.UNNOTICED), results.count(Verdict.HUNG)
    noticed = len(tried) - survivors
    share = 100 * noticed / len(tried) if tried else 0.0
    hint = f"   {hung} of them by a test that hung" if hung else ""
    verdict_word = "FAIL" if survivors else "PASS"
    print(f"mutants noticed {noticed} of {len(tried)}   {share:.1f} %   100 %   {verdict_word}{hint}")
    return 1 if survivors or not tried else 0


if __name__ == "__main__":
    raise SystemExit(main())
