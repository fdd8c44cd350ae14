"""The worker: an RQ SimpleWorker that picks units, keeps a DCC warm and survives outages."""

from __future__ import annotations

import logging
import os
import platform
import signal
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import cached_property
from types import FrameType
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import now as rq_now
from rq.worker import WorkerStatus

import buildcat
from buildcat.client import limits, records
from buildcat.client.connection import ANSWER_TIMEOUT_S, WORKER_RETRIES, Connection
from buildcat.client.records import WorkerRecord
from buildcat.farm import command, integrations, supervisor
from buildcat.farm.beat import Beat
from buildcat.farm.options import WorkerOptions, find_dccs
from buildcat.farm.plugins import Found
from buildcat.farm.queue import RENDER, FarmJob, Picked, Picker, queue_class
from buildcat.farm.report import RecordsReport
from buildcat.farm.storage import Storage
from buildcat.farm.task import Bench, FailedTry, Task
from buildcat.farm.warm import WarmSession
from buildcat.model import paths
from buildcat.model.errors import BuildcatError, ServerError
from buildcat.model.job import Unit

log = logging.getLogger(__name__)

#: RQ's own lease: longer than ours, which decides.
RQ_LEASE_S = 120
RQ_BEAT_S = RQ_LEASE_S / 4
#: A worker that was told to end and does not is ended after so long: the server may be gone.
LAST_RESORT_S = 5.0
#: After a shortage of licences the worker asks for none for so long.
LICENCE_PAUSE_S = 10.0
_NO_LICENCE = "found no free licence; it asks again in a moment."
#: How old the memory may be that a beat tells: measuring it takes milliseconds.
_MEMORY_AGE_S = 5.0


