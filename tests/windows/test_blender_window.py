"""The panel in real windows: Debian's 3.4 and Blender 4.3 under Xvfb, with real clicks, a real server and worker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import package_plugins
import psutil
import pytest
from farms import Farm, wait_for
from needs import require

from buildcat.client.connection import open_client
from buildcat.farm.server import Server

BLENDERS = {"3.4": "/usr/bin/blender", "4.3": str(Path(sys.prefix, "blender43/blender"))}
SIZE = (1280, 1000)
#: Middle of the Submit button in a window of that size, scrolled to its end, when there is no job yet.
SUBMIT = (560, 712)
#: Far more than ours may take on the main thread, far less than any wait for a server.
WAIT_S = 0.5
_SCENE = """
import bpy
scene = bpy.context.scene
scene.frame_start, scene.frame_end = 1, 6
scene.render.resolution_x, scene.render.resolution_y = 160, 120
scene.render.engine = "BLENDER_WORKBENCH"
scene.render.filepath = "//out/shot_####.png"
bpy.ops.wm.save_as_mainfile(filepath={path!r})
"""


class Window:
    """One Blender with its window, on a display of its own."""

    def __init__(self, blender: str, server: str, folder: Path, zipped: Path) -> None:
        self.folder = folder
        self.report = folder / "report.json"
        read, write = os.pipe()
        screen = "{}x{}x24".format(*SIZE)
        self._xvfb = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", screen], pass_fds=[write], stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as numbers:
            self._display = f":{numbers.readline().strip()}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")},
            "DISPLAY": self._display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "BLENDER_USER_RESOURCES": str(folder / "user"),
            "PANEL_ZIP": str(zipped),
            "PANEL_SERVER": server,
            "PANEL_SCENE": str(folder / "root/shot.blend"),
            "PANEL_REPORT": str(self.report),
        }
        driver = shutil.copy(Path(__file__).with_name("panel_window.py"), folder)
        size = [str(one) for one in SIZE]
        self._log = (folder / "blender.log").open("wb")
        self._blender = subprocess.Popen(
            [blender, "--window-geometry", "0", "0", *size, "--python", driver],
            env=self.environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.wait(lambda known: known["workers"] or known["error"], "the panel to know the farm")

    def known(self) -> dict[str, Any]:
        """What the panel knows."""
        return dict(json.loads(self.report.read_text())) if self.report.exists() else {"workers": 0, "error": ""}

    def wait(self, condition: Any, what: str) -> dict[str, Any]:
        """Wait until it knows that."""
        try:
            wait_for(lambda: self._is_broken() or condition(self.known()), what, 60)
            assert not self._is_broken(), f"Blender ended, or its script did, before {what}"
        except AssertionError as exc:
            self.picture("late")
            raise AssertionError(f"{exc}: {self.known()}, {self._said()}") from exc
        return self.known()

    def _is_broken(self) -> bool:
        return self._blender.poll() is not None or "Traceback" in self._said()

    def _said(self) -> str:
        return (self.folder / "blender.log").read_text(errors="replace")

    def do(self, *words: str) -> None:
        """Move the mouse and press its buttons."""
        subprocess.run(["xdotool", *words], env=self.environment, check=True)

    def scroll_down(self) -> None:
        """Bring the end of the properties into sight."""
        self.do("mousemove", "600", "500", "click", "--repeat", "25", "--delay", "20", "5")
        time.sleep(1)

    def click(self, place: tuple[int, int]) -> None:
        """Click there, with the gaps measured from now on."""
        self.do("mousemove", *(str(one) for one in place), "sleep", "0.5")
        Path(f"{self.report}.measure").touch()
        self.do("click", "1")

    def picture(self, name: str) -> Path:
        """Take a picture of the window."""
        path = self.folder / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=False)
        return path

    def kill_blender(self) -> psutil.Process:
        """Kill -9 Blender alone, and return its client."""
        (client,) = [one for one in psutil.Process(self._blender.pid).children(recursive=True) if "-I" in one.cmdline()]
        self._blender.kill()
        self._blender.wait(10)
        return client

    def close(self) -> None:
        """End it."""
        for process in (self._blender, self._xvfb):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL) if process is self._blender else process.kill()
            process.wait(10)
        self._log.close()


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-on, as it is handed out."""
    return package_plugins.package("blender", tmp_path_factory.mktemp("zip"))


@pytest.fixture(params=list(BLENDERS))
def blender(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The path of one Blender that can open a window here; a scene for it is in the root."""
    path = BLENDERS[request.param]
    tools = [one for one in ("Xvfb", "xdotool", "import") if not shutil.which(one)]
    require(Path(path).exists() and not tools, f"no {path}, or no {', '.join(tools) or 'display'}")
    (tmp_path / "root").mkdir()
    (tmp_path / "make.py").write_text(_SCENE.format(path=str(tmp_path / "root/shot.blend")))
    made = [path, "-b", "--factory-startup", "--python", str(tmp_path / "make.py")]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    return path


@pytest.fixture
def farm(tmp_path: Path, redis_server: Server, redis_client: Any) -> Iterator[Farm]:
    """A farm with its root where the scene is."""
    farm = Farm(tmp_path / "root", open_client(redis_server.address))
    yield farm
    farm.stop()


def test_a_click_on_submit_brings_frames(blender: str, farm: Farm, tmp_path: Path, zipped: Path) -> None:
    """Installed as a user does it, the panel shows the farm; a click submits, and the bar moves to its end."""
    farm.start_worker()
    window = Window(blender, farm.server, tmp_path, zipped)
    try:
        window.scroll_down()
        window.click(SUBMIT)
        window.wait(lambda known: known["said"] and known["said"][0].startswith("Submitted as"), "the submit")
        ended = window.wait(lambda known: known["jobs"] and known["jobs"][0][1] == "done", "the bar at its end")
        window.picture("done")
        Path(f"{window.report}.disable").touch()
        left = window.wait(lambda known: "left" in known, "the add-on to be disabled")["left"]
    finally:
        window.close()

    assert ended["jobs"][0][2] == 6
    assert left == {"timer": False, "client": False}
    assert sorted(path.name for path in (tmp_path / "root/out").glob("*.png")) == [
        f"shot_{n:04}.png" for n in range(1, 7)
    ]


def test_the_window_goes_on_while_no_server_answers(blender: str, tmp_path: Path, zipped: Path) -> None:
    """An address that takes connections and never answers: the click is answered by a sentence, and nothing freezes.

    Meanwhile a step is undone and a file is opened; in the end Blender is killed, and takes the client along.
    """
    (tmp_path / "root/.buildcat").mkdir()
    (tmp_path / "root/.buildcat/root.json").write_text('{"id": "test"}')
    with socket.create_server(("127.0.0.1", 0), backlog=8) as deaf:
        window = Window(blender, f"redis://127.0.0.1:{deaf.getsockname()[1]}/0", tmp_path, zipped)
        try:
            window.scroll_down()
            window.click(SUBMIT)
            Path(f"{window.report}.open").touch()
            window.wait(lambda known: known["opened"], "the file to be opened again")
            told = window.wait(lambda known: known["said"] and "There is no server" in known["said"][0], "the sentence")
            window.picture("no-server")
            client = window.kill_blender()
            wait_for(lambda: not client.is_running(), "the client to end with its Blender")
        finally:
            window.close()

    assert told["longest_s"] < WAIT_S, "our own code on the main thread waited for the server"
