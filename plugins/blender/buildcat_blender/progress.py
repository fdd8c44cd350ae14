# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a frame is, as Blender's render engines tell it. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

import re

from buildcat.inside.messages import Progress

_SAMPLE = re.compile(r"Sample (\d+)/(\d+)")


class FrameProgress:
    """Keeps what the handler was told last. One thread writes, another reads; both only whole values."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._latest = Progress()
        self._pictures = 1
        self._picture = 0
        self._fraction: float | None = None

    def begin(self, pictures: int) -> None:
        """A frame begins, with so many pictures to render: its view layers, each from each view."""
        self._pictures, self._picture, self._fraction = pictures, 0, None
        self._latest = Progress()

    def take(self, text: object) -> None:
        """Take a text of the `render_stats` handler (3.4 gives None)."""
        if not isinstance(text, str):
            return
        match = _SAMPLE.search(text)
        if match:
            done = int(match.group(1)) / int(match.group(2))
            if done < (self._fraction or 0):
                self._picture = min(self._picture + 1, self._pictures - 1)
            self._fraction = done
        overall = None if self._fraction is None else (self._picture + self._fraction) / self._pictures
        self._latest = Progress(overall, text)

    def latest(self) -> Progress:
        """Return what is known. Thread-safe."""
        return self._latest
