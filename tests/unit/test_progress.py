"""How long jobs still take, and what is slow: from done units' seconds and the workers that there are."""

from __future__ import annotations

from typing import Any

import pytest

from buildcat.cli import words
from buildcat.client.progress import Eta, Moment, outlook
from buildcat.client.records import JobRecord, RunningExecution, WorkerRecord
from buildcat.model.job import JobSpec
from buildcat.model.states import Counts

NOW = 10_000.0


def job(*, limits: tuple[str, ...] = (), **counts: int) -> JobRecord:
    """A job of the toy with such counts."""
    flags: dict[str, Any] = {"is_paused": False, "is_cancelled": False, "paused_why": "", "stopped_why": ""}
    times = {"created": 0.0, "started": 0.0, "ended": 0.0}
    numbers = {"generation": 1, "chunk": 1, "priority": 50}
    spec = JobSpec("toy", limits=limits)
    return JobRecord("a1", spec, Counts(**counts), pool="default", last="", **flags, **times, **numbers)


def worker(name: str, **fields: Any) -> WorkerRecord:
    """A worker that has the toy."""
    about: dict[str, Any] = {"host": "host", "pid": 1, "pools": ("default",), "version": "1", "tags": (), "missing": {}}
    return WorkerRecord(name=name, label=name, dccs={"toy": (1,)}, **{**about, **fields})


def execution(name: str, seconds: float, fraction: float | None = None) -> RunningExecution:
    """What that worker has rendered for so many seconds."""
    return RunningExecution(f"e-{name}", "a1", name, 0, 1, NOW - seconds, NOW - seconds, fraction, "")


def moment(workers: int, *executions: RunningExecution) -> Moment:
    """A farm with so many workers, `w0` and so on."""
    return Moment(NOW, [worker(f"w{number}") for number in range(workers)], executions)


def middle(known: Eta | None) -> float:
    """The likeliest seconds."""
    assert known is not None
    return known.middle_s


def test_nothing_is_foretold_when_nothing_is_known() -> None:
    """No unit is done and the DCC says nothing: no number is better than a made-up one."""
    assert outlook(job(waiting=3), [], moment(2)).eta is None
    assert outlook(job(waiting=2, running=1), [], moment(1, execution("w0", 60))).eta is None


def test_without_a_worker_no_time_is_foretold() -> None:
    """However quick its units were."""
    assert outlook(job(waiting=3, done=3), [10, 10, 10], moment(0)).eta is None


def test_left_units_are_spread_over_the_workers_in_rounds() -> None:
    """Five units on four workers take two rounds."""
    eta = outlook(job(waiting=5, done=4), [10.0] * 4, moment(4)).eta

    assert middle(eta) == 20


def test_what_running_units_have_taken_is_taken_off() -> None:
    """One of ten seconds that has run for four ends in six."""
    eta = outlook(job(running=1, done=4), [10.0] * 4, moment(1, execution("w0", 4))).eta

    assert middle(eta) == 6


def test_a_unit_that_takes_too_long_is_taken_to_end_soon() -> None:
    """The time never goes below zero."""
    eta = outlook(job(running=1, done=4), [10.0] * 4, moment(1, execution("w0", 400))).eta

    assert middle(eta) == 1


def test_only_the_low_end_counts_on_workers_that_do_other_things() -> None:
    """One renders the job, four could."""
    eta = outlook(job(waiting=7, running=1, done=99), [10.0] * 99, moment(4, execution("w0", 0))).eta

    assert eta is not None
    assert eta.middle_s == 80
    assert eta.low_s == pytest.approx(20 * 0.99)


def test_a_job_with_limits_gets_no_more_workers_than_it_has() -> None:
    """Others could render it, but for the licence."""
    known = job(waiting=7, running=1, done=99, limits=("arnold",))

    eta = outlook(known, [10.0] * 99, moment(4, execution("w0", 0))).eta

    assert eta is not None
    assert eta.low_s == pytest.approx(80 * 0.99)


