"""RQ's queue, serving the records: a task comes into being when it is picked. The worker's side."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, ClassVar, cast

import redis
import rq.serializers
from rq import Queue
from rq.exceptions import DequeueTimeout, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from buildcat.client.connection import Connection
from buildcat.farm import integrations
from buildcat.model.errors import RefusedError, ServerError

log = logging.getLogger(__name__)

#: RQ falls back to pickle wherever no serializer is passed on; whoever reaches Redis could run code by it.
rq.serializers.PickleSerializer = rq.serializers.DefaultSerializer = JSONSerializer  # type: ignore[misc,assignment]
rq.serializers.SERIALIZER_ALIASES["pickle"] = JSONSerializer

#: Plain RQ jobs make no token, so an idle worker looks for them this often.
IDLE_WAIT_S = 2
RENDER = "buildcat.render"
#: Failed render tasks stay for RQ's own tools for a minute; what failed is in the records.
FAILURE_TTL_S = 60


class FarmJob(Job):
    """An RQ job that can only be one of the allowed integrations, without callbacks and webhooks."""

    #: Whether it was made here, by a pick: its arguments become paths.
    is_picked = False

    @property
    def func(self) -> Callable[..., Any]:
        """The integration that the job names.

        Raises:
            RefusedError: it is not on the list, or a render task that nobody picked.
        """
        if self.func_name == RENDER and not self.is_picked:
            raise RefusedError(f"{RENDER} is not to be enqueued. Submit a job: `buildcat submit`.")
        return integrations.find(self.func_name or "")

    @property
    def success_callback(self) -> None:
        """None: a callback names any code."""

    @property
    def failure_callback(self) -> None:
        """None: a callback names any code."""

    @property
    def stopped_callback(self) -> None:
        """None: a callback names any code."""

    def restore(self, raw_data: Any) -> Any:
        """Read the job from its hash, without its webhooks: they make workers call any address."""
        super().restore(raw_data)
        self.webhooks = []


@dataclass(frozen=True)
class Picked:
    """The units handed to this worker by one pick."""

    execution: str
    job: str
    first: int
    count: int
    generation: int
    #: The DCC version to render with, as an integer.
    version: int
    pool: str
    #: Whether the worker holds slots of limits for it.
    has_slots: bool = False

    @classmethod
    def from_reply(cls, reply: Mapping[str, Any]) -> Picked:
        """Read what `bc_pick` replies; the server of a newer Buildcat may say more."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in reply.items() if name in known})


class Picker:
    """Finds the next thing for one worker to do: a plain RQ job, or units of a job."""

    def __init__(self, connection: Connection, worker: str, offer: Callable[[], dict[str, Any]]) -> None:
        self._connection = connection
        self._worker = worker
        #: What the worker can do now: `pools`, `tags`, `dccs`, as `bc_pick` takes it.
        self._offer = offer
        self.is_stop_requested = False
        self.is_waiting = False
        #: Whether the worker can render now.
        self.is_ready: Callable[[], bool] = lambda: True
        #: Called before each wait: the worker's idle duties.
        self.on_idle: Callable[[], None] = lambda: None

    def next(self, queues: Iterable[FarmQueue], timeout: int | None) -> tuple[Job, Queue] | None:
        """Return what to do next; None when there is nothing and no `timeout` was given.

        Raises:
            DequeueTimeout: nothing came within `timeout` seconds.
            StopRequested: the worker was asked to stop; nothing was picked.
            ConnectionError: the server can't be reached or refuses. RQ waits and asks again after this error only.
        """
        try:
            return self._next(queues, timeout)
        except ServerError as exc:
            raise redis.ConnectionError(str(exc)) from exc

    def _next(self, queues: Iterable[FarmQueue], timeout: int | None) -> tuple[Job, Queue] | None:
        deadline = time.monotonic() + (timeout or 0)
        while True:
            if self.is_stop_requested:
                raise StopRequested
            if found := self._plain_job(queues) or (self._task(queues) if self.is_ready() else None):
                return found
            left = deadline - time.monotonic()
            if timeout is None:
                return None
            if left <= 0:
                raise DequeueTimeout(timeout, ",".join(queue.name for queue in queues))
            self.on_idle()
            with self.waiting():
                wakes = [f"bc:wake:{queue.name}" for queue in queues]
                self._connection.redis.blpop(wakes, min(left, IDLE_WAIT_S))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark a wait in which a signal may raise StopRequested: nothing is held in it."""
        self.is_waiting = True
        try:
            if self.is_stop_requested:
                raise StopRequested
            yield
        finally:
            self.is_waiting = False

    def _plain_job(self, queues: Iterable[FarmQueue]) -> tuple[Job, Queue] | None:
        """Pop from one queue at a time: RQ loses jobs popped from several when a worker dies."""
        for queue in queues:
            try:
                found = Queue.dequeue_any(
                    [queue],
                    None,
                    connection=queue.connection,
                    job_class=FarmJob,
                    serializer=JSONSerializer,
                )
            except redis.RedisError:
                raise
            except Exception as exc:  # noqa: BLE001  # RQ raises whatever a damaged hash makes its parser raise
                self._set_aside(queue, str(getattr(exc, "job_id", "?")))
                continue
            if found:
                return found
        return None

    def _set_aside(self, queue: Queue, job_id: str) -> None:
        log.exception("The RQ job %s can't be read; it is set aside in bc:damaged", job_id)
        with queue.connection.pipeline() as pipeline:
            pipeline.lrem(queue.intermediate_queue_key, 0, job_id)
            pipeline.lpush("bc:damaged", job_id)
            pipeline.ltrim("bc:damaged", 0, 99)
            pipeline.execute()

    def _task(self, queues: Iterable[FarmQueue]) -> tuple[Job, Queue] | None:
        execution = uuid.uuid4().hex[:12]
        reply = self._connection.call("pick", worker=self._worker, execution=execution, **self._offer())
        if not reply:
            return None
        picked = Picked.from_reply(reply)
        queue = next(queue for queue in queues if queue.name == picked.pool)
        return make_task(picked, queue), queue


def make_task(picked: Picked, queue: Queue) -> Job:
    """Make the RQ job of a picked task, the only one for its units."""
    job = cast(
        "FarmJob",
        FarmJob.create(
            RENDER,
            args=(picked.__dict__,),
            id=picked.execution,
            description=f"{RENDER} {picked.job} units {picked.first}-{picked.first + picked.count - 1}",
            connection=queue.connection,
            serializer=JSONSerializer,
            timeout=-1,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_S,
            origin=queue.name,
        ),
    )
    job.is_picked = True
    job.save()
    return job


class FarmQueue(Queue):
    """A pool's queue; `dequeue_any` is RQ's seam for what a worker does next."""

    job_class = FarmJob
    #: Set on a worker's own subclass, since RQ calls `dequeue_any` on the class.
    picker: ClassVar[Picker]

    @classmethod
    def dequeue_any(
        cls, queues: Iterable[Queue], timeout: int | None, *_args: object, **_kwargs: object
    ) -> tuple[Job, Queue] | None:
        """Return the next RQ job of the worker that this class belongs to."""
        return cls.picker.next(cast("Iterable[FarmQueue]", queues), timeout)


def queue_class(picker: Picker) -> type[FarmQueue]:
    """Return the queue class of one worker."""
    return cast("type[FarmQueue]", type("WorkerQueue", (FarmQueue,), {"picker": picker}))
