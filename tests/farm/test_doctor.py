"""What the doctor finds on a machine that is not as it should be, each with what to do."""

from __future__ import annotations

import shutil
import time
from collections import namedtuple
from pathlib import Path

import pytest
from steps import W1, W2, Steps

from buildcat.client import config
from buildcat.farm import doctor
from buildcat.farm.doctor import Finding, Verdict
from buildcat.farm.server import Server
from buildcat.model import paths

Usage = namedtuple("Usage", "total used free")


def findings(steps: Steps, root: Path | None = None) -> dict[str, Finding]:
    """All that is found, by its subject; of several the last."""
    given = config.load(server=steps.connection.url, root=str(root) if root else None, dccs=["toy"])
    return {one.subject: one for one in doctor.examine(given)}


@pytest.fixture
def own(tmp_path: Path) -> Steps:
    """The steps on a server that may be changed."""
    from buildcat.client.connection import open_client

    server = Server(tmp_path / "storage", port=0)
    server.start()
    yield Steps(open_client(server.address))  # type: ignore[misc]  # a fixture
    server.stop()


def test_all_is_well_with_a_server_of_ours(steps: Steps, tmp_path: Path) -> None:
    """Nothing to be fixed but what this machine doesn't have."""
    paths.mark_root(tmp_path)
    steps.announce(W1)

    found = findings(steps, tmp_path)

    assert [one.subject for one in found.values() if one.verdict is Verdict.WRONG] == []
    assert {"server", "records", "clock", "library", "workers", "root"} <= set(found)
    assert "memory" not in found


@pytest.mark.parametrize(
    ("settings", "subject", "words", "fix"),
    [
        ({"appendonly": "no"}, "records", "kept in memory only", "appendonly yes"),
        ({"maxmemory": "900mb", "maxmemory-policy": "allkeys-lru"}, "memory", "throws jobs away", "noeviction"),
        ({"maxmemory": "1mb"}, "memory", "soon the server takes nothing more", "Raise `maxmemory`"),
    ],
)
def test_a_server_that_will_lose_jobs_is_told(
    own: Steps, settings: dict[str, str], subject: str, words: str, fix: str
) -> None:
    """Before it does."""
    for key, value in settings.items():
        own.connection.redis.config_set(key, value)

    found = findings(own)[subject]

    assert found.verdict is Verdict.WRONG
    assert words in found.text
    assert fix in found.fix


def test_a_server_with_room_in_its_memory_says_how_much(own: Steps) -> None:
    """Where it has a limit."""
    own.connection.redis.config_set("maxmemory", "900mb")

    assert findings(own)["memory"].verdict is Verdict.FINE


@pytest.mark.parametrize(("offset", "words"), [(60, "60 s ahead of"), (-60, "60 s behind")])
def test_a_clock_that_is_off_is_told(steps: Steps, monkeypatch: pytest.MonkeyPatch, offset: float, words: str) -> None:
    """Both ways, with how far."""
    now = time.time
    monkeypatch.setattr(doctor.time, "time", lambda: now() + offset)

    found = findings(steps)["clock"]

    assert (found.verdict, words in found.text) == (Verdict.WRONG, True)


def test_a_library_of_another_version_says_who_must_be_upgraded(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    """The older of the two."""
    fixes = []
    for version in (1, 99):
        monkeypatch.setattr(doctor, "library_version", lambda version=version: version)
        fixes.append(findings(steps)["library"].fix)

    assert fixes == ["Upgrade Buildcat on this machine.", "Upgrade Buildcat on the server."]


def test_a_full_storage_is_told(steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is left."""
    paths.mark_root(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _root: Usage(10**12, 10**12, 10**7))

    found = findings(steps, tmp_path)["root"]

    assert (found.verdict, found.fix) == (Verdict.WRONG, "Make room in it.")


def test_a_worker_without_its_storage_is_told(steps: Steps) -> None:
    """It waits, and somebody must mount it."""
    steps.announce(W1, trouble="misses its storage /mnt/farm")

    found = findings(steps)["worker"]

    assert (found.verdict, found.text) == (Verdict.WRONG, "w1 misses its storage /mnt/farm")


@pytest.mark.parametrize(
    ("many", "verdict", "words"),
    [("2", Verdict.FINE, "licence: 2 free"), ("0", Verdict.WRONG, "licence: none is free.")],
)
def test_the_licence_server_of_a_dcc_is_asked(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, many: str, verdict: Verdict, words: str
) -> None:
    """By the DCC's own plugin, which knows how."""
    monkeypatch.setenv("TOY_LICENCES", many)

    found = findings(steps)["toy"]

    assert (found.verdict, found.text) == (verdict, words)


def test_lost_workers_are_told(steps: Steps) -> None:
    """Not one that was started again under the same name."""
    for worker in (W1, W2):
        steps.announce(worker)
    seconds, _ = steps.connection.redis.time()
    steps.connection.redis.zadd("bc:workers", {"w2": (seconds - 60) * 1000})

    assert findings(steps)["workers"].text == "lost in the last day: w2"


def test_without_a_server_the_rest_is_looked_at(tmp_path: Path) -> None:
    """A machine may have more than one fault."""
    given = config.load(server="redis://127.0.0.1:1/0", root=str(tmp_path), dccs=["toy"])

    found = {one.subject: one for one in doctor.examine(given)}

    assert found["server"].verdict is found["root"].verdict is Verdict.WRONG
    assert "not marked" in found["root"].text
