"""What a wrangler looks at: `units`, `eta`, `jobs`, `show` and `status`, with what they say."""

from __future__ import annotations

import json
import re
import sys

import pytest
from commands import ask, buildcat, on_terminal, say
from farms import Farm
from needs import require
from rich.cells import cell_len
from steps import W1, W2, Steps, Worker

from buildcat.client import control, listing, progress
from buildcat.farm.queue import Picked

pytestmark = pytest.mark.usefixtures("typed")


def render(steps: Steps, picked: Picked, seconds: float) -> None:
    """Report the units of the execution as done, after so many seconds each."""
    rows = [
        {"index": unit, "seconds": seconds, "peak_mb": 900} for unit in range(picked.first, picked.first + picked.count)
    ]
    given = {"execution": picked.execution, "job": picked.job, "generation": picked.generation}
    steps.connection.call("done", worker=W1.name, units=rows, outputs={}, is_skipped=False, **given)


def began(steps: Steps, picked: Picked, seconds_ago: int) -> None:
    """Let the execution's present unit have been begun so long ago."""
    now, _ = steps.connection.redis.time()
    steps.connection.redis.hset(f"bc:execution:{picked.execution}", "since", (now - seconds_ago) * 1000)


def test_units_tell_all_that_is_known_of_each(farm: Farm, steps: Steps) -> None:
    """State, seconds, worker, memory, tries, and why it failed."""
    steps.submit(3, name="shot", id="a1")
    render(steps, steps.must_pick(), 32.0)
    steps.failed(steps.must_pick(), 1, is_final=True, message="The camera is gone.")

    rows = ask("units", "a1", cwd=farm.root)

    assert rows[0] == {
        "unit": "1",
        "frame": 1,
        "tile": None,
        "state": "done",
        "seconds": 32.0,
        "worker": "w1",
        "peak_mb": 900,
        "tries": 0,
        "losses": 0,
        "why": "",
    }
    assert (rows[1]["state"], rows[1]["tries"], rows[1]["why"]) == ("failed", 1, "The camera is gone.")


def test_units_are_listed_by_state(farm: Farm, steps: Steps) -> None:
    """The failed ones of a long job, each with its reason."""
    steps.submit(300, name="shot", id="a1")
    steps.failed(steps.must_pick(), 0, message="The camera is gone.")

    lines = say(farm, "units", "a1", "--state", "waiting", "--most", "2").splitlines()

    assert lines[0].split() == ["FRAME", "STATE", "TIME", "WORKER", "MEMORY", "TRIES", "WHY"]
    assert lines[1].split()[:3] == ["1", "·", "waiting"]
    assert lines[1].endswith("The camera is gone.")
    assert lines[-1] == "There are 298 more: --most 300 lists all."


def test_a_running_unit_tells_who_has_it_and_for_how_long(farm: Farm, steps: Steps) -> None:
    """Also before its worker has reported anything."""
    steps.submit(2, id="a1", chunk=2)
    began(steps, steps.must_pick(), 40)

    rows = ask("units", "a1", "--state", "running", cwd=farm.root)

    assert [one["worker"] for one in rows] == ["w1", "w1"]
    assert rows[0]["seconds"] >= 40
    assert rows[1]["seconds"] == 0


def test_no_unit_in_a_state_is_said_so(farm: Farm, steps: Steps) -> None:
    """No empty table."""
    steps.submit(2, id="a1", name="shot")

    assert say(farm, "units", "a1", "--state", "failed") == "No frame of shot is failed.\n"


def test_eta_tells_my_jobs_that_have_not_ended(farm: Farm, steps: Steps) -> None:
    """How long, how sure, and why one waits; other people's and ended ones are not listed."""
    steps.announce(W1)
    steps.submit(41, name="shot", id="a1")
    render(steps, steps.must_pick(), 60)
    steps.submit(2, name="other", id="b1", user="bob")
    control.pause(farm.connection, steps.submit(3, name="later", id="c1"), why="lunch")

    lines = say(farm, "eta").splitlines()

    assert [line.split()[:4] for line in lines[1:]] == [["c1", "later", "3", "frames"], ["a1", "shot", "40", "frames"]]
    assert "paused: lunch" in lines[1]
    assert "about 40 min (20 to 60)" in lines[2]
    assert ask("eta", "a1", cwd=farm.root)[0]["eta"] == {"middle_s": 2400.0, "low_s": 1200.0, "high_s": 3600.0}


