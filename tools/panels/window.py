"""A Blender with its window and the add-on, on a display of its own, and real clicks. Python 3.11 or newer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from panels.screen import Screen

#: Blenders that can open a window here, by version.
BLENDERS = {"3.4": "/usr/bin/blender", "4.3": str(Path(sys.prefix, "blender43/blender"))}
#: What makes windows, clicks and pictures.
PROGRAMS = ("Xvfb", "xdotool", "import")
SIZE = (1280, 1000)
#: Middle of the Submit button in a window of that size, scrolled to its end, when there is no job yet.
SUBMIT = (560, 712)
#: The button beside it.
TEST_FRAME = (1029, 712)
#: Where the answers to unsaved changes lie when Submit was clicked there, by Blender's version.
ANSWERS = {
    "3.4": {"SAVE": (561, 775), "SNAPSHOT": (561, 801), "LAST": (561, 827), "OK": (561, 853)},
    "4.3": {"SAVE": (385, 747), "SNAPSHOT": (385, 773), "LAST": (385, 799), "OK": (496, 830)},
}
_PATIENCE_S = 60
_SCENE = """
import bpy
scene = bpy.context.scene
scene.frame_start, scene.frame_end = 1, {frames}
scene.render.resolution_x, scene.render.resolution_y = 160, 120
scene.render.engine = "BLENDER_WORKBENCH"
scene.render.filepath = "//out/shot_####.png"
bpy.ops.wm.save_as_mainfile(filepath={path!r})
"""
Known = dict[str, Any]


def make_scene(blender: str, folder: Path, frames: int = 6) -> Path:
    """Save the scene that the window opens, in `root` below the folder."""
    path = folder / "root/shot.blend"
    path.parent.mkdir(exist_ok=True)
    script = folder / "make.py"
    script.write_text(_SCENE.format(path=str(path), frames=frames), encoding="utf-8")
    subprocess.run([blender, "-b", "--factory-startup", "--python", str(script)], check=True, capture_output=True)
    return path


class Window:
    """One Blender with its window, on a display of its own."""

    def __init__(self, blender: str, server: str, folder: Path, zipped: Path) -> None:
        self.folder = folder
        self.report = folder / "report.json"
        self.screen = Screen(SIZE)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")},
            "DISPLAY": self.screen.name,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "BLENDER_USER_RESOURCES": str(folder / "user"),
            "PANEL_ZIP": str(zipped),
            "PANEL_SERVER": server,
            "PANEL_SCENE": str(folder / "root/shot.blend"),
            "PANEL_REPORT": str(self.report),
        }
        driver = shutil.copy(Path(__file__).with_name("driver.py"), folder)
        size = [str(one) for one in SIZE]
        self._log = (folder / "blender.log").open("wb")
        self._blender = subprocess.Popen(
            [blender, "--window-geometry", "0", "0", *size, "--python", driver],
            env=self.environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        try:
            self.wait(lambda known: known["workers"] or known["error"], "the panel's first look at the farm")
        except AssertionError:
            self.close()
            raise

    def known(self) -> Known:
        """What the panel knows."""
        return dict(json.loads(self.report.read_text())) if self.report.exists() else {"workers": 0, "error": ""}

    def wait(self, condition: Callable[[Known], Any], what: str) -> Known:
        """Wait until it knows that, and return what it knows."""
        deadline = time.monotonic() + _PATIENCE_S
        while not condition(self.known()):
            if self._is_broken() or time.monotonic() > deadline:
                self.picture("late")
                raise AssertionError(f"{what} did not come: {self.known()}, {self._said()}")
            time.sleep(0.02)
        return self.known()

    def _is_broken(self) -> bool:
        return self._blender.poll() is not None or "Traceback" in self._said()

    def _said(self) -> str:
        return (self.folder / "blender.log").read_text(errors="replace")

    def scroll_down(self) -> None:
        """Bring the end of the properties into sight."""
        self.screen.do("mousemove", "600", "500", "click", "--repeat", "25", "--delay", "20", "5")
        time.sleep(1)

    def tell(self, flag: str) -> None:
        """Tell the script inside: `redraw`, `measure`, `disable`, or one of its acts, such as `open`."""
        Path(f"{self.report}.{flag}").touch()

    def act(self, name: str) -> None:
        """Let the script inside act, and wait until it has."""
        before = len(self.known()["acts"])
        self.tell(name)
        self.wait(lambda known: len(known["acts"]) > before, name)

    def submit(self) -> None:
        """Click on Submit, with gaps measured from now on."""
        self.scroll_down()
        self.tell("measure")
        self.screen.click(SUBMIT)

    def picture(self, name: str) -> Path:
        """Take a picture of the window."""
        return self.screen.picture(self.folder / f"{name}.png")

    def kill_blender(self) -> psutil.Process:
        """Kill -9 Blender alone, and return its client."""
        (client,) = [one for one in psutil.Process(self._blender.pid).children(recursive=True) if "-I" in one.cmdline()]
        self._blender.kill()
        self._blender.wait(10)
        return client

    def close(self) -> None:
        """End it."""
        if self._blender.poll() is None:
            os.killpg(self._blender.pid, signal.SIGKILL)
        self._blender.wait(10)
        self.screen.close()
        self._log.close()
