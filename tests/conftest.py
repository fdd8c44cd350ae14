"""Fixtures for all tests, and the rule that nothing is skipped where `BUILDCAT_REQUIRE_ALL` is set."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import fifth_dcc
import pytest
import redis
from needs import IS_ALL_REQUIRED, require

from buildcat.farm.server import Server, find_binary
from buildcat.model.errors import ServerError

if hasattr(signal, "SIGHUP"):  # under nohup it is ignored, also by what tests start
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

Report = pytest.TestReport | pytest.CollectReport


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with a folder and a free port of its own. The function library is one per server."""
    require(_has_redis(), "no Redis or Valkey of version 7.0 or newer")
    server = Server(tmp_path_factory.mktemp("redis"), port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_client(redis_server: Server) -> Iterator[redis.Redis]:
    """A client of an empty database; our function library is loaded."""
    with redis.Redis.from_url(redis_server.address) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def fifth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package that docs/adding-a-dcc.md builds, installed."""
    require(fifth_dcc.program().exists(), "OpenImageIO brings no oiiotool here")
    return fifth_dcc.install(tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site"))


@pytest.fixture(autouse=True, scope="session")
def settings_of_this_machine_kept_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's own server, root and configuration out of the tests, and out of the processes they start."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BUILDCAT_SERVER", "BUILDCAT_ROOT", "BUILDCAT_USER"):
            patch.delenv(name, raising=False)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _without_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _without_skip((yield))


def _without_skip(report: Any) -> Any:
    if IS_ALL_REQUIRED and report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"BUILDCAT_REQUIRE_ALL is set, so nothing may be skipped. {reason}"
    return report


def _has_redis() -> bool:
    try:
        find_binary()
    except ServerError:
        return False
    return True
