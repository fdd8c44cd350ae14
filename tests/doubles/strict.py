"""Makes a double of a DCC's module that forgives nothing: unknown names, wrong arguments, calls that nobody programmed.

What is programmed is written as plain classes and functions of the same names; the stubs say what may be called.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterable
from typing import Any

from doubles.stubs import Stub


class MisuseError(BaseException):
    """The code under test does what the real module couldn't take. Not an Exception, so that no code swallows it."""


def module(stub: Stub, programmed: Iterable[Any]) -> types.ModuleType:
    """Return the module: the classes and functions that are programmed, and errors for all else.

    Raises:
        MisuseError: something is programmed that the stubs don't have.
    """
    made = types.ModuleType(stub.name)
    for one in programmed:
        if isinstance(one, type):
            if one.__name__ not in stub.classes:
                raise MisuseError(f"{stub.name} has no class {one.__name__}, and a double of it")
            setattr(made, one.__name__, _strict_class(stub, one))
        else:
            setattr(made, one.__name__, _strict_function(stub, one))
    made.__getattr__ = functools.partial(_missing_name, stub)  # type: ignore[method-assign]  # PEP 562
    return made


def _missing_name(stub: Stub, name: str) -> Any:
    if name.startswith("__"):  # Python's own questions
        raise AttributeError(name)
    if name in stub.classes or name in stub.functions or name in stub.values:
        raise MisuseError(f"{stub.name}.{name} is not programmed in this double")
    raise MisuseError(f"{stub.name} has no {name}")


def _strict_function(stub: Stub, function: Callable[..., Any]) -> Callable[..., Any]:
    name = function.__name__
    if name not in stub.functions:
        raise MisuseError(f"{stub.name} has no function {name}, and a double of it")
    return _checked(f"{stub.name}.{name}", stub.functions[name], function)


def _strict_class(stub: Stub, cls: type) -> type:
    """Check what is programmed, and let each call be checked. The class itself is changed."""
    where = f"{stub.name}.{cls.__name__}"
    for name, value in list(vars(cls).items()):
        if not name.startswith("_"):
            setattr(cls, name, _strict_member(stub, cls, name, value))

    def missing(itself: Any, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if stub.method(cls.__name__, name) or stub.has_value(cls.__name__, name):
            raise MisuseError(f"{where}.{name} is not programmed in this double")
        raise MisuseError(f"{where} has no {name}")

    def refuse(itself: Any, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise MisuseError(f"{where} takes no attribute {name}")
        object.__setattr__(itself, name, value)

    cls.__getattr__ = missing  # type: ignore[attr-defined]  # for instances
    cls.__setattr__ = refuse  # type: ignore[assignment,method-assign]  # as SWIG's non-dynamic classes
    return cls


def _strict_member(stub: Stub, cls: type, name: str, value: Any) -> Any:
    where = f"{stub.name}.{cls.__name__}.{name}"
    if isinstance(value, staticmethod):
        return staticmethod(_checked(where, _known(stub, cls, name), value.__func__))
    if inspect.isfunction(value):
        return _checked(where, _known(stub, cls, name), value)
    if not stub.has_value(cls.__name__, name):
        raise MisuseError(f"{stub.name}.{cls.__name__} has no {name}, and a double of it")
    return value


def _known(stub: Stub, cls: type, name: str) -> tuple[inspect.Signature, ...]:
    signatures = stub.method(cls.__name__, name)
    if not signatures:
        raise MisuseError(f"{stub.name}.{cls.__name__} has no method {name}, and a double of it")
    return signatures


def _checked(name: str, signatures: tuple[inspect.Signature, ...], function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, which checks its arguments against the stubs first."""

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        problems = [_problem(one, arguments, named) for one in signatures]
        if all(problems):
            raise MisuseError(f"{name} can't be called so: {'; '.join(problems)}")
        return function(*arguments, **named)

    return call


def _problem(signature: inspect.Signature, arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    try:
        signature.bind(*arguments, **named)
    except TypeError as exc:
        return str(exc)
    return ""
