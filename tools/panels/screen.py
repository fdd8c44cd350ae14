"""A display that nobody sees, with a mouse, keys and pictures: Xvfb, xdotool, ImageMagick. Python 3.11 or newer."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Screen:
    """One display of its own."""

    def __init__(self, size: tuple[int, int]) -> None:
        read, write = os.pipe()
        screen = "{}x{}x24".format(*size)
        self._xvfb = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", screen], pass_fds=[write], stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as numbers:
            #: For DISPLAY.
            self.name = f":{numbers.readline().strip()}"

    def do(self, *words: str) -> None:
        """Move the mouse, press its buttons, type: commands of xdotool."""
        subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": self.name}, check=True)

    def click(self, place: tuple[int, int]) -> None:
        """Click there, after a moment in which the mouse is seen."""
        self.do("mousemove", *(str(one) for one in place), "sleep", "0.5", "click", "1")

    def picture(self, path: Path) -> Path:
        """Take a picture of all of it."""
        subprocess.run(["import", "-window", "root", str(path)], env={**os.environ, "DISPLAY": self.name}, check=False)
        return path

    def close(self) -> None:
        """End it."""
        if self._xvfb.poll() is None:
            self._xvfb.kill()
        self._xvfb.wait(10)
