"""How a job that is being rendered looks."""

from __future__ import annotations

import pytest

from buildcat.cli.display import LineDisplay, Look, Pace
from buildcat.model.job import JobSpec
from buildcat.model.states import Counts

SPEC = JobSpec("toy", "shot.toy", name="shot")


def paced(seconds: float, finished: int) -> Pace:
    """The pace after so many units in so many seconds."""
    pace = Pace()
    pace.add(0, 0, is_running=True)
    pace.add(seconds, finished, is_running=True)
    return pace


def test_the_pace_is_not_known_before_the_first_unit() -> None:
    """No speed is better than a made-up one."""
    look = Look(SPEC, Counts(waiting=10), paced(30, 0))

    assert look.pace.per_minute is None
    assert look.speed == ""


def test_waiting_does_not_slow_the_pace() -> None:
    """Two frames in 20 s of rendering are 6 a minute, whatever the wait between them."""
    pace = Pace()

    for now, finished, is_running in [(0, 0, True), (10, 1, False), (600, 1, True), (610, 2, True)]:
        pace.add(now, finished, is_running=is_running)

    assert pace.per_minute == pytest.approx(6)


def test_what_was_finished_before_is_no_speed_of_ours() -> None:
    """Watching a job that is half done starts from there."""
    pace = Pace()

    pace.add(0, 500, is_running=True)
    pace.add(60, 501, is_running=True)

    assert pace.per_minute == pytest.approx(1)


@pytest.mark.parametrize(
    ("pace", "text"),
    [
        (paced(240, 1), "0.2 frames/min  ETA 8:00"),
        (paced(60, 38), "38 frames/min  ETA 0:03"),
        (paced(60, 12_345), "12,345 frames/min  ETA 0:00"),
    ],
)
def test_the_speed_is_told_in_few_digits(pace: Pace, text: str) -> None:
    """Slow and fast jobs alike, with the time that two more frames take."""
    assert Look(SPEC, Counts(waiting=1, running=1), pace).speed == text


def test_a_file_gets_one_line_for_many_frames(capsys: pytest.CaptureFixture[str]) -> None:
    """At most one line a second: a thousand frames don't flood a log."""
    display = LineDisplay()

    for finished in range(1, 1000):
        display.show(Look(SPEC, Counts(waiting=1000 - finished, done=finished), Pace(), last=f"out/{finished}.png"))

    lines = capsys.readouterr().out.splitlines()
    assert "1/1,000 frames  out/1.png" in lines[0]
    assert len(lines) < 10


def test_a_reason_to_wait_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The same sentence is not repeated twice a second."""
    display = LineDisplay()

    for _ in range(5):
        display.show(Look(SPEC, Counts(waiting=1), Pace(), note="There is no worker."))

    assert capsys.readouterr().out.count("There is no worker.") == 1
