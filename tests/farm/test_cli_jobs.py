"""`buildcat jobs`, `show`, `log`, and the commands that change jobs, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import ask, buildcat, say
from farms import Farm, wait_for

from buildcat.client import control, records

pytestmark = pytest.mark.usefixtures("typed")


def failed_job(farm: Farm) -> str:
    """Render a job whose frame 2 fails."""
    farm.start_worker()
    return farm.wait(farm.submit(farm.scene("bad.toy", error=[2]), "1-3", name="bad")).id


def test_without_jobs_it_says_what_to_type(farm: Farm) -> None:
    """An empty farm is not an empty screen."""
    said = say(farm, "jobs")

    assert said == "There are no jobs yet. Submit one:\n  buildcat submit blender shot.blend --frames 1-100\n"


def test_jobs_are_listed_newest_first(farm: Farm) -> None:
    """A line for each, with how far it is and whose it is."""
    farm.submit("a.toy", "1-24", name="first", user="ann")
    second = farm.submit("a.toy", name="second", user="bob", paused=True)

    lines = say(farm, "jobs").splitlines()

    assert lines[0].split() == ["JOB", "NAME", "STATE", "DONE", "USER", "AGE", "POOL"]
    assert lines[1].split()[:5] == [second, "second", "paused", "0/1", "bob"]
    assert lines[2].split()[1:5] == ["first", "waiting", "0/24", "ann"]


def test_older_jobs_are_not_forgotten(farm: Farm) -> None:
    """A cut list says so, and how to see more."""
    _, second, _ = (farm.submit("a.toy") for _ in range(3))

    lines = say(farm, "jobs", "--most", "2").splitlines()

    assert len(lines) == 4
    assert lines[-1] == f"There are older ones: --before {second} lists them."


def test_jobs_as_json_are_a_list(farm: Farm) -> None:
    """What a script reads."""
    job_id = farm.submit("a.toy", "1-24", name="first")

    answer = ask("jobs", cwd=farm.root)

    assert [one["id"] for one in answer] == [job_id]
    assert answer[0]["state"] == "waiting"
    assert answer[0]["counts"]["total"] == 24


def test_show_says_why_a_job_waits(farm: Farm) -> None:
    """No worker is a reason with a remedy."""
    job_id = farm.submit("a.toy", "1-3")

    said = say(farm, "show", job_id)

    assert "There is no worker. Start one with `buildcat worker` in the shared storage." in said
    assert "···" in said


def test_show_tells_a_failure_in_words(farm: Farm) -> None:
    """What failed, where, and how to see more; once for each unit."""
    job_id = failed_job(farm)

    said = say(farm, "show", "last")

    assert "failed  2/3 frames, 1 failed" in said
    assert said.count("frame 2 on w1: ") == 1
    assert "a fault in the toy" in said
    assert f"`buildcat log {job_id} FRAME`" in said
    assert "■✗■" in said


def test_show_lists_outputs_and_settings(farm: Farm) -> None:
    """All that the job is and made."""
    farm.start_worker()
    job_id = farm.wait(farm.submit(farm.scene(), "1-2", settings={"colour": "red", "invert": True})).id

    said = say(farm, "show", job_id)

    assert "outputs   out/toy_{frame:04}.png" in said
    assert "settings  colour red, invert yes" in said
    assert ask("show", job_id, cwd=farm.root)["units"] == "dd"


def test_a_job_goes_by_the_beginning_of_its_id(farm: Farm) -> None:
    """Nobody types eight letters twice."""
    job_id = farm.submit("a.toy", name="shot")

    assert "shot" in say(farm, "show", job_id[:5])


def test_a_job_that_is_not_there_is_refused(farm: Farm) -> None:
    """Exit code 4, and how to find the ones that are."""
    done = buildcat("show", "nosuch", cwd=farm.root)

    assert done.returncode == 4
    assert done.stderr == "buildcat: There is no job 'nosuch'. `buildcat jobs` lists them.\n"


def test_what_nobody_foresaw_goes_to_a_file(farm: Farm) -> None:
    """A damaged record is one sentence on the screen; the traceback is in the file that it names."""
    job_id = farm.submit("a.toy")
    farm.connection.redis.hset(records.job_key(job_id), "waiting", "many")

    done = buildcat("show", job_id, cwd=farm.root)

    assert done.returncode == 1
    assert done.stderr.startswith("buildcat: Buildcat itself failed: ValueError(")
    assert "Traceback" not in done.stderr
    path = Path(done.stderr.rpartition("with ")[2].strip().removesuffix("."))
    assert "Traceback" in path.read_text()
    path.unlink()


def test_the_log_is_what_the_dcc_said(farm: Farm) -> None:
    """Word for word, under a line that names the frame."""
    farm.start_worker()
    job_id = farm.wait(farm.submit(farm.scene(), "-3--2")).id

    said = say(farm, "log", job_id, "-3")

    assert said.startswith("── frame -3 · task ")
    assert f"painted {farm.root / 'out' / 'toy_-0003.png'}" in said
    assert "toy_-0002.png" not in said


def test_the_log_of_a_frame_has_all_its_tries(farm: Farm) -> None:
    """Three tries, three logs, the newest last."""
    job_id = failed_job(farm)

    said = say(farm, "log", job_id, "2")

    assert said.count("── frame 2 · task ") == 3


def test_outside_the_storage_the_ends_of_failed_tries_are_printed(farm: Farm) -> None:
    """The records keep them, so that a person without the storage sees what went wrong."""
    job_id = failed_job(farm)

    done = buildcat("log", job_id, cwd=farm.root.parent)

    assert done.returncode == 0
    assert "The logs can't be reached" in done.stderr
    assert "a fault in the toy" in done.stdout


def test_a_frame_that_the_job_does_not_have_is_wrong_usage(farm: Farm) -> None:
    """And the frames that it has are named."""
    job_id = farm.submit("a.toy", "1-3")

    done = buildcat("log", job_id, "7", cwd=farm.root)

    assert done.returncode == 2
    assert "Frame 7 is not in this job, which has 3 from 1 to 3." in done.stderr


def test_a_followed_log_ends_with_its_job(farm: Farm) -> None:
    """What is said later is printed too."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(seconds=0.3), "1-3")

    said = say(farm, "log", job_id, "--follow")

    assert farm.job(job_id).state.has_ended
    assert [f"toy_000{frame}.png" in said for frame in (1, 2, 3)] == [True, True, True]


