"""The DCC fails once: the unit is rendered again, and nothing of the first try counts."""

from __future__ import annotations

import os

from faults.drills import Drill, scene_of

from buildcat.client import records

#: Name of the toy's trouble → what it is, and the kind of the failed try.
ENDS = {
    "crash": ("DCC ends with a code", "SessionError"),
    "quit": ("scene quits the DCC, exit 0", "SessionError"),
    "exit": ("scene raises SystemExit", "RenderError"),
    "error": ("script error in the DCC", "RenderError"),
    "segfault": ("DCC segfaults", "SessionError"),
    "nothing": ("DCC writes no file", "OutputError"),
    "half": ("DCC writes half a file", "OutputError"),
    "small": ("DCC writes a smaller picture", "OutputError"),
    "ask": ("DCC waits for input", "RenderError"),
}
#: What a DCC may print, and need not be rendered again for.
NOISE = {"flood": "DCC floods stdout", "garbage": "DCC prints no UTF-8", "mimic": "DCC prints lines like ours"}
FLOOD_MB = 1024 if os.environ.get("BUILDCAT_LONG_DRILLS") else 100


def test_a_dcc_that_ends_or_lies_costs_one_try(drill: Drill) -> None:
    """However it ends, and whatever it leaves: a second try renders the frame."""
    drill.start_worker()
    jobs = {name: drill.submit(scene_of(drill, name, **{name: [2]}), "1-3", paused=True) for name in ENDS}

    for name, job_id in jobs.items():
        drill.fault(ENDS[name][0], job_id)
        drill.resume(job_id)
        drill.wait(job_id)

    for name, job_id in jobs.items():
        (failure,) = records.failures(drill.connection, job_id)
        assert (failure.unit, failure.kind) == (1, ENDS[name][1]), failure
    drill.end(*jobs.values())


def test_a_dcc_that_hangs_costs_one_try(drill: Drill) -> None:
    """Busy without end, deaf in C, or stopped as a whole: a limit of time or of silence ends it."""
    drill.start_worker("--silence-limit", "3s")
    names = {"hang": "DCC in a busy loop", "stuck": "DCC deaf in C", "freeze": "DCC stopped (SIGSTOP)"}
    jobs = {}
    for name in names:
        # The one that stops is found by its silence.
        limit_s = 60 if name == "freeze" else 3
        scene = scene_of(drill, name, **{name: [2]})
        jobs[name] = drill.submit(scene, "1-3", frame_timeout=limit_s, paused=True)

    for name, job_id in jobs.items():
        drill.fault(names[name], job_id)
        drill.resume(job_id)
        drill.wait(job_id)
        (failure,) = records.failures(drill.connection, job_id)
        assert failure.unit == 1, failure

    drill.end(*jobs.values())


def test_a_dcc_that_is_killed_costs_one_try(drill: Drill) -> None:
    """kill -9 of the DCC alone: its worker starts another."""
    drill.start_worker()
    job_id = drill.submit(scene_of(drill, "killed", nap=[2]), "1-3")
    drill.wait_event(job_id, "done")

    drill.fault("DCC kill -9", job_id)
    drill.wait_running(job_id)
    drill.dccs()[0].kill()

    drill.end(job_id)


def test_whatever_a_dcc_prints_harms_nothing(drill: Drill) -> None:
    """It is kept as the log, up to a limit, and decides nothing."""
    drill.start_worker()

    jobs = {
        name: drill.submit(scene_of(drill, name, flood_mb=FLOOD_MB, **{name: [2]}), "1-3", paused=True)
        for name in NOISE
    }
    for name, job_id in jobs.items():
        drill.fault(NOISE[name], job_id)
        drill.resume(job_id)
        drill.wait(job_id)

    assert [records.failures(drill.connection, job_id) for job_id in jobs.values()] == [[], [], []]
    drill.end(*jobs.values())


def test_a_dcc_that_leaks_is_recycled_between_units(drill: Drill) -> None:
    """Above the worker's limit it is started anew, so that no frame is lost: each was rendered by its own DCC."""
    drill.start_worker("--memory", "100")

    job_id = drill.submit(drill.scene("leak.toy", output="leak/toy_####.png", leak=True), "1-3", chunk=3)
    drill.wait(job_id)

    logs = list((drill.root / ".buildcat" / "jobs" / job_id / "logs").glob("*.log"))
    assert len(logs) == 3
    assert all(one.read_text().startswith("opened ") for one in logs)
    assert all(one.tries == 0 for one in records.facts(drill.connection, job_id, 3))
    drill.end(job_id)