def test_limits_of_the_dcc_count_as_well() -> None:
    """They come with the worker that offers it."""
    offered = worker("w0", limits={"toy": ["toy-licence"]})
    farm = Moment(NOW, [offered, *(worker(f"w{number}") for number in (1, 2, 3))], [execution("w0", 0)])

    eta = outlook(job(waiting=7, running=1, done=99), [10.0] * 99, farm).eta

    assert eta is not None
    assert eta.low_s == pytest.approx(80 * 0.99)


def test_workers_with_an_order_are_not_counted_on() -> None:
    """One is paused; the other has to do it alone."""
    farm = Moment(NOW, [worker("w0", order="pause"), worker("w1")], ())

    assert middle(outlook(job(waiting=4, done=1), [10.0], farm).eta) == 40


def test_heavy_frames_count_in_the_middle_and_widen_the_range() -> None:
    """One of eight takes ten times as long: the mean counts it, as the job will."""
    eta = outlook(job(waiting=8, done=8), [10.0] * 7 + [100.0], moment(1)).eta

    assert eta is not None
    assert eta.middle_s == 8 * 170 / 8
    assert eta.low_s < 80 < eta.middle_s < eta.high_s


def test_the_first_unit_says_little() -> None:
    """After one unit the range is a half to both sides, after nine a tenth."""
    one = outlook(job(waiting=1, done=1), [100.0], moment(1)).eta
    nine = outlook(job(waiting=1, done=9), [100.0] * 9, moment(1)).eta

    assert one == Eta(100, 50, 150)
    assert nine == Eta(100, pytest.approx(90), pytest.approx(110))


def test_a_running_unit_foretells_its_own_time_before_any_is_done() -> None:
    """A quarter in a minute: four minutes each, three of them left of the first."""
    eta = outlook(job(waiting=1, running=1), [], moment(1, execution("w0", 60, 0.25))).eta

    assert middle(eta) == 2 * 240 - 60


def test_nothing_is_foretold_of_units_that_another_job_holds_back() -> None:
    """They start when that job allows it, which its own ETA tells."""
    assert outlook(job(waiting=1, held=5, done=3), [10.0] * 3, moment(1)).eta is None


@pytest.mark.parametrize(
    ("taken_s", "done", "is_slow"),
    [(301, [30.0, 30.0, 30.0], True), (299, [1.0], False), (3000, [301.0], False), (9999, [], False)],
)
def test_a_unit_is_slow_over_ten_medians_and_five_minutes(taken_s: float, done: list[float], is_slow: bool) -> None:
    """Both: a frame of a second may take ten, and a heavy job is not slow for being heavy."""
    found = outlook(job(running=1, done=len(done)), done, moment(1, execution("w0", taken_s)))

    assert [one.worker for one in found.slow] == (["w0"] if is_slow else [])


def test_one_slow_unit_does_not_hide_the_next() -> None:
    """The median stays where most units are."""
    found = outlook(job(running=1, done=3), [30.0, 30.0, 90_000.0], moment(1, execution("w0", 400)))

    assert len(found.slow) == 1


@pytest.mark.parametrize(
    ("eta", "text"),
    [
        (None, ""),
        (Eta(720, 480, 1200), "about 12 min (8 to 20)"),
        (Eta(720, 715, 725), "about 12 min"),
        (Eta(5400, 3000, 11_000), "about 1.5 h (0.8 to 3)"),
        (Eta(40, 20, 90), "about 40 s (20 to 90)"),
        (Eta(200_000, 100_000, 1_000_000), "about 2.3 d (1.2 to 12)"),
    ],
)
def test_an_eta_is_told_with_its_range_in_one_unit(eta: Eta | None, text: str) -> None:
    """Nobody converts minutes to hours in the head; a range of nothing is not told."""
    assert words.eta(eta) == text
