"""Batches, patterns, priorities and jobs that wait for others, as a person types them."""

from __future__ import annotations

import pytest
from commands import ask, buildcat, say
from farms import Farm

from buildcat.client import control, limits, records
from buildcat.model.states import JobState

pytestmark = pytest.mark.usefixtures("typed")


def refused(farm: Farm, *arguments: str) -> tuple[int, str]:
    """Run a command that is to be refused; returns its exit code and its sentence."""
    done = buildcat(*arguments, cwd=farm.root)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


def submit(farm: Farm, *arguments: str) -> str:
    """Submit a toy job by the command line and return its id."""
    farm.scene()
    return str(ask("submit", "toy", "shot.toy", "--root", str(farm.root), *arguments, cwd=farm.root)["id"])


def test_a_batch_is_one_word_for_all_its_jobs(farm: Farm) -> None:
    """Every command takes it."""
    jobs = [submit(farm, "--batch", "night", "--name", f"shot_{number}") for number in range(2)]
    other = submit(farm)

    lines = say(farm, "pause", "night").splitlines()

    assert lines == [f"{job}  shot_{number}: paused, 0/1 frames" for number, job in enumerate(jobs)]
    assert farm.job(other).state is JobState.WAITING


def test_mine_leaves_the_jobs_of_others_alone(farm: Farm) -> None:
    """With a pattern, and without any word."""
    mine = [submit(farm, "--name", name) for name in ("shot_1", "test")]
    theirs = farm.submit("shot.toy", name="shot_2", user="bob")

    say(farm, "pause", "shot_*", "--mine")
    paused = [farm.job(job).state for job in (*mine, theirs)]
    say(farm, "cancel", "--mine")

    assert paused == [JobState.PAUSED, JobState.WAITING, JobState.WAITING]
    assert [farm.job(job).state for job in (*mine, theirs)] == [
        JobState.CANCELLED,
        JobState.CANCELLED,
        JobState.WAITING,
    ]


def test_without_a_job_and_mine_nothing_is_meant(farm: Farm) -> None:
    """Nobody cancels the farm by a slip."""
    submit(farm)

    code, sentence = refused(farm, "cancel")

    assert (code, sentence.splitlines()[0][:20]) == (2, "buildcat: Name a job")
    assert refused(farm, "delete", "--mine")[0] == 2
    assert len(records.job_ids(farm.connection)) == 1


def test_priority_changes_which_job_goes_first(farm: Farm) -> None:
    """From 0 to 100; the same one again is no error."""
    job = submit(farm)

    said = [say(farm, "priority", "80", job) for _ in range(2)]

    assert farm.job(job).priority == 80
    assert said[0] == f"{job}  shot: waiting, 0/1 frames\n"
    assert "has priority 80 already" in said[1]


@pytest.mark.parametrize("number", ["101", "-1", "high"])
def test_a_priority_out_of_range_is_wrong_usage(farm: Farm, number: str) -> None:
    """The sentence names the range."""
    job = submit(farm)

    code, sentence = refused(farm, "priority", "--", number, job)

    assert code == 2
    assert "priority must be from 0 to 100" in sentence or "not a valid integer" in sentence
    assert farm.job(job).priority == 50


def test_pool_chunk_and_order_of_a_job_can_change(farm: Farm) -> None:
    """All in one go."""
    job = submit(farm, "--frames", "1-9")

    say(farm, "change", job, "--pool", "night", "--chunk", "3", "--order", "reverse")

    found = farm.job(job)
    assert (found.pool, found.chunk, found.spec.order) == ("night", 3, "reverse")


def test_a_change_of_nothing_is_wrong_usage(farm: Farm) -> None:
    """It names what can be changed."""
    code, sentence = refused(farm, "change", submit(farm))

    assert (code, "--priority, --pool, --chunk or --order" in sentence) == (2, True)


def test_one_job_that_refuses_does_not_keep_the_others_from_their_change(farm: Farm) -> None:
    """Each says what became of it; the exit code tells that not all did."""
    farm.start_worker()
    begun = submit(farm)
    farm.wait(begun)
    fresh = submit(farm, "--frames", "1-3", "--pool", "night")

    done = buildcat("change", begun, fresh, "--order", "reverse", cwd=farm.root)

    assert done.returncode == 4
    assert f"{begun}  shot: Job {begun} has begun, so its order stays." in done.stdout
    assert farm.job(fresh).spec.order == "reverse"


def test_a_job_waits_for_another_that_a_person_names(farm: Farm) -> None:
    """By `last`, a beginning, or a batch; `show` says so."""
    first = submit(farm, "--paused", "--name", "sim", "--batch", "sims")
    jobs = [submit(farm, "--after", word) for word in (first[:6], "sims")]
    jobs.append(submit(farm, "--after", first, "--per-frame"))

    assert {farm.job(job).counts.held for job in jobs} == {1}
    assert f"It waits for sim ({first}): paused, 0 of 1 done." in " ".join(say(farm, "show", jobs[0]).split())


def test_a_job_after_one_that_there_is_not_is_refused(farm: Farm) -> None:
    """Nothing is submitted, and no snapshot is left."""
    farm.scene()

    code, sentence = refused(
        farm, "submit", "toy", "shot.toy", "--root", str(farm.root), "--after", "nope", "--snapshot"
    )

    assert code == 4
    assert "no job 'nope'" in sentence
    assert records.job_ids(farm.connection) == []
    assert list(farm.root.glob(".shot*")) == []


def test_a_job_after_a_failed_one_is_refused(farm: Farm) -> None:
    """With both ways out."""
    first = submit(farm)
    control.cancel(farm.connection, first)

    code, sentence = refused(farm, "submit", "toy", "shot.toy", "--root", str(farm.root), "--after", first)

    assert code == 4
    assert "Retry it first, or use --after-any" in sentence
    assert submit(farm, "--after-any", first)


def test_an_unknown_limit_is_refused_and_the_near_one_named(farm: Farm) -> None:
    """A mistyped limit would hold nothing back."""
    limits.set_limit(farm.connection, "arnold", 4)
    farm.scene()

    code, sentence = refused(farm, "submit", "toy", "shot.toy", "--root", str(farm.root), "--limit", "arnolt")

    assert code == 2
    assert "Did you mean 'arnold'?" in sentence
    assert farm.job(submit(farm, "--limit", "arnold")).spec.limits == ("arnold",)


def test_a_frames_longest_time_is_written_as_people_do(farm: Farm) -> None:
    """A day when nothing is said."""
    jobs = [submit(farm), submit(farm, "--frame-timeout", "30m")]

    code, sentence = refused(farm, "submit", "toy", "shot.toy", "--root", str(farm.root), "--frame-timeout", "soon")

    assert [farm.job(one).spec.frame_timeout for one in jobs] == [86_400, 1800]
    assert (code, "such as 90s, 30m or 24h" in sentence) == (2, True)


def test_a_batch_after_a_batch_is_rendered_in_order(farm: Farm) -> None:
    """Two simulations, then what needs both."""
    farm.start_worker()
    firsts = [submit(farm, "--batch", "sims", "--frames", "1-2") for _ in range(2)]
    last = submit(farm, "--after", "sims")

    job = farm.wait(last)

    assert job.state is JobState.DONE
    assert job.started >= max(farm.job(one).ended for one in firsts)


def test_deleting_a_batch_forgets_all_of_it(farm: Farm) -> None:
    """Living or ended."""
    jobs = [submit(farm, "--batch", "night") for _ in range(3)]
    control.cancel(farm.connection, jobs[0])

    say(farm, "delete", "night", "--root", str(farm.root))

    assert records.job_ids(farm.connection) == []
