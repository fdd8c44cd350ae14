"""Doubles of DCCs that forgive nothing, made from type stubs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doubles import strict, stubs
from doubles.strict import MisuseError

STUBS = """
from typing import Any, overload

version: str

class Node:
    thisown: bool
    def name(self) -> str: ...
    def setName(self, name: str, unique: bool = ...) -> None: ...

class Rop(Node):
    def render(self, frames: tuple = ..., *, verbose: bool = False) -> None: ...
    @staticmethod
    def kinds() -> list: ...

class event:
    Before: Any = ...

class Camera(Node): ...

@overload
def find(path: str) -> Node: ...
@overload
def find(path: str, parent: Node) -> Node: ...
def quit(code: int = 0) -> None: ...
"""


class Node:
    """A double of one class."""

    def __init__(self) -> None:
        self._name = "a"

    def name(self) -> str:
        return self._name


class Rop(Node):
    """A double of one that inherits."""

    def setName(self, name: str, unique: bool = False) -> None:  # noqa: N802  # the DCC's word
        self._name = name + "1" * unique

    def render(self, *arguments: Any, **named: Any) -> tuple[Any, ...]:
        return arguments, named

    @staticmethod
    def kinds() -> list[str]:
        return ["image"]


def find(path: str, parent: Any = None) -> str:
    return path


@pytest.fixture
def stub(tmp_path: Path) -> stubs.Stub:
    """What the stubs above say."""
    (tmp_path / "dcc.pyi").write_text(STUBS)
    return stubs.parse("dcc", tmp_path / "dcc.pyi")


@pytest.fixture
def dcc(stub: stubs.Stub) -> Any:
    """A double with two classes and one function."""
    fresh: list[Any] = [type("Node", (), dict(vars(Node)))]
    fresh.append(type("Rop", (fresh[0],), dict(vars(Rop))))
    return strict.module(stub, [*fresh, find])


def test_what_is_programmed_is_done(dcc: Any) -> None:
    """Inherited, overloaded, with names, without an instance."""
    rop = dcc.Rop()

    rop.setName("b", unique=True)

    assert rop.name() == "b1"
    assert rop.render((1, 2), verbose=True) == (((1, 2),), {"verbose": True})
    assert dcc.Rop.kinds() == ["image"]
    assert [dcc.find("/a"), dcc.find("/a", rop)] == ["/a", "/a"]


@pytest.mark.parametrize(
    ("misuse", "words"),
    [
        (lambda dcc: dcc.nodes, "dcc has no nodes"),
        (lambda dcc: dcc.quit(1), "dcc.quit is not programmed in this double"),
        (lambda dcc: dcc.version, "dcc.version is not programmed"),
        (lambda dcc: dcc.Camera, "dcc.Camera is not programmed"),
        (lambda dcc: dcc.find(), "dcc.find can't be called so: missing a required argument: 'path'"),
        (lambda dcc: dcc.find("/a", "b", "c"), "dcc.find can't be called so: too many positional arguments"),
        (lambda dcc: dcc.Rop().rendr(), "dcc.Rop has no rendr"),
        (lambda dcc: dcc.Rop().render((1,), True), "dcc.Rop.render can't be called so"),
        (lambda dcc: dcc.Rop().render(frame=(1,)), "unexpected keyword argument 'frame'"),
        (lambda dcc: dcc.Node().setName("b"), "dcc.Node.setName is not programmed"),
        (lambda dcc: dcc.Rop().setName(), "missing a required argument: 'name'"),
        (lambda dcc: setattr(dcc.Rop(), "colour", 1), "dcc.Rop takes no attribute colour"),
        (lambda dcc: dcc.Rop().thisown, "dcc.Rop.thisown is not programmed"),
    ],
)
def test_all_else_is_an_error(dcc: Any, misuse: Any, words: str) -> None:
    """One that no `except Exception` and no `hasattr` swallows."""
    with pytest.raises(MisuseError) as caught:
        misuse(dcc)

    assert words in str(caught.value)
    assert not isinstance(caught.value, Exception)


@pytest.mark.parametrize(
    ("programmed", "words"),
    [
        (type("Light", (), {}), "dcc has no class Light"),
        (type("Node", (), {"nam": lambda self: ""}), "dcc.Node has no method nam"),
        (type("event", (), {"After": 1}), "dcc.event has no After"),
        (test_what_is_programmed_is_done, "dcc has no function"),
    ],
)
def test_a_double_of_nothing_is_an_error(stub: stubs.Stub, programmed: Any, words: str) -> None:
    """A double can't know more than the DCC."""
    with pytest.raises(MisuseError, match=words):
        strict.module(stub, [programmed])


def test_values_of_an_enumeration_are_known(stub: stubs.Stub) -> None:
    """Those that the stubs have."""
    double: Any = strict.module(stub, [type("event", (), {"Before": 1})])

    assert double.event.Before == 1


def test_the_stubs_of_houdini_can_be_read() -> None:
    """They are the names that its plugin relies on."""
    houdini = stubs.read("types-houdini", "hou")

    assert houdini.has_value("renderMethod", "FrameByFrame")
    (render,) = houdini.method("RopNode", "render")
    assert list(render.parameters)[:3] == ["self", "frame_range", "res"]
    assert houdini.method("RopNode", "parmTuple")
    assert not houdini.method("RopNode", "rendr")
    assert "setFrame" in houdini.functions
