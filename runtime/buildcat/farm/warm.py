"""Keeps one warm session between tasks, with the right scene loaded. The worker's side."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from buildcat.farm import command
from buildcat.farm.patience import Patience
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model import paths, patterns
from buildcat.model.dcc import Dcc
from buildcat.model.errors import PathError, RenderError
from buildcat.model.job import Output, Unit

log = logging.getLogger(__name__)

#: A session that nothing was asked of for so long is closed: it holds memory, and perhaps a licence.
IDLE_TIMEOUT_S = 600.0


class OutgrownError(Exception):
    """A session holds more memory than it may, gathered over several units: a new one may do with less."""


class AnySession(Protocol):
    """What renders units: a warm DCC, or a command for each unit."""

    def start(self) -> None:
        """Bring it up."""

    def load(self, execution: str, order: Order) -> Loaded:
        """Open a scene."""

    def expected(self, execution: str, unit: Unit) -> list[Output]:
        """Return what rendering the unit would write, as far as that is known before."""

    def render(
        self, execution: str, unit: Unit, on_progress: Callable[[Progress], None], *, limit_s: float = 0
    ) -> list[Output]:
        """Render one unit of it, in `limit_s` seconds at most; 0: in however many."""

    def log_to(self, path: Path | None) -> None:
        """Send its output to this file from now on."""

    def memory_bytes(self) -> int:
        """Return the memory that it holds."""

    def kill(self) -> None:
        """End it now. Thread-safe."""

    def close(self) -> None:
        """End it politely."""

    @property
    def is_alive(self) -> bool:
        """Whether it can be used."""

    @property
    def last_output(self) -> bytes:
        """The last 4 KB that it printed."""


@dataclass(frozen=True)
class Scene:
    """What a session has loaded: its scene belongs to one job and one generation."""

    job: str
    generation: int


class WarmSession:
    """At most one session, started when needed and kept while it may serve the next task."""

    def __init__(
        self,
        root: Path,
        *,
        memory_limit_mb: int = 0,
        environment: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._root = root
        self._patience = patience or Patience()
        #: Above it the session is recycled between units; 0: no limit.
        self._memory_limit_mb = memory_limit_mb
        #: Added to the DCC's environment, such as which GPU it may see.
        self._environment = environment or {}
        self._lock = threading.Lock()
        self._session: AnySession | None = None
        self._for: tuple[str, Installation] | None = None
        self._scene: Scene | None = None
        #: Folders that the loaded scene writes to.
        self.folders: tuple[Path, ...] = ()
        self._patterns: set[str] = set()
        self._memory = (0.0, 0)
        #: Units that the present session has rendered.
        self._rendered = 0
        self._used = time.monotonic()

    def get(self, dcc: Dcc, installation: Installation, log_path: Path) -> AnySession:
        """Return a session of that installation: the one at hand, or a new one once the other is closed.

        Raises:
            SessionError: the DCC could not be started.
        """
        self._used = time.monotonic()
        session = self._session
        if session is None or self._for != (dcc.name, installation) or not session.is_alive:
            self.drop()
            self._memory, self._rendered = (0.0, 0), 0  # of the last one
            session = self._open(dcc, installation)
            with self._lock:
                self._session, self._for = session, (dcc.name, installation)
            session.log_to(log_path)
            session.start()
        else:
            session.log_to(log_path)
        return session

    def _open(self, dcc: Dcc, installation: Installation) -> AnySession:
        if dcc.name == command.DCC.name:
            return command.CommandSession(self._environment, self._patience)
        return Session(dcc, installation, patience=self._patience, environment=self._environment)

    def load(self, execution: str, scene: Scene, order: Order) -> Loaded | None:
        """Load the scene unless the session goes on with it; None when it does.

        Raises:
            BuildcatError: the scene can't be loaded, or would write outside the root.
        """
        if self._scene == scene:
            return None
        assert self._session, "a session is got before a scene is loaded"
        self._scene = None
        loaded = self._session.load(execution, order)
        self._patterns.clear()
        self.folders = tuple(Path(folder) for folder in loaded.folders)
        for folder in self.folders:
            self._check_folder(folder)
        self._scene = scene
        return loaded

    def drop(self) -> None:
        """Kill the session, if there is one. Thread-safe: a call that waits for it ends with SessionError."""
        with self._lock:
            session, self._session, self._for, self._scene = self._session, None, None, None
        if session:
            session.kill()

    def pattern(self, path: str, unit: Unit) -> str:
        """Return the pattern of the scene's outputs by which this unit has this name.

        One that was seen before is taken if it fits: a name without padding would give one for each length.
        """
        for known in self._patterns:
            if patterns.fill(known, unit) == path:
                return known
        found = patterns.pattern(path, unit)
        self._patterns.add(found)
        return found

    def _check_folder(self, folder: Path) -> None:
        try:
            paths.check_inside(self._root, folder, "output folder")
        except PathError as exc:
            raise PathError(
                f"The frames would go to {folder}, which leads outside the root {self._root}. "
                "Pass --output, such as 'out/shot_####.png', or change the scene's output."
            ) from exc

    @property
    def last_output(self) -> str:
        """The last 4 KB that the DCC printed."""
        session = self._session
        return session.last_output.decode("utf-8", "replace") if session else ""

    def memory_mb(self, max_age_s: float = 1.0) -> int:
        """Return the memory of the session's processes, measured at most `max_age_s` ago: that costs milliseconds."""
        measured, megabytes = self._memory
        session = self._session
        if session is None:
            return 0
        if time.monotonic() - measured > max_age_s:
            megabytes = session.memory_bytes() >> 20
            self._memory = (time.monotonic(), megabytes)
        return megabytes

    @property
    def is_warm(self) -> bool:
        """Whether there is a session that the next task could use."""
        session = self._session
        return session is not None and session.is_alive

    def check_memory(self) -> None:
        """Check, in the middle of a unit, that the session holds no more memory than it may: hosts must never swap.

        Raises:
            OutgrownError: it does, after it has rendered other units.
            RenderError: this unit alone needs more.
        """
        if not self._memory_limit_mb or self.memory_mb() <= self._memory_limit_mb:
            return
        if self._rendered:
            raise OutgrownError(f"the session grew beyond {self._memory_limit_mb:,} MB over several frames")
        raise RenderError(
            f"It alone needs more than the {self._memory_limit_mb:,} MB that this worker allows. "
            "Render it on one with more memory (--memory), or make the scene smaller."
        )

    def recycle(self) -> None:
        """After a unit: close the session when it holds more memory than it may; the next unit starts a new one."""
        self._rendered += 1
        if self._memory_limit_mb and self.memory_mb() > self._memory_limit_mb:
            log.info(
                "The session holds %d MB, more than its %d; starting a new one",
                *(self.memory_mb(), self._memory_limit_mb),
            )
            self.close()

    def tidy(self) -> None:
        """Close the session when it has been idle for too long."""
        session = self._session
        if session and time.monotonic() - self._used > IDLE_TIMEOUT_S:
            log.info("The %s session was idle for %.0f s; closing it", self._for and self._for[0], IDLE_TIMEOUT_S)
            self.close()

    def close(self) -> None:
        """End the session politely."""
        with self._lock:
            session, self._session, self._for, self._scene = self._session, None, None, None
        if session:
            session.close()
