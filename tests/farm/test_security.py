"""Whoever reaches Redis can't run code: what workers refuse, and that they go on."""

from __future__ import annotations

import pickle

import pytest
import redis
from farms import Farm, wait_for
from rq import Callback, Queue
from rq.job import Job
from rq.results import Result
from rq.serializers import JSONSerializer


@pytest.fixture
def queue(redis_client: redis.Redis) -> Queue:
    """A plain RQ queue, as anybody's Python has it."""
    return Queue("default", connection=redis_client, serializer=JSONSerializer)


def finished(job: Job) -> Result:
    """Wait for a plain job's result."""
    return wait_for(job.latest_result, f"job {job.id} to end")


def test_a_plain_rq_job_calls_an_allowed_integration(farm: Farm, queue: Queue) -> None:
    """Plain RQ is a client: `buildcat.worker.info` can be enqueued by anybody."""
    farm.start_worker()

    result = finished(queue.enqueue("buildcat.worker.info"))

    assert result.type is Result.Type.SUCCESSFUL
    assert result.return_value["worker"]["root"] == str(farm.root)


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "subprocess.call", "buildcat.farm.session.Session"])
def test_a_function_that_is_not_allowed_is_refused(farm: Farm, queue: Queue, name: str) -> None:
    """A dotted name from Redis is never imported; the worker goes on."""
    victim = farm.root / "touched"
    farm.start_worker()

    refused = finished(queue.enqueue(name, f"touch {victim}"))

    assert refused.type is Result.Type.FAILED
    assert "doesn't run" in refused.exc_string
    assert not victim.exists()
    assert finished(queue.enqueue("buildcat.worker.info")).type is Result.Type.SUCCESSFUL


def test_a_pickled_payload_is_never_unpickled(farm: Farm, redis_client: redis.Redis, queue: Queue) -> None:
    """Pickle runs code while it is read, so a payload of pickle fails as unreadable; the worker goes on."""
    victim = farm.root / "touched"
    payload = f"cos\nsystem\n(S'touch {victim}'\ntR.".encode()
    assert pickle.loads(b"I1\n.") == 1, "the payload's form is one that pickle would run"
    farm.start_worker()

    job = queue.enqueue("buildcat.worker.info", at_front=False, job_id="bad", description="x", result_ttl=60)
    redis_client.hset(job.key, "data", payload)
    poisoned = Queue("default", connection=redis_client, serializer=JSONSerializer).enqueue("buildcat.worker.info")
    redis_client.hset("rq:job:evil", mapping={**redis_client.hgetall(job.key), "data": payload, "status": "queued"})
    redis_client.rpush(queue.key, "evil")

    assert finished(poisoned).type is Result.Type.SUCCESSFUL
    after = queue.enqueue("buildcat.worker.info")
    assert finished(after).type is Result.Type.SUCCESSFUL
    assert not victim.exists()


def test_callbacks_are_ignored(farm: Farm, queue: Queue) -> None:
    """A callback names any function; it is not called, whether the job succeeds or fails."""
    victim = farm.root / "touched"
    farm.start_worker()

    for name in ("buildcat.worker.info", "os.system"):
        job = Job.create(name, connection=queue.connection, serializer=JSONSerializer, origin="default")
        job._success_callback_name = job._failure_callback_name = "os.system"
        queue.enqueue_job(job)
        finished(job)

    assert finished(queue.enqueue("buildcat.worker.info")).type is Result.Type.SUCCESSFUL
    assert not victim.exists()
    assert Callback is not None


def test_a_damaged_rq_job_is_set_aside(farm: Farm, redis_client: redis.Redis, queue: Queue) -> None:
    """A hash that RQ can't parse makes stock workers quit; ours reports it and goes on."""
    redis_client.hset("rq:job:damaged", mapping={"data": b"{}", "created_at": "yesterday", "status": "queued"})
    redis_client.rpush(queue.key, "damaged")
    farm.start_worker()

    after = finished(queue.enqueue("buildcat.worker.info"))

    assert after.type is Result.Type.SUCCESSFUL
    assert redis_client.lrange("bc:damaged", 0, -1) == [b"damaged"]
    assert "can't be read" in farm.log()


def test_a_render_task_that_nobody_picked_is_refused(farm: Farm, queue: Queue) -> None:
    """Its arguments become paths: an execution `x/../../../victim` made the worker delete a folder outside the root."""
    victim = farm.root.parent / "victim"
    victim.mkdir()
    farm.start_worker()
    job_id = farm.submit(farm.scene(), "1", paused=True)

    given = {"execution": "x/../../../victim", "job": job_id, "first": 0, "count": 1}
    refused = finished(queue.enqueue("buildcat.render", {**given, "generation": 1, "version": 0, "pool": "default"}))

    assert refused.type is Result.Type.FAILED
    assert "not to be enqueued" in refused.exc_string
    assert victim.exists()
    assert farm.job(job_id).counts.done == 0
