"""The farm that tests of the worker's side use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from farms import Farm
from steps import Steps

from buildcat.client.connection import open_client
from buildcat.farm.server import Server


@pytest.fixture
def farm(tmp_path: Path, redis_server: Server, redis_client: redis.Redis) -> Iterator[Farm]:
    """A farm with an empty server and no worker."""
    root = tmp_path / "root"
    root.mkdir()
    farm = Farm(root, open_client(redis_server.address))
    yield farm
    farm.stop()


@pytest.fixture
def steps(farm: Farm) -> Steps:
    """The steps of workers and clients on an empty server, with nothing rendered."""
    return Steps(farm.connection)


@pytest.fixture
def typed(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the server where a person would have put it, and Ann types them."""
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)
    monkeypatch.setenv("BUILDCAT_USER", "ann")
