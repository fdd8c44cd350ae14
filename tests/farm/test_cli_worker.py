"""`buildcat server`, `worker`, `worker-info`, `doctor` and `config`, as a person types them."""

from __future__ import annotations

import ast
import json
import signal
import sys
from pathlib import Path

import psutil
import pytest
from commands import Running, ask, buildcat, on_terminal
from farms import Farm, wait_for
from needs import require

from buildcat.client.connection import Connection, library_version
from buildcat.model import paths

TUTORIAL = {
    "os": {"host", "machine", "processor", "release", "system", "version"},
    "python": {"prefix", "version"},
    "worker": {"pid", "root", "user", "version"},
}


@pytest.fixture(autouse=True)
def server_of_the_farm(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the server where a person would have put it."""
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)


# -- server ------------------------------------------------------------------------------------------------------------


def test_the_server_says_its_address_and_the_next_command(tmp_path: Path) -> None:
    """What it says to type works, and Ctrl-C ends it and its Redis."""
    with Running("server", "--port", "0", "--storage", str(tmp_path / "records"), cwd=tmp_path) as server:
        server.wait_said("\n  buildcat worker --server redis://127.0.0.1:")
        address = server.said.split()[-1]
        processes = psutil.Process(server.process.pid).children(recursive=True)
        version = Connection(address).loaded_version()
        code = server.interrupt()

    assert f"The server is ready at {address}; Ctrl-C ends it.\n" in server.said
    assert f"Its records are in {tmp_path / 'records'}.\n" in server.said
    assert (code, version) == (0, library_version())
    assert psutil.wait_procs(processes, timeout=20)[1] == []


def test_a_taken_port_is_exit_code_3(farm: Farm) -> None:
    """And it says by whom."""
    port = farm.server.rpartition(":")[2].removesuffix("/0")

    done = buildcat("server", "--port", port, cwd=farm.root)

    assert done.returncode == 3
    assert done.stderr.startswith(f"buildcat: Port {port} of 127.0.0.1 is taken by a server")
    assert done.stdout == ""


def test_an_open_address_is_refused(farm: Farm) -> None:
    """There are no access rules yet."""
    done = buildcat("server", "--bind", "0.0.0.0", cwd=farm.root)

    assert done.returncode == 3
    assert "no access rules yet" in done.stderr


# -- worker ------------------------------------------------------------------------------------------------------------


def test_a_worker_says_what_it_is_and_makes_the_root(farm: Farm) -> None:
    """Before the marker is made it is said; then pools, DCCs with versions, and the root."""
    with Running("worker", "gpu", "--trust", "houdini", "--name", "box", cwd=farm.root) as worker:
        worker.wait_said("toy  ")
        code = worker.interrupt()

    assert worker.said.startswith(f"Making {farm.root} the root of this farm")
    assert "Worker box is ready; Ctrl-C ends it when its task is done.\n" in worker.said
    lines = [line for line in worker.said.splitlines() if line.startswith("  ")]
    rows = {name.strip(): value.strip() for name, _, value in (line[2:].partition("  ") for line in lines)}
    assert rows["root"] == str(farm.root)
    assert rows["pools"] == "gpu"
    assert rows["allows"] == "trust:houdini"
    assert rows["toy"] == "1.2.0"
    assert {"husk", "maya", "modo"} <= set(rows["not here"].split(", ")), "what isn't there is no fault of each"
    assert len({line.index(value) for line, value in zip(lines, rows.values())}) == 1, "values stand in one column"
    assert code == 0
    assert paths.find_root(farm.root) == farm.root


def test_a_worker_started_below_the_root_serves_the_root(farm: Farm) -> None:
    """It does not make a second root inside the first."""
    paths.mark_root(farm.root)
    (farm.root / "shots").mkdir()

    with Running("worker", "--json", cwd=farm.root / "shots") as worker:
        worker.wait_said("\n}\n")

    assert json.loads(worker.said)["root"] == str(farm.root)
    assert not (farm.root / "shots" / ".buildcat").exists()


def test_a_home_folder_is_not_made_the_root(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tutorial followed in the wrong place spoils nothing."""
    monkeypatch.setenv("HOME", str(farm.root))

    done = buildcat("worker", cwd=farm.root)

    assert done.returncode == 4
    assert "can't be the root: it is a home folder" in done.stderr
    assert not (farm.root / ".buildcat").exists()


def test_several_workers_run_under_one_command(farm: Farm) -> None:
    """`--count`: each has its own name, one that dies is started again, and one Ctrl-C ends all."""
    with Running("worker", "--count", "2", "--name", "box", cwd=farm.root) as workers:
        wait_for(lambda: farm.labels() == ["box-1", "box-2"], "both workers to be ready")
        code = workers.interrupt()

    assert code == 0
    assert farm.labels() == []


def test_without_a_server_a_worker_says_so_once_and_waits(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not end: the server may come later."""
    with Running("worker", "--port", "1", cwd=farm.root) as worker:
        worker.wait_said("There is no server at redis://127.0.0.1:1/0. Start one with `buildcat server`")
        code = worker.interrupt()

    assert worker.said.count("There is no server") == 1
    assert code in (130, -signal.SIGINT)


# -- info --------------------------------------------------------------------------------------------------------------


def test_worker_info_prints_what_the_tutorial_shows(farm: Farm) -> None:
    """A Python literal with the same keys, and JSON that says the same."""
    farm.start_worker()

    printed = ast.literal_eval(buildcat("worker-info", cwd=farm.root).stdout)

    assert {key: set(value) for key, value in printed.items()} == TUTORIAL
    assert printed["worker"]["root"] == str(farm.root)
    assert ask("worker-info", cwd=farm.root) == printed


def test_dcc_info_adds_what_was_found(farm: Farm) -> None:
    """Executables and versions."""
    farm.start_worker()

    answer = ask("toy-info", cwd=farm.root)

    assert [one["version"] for one in answer["toy"]["executables"]] == ["1.2.0"]


def test_worker_info_leaves_nothing_behind(farm: Farm) -> None:
    """The question and its answer are forgotten."""
    farm.start_worker()

    buildcat("worker-info", cwd=farm.root)

    assert [key for key in farm.connection.redis.scan_iter("rq:*") if b"worker" not in key] == []


def test_without_a_worker_it_says_so_and_ctrl_c_leaves_nothing(farm: Farm) -> None:
    """No job waits for a worker that comes tomorrow."""
    with Running("worker-info", cwd=farm.root) as waiting:
        waiting.wait_said("There is no worker. Start one with `buildcat worker` in the shared storage.")
        asked = farm.connection.redis.llen("rq:queue:default")
        code = waiting.interrupt()

    assert (asked, code) == (1, 130)
    assert list(farm.connection.redis.scan_iter("*")) == []
    assert "Traceback" not in waiting.said


def test_a_worker_that_comes_later_answers(farm: Farm) -> None:
    """The question waits for it."""
    with Running("worker-info", "--json", cwd=farm.root) as waiting:
        waiting.wait_said("There is no worker.")
        farm.start_worker()
        code = waiting.wait_end()

    assert code == 0
    assert '"worker": {' in waiting.said


def test_a_pool_that_nobody_serves_is_named(farm: Farm) -> None:
    """And the pools that are served."""
    farm.start_worker("gpu")

    with Running("worker-info", "--pool", "cpu", cwd=farm.root) as waiting:
        waiting.wait_said("No worker serves the pool cpu; there are workers for gpu.")


# -- doctor, config ----------------------------------------------------------------------------------------------------


def test_the_doctor_finds_a_healthy_farm(farm: Farm) -> None:
    """Server, records, library, workers, root and DCCs, each with a sign."""
    farm.start_worker()

    done = buildcat("doctor", cwd=farm.root)

    assert done.returncode == 0, done.stdout
    for line in ("✓ records", "✓ library", "✓ workers   w1", f"✓ root      {farm.root}", "✓ toy       1.2.0"):
        assert line in done.stdout


def test_the_doctor_says_what_to_do(farm: Farm) -> None:
    """No server, and a root that was never made one: both named with the remedy, exit code 1."""
    done = buildcat("doctor", "--port", "1", "--root", str(farm.root), "--server", "", cwd=farm.root)

    assert done.returncode == 1
    assert "✗ server    There is no server at redis://127.0.0.1:1/0. Start one with `buildcat server`" in done.stdout
    assert f"→ Start a worker in it: buildcat worker --root {farm.root}" in done.stdout


def test_the_doctor_warns_of_a_server_that_forgets(tmp_path: Path, farm: Farm) -> None:
    """A Redis without its append-only file loses all jobs at a restart."""
    farm.connection.redis.config_set("appendonly", "no")
    try:
        findings = buildcat("doctor", "--json", cwd=farm.root)
    finally:
        farm.connection.redis.config_set("appendonly", "yes")

    assert findings.returncode == 1
    wrong = [one["text"] for one in json.loads(findings.stdout) if one["verdict"] == "wrong"]
    assert wrong == ["kept in memory only: a restart of the server loses all jobs"]


def test_the_doctor_names_an_executable_that_is_not_there(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing error in BUILDCAT_TOY is found here, not by a job that waits for ever."""
    monkeypatch.setenv("BUILDCAT_TOY", "/nowhere/toy")

    done = buildcat("doctor", cwd=farm.root)

    assert done.returncode == 1
    assert "✗ toy       /nowhere/toy can't be used: There is no such file." in done.stdout
    assert "→ Correct BUILDCAT_TOY or the configuration file." in done.stdout


def test_config_says_where_each_value_comes_from(farm: Farm) -> None:
    """Flag before environment before default."""
    by_flag = ask("config", "--host", "aurora", cwd=farm.root)
    by_environment = ask("config", cwd=farm.root)

    assert by_flag["server"] == {"value": "redis://aurora:6379/0", "origin": "--server"}
    assert by_environment["server"] == {"value": farm.server, "origin": "BUILDCAT_SERVER"}
    assert by_environment["root"] == {"value": None, "origin": "default"}


def test_config_hides_a_password(farm: Farm) -> None:
    """It is shown to whoever looks over a shoulder."""
    done = buildcat("config", "--server", "redis://ann:secret@aurora", cwd=farm.root)

    assert done.returncode == 0
    assert "***@aurora" in done.stdout
    assert "secret" not in done.stdout


def test_long_sentences_break_between_words_on_a_terminal(farm: Farm) -> None:
    """A command in a sentence can be read."""
    require(sys.platform != "win32", "a terminal to draw on")

    code, drawn = on_terminal("jobs", "--port", "1", "--server", "", cwd=farm.root, columns=60)

    assert code == 3
    assert max(len(line) for line in drawn.splitlines()) <= 60
    assert "`buildcat server`" in drawn.replace("\r\n", " ")