def test_eta_without_jobs_says_so(farm: Farm) -> None:
    """And where to look."""
    assert say(farm, "eta") == "No job of ann renders or waits. `buildcat jobs` lists everybody's.\n"


def test_a_million_units_foretell_as_a_thousand_do(farm: Farm, steps: Steps) -> None:
    """A part of them is read, from where units are done."""
    steps.announce(W1)
    job_id = steps.submit(1_000_000, chunk=2000)
    render(steps, steps.must_pick(), 5)

    found = progress.outlooks(farm.connection, [farm.job(job_id)], progress.look(farm.connection))

    assert found[job_id].eta is not None
    assert found[job_id].eta.middle_s == pytest.approx(5 * 998_000)


def test_done_units_are_found_after_a_retry_of_the_first(farm: Farm, steps: Steps) -> None:
    """The end of the job is looked at too."""
    steps.announce(W1)
    job_id = steps.submit(3000, chunk=3000)
    render(steps, steps.must_pick(), 5)
    control.retry(farm.connection, job_id, which=range(2900))

    found = progress.outlooks(farm.connection, [farm.job(job_id)], progress.look(farm.connection))

    assert found[job_id].eta is not None


def test_jobs_tell_their_eta(farm: Farm, steps: Steps) -> None:
    """In the list, the middle; with JSON also the range."""
    steps.announce(W1)
    steps.submit(41, name="shot", id="a1")
    render(steps, steps.must_pick(), 60)

    headings, row = say(farm, "jobs").splitlines()

    assert headings.split() == ["JOB", "NAME", "STATE", "DONE", "ETA", "USER", "AGE", "POOL"]
    assert row.split()[2:6] == ["waiting", "1/41", "40", "min"]


def test_jobs_are_chosen_by_user_state_name_and_batch(farm: Farm, steps: Steps) -> None:
    """Each alone, and together."""
    steps.submit(name="shot_010", id="a1", batch="seq")
    steps.submit(name="shot_020", id="a2", user="bob", batch="seq")
    control.cancel(farm.connection, steps.submit(name="old", id="a3"))

    def chosen(*arguments: str) -> list[str]:
        return [one["id"] for one in ask("jobs", *arguments, cwd=farm.root)]

    assert chosen("--mine") == ["a3", "a1"]
    assert chosen("--state", "waiting") == ["a2", "a1"]
    assert chosen("--state", "waiting", "--state", "cancelled") == ["a3", "a2", "a1"]
    assert chosen("--name", "shot_*") == ["a2", "a1"]
    assert chosen("--batch", "seq", "--mine") == ["a1"]
    assert say(farm, "jobs", "--name", "nosuch") == "There is no such job. `buildcat jobs` lists them all.\n"


def test_older_pages_reach_every_job(farm: Farm, steps: Steps) -> None:
    """`--before` goes on where a list ended, through more jobs than are read at once."""
    for number in range(3):
        steps.submit(id=f"a{number}", name="old" if number == 0 else "new")

    first = ask("jobs", "--most", "2", cwd=farm.root)
    rest = ask("jobs", "--before", first[-1]["id"], cwd=farm.root)

    assert [one["id"] for one in first + rest] == ["a2", "a1", "a0"]