def test_pausing_twice_is_no_error(farm: Farm) -> None:
    """The second time it says that it was so already."""
    job_id = farm.submit("a.toy", "1-3", name="shot")

    said = [say(farm, "pause", job_id), say(farm, "pause", job_id), say(farm, "resume", job_id)]

    assert said == [
        f"{job_id}  shot: paused, 0/3 frames\n",
        f"{job_id}  shot: was paused already; it is paused, 0/3 frames\n",
        f"{job_id}  shot: waiting, 0/3 frames\n",
    ]


def test_many_jobs_are_changed_at_once(farm: Farm) -> None:
    """A line for each; with JSON, whether it changed."""
    first, second = farm.submit("a.toy"), farm.submit("a.toy")
    control.cancel(farm.connection, second)

    answer = ask("cancel", first, second, first, cwd=farm.root)

    assert answer == [
        {"id": first, "is_changed": True, "state": "cancelled"},
        {"id": second, "is_changed": False, "state": "cancelled"},
    ]


def test_one_unknown_job_changes_none(farm: Farm) -> None:
    """A typing error in the last of them leaves the others alone."""
    job_id = farm.submit("a.toy")

    done = buildcat("cancel", job_id, "nosuch", cwd=farm.root)

    assert done.returncode == 4
    assert farm.job(job_id).state.value == "waiting"


def test_pause_now_gives_back_what_renders(farm: Farm) -> None:
    """The frame is rendered again later."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(seconds=30), "1-3")
    farm.wait_running(job_id)

    said = say(farm, "pause", "--now", job_id)

    assert "paused, 0/3 frames" in said
    wait_for(lambda: farm.job(job_id).counts.running == 0, "the frame to be given back")


def test_retry_renders_failed_frames_or_all(farm: Farm) -> None:
    """`--all` also what was done."""
    job_id = failed_job(farm)
    control.pause(farm.connection, job_id, why="a test looks")

    say(farm, "retry", job_id)
    failed_only = farm.job(job_id).counts
    say(farm, "retry", job_id, "--all")

    assert (failed_only.waiting, failed_only.done) == (1, 2)
    assert farm.job(job_id).counts.waiting == 3


def test_a_changed_scene_is_accepted_when_a_person_says_so(farm: Farm) -> None:
    """The job pauses and says how to go on; then it renders the scene as it is now."""
    farm.scene()
    job_id = ask("submit", "toy", "shot.toy", "--root", str(farm.root), cwd=farm.root)["id"]
    farm.scene(colour=[1, 2, 3])
    farm.start_worker()
    wait_for(lambda: farm.job(job_id).is_paused, "the job to pause")

    shown = say(farm, "show", job_id)
    say(farm, "resume", "--accept-scene", job_id)

    assert "buildcat resume --accept-scene" in shown
    assert farm.wait(job_id).state.value == "done"
