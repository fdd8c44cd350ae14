"""What a drill must not leave: processes, temporary folders, files, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psutil
from farms import wait_for

from buildcat.client.connection import Connection

#: What stays on purpose when nothing runs: jobs and their records, who is known, events, lists of RQ's.
_STAYS = re.compile(
    r"bc:(events|jobs|ended|picks|swept|settings|limits|damaged|workers|job:\w+(:\w+)?|batch:\w+|wake:\w+)"
    r"|rq:(queues|workers(:\w+)?)"
)


def check_processes(mark: str) -> None:
    """No process that a worker of this drill has started is left."""
    wait_for(lambda: not list(_marked(mark)), "the end of all processes", 20)


def kill_processes(mark: str) -> None:
    """End what a failed drill has left."""
    for process in _marked(mark):
        process.kill()


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("DRILL") == mark:
                yield process
        except psutil.Error:  # ended in between, or somebody else's
            continue


def wait_for_litter(root: Path) -> None:
    """No execution's temporary folder is left; those of dead workers are removed by the living."""
    wait_for(lambda: not list(root.rglob(".bc-*")), f"the removal of {list(root.rglob('.bc-*'))}", 20)


def check_files(root: Path, expected: set[Path]) -> None:
    """Where the outputs are, there is nothing else."""
    folders = {path.parent for path in expected}
    strays = {path for folder in folders for path in folder.iterdir()} - expected
    assert not strays, strays


def check_keys(connection: Connection) -> None:
    """Nothing runs, nothing is held, and every other key goes by itself."""
    redis = connection.redis
    keys = [key.decode() for key in redis.scan_iter(count=1000)]
    left = [key for key in keys if not _STAYS.fullmatch(key) and redis.ttl(key) == -1]
    assert not left, {key: redis.type(key) for key in left}
    known = [key for key in redis.smembers("rq:workers") if not redis.exists(key)]
    assert not known, known
