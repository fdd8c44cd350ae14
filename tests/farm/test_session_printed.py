"""What a session makes of what its DCC prints, how it is started without a Python of its own, and idleness."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside import loop
from buildcat.inside.messages import Order, Progress
from buildcat.model.errors import LicenceError
from buildcat.model.job import Unit
from buildcat_toy import scene
from buildcat_toy.dcc import DCC

Start = Callable[..., Session]


def new_session(*launch: str, executable: str = sys.executable) -> Session:
    return Session(DCC, Installation(executable, 1_002_000, launch or DCC.launch.arguments))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a session and load a toy scene of that content into it."""
    started = []

    def start(**content: object) -> Session:
        session = new_session()
        started.append(session)
        session.start()
        session.load("e1", Order(str(scene.save(tmp_path / "shot.toy", **content)), str(tmp_path)))
        return session

    yield start
    for session in started:
        session.close()


def test_what_the_dcc_prints_of_its_progress_counts_where_the_plugin_knows_nothing(start: Start) -> None:
    """The last percentage printed is the fraction; Houdini's renderers tell it no other way."""
    session = start(percent=[1], nap_s=1.3)
    heard: list[Progress] = []

    session.render("e1", Unit(0, 1), heard.append)

    assert 0.4 in [one.fraction for one in heard]
    assert all(one.fraction in (None, 0.4, 1.0) for one in heard)


@pytest.mark.parametrize("how", ["denied", "unlicensed"])
def test_what_the_dcc_prints_of_a_licence_makes_an_error_one_of_licences(start: Start, how: str) -> None:
    """Whether it then fails or ends: the unit is given back without a try."""
    session = start(**{how: [1]})

    with pytest.raises(LicenceError, match=r"^No licence of Toy is free\."):
        session.render("e1", Unit(0, 1), lambda _progress: None)

    assert not session.is_alive


def test_a_dcc_that_finds_no_licence_at_its_start_says_so() -> None:
    """It ends before it has connected; the worker waits for a licence instead of counting a failure."""
    session = new_session("{executable}", "-c", "print('No toy licence could be found'); raise SystemExit(3)")

    with pytest.raises(LicenceError, match=r"No licence of Toy is free\."):
        session.start()


def test_a_program_without_a_python_is_started_by_the_workers_own(tmp_path: Path) -> None:
    """The plugin's module finds the executable in its arguments."""
    session = new_session("{python}", "-I", "-S", "{loop}", "{executable}", executable=str(tmp_path / "renderer"))

    session.start()

    assert psutil.Process(session.pid).cmdline()[-1] == str(tmp_path / "renderer")
    session.close()


def test_an_idle_plugin_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may give its licence back; the message that comes at last is not lost."""
    monkeypatch.setattr(loop, "_IDLE_S", 0.05)
    told: list[float] = []
    plugin = SimpleNamespace(idle=lambda: told.append(time.monotonic()))
    running = loop.Loop(socket.socket(), "mark", plugin)
    threading.Timer(0.3, running._messages.put, [{"type": "close"}]).start()

    assert running._next() == {"type": "close"}
    assert len(told) == 1