class FarmWorker(SimpleWorker):
    """Serves pools until it is told to stop. One signal lets the task finish, a second gives it back."""

    job_class = FarmJob
    #: Seconds between two looks for a server that is gone. With RQ's own 60 an idle worker sleeps on when it is back.
    max_connection_wait_time = 2.0

    def __init__(self, options: WorkerOptions, found: Mapping[str, Found]) -> None:
        self.options = options
        self._found = found
        self._is_forced = False
        self._rq_beaten = 0.0
        self._since = time.time()
        #: Units rendered by earlier tasks.
        self._rendered = 0
        self._order = ""
        self._has_slots = False
        self._storage = Storage(options.root)
        #: DCC name → until when no licence of it is asked for, as time.monotonic says.
        self._shortages: dict[str, float] = {}
        name = f"{options.label}.{uuid.uuid4().hex[:6]}"
        self.farm = Connection(options.server, retries=WORKER_RETRIES)
        self.picker = Picker(Connection(options.server), name, self._offer)
        self.beat = Beat(Connection(options.server), name, options.root, self.record)
        self.session = WarmSession(
            options.root,
            memory_limit_mb=options.memory_limit_mb,
            environment=options.environment,
            patience=options.patience,
        )
        self._bench = Bench(
            root=options.root,
            session=self.session,
            installations={name: one.installations for name, one in found.items()},
            are_scripts_allowed=options.are_scripts_allowed,
            storage=self._storage,
        )
        self.picker.on_idle = self._tidy
        self.picker.is_ready = self._storage.is_there
        self.beat.also = self._beat_for_rq
        self.beat.on_order = self._obey
        super().__init__(
            list(options.pools),
            name=name,
            connection=self.farm.redis,
            queue_class=queue_class(self.picker),
            job_class=FarmJob,
            serializer=JSONSerializer,
            log_job_description=False,
        )
        self._allow_integrations()

    def _allow_integrations(self) -> None:
        options = self.options
        integrations.allow(RENDER, self._render)
        integrations.allow_builtin(str(options.root), lambda name: options.executables.get(name, ()))
        for one in options.allowed:
            integrations.allow_dotted(one)

    # -- what it says of itself ------------------------------------------------------------------------------------

    def record(self) -> WorkerRecord:
        """Describe the worker as it is now."""
        busy = self.beat.busy
        unusable = {name: found.reason for name, found in self._found.items() if found.reason}
        return WorkerRecord(
            name=self.name,
            label=self.options.label,
            host=platform.node(),
            pid=os.getpid(),
            pools=self.options.pools,
            version=buildcat.__version__,
            dccs=self._dccs(),
            limits=self._limits,
            tags=self.options.tags,
            missing={**unusable, **dict.fromkeys(self._short(), _NO_LICENCE)},
            execution=busy.execution if busy else "",
            since=self._since,
            done=self._rendered,
            memory_mb=self.session.memory_mb(_MEMORY_AGE_S),
            trouble=self._storage.trouble,
        )

    def _dccs(self) -> dict[str, tuple[int, ...]]:
        short = self._short()
        return {name: one.versions for name, one in self._found.items() if one.installations and name not in short}

    def _short(self) -> set[str]:
        """Return the DCCs of which there was no licence a moment ago."""
        return {name for name, until in self._shortages.items() if time.monotonic() < until}

    @cached_property
    def _limits(self) -> dict[str, tuple[str, ...]]:
        needed = {name: command.dcc(name).limit_names for name, one in self._found.items() if one.installations}
        return {name: found for name, found in needed.items() if found}

    def _offer(self) -> dict[str, Any]:
        options = self.options
        about = {"host": platform.node(), "pools": options.pools, "tags": options.tags}
        return {**about, "dccs": self._dccs(), "limits": self._limits}

    # -- tasks -----------------------------------------------------------------------------------------------------

    def _render(self, given: dict[str, Any]) -> None:
        """Render the units of one pick: the integration `buildcat.render`."""
        picked = Picked(**given)
        self._has_slots = picked.has_slots
        report = RecordsReport(self.farm, self.name, picked)
        try:
            task = Task(self._bench, picked, records.spec(self.farm, picked.job), report)
        except BuildcatError as exc:  # of another version, or damaged: nobody can render it
            kind, message = type(exc).__name__, f"The job can't be read: {exc}"
            report.failed(FailedTry(Unit(picked.first, None), 0, kind, message, "", is_final=True))
            return
        task.is_ending = lambda: self.picker.is_stop_requested
        task.on_shortage = self._rest
        self.beat.busy = task
        try:
            if self._is_forced:
                task.stop("the worker was stopped")
            task.run()
        finally:
            self.beat.busy = None
            self._rendered += report.rendered

    def _rest(self, dcc: str) -> None:
        """Ask for no licence of this DCC for a while; the worker renders with others."""
        log.warning("There is no licence for %s; asking again in %.0f s", dcc, LICENCE_PAUSE_S)
        self._shortages[dcc] = time.monotonic() + LICENCE_PAUSE_S

    def kill_horse(self, sig: signal.Signals = signal.SIGTERM) -> None:
        """Stop the task: RQ's stop-job command. Its units go back without a try."""
        if self.beat.busy:
            self.beat.busy.stop("stopped by RQ's stop-job command")

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Return RQ's own lease in seconds; ours is shorter and decides."""
        return RQ_LEASE_S

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """Prepare as RQ does, but clear the intermediate list also for a worker with several pools."""
        super().prepare_job_execution(job, remove_from_intermediate_queue=True)

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Beat for RQ's own lists, at most every few seconds: RQ would do it three times for each task."""
        if pipeline is None and self.last_heartbeat and (rq_now() - self.last_heartbeat).total_seconds() < RQ_BEAT_S:
            return
        super().heartbeat(timeout, pipeline)

    def handle_job_success(
        self, job: Job, queue: Queue, started_job_registry: StartedJobRegistry, execution: Execution
    ) -> None:
        """Forget a render task in one step: it has no result, no dependents and no repeats. Saves 1.5 ms a task."""
        if job.func_name != RENDER:
            super().handle_job_success(job, queue, started_job_registry, execution)
            return
        with self.connection.pipeline() as pipeline:
            self.increment_successful_job_count(pipeline=pipeline)
            self.cleanup_execution(job, pipeline=pipeline, execution=execution)
            pipeline.delete(job.key)
            pipeline.execute()

    def list_pools(self) -> None:
        """Put the pools on RQ's list of queues, as enqueueing would: housekeeping goes by it."""
        with self.farm.errors():
            self.farm.redis.sadd(Queue.redis_queues_keys, *(queue.key for queue in self.queues))

    def propose_limits(self) -> None:
        """Set what the DCCs here bring with a value."""
        for name, one in self._found.items():
            for limit in command.dcc(name).limits if one.installations else ():
                named, sign, value = limit.partition("=")
                if sign:
                    limits.propose(self.farm, named, value)

    def run_maintenance_tasks(self) -> None:
        """Nothing: housekeeping does it from the beat."""
        self.last_cleaned_at = rq_now()  # type: ignore[assignment]  # RQ declares it by its first value, None

    def _beat_for_rq(self) -> None:
        if time.monotonic() - self._rq_beaten < RQ_BEAT_S:
            return
        self._rq_beaten = time.monotonic()
        for execution in list(self.executions.values()):
            self.maintain_heartbeats(execution.job, execution)

    # -- waiting, stopping -----------------------------------------------------------------------------------------

    def _tidy(self) -> None:
        """While idle: end a session that others wait for, or nobody; a slot goes with its session."""
        if self._has_slots and self.beat.are_slots_wanted:
            log.info("Others wait for what the idle session holds; closing it")
            self.session.close()
        self.session.tidy()
        if self._has_slots and not self.session.is_warm:
            self.farm.call("release", worker=self.name)
            self._has_slots = False

    def _obey(self, order: str) -> None:
        """Do what the farm told the worker; it says so with each beat."""
        if order != self._order:
            log.info("Told to %s", order or "go on")
            self._order = order
        if order in ("drain", "stop") and not self.picker.is_stop_requested:
            supervisor.interrupt()
        busy = self.beat.busy
        if order == "stop" and busy:
            busy.stop("the worker was told to stop")

    @property
    def dequeue_timeout(self) -> int:
        """Seconds between RQ's own heartbeats of an idle worker."""
        return int(RQ_BEAT_S)

    @property
    def connection_timeout(self) -> int:
        """Seconds after which an answer is given up: no wait of ours is longer."""
        return int(ANSWER_TIMEOUT_S)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the task, then stop; called again, or of a closed terminal, give it back. Nothing but flags is safe.

        Raises:
            StopRequested: only inside a wait, when nothing is held.
        """
        if self.picker.is_stop_requested:
            self._force_stop()
            return
        self._stop_requested = self.picker.is_stop_requested = True
        if self.picker.is_waiting:
            raise StopRequested
        if signum == getattr(signal, "SIGHUP", None):
            self._force_stop()
        elif self.get_state() == WorkerStatus.BUSY:
            log.info("Stopping when the task is done; once more gives it back")
        else:
            self._end_soon()

    def _shutdown(self) -> None:
        """Nothing: `request_stop` does all, also between pick and start."""

    def _force_stop(self) -> None:
        self._is_forced = True
        self._end_soon()
        busy = self.beat.busy
        if busy:
            # In a thread: this runs in a signal handler, on top of whatever holds the session's lock.
            threading.Thread(target=busy.stop, args=("the worker was stopped",), daemon=True).start()

    def _end_soon(self) -> None:
        """End the process even where the server is gone and every call is being tried again."""
        timer = threading.Timer(LAST_RESORT_S, self._last_resort)
        timer.daemon = True
        timer.start()

    def _last_resort(self) -> None:
        log.warning("The worker ends without having told the server")
        self.session.drop()
        os._exit(1)

    def teardown(self) -> None:
        """Leave the farm, at once where the server is gone."""
        self.beat.end()
        self.session.close()
        self.farm.redis.set_retry(Retry(NoBackoff(), 0))
        try:
            self.farm.call("leave", worker=self.name)
            super().teardown()  # type: ignore[no-untyped-call]  # RQ's own
        except (BuildcatError, redis.RedisError) as exc:
            log.warning("Left without telling the server: %s", exc)

    def _install_signal_handlers(self) -> None:
        """RQ's hook, too late for us: the worker is known to the farm before it begins to work."""

    def handle_signals(self) -> None:
        """Let the signals that end a program come to `request_stop`."""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.request_stop)
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as under nohup
            signal.signal(signal.SIGHUP, self.request_stop)


def serve(
    options: WorkerOptions, *, on_no_server: Callable[[str], None], on_ready: Callable[[FarmWorker], None]
) -> None:
    """Run a worker until it is stopped. Without a server it says so once and waits for one.

    Raises:
        PathError: the root can't be marked or written.
        VersionError: the farm runs a newer Buildcat.
    """
    paths.mark_root(options.root)
    os.chdir(options.root)
    _wait_for_server(options.server, on_no_server)
    supervisor.end_with_supervisor()
    worker = FarmWorker(options, find_dccs(options))
    worker.handle_signals()
    worker.beat.once()
    worker.list_pools()
    worker.propose_limits()
    worker.beat.start()
    on_ready(worker)
    # RQ's own lines would drown ours: four of them for each frame.
    worker.work(logging_level="WARNING", max_jobs=options.max_tasks)


def _wait_for_server(server: str, on_no_server: Callable[[str], None]) -> None:
    is_told = False
    while True:
        try:
            Connection(server).load_library(is_upgrade_allowed=True)
            return
        except ServerError as exc:
            if not is_told:
                on_no_server(str(exc))
                is_told = True
            time.sleep(0.5)
