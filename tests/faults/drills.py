"""A drill: a farm with a server of its own, a fault, and the check with which every drill ends."""

from __future__ import annotations

import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from farms import PATIENCE_S, Farm, wait_for
from faults import leftovers
from faults.times import Times, measure
from faults.undisturbed import pixels, render_undisturbed
from processes import are_gone

from buildcat.client import control, events, records
from buildcat.client.connection import open_client
from buildcat.client.events import Event
from buildcat.farm import missing
from buildcat.farm.server import Server
from buildcat.model import frames, patterns
from buildcat.model.states import Counts, UnitState

_FINISHED = (UnitState.DONE.value, UnitState.SKIPPED.value)
#: With `appendfsync everysec`, Redis puts off a write for up to two seconds while the disk is busy.
_UNWRITTEN_S = 3
_RUNNING = ("waiting", "held", "running", "done", "skipped", "failed")


class Drill(Farm):
    """A farm whose server may be killed. `fault` marks the moment, `end` checks that nothing was lost or left."""

    def __init__(self, folder: Path, times: list[Times]) -> None:
        self.folder = folder
        self.store = Server(folder / "server", port=0)
        self.store.start()
        root = folder / "root"
        root.mkdir()
        super().__init__(root, open_client(self.store.address))
        #: Every process that a worker starts, and what those start, is known by it.
        self.mark = uuid.uuid4().hex
        self.environment["DRILL"] = self.mark
        self._times = times
        self._faults: list[tuple[str, str, float]] = []
        self._expected: set[Path] = set()
        self._happened: list[Event] = []

    # -- what happens ----------------------------------------------------------------------------------------------

    def fault(self, name: str, job_id: str) -> None:
        """Note that the fault happens now, by the server's clock: an event could be lost with the server."""
        seconds, microseconds = self.connection.redis.time()
        self._faults.append((name, job_id, seconds + microseconds / 1e6))

    def resume(self, job_id: str) -> None:
        """Let a job start that was submitted as paused."""
        control.resume(self.connection, job_id)

    def kill(self, label: str) -> None:
        """Kill -9 a worker, alone."""
        psutil.Process(self.worker(label).pid).kill()

    def worker(self, label: str) -> records.WorkerRecord:
        """A live worker's record."""
        return next(one for one in records.workers(self.connection) if one.label == label)

    def redis(self) -> psutil.Process:
        """The server's Redis."""
        guard = self.store._guard
        assert guard, "the server was started"
        return psutil.Process(guard.pid).children()[0]

    def kill_redis(self) -> None:
        """Kill -9 the server. What it had not yet written, it forgets: its last events are read again."""
        self.redis().kill()
        self.store.stop()
        self._happened = [one for one in self._happened if one.time < time.time() - _UNWRITTEN_S]

    def events(self, job_id: str, kind: str = "") -> list[Event]:
        """What happened to the job, in order; kept, since the stream forgets what is old."""
        self._happened += events.read(self.connection, self._happened[-1].id if self._happened else "0")
        return [one for one in self._happened if one.job == job_id and kind in ("", one.kind)]

    def wait_event(self, job_id: str, kind: str, many: int = 1) -> Event:
        """Wait until that has happened so often, and return the last."""
        wait_for(lambda: len(self.events(job_id, kind)) >= many, f"{many} x {kind} of job {job_id}")
        return self.events(job_id, kind)[-1]

    # -- the end ---------------------------------------------------------------------------------------------------

    def end(self, *job_ids: str, patience_s: float = PATIENCE_S) -> None:
        """Check that these jobs are done, and that nothing is left on the server, on the disk or in the system."""
        for job_id in job_ids:
            self.wait(job_id, patience_s)
            self.check(job_id)
        leftovers.wait_for_litter(self.root)
        self._times += [measure(name, began, self.events(job_id)) for name, job_id, began in self._faults]
        self.stop_workers()
        leftovers.check_processes(self.mark)
        leftovers.check_keys(self.connection)
        leftovers.check_files(self.root, self._expected)

    def check(self, job_id: str, units: str = "") -> None:
        """Check that each unit is accounted for, counted once, and its picture as in an undisturbed run.

        `units` are the job's bytes, for a job that is not to be done as a whole.
        """
        job = self.job(job_id)
        found = records.unit_bytes(self.connection, job_id)
        assert found == (units or "d" * len(frames.units(job.spec))), (found, records.failures(self.connection, job_id))
        tally = Counter(found)
        assert job.counts == Counts(**{name: tally.get(UnitState[name.upper()].value, 0) for name in _RUNNING})
        self._check_counted_once(job_id)
        assert missing.missing_units(self.connection, job, self.root) == []
        self._check_pictures(job_id, found)

    def _check_counted_once(self, job_id: str) -> None:
        happened = self.events(job_id)
        assert not [one for one in happened if one.kind == "repaired"]
        counted: Counter[int] = Counter()
        for one in happened:
            if one.kind == "retry":  # from here on units may be done again
                counted.clear()
            if one.kind == "done":
                counted[one.details["unit"]] += 1
        assert not [unit for unit, times in counted.items() if times > 1]
        rendered = self.connection.redis.hvals(records.job_key(job_id, "rendered"))
        assert sum(map(int, rendered)) == len(self.events(job_id, "done"))

    def _check_pictures(self, job_id: str, found: str) -> None:
        reference = render_undisturbed(self.job(job_id).spec, self.root, self.folder / f"undisturbed-{job_id}")
        for path in self._outputs(job_id, found):
            self._expected.add(self.root / path)
            assert pixels(self.root / path) == pixels(reference / path), path

    def _outputs(self, job_id: str, found: str) -> Iterator[str]:
        units = frames.units(self.job(job_id).spec)
        for pattern in records.outputs(self.connection, job_id):
            yield from (patterns.fill(pattern, unit) for unit in units if found[unit.index] in _FINISHED)

    def stop_workers(self) -> None:
        """Tell the workers to end and wait until all have."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(PATIENCE_S)

    def stop(self) -> None:
        """Kill what is left, the server too."""
        super().stop()
        leftovers.kill_processes(self.mark)
        self.store.stop()


def wait_gone(processes: list[psutil.Process], what: str, patience_s: float) -> None:
    """Wait until these have ended."""
    wait_for(lambda: are_gone(processes), what, patience_s)


def scene_of(drill: Drill, name: str, **content: Any) -> str:
    """A toy scene of that name whose pictures go to a folder of the same name; its troubles happen only once."""
    return drill.scene(f"{name}.toy", output=f"{name}/toy_####.png", once=True, **content)
