"""Reads what a DCC's type stubs say of its module: names, classes, and the arguments of each call."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from inspect import Parameter
from pathlib import Path


@dataclass(frozen=True)
class StubClass:
    """One class of the stubs."""

    name: str
    bases: tuple[str, ...]
    #: Name of each method → its signatures, `self` included; overloads have several.
    methods: dict[str, tuple[inspect.Signature, ...]]
    #: Names that are no methods: attributes, values of enumerations.
    values: frozenset[str]
    #: Methods that are called without an instance.
    static: frozenset[str]


@dataclass(frozen=True)
class Stub:
    """One module of the stubs."""

    name: str
    classes: dict[str, StubClass]
    functions: dict[str, tuple[inspect.Signature, ...]]
    values: frozenset[str]

    def lineage(self, name: str) -> Iterator[StubClass]:
        """Yield a class and those that it inherits from, as far as they are in the stubs."""
        if name in self.classes:
            yield self.classes[name]
            for base in self.classes[name].bases:
                yield from self.lineage(base)

    def method(self, name: str, method: str) -> tuple[inspect.Signature, ...]:
        """Return the signatures of a method, its own or inherited; none if there is none."""
        return next((one.methods[method] for one in self.lineage(name) if method in one.methods), ())

    def has_value(self, name: str, value: str) -> bool:
        """Whether a class has this attribute, or value of an enumeration."""
        return any(value in one.values for one in self.lineage(name))


@cache
def read(package: str, name: str) -> Stub:
    """Return what an installed distribution, such as `types-houdini`, says of a module, such as `hou` or `maya.cmds`.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    return parse(name, place(package, name))


def place(package: str, name: str) -> Path:
    """Return where that distribution has the stubs of that module.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    top, *below = name.split(".")
    folder = Path(str(distribution(package).locate_file("/".join((f"{top}-stubs", *below)))))
    return folder / "__init__.pyi" if folder.is_dir() else folder.with_suffix(".pyi")


def parse(name: str, path: Path) -> Stub:
    """Return what a file of stubs says of a module."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    classes = {node.name: _class(node) for node in body if isinstance(node, ast.ClassDef)}
    return Stub(name, classes, _signatures(body), frozenset(_values(body)))


def _class(node: ast.ClassDef) -> StubClass:
    functions = [one for one in node.body if isinstance(one, ast.FunctionDef)]
    decorated = {one.name: {ast.unparse(mark) for mark in one.decorator_list} for one in functions}
    return StubClass(
        name=node.name,
        bases=tuple(ast.unparse(one) for one in node.bases),
        methods=_signatures(node.body),
        values=frozenset(_values(node.body)),
        static=frozenset(name for name, marks in decorated.items() if marks & {"staticmethod", "classmethod"}),
    )


def _signatures(body: list[ast.stmt]) -> dict[str, tuple[inspect.Signature, ...]]:
    found: dict[str, tuple[inspect.Signature, ...]] = {}
    for one in body:
        if isinstance(one, ast.FunctionDef):
            found[one.name] = (*found.get(one.name, ()), _signature(one.args))
    return found


def _values(body: list[ast.stmt]) -> Iterator[str]:
    for one in body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            yield one.target.id
        elif isinstance(one, ast.Assign):
            yield from (target.id for target in one.targets if isinstance(target, ast.Name))


def _signature(arguments: ast.arguments) -> inspect.Signature:
    """Return the signature; what a default is doesn't matter here, only that there is one."""
    by_place = [(one, Parameter.POSITIONAL_ONLY) for one in arguments.posonlyargs]
    by_place += [(one, Parameter.POSITIONAL_OR_KEYWORD) for one in arguments.args]
    needed = len(by_place) - len(arguments.defaults)
    made = [
        Parameter(one.arg, kind, default=Parameter.empty if place < needed else ...)
        for place, (one, kind) in enumerate(by_place)
    ]
    if arguments.vararg:
        made.append(Parameter(arguments.vararg.arg, Parameter.VAR_POSITIONAL))
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        made.append(Parameter(one.arg, Parameter.KEYWORD_ONLY, default=... if default else Parameter.empty))
    if arguments.kwarg:
        made.append(Parameter(arguments.kwarg.arg, Parameter.VAR_KEYWORD))
    return inspect.Signature(made)
