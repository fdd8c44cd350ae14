"""`workers`, `limits`, `events` and `status --watch`, as a wrangler types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commands import BUILDCAT, Running, Screen, ask, buildcat, say
from farms import PATIENCE_S, Farm, wait_for
from needs import require
from steps import Steps, Worker

from buildcat.client import control, limits, records
from buildcat.farm.server import Server

pytestmark = pytest.mark.usefixtures("typed")


def announce(steps: Steps, *names: str) -> None:
    """Let idle workers beat; a label is what comes before the last dot of a name."""
    for name in names:
        record = Worker(name).record(label=name.rpartition(".")[0] or name).to_json()
        steps.connection.call("beat", worker=name, record=record, executions={})


def orders(farm: Farm) -> dict[str, str]:
    """What each worker was told, by its own name."""
    return {one.name: one.order for one in records.workers(farm.connection)}


def test_without_workers_it_says_what_to_type(farm: Farm) -> None:
    """An empty farm is not an empty screen."""
    assert say(farm, "workers") == "There is no worker. Start one in the shared storage:\n  buildcat worker\n"


def test_workers_tell_what_they_render(farm: Farm) -> None:
    """A real one: its DCCs with versions, and its task by name and frame."""
    farm.start_worker()
    farm.wait_running(farm.submit(farm.scene(seconds=30), "7-9", name="shot"))

    lines = say(farm, "workers").splitlines()

    assert lines[0].split()[:2] == ["WORKER", "TASK"]
    assert lines[1].startswith("w1      shot  frame 7")
    assert "toy 1.2.0" in lines[1]
    assert ask("workers", cwd=farm.root)[0]["task"]["unit"] == "frame 7"


def test_a_lost_worker_is_listed_with_when_it_was_heard_of(farm: Farm, steps: Steps) -> None:
    """So that somebody goes and looks at that machine."""
    announce(steps, "aurora.1", "old-box.2")
    now, _ = farm.connection.redis.time()
    farm.connection.redis.zadd("bc:workers", {"old-box.2": (now - 1500) * 1000})

    lines = say(farm, "workers").splitlines()

    assert lines[1].split()[:2] == ["aurora", "idle"]
    assert "old-box  lost 25 min ago" in lines[2]
    assert [one["is_lost"] for one in ask("workers", cwd=farm.root)] == [False, True]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("aurora.1a", {"aurora.1a"}),
        ("aurora", {"aurora.1a", "aurora.2b"}),
        ("no", {"node-1.3c"}),
        ("node-*", {"node-1.3c"}),
        ("*", {"aurora.1a", "aurora.2b", "node-1.3c"}),
    ],
)
def test_a_worker_goes_by_name_label_beginning_or_pattern(farm: Farm, steps: Steps, word: str, told: set[str]) -> None:
    """Two workers of one host share a label, and are told together."""
    announce(steps, "aurora.1a", "aurora.2b", "node-1.3c")

    say(farm, "workers", "pause", word)

    assert {name for name, order in orders(farm).items() if order == "pause"} == told


def test_an_order_stands_until_it_is_taken_back(farm: Farm, steps: Steps) -> None:
    """It is listed; given twice, it says so."""
    announce(steps, "aurora.1a")

    said = [say(farm, "workers", *words, "aurora") for words in (["pause"], ["pause"], ["resume"], ["resume"])]

    assert said == [
        "aurora: paused\n",
        "aurora: was paused already\n",
        "aurora: takes tasks again\n",
        "aurora: was not paused\n",
    ]
    say(farm, "workers", "drain", "aurora")
    assert "aurora  draining" in say(farm, "workers")


def test_an_unknown_worker_is_refused_with_a_near_name(farm: Farm, steps: Steps) -> None:
    """And none of the others is told anything."""
    announce(steps, "aurora.1a", "node-1.2b", "node-2.3c")

    unknown = buildcat("workers", "stop", "node-1", "arora", cwd=farm.root)
    several = buildcat("workers", "stop", "node", cwd=farm.root)

    assert (unknown.returncode, several.returncode) == (4, 4)
    assert "There is no worker 'arora'. Did you mean 'aurora'?" in unknown.stderr
    assert "'node' begins the names of node-1, node-2. Type more of it, or 'node*'." in several.stderr
    assert set(orders(farm).values()) == {""}


def test_the_options_of_a_group_go_before_or_after_its_command(farm: Farm, steps: Steps) -> None:
    """`workers --json pause` and `workers pause --json` are the same."""
    announce(steps, "aurora.1a")

    before = ask("workers", "--server", farm.server, "--json", "pause", "aurora", cwd=farm.root)

    assert before == [{"name": "aurora.1a", "is_changed": True}]
    assert ask("workers", "pause", "aurora", cwd=farm.root) == [{"name": "aurora.1a", "is_changed": False}]


def test_limits_are_set_listed_and_lifted(farm: Farm) -> None:
    """On the whole farm, or on each host."""
    empty = say(farm, "limits")
    said = [say(farm, "limits", "set", "arnold", "4"), say(farm, "limits", "set", "modo", "1/host")]

    lines = say(farm, "limits").splitlines()

    assert empty == "There are no limits yet. Set one:\n  buildcat limits set arnold 4\n"
    assert said[0] == "arnold: 4 sessions at the same time on the farm\n"
    assert said[1] == "modo: 1 session at the same time on each host\n"
    assert [line.split() for line in lines] == [
        ["LIMIT", "VALUE", "IN", "USE", "HELD", "BY"],
        ["arnold", "4", "0"],
        ["modo", "1/host", "0"],
    ]
    assert say(farm, "limits", "lift", "modo") == "modo: no limit any more\n"
    assert [one.name for one in limits.read(farm.connection)] == ["arnold"]


def test_limits_tell_who_holds_them_and_that_somebody_waits(farm: Farm, steps: Steps) -> None:
    """Whom to ask for a licence."""
    limits.set_limit(farm.connection, "arnold", 1)
    steps.submit(2, limits=["arnold"])
    steps.must_pick(Worker("aurora.1a"))
    steps.pick(Worker("node.2b"))

    assert say(farm, "limits").splitlines()[1].split() == ["arnold", "1", "1", "somebody", "aurora"]
    assert ask("limits", cwd=farm.root) == [
        {"name": "arnold", "value": "1", "in_use": 1, "holders": ["aurora.1a"], "on_hosts": {}, "is_wanted": True}
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["set", "arnold", "four"], "A limit is a number, such as 4, or 1/host, not 'four'."),
        (["set", "a b", "4"], "A limit is a word"),
        (["lift", "arnol"], "There is no limit 'arnol'. Did you mean 'arnold'?"),
    ],
)
def test_a_wrong_limit_is_one_sentence(farm: Farm, arguments: list[str], sentence: str) -> None:
    """Exit code 2, and nothing is changed."""
    limits.set_limit(farm.connection, "arnold", 4)

    done = buildcat("limits", *arguments, cwd=farm.root)

    assert done.returncode == 2
    assert sentence in done.stderr
    assert [one.value for one in limits.read(farm.connection)] == ["4"]


def test_events_are_told_in_words(farm: Farm, steps: Steps) -> None:
    """All that can happen to a job, each in a line with the names of job, frame and worker."""
    steps.submit(3, name="shot", id="a1")
    steps.failed(steps.must_pick(), 0, message="The camera is gone.")
    steps.give_back(steps.must_pick())
    steps.lose(steps.must_pick())
    steps.done(steps.must_pick())
    control.cancel(farm.connection, "a1")

    said = [line.split("  ", 1)[1] for line in say(farm, "events").splitlines()]

    assert said == [
        "shot a1: 3 frames submitted by ann",
        "shot a1: frame 1 started on w1",
        "shot a1: frame 1 failed on w1, try 1: The camera is gone.",
        "shot a1: frame 1 started on w1",
        "shot a1: frame 1 given back by w1: its worker was stopped",
        "shot a1: frame 1 started on w1",
        "shot a1: frame 1 taken back, worker w1 is lost",
        "shot a1: frame 1 started on w1",
        "shot a1: frame 1 done in 1.5 s on w1",
        "shot a1: ended, cancelled: 1 finished",
        "shot a1: cancelled by ann",
    ]


def test_events_of_the_farm_are_told_too(farm: Farm, steps: Steps) -> None:
    """Limits, workers, and jobs that are gone."""
    announce(steps, "aurora.1a")
    control.order_worker(farm.connection, "aurora.1a", "drain")
    limits.set_limit(farm.connection, "modo", 1, is_per_host=True)
    limits.lift(farm.connection, "modo")
    control.delete(farm.connection, steps.submit(2, name="shot", id="a1"))

    said = [line.split("  ", 1)[1] for line in say(farm, "events").splitlines()]

    assert said == [
        "worker aurora told to end after its task by ann",
        "limit modo set to 1/host by ann",
        "limit modo lifted by ann",
        "shot a1: 2 units submitted by ann",
        "a1: deleted by ann",
    ]


def test_events_of_one_job_are_asked_for(farm: Farm, steps: Steps) -> None:
    """The newest of them, with JSON a line each."""
    for name in ("a1", "b1"):
        steps.submit(1, id=name)
    steps.done(steps.must_pick())

    lines = [json.loads(line) for line in say(farm, "events", "--job", "a1", "--json", "--most", "2").splitlines()]

    assert [one["kind"] for one in lines] == ["done", "ended"]
    assert lines[0].keys() == {"id", "time", "kind", "job", "details"}
    assert lines[0]["details"] == {"unit": 0, "worker": 1, "seconds": 1.5}


def test_followed_events_end_quietly_at_ctrl_c(farm: Farm, steps: Steps) -> None:
    """What happens later is printed; then nothing but what was printed."""
    with Running("events", "--follow", "--json", cwd=farm.root) as running:
        steps.submit(1, id="a1")
        running.wait_said('"submitted"')
        steps.done(steps.must_pick())
        running.wait_said('"ended"')

        assert running.interrupt() == 0

    assert [json.loads(line)["kind"] for line in running.said.splitlines()] == ["submitted", "picked", "done", "ended"]


def test_a_closed_pipe_is_no_traceback(farm: Farm, steps: Steps) -> None:
    """`buildcat events --follow | head` ends without a word."""
    steps.submit(1, id="a1")
    command = [*BUILDCAT, "events", "--follow"]
    with subprocess.Popen(command, cwd=farm.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        steps.done(steps.must_pick())

        process.wait(PATIENCE_S)

        assert process.stderr.read() == b""


def test_watching_follows_the_farm_and_the_size_of_the_terminal(farm: Farm, steps: Steps) -> None:
    """What happens is drawn, a resize draws anew, Ctrl-C ends it and gives the screen back."""
    require(sys.platform != "win32", "a terminal to draw on")
    with Screen("status", "--watch", cwd=farm.root, columns=80) as screen:
        screen.wait_drawn("EVENTS")
        steps.submit(4, id="a1", name="a" * 90)
        screen.wait_drawn("aaa…")
        screen.resize(200)
        screen.wait_drawn("a" * 60)

        assert screen.interrupt() == 0
        screen.wait_drawn("\x1b[?1049l")
        assert "Traceback" not in screen.drawn


def test_watching_goes_on_after_an_outage(tmp_path: Path) -> None:
    """A screen on the wall needs nobody when the server is started anew."""
    require(sys.platform != "win32", "a terminal to draw on")
    server = Server(tmp_path / "server", port=0)
    server.start()
    with Screen("status", "--watch", "--server", server.address, cwd=tmp_path) as screen:
        screen.wait_drawn("EVENTS")
        server.stop()
        screen.wait_drawn("There is no server at")
        before = screen.drawn.count("EVENTS")
        server.start()
        try:
            wait_for(lambda: screen.drawn.count("EVENTS") > before, "the farm to be drawn again")
        finally:
            server.stop()
