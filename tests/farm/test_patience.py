"""How long a DCC may take, and when it is taken to hang. Limits here are short; what they mean is the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from farms import Farm
from processes import are_gone

from buildcat.client import records
from buildcat.farm.command import CommandSession
from buildcat.farm.patience import Patience
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside.messages import Order
from buildcat.model.errors import SessionError
from buildcat.model.job import Unit
from buildcat.model.states import JobState
from buildcat_toy import scene
from buildcat_toy.dcc import DCC


class Toys:
    """Starts sessions with a toy scene in a folder, and ends them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sessions: list[Session] = []

    def start(self, patience: Patience) -> Session:
        """Start a session."""
        session = Session(DCC, Installation(sys.executable, 1_002_000, DCC.launch.arguments), patience=patience)
        self._sessions.append(session)
        session.start()
        return session

    def loaded(self, patience: Patience, **content: Any) -> Session:
        """Start a session and load a scene of that content."""
        session = self.start(patience)
        session.load("e1", self.order(**content))
        return session

    def order(self, **content: Any) -> Order:
        """The order to load such a scene."""
        return Order(str(scene.save(self._folder / "shot.toy", **content)), str(self._folder))

    def end(self) -> None:
        """End all sessions."""
        for session in self._sessions:
            session.close()


@pytest.fixture
def toys(tmp_path: Path) -> Iterator[Toys]:
    """Sessions that end with the test."""
    made = Toys(tmp_path)
    yield made
    made.end()


def render(session: Session, limit_s: float = 0) -> None:
    """Render frame 1 within that time."""
    session.render("e1", Unit(0, 1), lambda _progress: None, limit_s=limit_s)


@pytest.mark.parametrize("trouble", ["sleep", "hang", "stuck", "freeze"])
def test_a_frame_that_takes_too_long_is_stopped(toys: Toys, trouble: str) -> None:
    """Whether it waits, goes round with or without the interpreter's lock, or is frozen; nothing of the DCC is left."""
    session = toys.loaded(Patience(), **{trouble: True})
    dcc = psutil.Process(session.pid)

    with pytest.raises(SessionError, match=r"Toy was rendering frame 1 for 1 s, as long as the job's --frame-timeout"):
        render(session, limit_s=1)

    assert not session.is_alive
    assert are_gone([dcc])


@pytest.mark.parametrize("trouble", ["sleep", "freeze"])
def test_a_dcc_that_does_nothing_hangs(toys: Toys, trouble: str) -> None:
    """No word, no progress, no CPU: waiting for its limit is in vain. Its progress thread is no sign of life."""
    session = toys.loaded(Patience(silence_s=1), **{trouble: True})

    with pytest.raises(SessionError, match=r"rendering frame 1, and for 1 s said nothing and used no CPU: it hangs"):
        render(session)


@pytest.mark.parametrize("trouble", ["hang", "stuck"])
def test_a_silent_dcc_that_uses_the_cpu_does_not_hang(toys: Toys, trouble: str) -> None:
    """A heavy frame may say nothing for an hour: only its own limit ends it."""
    session = toys.loaded(Patience(silence_s=0.5), **{trouble: True})

    with pytest.raises(SessionError, match="--frame-timeout"):
        render(session, limit_s=2)


def test_a_dcc_that_tells_of_progress_does_not_hang(toys: Toys) -> None:
    """A frame on the GPU uses no CPU, and says how far it is."""
    session = toys.loaded(Patience(silence_s=0.8), seconds=2)

    render(session)

    assert session.is_alive


def test_a_scene_that_takes_too_long_to_load_is_given_up(toys: Toys) -> None:
    """With the option that allows more."""
    session = toys.start(Patience(load_s=0.5))

    with pytest.raises(SessionError, match=r"loading shot\.toy for 0\.5 s, as long as the worker's --load-limit"):
        session.load("e1", toys.order(load_trouble="sleep"))


def test_a_scene_that_hangs_while_it_loads_is_given_up(toys: Toys) -> None:
    """Long before its limit."""
    session = toys.start(Patience(silence_s=1))

    with pytest.raises(SessionError, match=r"loading shot\.toy, and for 1 s said nothing"):
        session.load("e1", toys.order(load_trouble="sleep"))


@pytest.mark.parametrize(
    ("patience", "limit_s", "words"),
    [
        (Patience(), 1, r"ran for 1 s, as long as the job's --frame-timeout"),
        (Patience(silence_s=1), 0, r"ran, and for 1 s said nothing"),
    ],
)
def test_a_command_has_the_same_limits(tmp_path: Path, patience: Patience, limit_s: float, words: str) -> None:
    """Nobody waits for a program that waits for an answer."""
    session = CommandSession({}, patience)
    command = (sys.executable, "-c", "import time; time.sleep(1000)")
    session.load("e1", Order("", str(tmp_path), {"command": command}, "out.png"))

    with pytest.raises(SessionError, match=words):
        session.render("e1", Unit(0, None), lambda _progress: None, limit_s=limit_s)

    session.kill()
    assert session.memory_bytes() == 0


def test_a_frame_that_takes_too_long_costs_a_try_with_its_reason(farm: Farm) -> None:
    """The others are rendered; the job's own limit holds on every worker."""
    farm.start_worker()
    job = farm.wait(farm.submit(farm.scene(sleep=[2]), "1-3", frame_timeout=1))

    (failure, *more) = records.failures(farm.connection, job.id)

    assert (job.state, job.counts.done, job.counts.failed) == (JobState.FAILED, 2, 1)
    assert (failure.unit, failure.kind, len(more)) == (1, "SessionError", 2)
    assert "rendering frame 2 for 1 s" in failure.message


def test_a_worker_takes_its_limits_from_the_command_line(farm: Farm) -> None:
    """In the words of people."""
    farm.start_worker("--silence-limit", "1s")
    job = farm.wait(farm.submit(farm.scene(sleep=True), "1"))

    assert "for 1 s said nothing and used no CPU" in records.failures(farm.connection, job.id)[0].message
