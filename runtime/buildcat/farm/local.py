"""Renders a job here and now, with no server: `buildcat run`. The worker's side."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from buildcat.farm import command, images, plugins, tiles
from buildcat.farm.plugins import Found
from buildcat.farm.queue import Picked
from buildcat.farm.task import Answer, Bench, FailedTry, Rendered, Task
from buildcat.farm.warm import WarmSession
from buildcat.inside.messages import Progress
from buildcat.model import frames
from buildcat.model.dcc import version_text
from buildcat.model.errors import SessionError, VersionError
from buildcat.model.job import JobSpec, Unit


class Watch(Protocol):
    """Who is told how the job goes."""

    def done(self, unit: Unit, seconds: float, path: str) -> None:
        """A unit is done; `path` is its first output, relative to the root."""

    def failed(self, unit: Unit, message: str) -> None:
        """A unit failed."""

    def progress(self, unit: Unit, progress: Progress) -> None:
        """A unit is being rendered, and so far."""


class LocalReport:
    """The report of a task without a farm: no second try, nobody else to give units to."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.failures = 0
        #: Indexes of the units that are done.
        self._finished: set[int] = set()

    def is_wanted(self, unit: Unit) -> bool:
        """Always: nobody else renders it."""
        return True

    def done(self, rendered: Rendered) -> Answer:
        """Pass it on, unless it is its frame's last tile; and go on."""
        index = rendered.unit.index
        first = index - index % (rendered.tiles or 1)
        if rendered.tiles and self._finished.issuperset({*range(first, first + rendered.tiles)} - {index}):
            return Answer(go=True, is_last_tile=True)
        self._finished.add(index)
        self._watch.done(rendered.unit, rendered.seconds, rendered.path)
        return Answer(go=True)

    def failed(self, failed: FailedTry) -> bool:
        """Pass it on; go on unless every unit would fail in the same way."""
        self.failures += 1
        self._watch.failed(failed.unit, failed.message)
        return not failed.is_final

    def give_back(self, reason: str, pause_why: str = "") -> None:
        """Nothing: what is not rendered stays so."""


def render(root: Path, spec: JobSpec, executables: Mapping[str, Sequence[str]], watch: Watch) -> int:
    """Render all units of the job in this process's session and return how many failed.

    Raises:
        SessionError: the DCC isn't installed here.
        VersionError: the installed ones are too old for the scene.
        UsageError: the frames can't be read.
        OutputError: there are tiles, and nothing here to join them with.
    """
    if frames.tiles(spec.split):
        images.needed()
    dcc = command.dcc(spec.dcc)
    is_command = dcc is command.DCC
    found = Found((command.INSTALLATION,)) if is_command else plugins.installations(dcc, executables.get(spec.dcc, ()))
    if not found.installations:
        absent = f"it is not installed. Install it, or name its executable in {dcc.environment}."
        raise SessionError(f"{dcc.label} can't be used here: {found.reason or absent}")
    fitting = [one.version for one in found.installations if one.version >= spec.version_min]
    if not fitting:
        best = version_text(max(found.versions))
        raise VersionError(
            f"{spec.scene} needs {dcc.label} {version_text(spec.version_min)}; here is {best}. Update it."
        )
    units = frames.units(spec)
    execution = uuid.uuid4().hex[:12]
    # A run of its own name: what it keeps until a frame is whole is not another's.
    picked = Picked(execution, f"local{execution}", 0, len(units), 1, min(fitting), spec.pool)
    session = WarmSession(root)
    report = LocalReport(watch)
    task = Task(Bench(root, session, {dcc.name: found.installations}, "scripts" in spec.requires), picked, spec, report)
    task.on_progress = watch.progress
    try:
        task.run()
    finally:
        session.close()
        tiles.remove_all(root, picked.job)
    return report.failures
