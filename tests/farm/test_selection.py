"""Which jobs a person's words mean."""

from __future__ import annotations

import pytest
from steps import Steps

from buildcat.client import selection
from buildcat.model.errors import NoSuchJobError, UsageError


@pytest.fixture
def jobs(steps: Steps) -> Steps:
    """Four jobs of two users, one of them ended, two in a batch."""
    steps.submit(1, id="aa11", name="shot_010", user="ann", batch="night")
    steps.submit(1, id="aa22", name="shot_020", user="bob", batch="night")
    steps.submit(1, id="bb33", name="test", user="ann")
    steps.submit(1, id="cc44", name="shot_030", user="ann")
    steps.control("cc44", "cancel")
    return steps


@pytest.mark.parametrize(
    ("words", "options", "ids"),
    [
        (["aa11"], {}, ["aa11"]),
        (["b"], {}, ["bb33"]),
        (["last"], {}, ["cc44"]),
        (["bb33", "b", "last", "aa11"], {}, ["bb33", "cc44", "aa11"]),
        (["night"], {}, ["aa11", "aa22"]),
        (["night", "aa11"], {}, ["aa11", "aa22"]),
        (["shot_*"], {}, ["cc44", "aa22", "aa11"]),
        (["shot_0[12]0"], {}, ["aa22", "aa11"]),
        (["shot_*"], {"is_living": True}, ["aa22", "aa11"]),
        (["shot_*"], {"is_mine": True}, ["cc44", "aa11"]),
        (["shot_*"], {"is_mine": True, "is_living": True}, ["aa11"]),
        (["night"], {"is_mine": True}, ["aa11"]),
        ([], {"is_mine": True}, ["cc44", "bb33", "aa11"]),
        ([], {"is_mine": True, "is_living": True}, ["bb33", "aa11"]),
        (["cc44"], {"is_living": True}, ["cc44"]),
    ],
)
def test_words_mean_jobs(jobs: Steps, words: list[str], options: dict[str, bool], ids: list[str]) -> None:
    """By id, beginning, batch, pattern; a job that is named itself is meant although it has ended."""
    assert selection.select(jobs.connection, words, "ann", **options) == ids


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["aa"], r"'aa' begins the ids of 2 jobs"),
        (["zz"], r"no job 'zz'"),
        (["zz*"], r"No living job's name fits 'zz\*'"),
        (["aa22"], r"None of ann's jobs is meant"),
    ],
)
def test_words_that_mean_no_job_are_refused(jobs: Steps, words: list[str], sentence: str) -> None:
    """Ambiguous, unknown, or somebody else's."""
    with pytest.raises(NoSuchJobError, match=sentence):
        selection.select(jobs.connection, words, "ann", is_mine=words == ["aa22"], is_living=True)


def test_a_batch_that_has_ended_says_so(jobs: Steps) -> None:
    """Instead of changing nothing in silence."""
    for job in ("aa11", "aa22"):
        jobs.control(job, "cancel")

    with pytest.raises(NoSuchJobError, match="All jobs of the batch night have ended"):
        selection.select(jobs.connection, ["night"], "ann", is_living=True)


def test_no_words_mean_nothing(jobs: Steps) -> None:
    """Not all jobs of everybody."""
    with pytest.raises(UsageError, match="Name a job"):
        selection.select(jobs.connection, [], "ann")
