"""Asks a worker about itself by a plain RQ job, as any RQ client could. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from rq.job import Job
from rq.results import Result
from rq.serializers import JSONSerializer

from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.farm.queue import FarmQueue
from buildcat.model.errors import RefusedError

#: What is left behind by an asker that was killed goes after so long.
_TTL_S = 30
_TIMEOUT_S = 60


class Question:
    """A question that waits for a worker."""

    def __init__(self, connection: Connection, queue: FarmQueue, job: Job) -> None:
        self._connection = connection
        self._queue = queue
        self._job = job

    def wait(self, seconds: int) -> dict[str, Any] | None:
        """Return the answer; None when there was none within so many seconds.

        Raises:
            RefusedError: the worker doesn't answer such questions, or failed to.
            ServerError: the server can't be reached.
        """
        with self._connection.errors():
            result = Result.fetch_latest(self._job, serializer=JSONSerializer, timeout=seconds)
        if result is None:
            return None
        if result.type is not Result.Type.SUCCESSFUL:
            reason = (result.exc_string or "").strip().rpartition("\n")[2].partition(": ")[2]
            raise RefusedError(f"The worker did not answer: {reason or 'its log says why.'}")
        return cast("dict[str, Any]", result.return_value)

    def forget(self) -> None:
        """Leave no key behind, answered or not."""
        redis, token = self._connection.redis, self._job.id
        with self._connection.errors():
            redis.lrem(_wake_key(self._queue), 0, token)
            self._job.delete()
            if not redis.exists(self._queue.key):
                redis.srem(FarmQueue.redis_queues_keys, self._queue.key)


@contextmanager
def ask(connection: Connection, function: str, pool: str) -> Iterator[Question]:
    """Ask any worker of the pool to call one of the functions that it allows; forget the question at the end.

    Raises:
        ServerError: the server can't be reached.
    """
    queue = FarmQueue(pool, connection=connection.redis, serializer=JSONSerializer)
    with connection.errors():
        job = queue.enqueue(function, job_timeout=_TIMEOUT_S, result_ttl=_TTL_S, failure_ttl=_TTL_S)
        connection.redis.rpush(_wake_key(queue), job.id)
    question = Question(connection, queue, job)
    try:
        yield question
    finally:
        question.forget()


def why_no_answer(connection: Connection, pool: str) -> str:
    """Return a sentence that says why no worker answers."""
    workers = records.workers(connection)
    serving = [one for one in workers if pool in one.pools]
    if not workers:
        return "There is no worker. Start one with `buildcat worker` in the shared storage."
    if not serving:
        pools = ", ".join(sorted({name for one in workers for name in one.pools}))
        return f"No worker serves the pool {pool}; there are workers for {pools}."
    return "All workers of the pool are busy."


def _wake_key(queue: FarmQueue) -> str:
    return f"bc:wake:{queue.name}"
