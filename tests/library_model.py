"""What the function library must do, said a second time in plain Python: the property test compares the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from steps import Worker

MAX_TRIES, MAX_LOSSES, MAX_STRIKES = 3, 5, 3
STOP_UNITS, STOP_SHARE = 10, 0.1


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
    limits: tuple[str, ...] = ()
    keep_going: bool = False
    paused: bool = False
    #: Id of each job that it waits for → `success`, `any` or `frame`.
    after: dict[str, str] = field(default_factory=dict)
    is_cancelled: bool = False
    generation: int = 1
    #: Which pick of the farm's was its last; 0: it never had one.
    served: int = 0
    units: list[str] = field(init=False)
    tries: list[int] = field(init=False)
    losses: list[int] = field(init=False)
    #: Who failed a unit that is not decided yet.
    tried: dict[int, set[str]] = field(default_factory=dict)
    #: How many units each worker failed, and how many it rendered.
    strikes: Counter[str] = field(default_factory=Counter)
    rendered: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.units, self.tries, self.losses = ["h"] * self.total, [0] * self.total, [0] * self.total

    @property
    def is_active(self) -> bool:
        return "w" in self.units and not self.paused and not self.is_cancelled

    @property
    def has_ended(self) -> bool:
        return self.is_cancelled or not {"w", "h", "r"} & set(self.units)

    @property
    def has_succeeded(self) -> bool:
        return set(self.units) <= {"d", "s"} and not self.is_cancelled

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
        """Give the units all their tries again, but for those that are held back and had none."""
        self.tried.clear()
        self.strikes.clear()
        for unit in units:
            if 0 <= unit < self.total and self.units[unit] != "h":
                self.tries[unit] = self.losses[unit] = 0

    def stop_if_hopeless(self) -> None:
        """Fail all that waits once much has failed."""
        if not self.keep_going and self.units.count("f") >= max(STOP_UNITS, self.total * STOP_SHARE):
            self.change(range(self.total), "wh", "f")


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
        #: Live workers, and what those were told that are not to take anything.
        self.workers: dict[str, Worker] = {}
        self.orders: dict[str, str] = {}
        #: Name of a limit → how many, and whether on each host.
        self.limits: dict[str, tuple[int, bool]] = {}
        #: Slots: who holds one of it → whether its lease is over.
        self.slots: dict[str, dict[str, bool]] = {}
        #: What each worker's session holds slots of.
        self.holds: dict[str, set[str]] = {}

    def running_of(self, user: str) -> int:
        """Units of that user that run."""
        return sum(job.units.count("r") for job in self.jobs.values() if job.user == user)

    def best(self, worker: Worker) -> tuple[ModelJob, range] | None:
        """The job and the units of it that the worker gets."""
        if worker.name in self.orders:
            return None
        active = [job for job in self.jobs.values() if job.is_active and job.version_for(worker)]
        fitting = [job for job in active if all(self.is_free(self.slot(one, worker), worker) for one in job.limits)]

        def rank(job: ModelJob) -> tuple[int, int, int, int, str]:
            running = job.units.count("r")
            return (-job.priority, self.running_of(job.user), running, job.served, job.id)

        for job in sorted(fitting, key=rank):
            if not self.is_blocked(job, worker) and (units := self.next_units(job, worker)):
                return job, units
        return None

    def has_others(self, job: ModelJob, worker: Worker, is_out: Callable[[str], bool]) -> bool:
        """Whether another live worker could render it, of those that are not out."""
        others = [one for one in self.workers.values() if one.name != worker.name and one.name not in self.orders]
        return any(job.version_for(one) and not is_out(one.name) for one in others)

    def is_blocked(self, job: ModelJob, worker: Worker) -> bool:
        """Whether the worker fails what others render."""
        if job.strikes[worker.name] < MAX_STRIKES or not set(job.rendered) - {worker.name}:
            return False
        return self.has_others(job, worker, lambda name: job.strikes[name] >= MAX_STRIKES)

    def next_units(self, job: ModelJob, worker: Worker) -> range:
        """The first waiting units that the worker may have, a chunk at most."""

        def is_free(unit: int) -> bool:
            tried = job.tried.get(unit, set())
            is_left = worker.name in tried and self.has_others(job, worker, tried.__contains__)
            return unit < job.total and job.units[unit] == "w" and not is_left

        first = next(filter(is_free, range(job.total)), job.total)
        end = first
        while is_free(end) and end < first + job.chunk:
            end += 1
        return range(first, end)

    def slot(self, name: str, worker: Worker) -> str:
        """What a slot of the limit is one of; empty for a limit that nobody has set."""
        if name not in self.limits:
            return ""
        return f"{name}@{worker.host}" if self.limits[name][1] else name

    def is_free(self, slot: str, worker: Worker) -> bool:
        """Whether the worker holds the slot, or could: those whose lease is over don't count."""
        live = {name for name, is_over in self.slots.get(slot, {}).items() if not is_over}
        return not slot or worker.name in live or len(live) < self.limits[slot.partition("@")[0]][0]

    def hold(self, worker: Worker, names: Iterable[str], *, is_over: bool) -> None:
        """Let the worker's session hold slots of exactly these limits."""
        wanted = {slot for name in names if (slot := self.slot(name, worker))}
        for slot in self.holds.get(worker.name, set()) - wanted:
            self.slots[slot].pop(worker.name, None)
        self.holds[worker.name] = wanted
        for slot in wanted:
            live = {name: False for name, over in self.slots.get(slot, {}).items() if not over}
            self.slots[slot] = {**live, worker.name: is_over}

    def extend(self, worker: Worker, *, is_over: bool) -> None:
        """The worker beats; it keeps what nobody took from it."""
        kept = {slot for slot in self.holds.get(worker.name, set()) if worker.name in self.slots[slot]}
        self.holds[worker.name] = kept
        for slot in kept:
            self.slots[slot][worker.name] = is_over

    def pick(self, execution: str, job: ModelJob, units: range, *, is_overdue: bool) -> ModelExecution:
        """Hand out units of the job."""
        job.change(units, "w", "r")
        self.picks += 1
        job.served = self.picks
        held = ModelExecution(execution, job.id, units.start, units.stop, job.generation, is_overdue)
        self.running[execution] = held
        return held

    # -- what jobs wait for ------------------------------------------------------------------------------------------

    def release(self) -> None:
        """Let every held unit wait for a worker that nothing holds back any more."""
        for job in self.jobs.values():
            frame_jobs = [self.jobs[one] for one, link in job.after.items() if link == "frame"]
            if not all(self.is_satisfied(one, link) for one, link in job.after.items() if link != "frame"):
                continue
            free = [unit for unit in range(job.total) if all(other.units[unit] in "ds" for other in frame_jobs)]
            job.change(free, "h", "w")

    def is_satisfied(self, job_id: str, link: str) -> bool:
        """Whether what a job waits for has come."""
        job = self.jobs[job_id]
        return job.has_ended if link == "any" else job.has_succeeded

    def wrong_link(self, after: dict[str, str], total: int) -> bool:
        """Whether a job that waits for these must be refused."""
        for job_id, link in after.items():
            job = self.jobs.get(job_id)
            if job is None or (link == "frame" and job.total != total):
                return True
            if link != "any" and job.has_ended and not job.has_succeeded:
                return True
        return False

    def delete(self, job: ModelJob) -> None:
        """Forget the job; what needed its success is paused."""
        self.stop(job)
        for other in self.jobs.values():
            link = other.after.pop(job.id, "any")
            if link != "any" and "h" in other.units and not job.has_succeeded:
                other.paused = True
        del self.jobs[job.id]

    def is_wanted(self, execution: str, job_id: str, generation: int) -> bool:
        """Whether what the execution renders still counts."""
        return job_id in self.jobs and (self.jobs[job_id].generation == generation or execution in self.running)

    def done(self, execution: str, job_id: str, units: Iterable[int], letter: str, worker: str) -> int:
        """Count units as done; returns how many were not before."""
        job, many = self.jobs[job_id], 0
        for unit in units:
            if job.change([unit], "wrf", letter):
                many += 1
                job.tried.pop(unit, None)
            self.report(execution, unit)
        if many and letter == "d":
            job.rendered[worker] += many
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

    def failed(self, execution: str, unit: int, worker: str, *, is_final: bool) -> int:
        """Count a failed try, only of a unit that the execution holds."""
        held = self.running.get(execution)
        if held is None or not held.first <= unit < held.end:
            return 0
        job = self.jobs[held.job]
        counted = int(job.units[unit] == "r")
        if counted:
            self.count_try(job, unit, worker, is_final=is_final)
            if is_final:
                job.change(range(held.first, held.end), "r", "f")
        self.report(execution, held.end - 1 if counted and is_final else unit)
        if counted and is_final:
            job.change(range(job.total), "wh", "f")
        elif counted and job.units[unit] == "f":
            job.stop_if_hopeless()
        return counted

    def count_try(self, job: ModelJob, unit: int, worker: str, *, is_final: bool) -> None:
        """One more failed try; the worker that failed is remembered until the unit is decided."""
        job.tries[unit] += 1
        tried = job.tried.setdefault(unit, set())
        job.strikes[worker] += worker not in tried
        tried.add(worker)
        job.units[unit] = "f" if is_final or job.tries[unit] >= MAX_TRIES else "w"
        if job.units[unit] == "f":
            del job.tried[unit]

    def give_back(self, execution: str, *, is_lost: bool = False) -> int:
        """Let what the execution holds wait again; returns how many units."""
        held = self.running.pop(execution)
        job = self.jobs[held.job]
        if is_lost and job.units[held.first] == "r":
            job.losses[held.first] += 1
            if job.losses[held.first] >= MAX_LOSSES:
                job.units[held.first] = "f"
        many = job.change(range(held.first, held.end), "r", "w")
        if is_lost and job.units[held.first] == "f":
            job.stop_if_hopeless()
        return many

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
        if job.after:
            job.change(range(job.total), "w", "h")
        job.is_cancelled = False
        job.generation += 1
        return True
