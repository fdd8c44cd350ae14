"""Renders jobs as a worker does, task by task in one warm session, without a farm."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buildcat.farm.plugins import Installation
from buildcat.farm.queue import Picked
from buildcat.farm.task import Answer, Bench, FailedTry, Rendered, Task
from buildcat.farm.warm import WarmSession
from buildcat.model import frames
from buildcat.model.job import JobSpec, Unit
from buildcat_blender.dcc import DCC


@dataclass
class Kept:
    """A report that keeps what it is told."""

    rendered: list[Rendered] = field(default_factory=list)
    failures: list[FailedTry] = field(default_factory=list)

    def is_wanted(self, unit: Unit) -> bool:
        """Always."""
        return True

    def done(self, rendered: Rendered) -> Answer:
        """Keep it, and go on; a frame's tiles are rendered in their order."""
        self.rendered.append(rendered)
        return Answer(go=True, is_last_tile=bool(rendered.tiles) and rendered.unit.tile == rendered.tiles - 1)

    def failed(self, failed: FailedTry) -> bool:
        """Keep it, and go on unless every unit would fail so."""
        self.failures.append(failed)
        return not failed.is_final

    def give_back(self, reason: str, pause_why: str = "") -> None:
        """A test stops nothing."""
        raise AssertionError(f"{reason}: {pause_why}")


class Worker:
    """One Blender, kept warm, and a root."""

    def __init__(self, installation: Installation, root: Path) -> None:
        """Nothing is started yet."""
        self.installation = installation
        self.session = WarmSession(root)
        self._bench = Bench(root, self.session, {DCC.name: (installation,)})

    def run(self, spec: JobSpec, *, first: int = 0, count: int | None = None, generation: int = 1) -> Kept:
        """Render these units of the job as one task, or all; its name makes its id."""
        count = len(frames.units(spec)) - first if count is None else count
        job_id = "".join(filter(str.isalnum, spec.name))
        execution = f"{job_id}-{generation}-{first}"
        picked = Picked(execution, job_id, first, count, generation, self.installation.version, spec.pool)
        report = Kept()
        Task(self._bench, picked, spec, report).run()
        self._bench.cleaner.submit(int).result()  # until the task's own folders are gone
        return report

    def cold(self) -> Worker:
        """Return it without its Blender, as it is in the morning."""
        self.session.close()
        return self


def job(scene: str, name: str, frames: str = "1", **fields: Any) -> JobSpec:
    """Return a Blender job."""
    return JobSpec(dcc=DCC.name, scene=scene, name=name, frames=frames, **fields)
