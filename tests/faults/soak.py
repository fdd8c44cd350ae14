"""Many jobs, many workers, and a random fault again and again: `soak.py [--seed N] [--seconds S] …`.

A test runs a minute of it. By hand: `python tests/faults/soak.py --jobs 200 --units 50 --workers 8 --seconds 3600`.
The same seed gives the same faults in the same order, though not at the same moments of each worker.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from farms import wait_for
from faults.drills import Drill

from buildcat.client import records


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    seed: int = 1
    jobs: int = 200
    units: int = 50
    workers: int = 8
    seconds: float = 3600.0
    #: Between two faults.
    pause_s: float = 10.0
    #: Longest that a frame takes.
    frame_s: float = 1.0


class Soak:
    """One run of a plan on one farm."""

    def __init__(self, drill: Drill, plan: Plan) -> None:
        self.drill = drill
        self.plan = plan
        self.happened: Counter[str] = Counter()
        self._random = random.Random(plan.seed)
        self._labels = 0
        self._faults: list[Callable[[], None]] = [
            self._kill_worker,
            self._freeze_worker,
            self._end_worker,
            self._kill_dcc,
            self._kill_redis,
            self._freeze_redis,
        ]

    def run(self) -> list[str]:
        """Submit, let faults happen, wait for the end; returns the jobs' ids."""
        for _ in range(self.plan.workers):
            self._start_worker()
        jobs = [self._submit(number) for number in range(self.plan.jobs)]
        deadline = time.monotonic() + self.plan.seconds
        while time.monotonic() < deadline and not all(self.drill.job(one).state.has_ended for one in jobs):
            time.sleep(self.plan.pause_s)
            self.drill.events("")  # before the stream forgets the older ones
            fault = self._random.choice(self._faults)
            self.happened[fault.__name__.strip("_").replace("_", " ")] += 1
            fault()
        return jobs

    def _submit(self, number: int) -> str:
        seconds = round(self._random.uniform(0, self.plan.frame_s), 2)
        name = f"job{number}"
        scene = self.drill.scene(f"{name}.toy", output=f"{name}/toy_####.png", seconds=seconds)
        chunk = self._random.choice((1, 1, 5))
        return self.drill.submit(scene, f"1-{self.plan.units}", chunk=chunk, priority=self._random.randrange(100))

    def _start_worker(self) -> None:
        self._labels += 1
        self.drill.start_worker(label=f"w{self._labels}", ready=False)

    def _kill_worker(self) -> None:
        self._random.choice(self._living()).kill()
        self._start_worker()

    def _freeze_worker(self) -> None:
        """For longer than a lease, while the others go on."""
        worker = self._random.choice(self._living())
        worker.send_signal(signal.SIGSTOP)
        time.sleep(self._random.choice((1, 16)))
        worker.send_signal(signal.SIGCONT)

    def _end_worker(self) -> None:
        self._random.choice(self._living()).send_signal(signal.SIGTERM)
        self._start_worker()

    def _kill_dcc(self) -> None:
        for dcc in self._random.sample(dccs := self.drill.dccs(), min(1, len(dccs))):
            dcc.kill()

    def _kill_redis(self) -> None:
        self.drill.kill_redis()
        time.sleep(self._random.choice((0, 3, 13)))
        self.drill.store.start()

    def _freeze_redis(self) -> None:
        redis = self.drill.redis()
        redis.suspend()
        time.sleep(self._random.choice((1, 5, 13)))
        redis.resume()

    def _living(self) -> list[subprocess.Popen[bytes]]:
        return [one for one in self.drill.workers if one.poll() is None]


def check(soak: Soak, jobs: list[str], patience_s: float) -> None:
    """Wait for the end of all jobs, and check it as of any drill."""
    wait_for(lambda: all(soak.drill.job(one).state.has_ended for one in jobs), "the end of all jobs", patience_s)
    soak.drill.end(*jobs)


def main() -> None:
    """Run the plan of the command line in a folder of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    for name, value in Plan().__dict__.items():
        options.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    plan = Plan(**vars(options.parse_args()))
    with tempfile.TemporaryDirectory() as folder:
        drill = Drill(Path(folder), [])
        try:
            soak = Soak(drill, plan)
            jobs = soak.run()
            print(dict(soak.happened), flush=True)
            check(soak, jobs, patience_s=plan.seconds)
            losses = sum(len(records.failures(drill.connection, one)) for one in jobs)
            print(f"{plan.jobs} jobs of {plan.units} units are done, whole and counted once; {losses} tries failed")
        finally:
            drill.stop()


if __name__ == "__main__":
    main()
