"""The shared Qt window on a screen, with a real mouse and keyboard, a real server and worker."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from farms import Farm, wait_for
from needs import require
from panels.screen import Screen

from buildcat.client import records
from buildcat.client.connection import open_client
from buildcat.farm.server import Server

#: As in Blender's panel: more is felt.
LONGEST_GAP_S = 0.25
HERE = Path(__file__).parent


class Shown:
    """The window's process, and the screen that it is on."""

    def __init__(self, scene: Path, server: str, folder: Path) -> None:
        self.screen = Screen((900, 900))
        self.report = folder / "report.json"
        self.log = folder / "window.log"
        paths = os.pathsep.join([str(HERE.parent), str(HERE.parents[1] / "tools")])
        environment = {**os.environ, "DISPLAY": self.screen.name, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": paths}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "toy_window.py"), str(scene), server, str(self.report)],
                env=environment,
                stdout=log,
                stderr=log,
            )

    def known(self) -> dict[str, Any]:
        return dict(json.loads(self.report.read_text())) if self.report.exists() else {}

    def wait(self, condition: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        def holds() -> Any:
            assert self.process.poll() is None, self.log.read_text()
            known = self.known()
            return known if known and condition(known) else None

        return dict(wait_for(holds, what))

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.screen.close()


@pytest.fixture
def farm(tmp_path: Path, redis_server: Server, redis_client: Any) -> Iterator[Farm]:
    """A farm with its root marked."""
    lost = [one for one in ("Xvfb", "xdotool") if not shutil.which(one)]
    require(not lost, f"no {', '.join(lost)}")
    root = tmp_path / "root"
    (root / ".buildcat").mkdir(parents=True)
    farm = Farm(root, open_client(redis_server.address))
    yield farm
    farm.stop()


@pytest.fixture
def show(farm: Farm, tmp_path: Path) -> Iterator[Callable[..., Shown]]:
    """Show the window with a scene of this farm."""
    shown: list[Shown] = []

    def show(server: str = "", **content: Any) -> Shown:
        shown.append(Shown(farm.root / farm.scene(**content), server or farm.server, tmp_path))
        return shown[-1]

    yield show
    for one in shown:
        one.close()


def test_a_click_brings_frames_and_never_stops_the_window(show: Callable[..., Shown], farm: Farm) -> None:
    """The mouse submits, the bar moves, the keyboard turns to the jobs; a timer of 10 ms goes on meanwhile."""
    farm.start_worker()
    window = show(seconds=0.3)
    known = window.wait(lambda known: "1 worker" in known["summary"], "the worker")

    window.screen.click(known["submit"])
    window.wait(lambda known: known["said"].startswith("Submitted as"), "the job")
    window.screen.do("key", "alt+j")
    window.wait(lambda known: known["page"] == "JobsPage", "the page")
    known = window.wait(lambda known: known["jobs"] == [["done", 3]], "its end")

    assert len(list((farm.root / "out").glob("*.png"))) == 3
    assert known["gap"] <= LONGEST_GAP_S


def test_the_keyboard_alone_submits_and_cancels(show: Callable[..., Shown], farm: Farm) -> None:
    """Enter in a field does nothing; Alt and a letter press a button; an answer has the focus."""
    farm.start_worker()
    window = show(seconds=5)
    known = window.wait(lambda known: "1 worker" in known["summary"], "the worker")
    window.screen.click(known["name"])
    window.screen.do("type", "typed")
    window.screen.do("key", "Return")

    window.screen.do("key", "alt+s")
    window.wait(lambda known: known["said"].startswith("Submitted as"), "the job")
    window.screen.do("key", "alt+j")
    window.wait(lambda known: known["jobs"] and known["page"] == "JobsPage", "the job in the list")
    window.screen.do("key", "alt+c")
    window.wait(lambda known: known["question"], "the question")
    window.screen.do("key", "space")
    window.wait(lambda known: known["jobs"][0][0] == "cancelled", "the end of the job")
    window.screen.do("key", "Escape")

    (job,) = farm.connection.redis.zrange("bc:jobs", 0, -1)
    assert records.job(farm.connection, job.decode()).spec.name == "typed"
    assert window.process.wait(20) == 0


def test_a_server_that_is_deaf_does_not_stop_the_window(show: Callable[..., Shown]) -> None:
    """It accepts connections and says nothing, which is the worst of all."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        window = show(server=f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        known = window.wait(lambda known: known["summary"], "the window")
        window.screen.click(known["submit"])

        known = window.wait(lambda known: "redis://" in known["summary"] or "redis://" in known["said"], "the error")

    assert known["gap"] <= LONGEST_GAP_S