def test_a_choice_looks_through_all_pages(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one job that is meant may be the oldest of thousands."""
    monkeypatch.setattr(listing, "_PAGE", 2)
    for number in range(5):
        steps.submit(id=f"a{number}", name="old" if number == 0 else "new")

    found = listing.jobs(steps.connection, listing.Choice(name="old"), most=3)

    assert [one.id for one in found] == ["a0"]


def test_show_marks_a_slow_unit(farm: Farm, steps: Steps) -> None:
    """It is only said: nobody stops it."""
    steps.submit(9, id="a1")
    render(steps, steps.must_pick(), 20)
    began(steps, steps.must_pick(), 600)

    assert "renders  frame 2 on w1, slow: 10 min" in say(farm, "show", "a1")
    assert [one["is_slow"] for one in ask("show", "a1", cwd=farm.root)["renders"]] == [True]


def test_show_tells_what_a_job_waits_for(farm: Farm, steps: Steps) -> None:
    """By name and state, and its held frames in the strip; with its batch and limits."""
    steps.submit(3, id="a1", name="sim")
    steps.submit(3, id="b1", name="comp", after=("a1",), per_frame=True, batch="seq")
    steps.submit(3, id="c1", name="mail", after_any=("a1",), limits=("arnold",))
    steps.done(steps.must_pick())

    comp, mail = say(farm, "show", "b1"), say(farm, "show", "c1")

    assert "after   a1  sim, waiting, 1/3: each frame" in comp
    assert "batch   seq" in comp
    assert "·‖‖" in comp
    assert "‖ held" in comp
    assert "after   a1  sim, waiting, 1/3: its end" in mail
    assert "limits  arnold" in mail


def test_show_tells_each_try_and_what_was_said_last(farm: Farm, steps: Steps) -> None:
    """Where each try failed and why, the newest first."""
    steps.announce(W1)
    steps.announce(W2)
    steps.submit(1, id="a1")
    steps.failed(steps.must_pick(W1), 0, worker=W1, message="The camera is gone.")
    steps.failed(steps.must_pick(W2), 0, worker=W2, message="The disk is full.")

    said = say(farm, "show", "a1")

    assert "failed  frame 1 on w2: The disk is full.\n" in said
    assert "before on w1: The camera is gone.\n" in said
    assert "│ the end\n" in said


def test_status_shows_jobs_workers_and_events(farm: Farm, steps: Steps) -> None:
    """What renders comes first, what has ended last."""
    control.cancel(farm.connection, steps.submit(id="a1", name="old"))
    steps.submit(id="a2", name="wait", priority=10)
    steps.submit(4, id="a3", name="影の城")
    picked = steps.must_pick()
    steps.beat(picked, progress=json.dumps({"fraction": 0.43, "text": "Sample 55/128"}))

    said = say(farm, "status")

    assert said.startswith("1 job renders, 1 wait, 1 ended  ·  1 of 1 worker renders\n")
    places = [said.index(name) for name in ("\nJOBS\na3", "\na2  wait", "\na1  old", "\nWORKERS\n", "\nEVENTS\n")]
    assert places == sorted(places)
    assert "影の城  frame 1  43%" in said
    assert "Sample 55/128" in said
    assert "影の城 a3: frame 1 started on w1" in said


def test_status_of_an_empty_farm_says_what_to_type(farm: Farm) -> None:
    """No empty screen."""
    said = say(farm, "status")

    assert "none; `buildcat submit` makes one" in said
    assert "none; `buildcat worker` starts one" in said


def test_status_as_json_has_the_same(farm: Farm, steps: Steps) -> None:
    """For a page or a script."""
    steps.submit(4, id="a1")
    steps.announce(W1)

    answer = ask("status", cwd=farm.root)

    assert [one["id"] for one in answer["jobs"]] == ["a1"]
    assert [one["name"] for one in answer["workers"]] == ["w1"]
    assert [one["kind"] for one in answer["events"]] == ["submitted"]
    assert answer["counts"] == {"render": 0, "wait": 1, "ended": 0}


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_watching_needs_a_terminal(farm: Farm, more: list[str]) -> None:
    """A file can't be redrawn; the sentence names what is for files."""
    done = buildcat("status", "--watch", *more, cwd=farm.root)

    assert done.returncode == 2
    assert "--watch needs a terminal. Leave it out, or use `buildcat events --follow`." in done.stderr


@pytest.mark.parametrize("command", [["status"], ["jobs"], ["workers"], ["units", "a1"], ["eta"]])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_view_is_wider_than_its_terminal(farm: Farm, steps: Steps, command: list[str], columns: int) -> None:
    """Whatever people call their jobs and machines, in whichever script."""
    require(sys.platform != "win32", "a terminal to draw on")
    worker = Worker("render-node-with-a-very-long-name-042.a1b2c3", host="影" * 40)
    steps.submit(4, id="a1", name="影の城 " * 20)
    steps.failed(steps.must_pick(worker), 0, worker=worker, message="The camera is gone. " * 8)
    steps.beat(steps.must_pick(worker), worker, progress=json.dumps({"fraction": 0.5, "text": "Sample " * 20}))

    code, drawn = on_terminal(*command, cwd=farm.root, columns=columns)

    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn).splitlines()
    assert code == 0
    assert [line for line in lines if cell_len(line) > columns] == []


def test_a_narrow_list_leaves_columns_out(farm: Farm, steps: Steps) -> None:
    """The name stays readable; the pool goes first."""
    require(sys.platform != "win32", "a terminal to draw on")
    steps.submit(id="a1", name="a_shot_with_a_name")

    wide, narrow = (on_terminal("jobs", cwd=farm.root, columns=columns)[1] for columns in (80, 45))

    assert "POOL" in wide
    assert "POOL" not in narrow
    assert "a_shot_with_" in narrow
