"""Gives abandoned units back and tidies up after RQ; any worker or the server does it. The worker's side."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.registry import StartedJobRegistry, clean_registries
from rq.serializers import JSONSerializer
from rq.worker_registration import clean_worker_registry

from buildcat.client import panel_jobs
from buildcat.client.connection import Connection
from buildcat.farm import job_files
from buildcat.farm.queue import FarmJob, FarmQueue
from buildcat.model.errors import BuildcatError
from buildcat.model.job import JobSpec

log = logging.getLogger(__name__)

SWEEP_S = 5.0
#: Ended jobs stay listed for so long, unless somebody sets it.
HISTORY_DAYS = 90
_SETTINGS, _HISTORY = "bc:settings", "history_days"
_LOCK = "bc:housekeeping"


def tidy(connection: Connection) -> None:
    """Do one pass of housekeeping, unless somebody did within the last seconds.

    Raises:
        ServerError: the server can't be reached.
    """
    with connection.errors():
        if not connection.redis.set(_LOCK, "1", nx=True, px=int(SWEEP_S * 900)):
            return
    reply = connection.call("sweep")
    for lost in reply["lost"]:
        log.warning("Worker %s was lost; its units of job %s wait again", lost["worker"], lost["job"])
        _put_into_trash(connection, lost["job"], lost["execution"])
        forget_task(connection, lost["execution"], lost["pool"])
    with connection.errors():
        for queue in FarmQueue.all(connection.redis, job_class=FarmJob, serializer=JSONSerializer):
            if queue.acquire_maintenance_lock():
                _clean(queue)
                queue.release_maintenance_lock()  # type: ignore[no-untyped-call]  # RQ's own


def _put_into_trash(connection: Connection, job_id: str, execution: str) -> None:
    """Leave what a dead worker had written so far to a worker: whoever sweeps may not have the storage."""
    with connection.errors():
        connection.redis.lpush("bc:trash", json.dumps({"id": job_id, "execution": execution}))


def empty_trash(connection: Connection, root: Path) -> None:
    """Remove what nobody needs: files of expired jobs, but never what was rendered; temporary folders of dead workers.

    Raises nothing.
    """
    try:
        while row := _next_trash(connection):
            _remove_files(connection, root, row)
    except BuildcatError as exc:
        log.warning("Files of expired jobs and dead workers are left for later: %s", exc)


def _next_trash(connection: Connection) -> dict[str, str] | None:
    with connection.errors():
        row = cast("bytes | None", connection.redis.rpop("bc:trash"))
    return json.loads(row) if row else None


def _remove_files(connection: Connection, root: Path, row: Mapping[str, str]) -> None:
    try:
        if "execution" in row:
            job_files.remove_temporary(root, row["id"], row["execution"])
        else:
            spec = JobSpec.from_json(row["spec"])
            is_shared = panel_jobs.is_scene_shared(connection, spec)
            job_files.remove(root, row["id"], spec, is_scene_shared=is_shared)
    except (BuildcatError, OSError) as exc:
        log.warning("Files of job %s are left: %s", row["id"], exc)


def keep_history(connection: Connection, days: int | None) -> int:
    """Set for how many days ended jobs stay listed, 0 for ever, and return it; None leaves what was set before.

    Raises:
        ServerError: the server can't be reached.
    """
    with connection.errors():
        if days is None:
            connection.redis.hsetnx(_SETTINGS, _HISTORY, str(HISTORY_DAYS))
        else:
            connection.redis.hset(_SETTINGS, _HISTORY, days)
        return int(cast("bytes", connection.redis.hget(_SETTINGS, _HISTORY)))


def _clean(queue: Queue) -> None:
    """Clean up after RQ's plain jobs and dead workers; a damaged one must not keep the other pools from it."""
    try:
        clean_registries(queue)
        clean_worker_registry(queue)
    except redis.RedisError:
        raise
    except Exception:  # RQ raises whatever a damaged hash makes its parser raise
        log.exception("RQ's registries of the pool %s can't be cleaned", queue.name)


def forget_task(connection: Connection, execution: str, pool: str) -> None:
    """Remove what RQ still holds of a task that was given back."""
    with connection.errors():
        registry = StartedJobRegistry(pool, connection=connection.redis, job_class=FarmJob, serializer=JSONSerializer)
        try:
            job = FarmJob.fetch(execution, connection=connection.redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return
        for entry in cast("list[bytes]", connection.redis.zrange(registry.key, 0, -1)):
            if entry.decode().startswith(f"{execution}:"):
                connection.redis.zrem(registry.key, entry)
        job.delete(remove_from_queue=False)
