"""A small farm for tests: a root, real worker processes, toy scenes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from buildcat.client import control, records
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord
from buildcat.model.job import JobSpec

#: Generous: the machine may be busy with other things.
PATIENCE_S = 60.0


def wait_for(condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """Wait until the condition holds and return what it returned."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {patience_s:g} s")


class Farm:
    """One farm: its root, its server, and the workers that a test starts."""

    def __init__(self, root: Path, connection: Connection) -> None:
        self.root = root
        self.connection = connection
        self.workers: list[subprocess.Popen[bytes]] = []
        #: How a worker is started.
        self.worker_command = [sys.executable, "-m", "buildcat", "worker"]
        #: What workers find in their environment besides.
        self.environment: dict[str, str] = {}

    @property
    def server(self) -> str:
        """The server's address."""
        return self.connection.url

    def start_worker(self, *arguments: str, label: str = "w1", ready: bool = True) -> subprocess.Popen[bytes]:
        """Start a real worker process; its log is `<label>.log` beside the root."""
        command = [*self.worker_command, "--server", self.server, "--name", label, *arguments]
        environment = {**os.environ, **self.environment}
        with (self.root.parent / f"{label}.log").open("ab") as log:
            worker = subprocess.Popen(
                command, cwd=self.root, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment
            )
        self.workers.append(worker)
        if ready:
            wait_for(lambda: worker.poll() is not None or label in self.labels(), f"worker {label} to be ready")
            assert worker.poll() is None, self.log(label)
        return worker

    def labels(self) -> list[str]:
        """Labels of the live workers."""
        return [one.label for one in records.workers(self.connection)]

    def log(self, label: str = "w1") -> str:
        """What a worker has printed."""
        return (self.root.parent / f"{label}.log").read_text()

    def scene(self, name: str = "shot.toy", **content: Any) -> str:
        """Write a toy scene and return its path relative to the root."""
        (self.root / name).write_text(json.dumps({"width": 32, "height": 24, "output": "out/toy_####.png", **content}))
        return name

    def submit(self, scene: str, frames: str = "1", **fields: Any) -> str:
        """Submit a toy job."""
        return control.submit(self.connection, JobSpec(dcc="toy", scene=scene, frames=frames, **fields))

    def job(self, job_id: str) -> JobRecord:
        """The job as it is now."""
        return records.job(self.connection, job_id)

    def wait(self, job_id: str, patience_s: float = PATIENCE_S) -> JobRecord:
        """Wait for the job's end."""
        wait_for(lambda: self.job(job_id).state.has_ended, f"the end of job {job_id}", patience_s)
        return self.job(job_id)

    def wait_running(self, job_id: str) -> None:
        """Wait until a unit of the job is being rendered, not only picked."""
        wait_for(self.dccs, f"a DCC for job {job_id}")
        wait_for(lambda: self.job(job_id).counts.running, f"job {job_id} to run")

    def dccs(self) -> list[psutil.Process]:
        """The DCC processes of this farm's workers."""
        found = []
        for worker in self.workers:
            try:
                found += [
                    p
                    for p in psutil.Process(worker.pid).children(recursive=True)
                    if "loop.py" in cmdline(p) and "guard.py" not in cmdline(p)
                ]
            except psutil.NoSuchProcess:
                continue
        return found

    def stop(self) -> None:
        """Kill what is left."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
            worker.wait(10)


def cmdline(process: psutil.Process) -> list[str]:
    """A process's arguments, as file names; empty when it is gone."""
    try:
        return [os.path.basename(one) for one in process.cmdline()]  # noqa: PTH119  # arguments, not paths
    except psutil.Error:
        return []
