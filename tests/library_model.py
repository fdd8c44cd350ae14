"""What the function library must do, said a second time in plain Python: the property test compares the two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from steps import Worker

MAX_TRIES, MAX_LOSSES = 3, 5


@dataclass
class ModelJob:
    """One job: a letter per unit, and what decides who renders it."""

    id: str
    total: int
    chunk: int = 1
    priority: int = 50
    pool: str = "default"
    user: str = "ann"
    dcc: str = "toy"
    version_min: int = 0
    requires: tuple[str, ...] = ()
    paused: bool = False
    is_cancelled: bool = False
    generation: int = 1
    #: Which pick of the farm's was its last; 0: it never had one.
    served: int = 0
    units: list[str] = field(init=False)
    tries: list[int] = field(init=False)
    losses: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.units, self.tries, self.losses = ["w"] * self.total, [0] * self.total, [0] * self.total

    @property
    def is_active(self) -> bool:
        return "w" in self.units and not self.paused and not self.is_cancelled

    @property
    def has_ended(self) -> bool:
        return self.is_cancelled or not {"w", "r"} & set(self.units)

    def version_for(self, worker: Worker) -> int:
        """The lowest version of the worker's that can render it; 0 when it can't."""
        can_serve = self.pool in worker.pools and set(self.requires) <= set(worker.tags)
        versions = [one for one in worker.dccs.get(self.dcc, ()) if one >= self.version_min]
        return min(versions) if can_serve and versions else 0

    def change(self, units: Iterable[int], old: str, new: str) -> int:
        """Turn these units' letters, where they are among `old`; returns how many."""
        hit = [unit for unit in units if 0 <= unit < self.total and self.units[unit] in old]
        for unit in hit:
            self.units[unit] = new
        return len(hit)

    def forget_tries(self, units: Iterable[int]) -> None:
        """Give the units all their tries again."""
        for unit in units:
            if 0 <= unit < self.total:
                self.tries[unit] = self.losses[unit] = 0


@dataclass
class ModelExecution:
    """Units from `first` to before `end`, held by a worker."""

    id: str
    job: str
    first: int
    end: int
    generation: int
    is_overdue: bool


class Model:
    """All jobs, and what runs of them."""

    def __init__(self) -> None:
        self.jobs: dict[str, ModelJob] = {}
        self.running: dict[str, ModelExecution] = {}
        self.picks = 0

    def running_of(self, user: str) -> int:
        """Units of that user that run."""
        return sum(job.units.count("r") for job in self.jobs.values() if job.user == user)

    def best(self, worker: Worker) -> ModelJob | None:
        """The job that the worker gets units of."""
        fitting = [job for job in self.jobs.values() if job.is_active and job.version_for(worker)]

        def rank(job: ModelJob) -> tuple[int, int, int, int, str]:
            running = job.units.count("r")
            return (-job.priority, self.running_of(job.user), running, job.served, job.id)

        return min(fitting, key=rank, default=None)

    def pick(self, execution: str, job: ModelJob, *, is_overdue: bool) -> ModelExecution:
        """Hand out the first waiting units of the job."""
        first = job.units.index("w")
        end = first
        while end < job.total and job.units[end] == "w" and end < first + job.chunk:
            end += 1
        job.change(range(first, end), "w", "r")
        self.picks += 1
        job.served = self.picks
        self.running[execution] = ModelExecution(execution, job.id, first, end, job.generation, is_overdue)
        return self.running[execution]

    def is_wanted(self, execution: str, job_id: str, generation: int) -> bool:
        """Whether what the execution renders still counts."""
        return job_id in self.jobs and (self.jobs[job_id].generation == generation or execution in self.running)

    def done(self, execution: str, job_id: str, units: Iterable[int], letter: str) -> int:
        """Count units as done; returns how many were not before."""
        many = 0
        for unit in units:
            many += self.jobs[job_id].change([unit], "wrf", letter)
            self.report(execution, unit)
        return many

    def report(self, execution: str, unit: int) -> None:
        """Move the execution behind the unit. What it left out waits again."""
        held = self.running.get(execution)
        if held is None or not held.first <= unit < held.end:
            return
        self.jobs[held.job].change(range(held.first, unit), "r", "w")
        held.first = unit + 1
        if held.first == held.end:
            del self.running[execution]

    def failed(self, execution: str, unit: int, *, is_final: bool) -> int:
        """Count a failed try, only of a unit that the execution holds."""
        held = self.running.get(execution)
        if held is None or not held.first <= unit < held.end:
            return 0
        job = self.jobs[held.job]
        counted = int(job.units[unit] == "r")
        if counted:
            job.tries[unit] += 1
            job.units[unit] = "f" if is_final or job.tries[unit] >= MAX_TRIES else "w"
            if is_final:
                job.change(range(held.first, held.end), "r", "f")
                job.change(range(job.total), "w", "f")
        self.report(execution, held.end - 1 if counted and is_final else unit)
        return counted

    def give_back(self, execution: str, *, is_lost: bool = False) -> int:
        """Let what the execution holds wait again; returns how many units."""
        held = self.running.pop(execution)
        job = self.jobs[held.job]
        if is_lost and job.units[held.first] == "r":
            job.losses[held.first] += 1
            if job.losses[held.first] >= MAX_LOSSES:
                job.units[held.first] = "f"
        return job.change(range(held.first, held.end), "r", "w")

    def stop(self, job: ModelJob) -> int:
        """Give back all that runs of the job."""
        return sum(self.give_back(one.id) for one in list(self.running.values()) if one.job == job.id)

    def retry(self, job: ModelJob, which: str | list[int]) -> bool:
        """Let units wait again; returns whether that changed anything."""
        many = 0 if which == "failed" else self.stop(job)
        if which == "failed":
            units = [unit for unit in range(job.total) if job.units[unit] == "f"]
        else:
            units = list(range(job.total)) if isinstance(which, str) else which
        job.forget_tries(units)
        many += job.change(units, "dsf", "w")
        if not many and not job.is_cancelled:
            return False
        job.is_cancelled = False
        job.generation += 1
        return True
