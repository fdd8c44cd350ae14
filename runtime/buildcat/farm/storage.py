"""The root as a worker sees it: there, gone, or another one in its place. The worker's side."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from buildcat.model import paths
from buildcat.model.errors import PathError

log = logging.getLogger(__name__)

#: A look at a network drive is not made for each task.
_LOOK_S = 1.0


class Storage:
    """The shared storage of one worker, told apart by its marker."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._id = paths.root_id(root)
        self._looked = time.monotonic()
        #: What is wrong with it, as in `aurora misses its storage /mnt/farm`; empty when it is there.
        self.trouble = ""

    def is_there(self) -> bool:
        """Whether it was there a moment ago."""
        return self.look() if time.monotonic() - self._looked >= _LOOK_S else not self.trouble

    def look(self) -> bool:
        """Look whether it is there, and say so when that has changed."""
        self._looked = time.monotonic()
        before, self.trouble = self.trouble, self._trouble()
        if self.trouble and not before:
            log.error("This worker %s. It takes nothing until that is back.", self.trouble)
        if before and not self.trouble:
            os.chdir(self._root)  # the folder that it was in is of the drive that went
            log.warning("The storage %s is back", self._root)
        return not self.trouble

    def _trouble(self) -> str:
        try:
            found = paths.root_id(self._root)
        except PathError:
            return f"misses its storage {self._root}"
        return "" if found == self._id else f"has another storage at {self._root}"
