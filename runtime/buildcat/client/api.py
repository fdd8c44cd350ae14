"""The Python API: `farm = buildcat.connect()`, `job = farm.submit(spec)`, `job.wait()`. Python 3.9, redis-py."""

from __future__ import annotations

import time
from collections.abc import Sequence

from buildcat.client import config, control, events, records, selection
from buildcat.client.connection import Connection, open_client
from buildcat.model.errors import BuildcatError
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState


def connect(server: str | None = None) -> Farm:
    """Connect to the farm: the given address, else `BUILDCAT_SERVER`, else the configuration file, else this machine.

    Raises:
        ServerError: there is no server.
        VersionError: server and this machine run versions that don't fit.
    """
    return Farm(open_client(config.load(server=server).server.value))


class Farm:
    """A farm that jobs are submitted to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def submit(self, spec: JobSpec) -> Job:
        """Submit a job. `spec.scene` is relative to the root; `spec.after` has ids of jobs.

        Raises:
            UsageError: the spec can't be read, or names a limit that nobody has set.
            RefusedError: it waits for a job that there is not, or whose success can't come.
        """
        return Job(self, control.submit(self.connection, spec))

    def jobs(self, most: int = 100) -> list[Job]:
        """Return the jobs, newest first."""
        return [Job(self, one) for one in records.job_ids(self.connection, most=most)]

    def batch(self, name: str) -> list[Job]:
        """Return the jobs of a batch, oldest first; none when there is no such batch."""
        return [Job(self, one) for one in selection.batch(self.connection, name)]

    def job(self, word: str) -> Job:
        """Return the job of that id, unique prefix of an id, or `last`.

        Raises:
            NoSuchJobError: none or several go by that word.
        """
        return Job(self, records.find(self.connection, word, config.current_user()))


class Job:
    """One job of a farm."""

    def __init__(self, farm: Farm, job_id: str) -> None:
        self.farm = farm
        self.id = job_id

    def __repr__(self) -> str:
        return f"<Job {self.id}>"

    @property
    def record(self) -> records.JobRecord:
        """The job as it is now.

        Raises:
            NoSuchJobError: it was deleted.
        """
        return records.job(self.farm.connection, self.id)

    @property
    def state(self) -> JobState:
        """The state the job is in now."""
        return self.record.state

    def wait(self, timeout_s: float | None = None) -> JobState:
        """Wait until the job has ended, and return its state.

        Raises:
            BuildcatError: it had not ended after `timeout_s` seconds.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        after = events.last_id(self.farm.connection)
        while not (state := self.state).has_ended:
            if deadline is not None and time.monotonic() > deadline:
                raise BuildcatError(f"Job {self.id} was still {state.value} after {timeout_s:g} s.")
            for event in events.read(self.farm.connection, after, wait=True):
                after = event.id
        return state

    def pause(self, *, now: bool = False) -> bool:
        """Start nothing new of the job; with `now`, also give back what runs."""
        return control.pause(self.farm.connection, self.id, why=f"paused by {config.current_user()}", now=now)

    def resume(self) -> bool:
        """Go on with the job."""
        return control.resume(self.farm.connection, self.id)

    def cancel(self) -> bool:
        """End the job now."""
        return control.cancel(self.farm.connection, self.id)

    def retry(self, *, which: str | Sequence[int] = "failed") -> bool:
        """Render again the `failed` units, `all`, or those of the given indexes."""
        return control.retry(self.farm.connection, self.id, which=which)

    def change(self, *, priority: int | None = None, pool: str | None = None, chunk: int | None = None) -> bool:
        """Change priority, pool or chunk; what renders goes on.

        Raises:
            UsageError: a value is out of its range.
        """
        return control.change(self.farm.connection, self.id, priority=priority, pool=pool, chunk=chunk)

    def reorder(self, order: str) -> bool:
        """Render the frames in another order.

        Raises:
            RefusedError: something of the job was started already.
        """
        return control.reorder(self.farm.connection, self.id, order)

    def delete(self) -> bool:
        """Remove the job's records; rendered files stay."""
        return control.delete(self.farm.connection, self.id)

    def outputs(self) -> list[str]:
        """Return the patterns of the job's outputs, relative to the root."""
        return list(records.outputs(self.farm.connection, self.id))
