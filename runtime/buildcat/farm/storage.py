"""What a worker needs on disk: its root, there, gone, or another one in its place; and Buildcat itself."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from buildcat.farm import guard
from buildcat.inside import loop
from buildcat.model import paths
from buildcat.model.errors import PathError

log = logging.getLogger(__name__)

_OWN_FILES = (guard.__file__, loop.__file__)
#: A look at a network drive is not made for each task.
_LOOK_S = 1.0


class Storage:
    """The shared storage of one worker, told apart by its marker, and the files of ours that it starts."""

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
            log.warning("What it missed is back")
        return not self.trouble

    def _trouble(self) -> str:
        try:
            found = paths.root_id(self._root)
        except PathError:
            return f"misses its storage {self._root}"
        if found != self._id:
            return f"has another storage at {self._root}"
        # Sessions start from them; a moment later they are there again, in a newer version.
        return "" if all(map(os.path.isfile, _OWN_FILES)) else "misses Buildcat's own files, as during an upgrade"
