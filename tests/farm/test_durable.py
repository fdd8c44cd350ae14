"""A submit is answered once the job is on the server's disk."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from buildcat.client import control, records
from buildcat.client.connection import Connection, open_client
from buildcat.farm.server import Server
from buildcat.model.job import JobSpec

SPEC = JobSpec(dcc="toy", scene="shot.toy", frames="1-4", user="ann")


@pytest.fixture(params=["installed", "wheel"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server that is installed, such as Debian's Redis 7.0, which has no WAITAOF; and the wheel's, which has it."""
    if request.param == "wheel":
        monkeypatch.setattr(shutil, "which", lambda _name: None)
    made = Server(tmp_path / "storage", port=0)
    made.start()
    yield made
    made.stop()


def calls(connection: Connection, command: str) -> int:
    """How often the server has done a command without refusing it."""
    found: dict[str, Any] = connection.redis.info("commandstats")
    row = found.get(f"cmdstat_{command}", {"calls": 0, "failed_calls": 0, "rejected_calls": 0})
    return int(row["calls"]) - int(row["failed_calls"]) - int(row["rejected_calls"])


def test_a_submit_waits_for_the_servers_disk(server: Server) -> None:
    """By WAITAOF, or with a file that is flushed at once; afterwards the server flushes as before."""
    connection = open_client(server.address)

    control.submit(connection, SPEC)

    has_waited = calls(connection, "waitaof") == 1
    has_flushed = calls(connection, "config|set") == 2
    assert has_waited or has_flushed
    assert connection.redis.config_get("appendfsync") == {"appendfsync": "everysec"}


def test_a_job_that_was_answered_is_there_after_a_crash(server: Server) -> None:
    """Killed in the next moment, and started again."""
    connection = open_client(server.address)
    redis = psutil.Process(connection.redis.info("server")["process_id"])

    job_id = control.submit(connection, SPEC)
    redis.kill()
    redis.wait(10)
    again = Server(server.storage, port=0)
    again.start()

    try:
        assert records.spec(open_client(again.address), job_id).frames == "1-4"
    finally:
        again.stop()


def test_a_server_that_keeps_nothing_is_told_of(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """The job is rendered all the same."""
    connection = open_client(server.address)
    connection.redis.config_set("appendonly", "no")

    with caplog.at_level(logging.ERROR):
        job_id = control.submit(connection, SPEC)

    assert f"doesn't confirm that job {job_id} is on its disk" in caplog.text
    assert records.job(connection, job_id).counts.waiting == 4


def test_a_server_that_lets_nobody_change_it_is_told_of(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Such as one that is rented: then it must have WAITAOF."""
    owner = open_client(server.address)
    owner.redis.acl_setuser("artist", enabled=True, passwords=["+pass"], keys=["*"], commands=["+@all", "-config"])
    artist = open_client(server.address.replace("redis://", "redis://artist:pass@"))

    with caplog.at_level(logging.ERROR):
        control.submit(artist, SPEC)

    assert (calls(owner, "waitaof") == 1) == (caplog.text == "")
