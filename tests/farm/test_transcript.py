"""A DCC's output on its way into logs: marks are taken out wherever they fall, and nothing stops the reading."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from farms import wait_for

from buildcat.farm.transcript import Transcript

MARK = b"\x1esecret1\n"


@pytest.fixture
def output() -> Iterator[tuple[Transcript, BinaryIO]]:
    """A transcript and the other end of what it follows."""
    reader, writer = os.pipe()
    transcript = Transcript("secret")
    transcript.follow(os.fdopen(reader, "rb"))
    with os.fdopen(writer, "wb", buffering=0) as stream:
        yield transcript, stream
    transcript.finish(5)


def test_a_mark_may_arrive_in_pieces(output: tuple[Transcript, BinaryIO], tmp_path: Path) -> None:
    """Whatever the pieces, the mark is seen and is in no log, and all else is kept."""
    transcript, stream = output
    transcript.log_to(tmp_path / "log")

    for cut in range(1, len(MARK)):
        stream.write(b"\x1ebefore" + MARK[:cut])
        wait_for(lambda cut=cut: transcript.tail.count(b"before") == cut, "the first piece")
        stream.write(MARK[cut:] + b"after\n")
        wait_for(lambda cut=cut: transcript.tail.count(b"after") == cut, "the second piece")
    transcript.settle(1)

    assert (tmp_path / "log").read_bytes() == b"\x1ebeforeafter\n" * (len(MARK) - 1)


def test_marks_that_never_come_are_waited_for_once(output: tuple[Transcript, BinaryIO]) -> None:
    """A DCC that sends its output elsewhere costs half a second, not half a second a frame."""
    transcript, _ = output
    transcript.settle(1)
    started = time.monotonic()

    for number in range(2, 100):
        transcript.settle(number)

    assert time.monotonic() - started < 0.5


def test_a_log_that_can_not_be_written_stops_nothing(
    output: tuple[Transcript, BinaryIO], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The DCC must not block on a full pipe because of a full disk; the worker's log says so once."""
    transcript, stream = output
    transcript.log_to(tmp_path)

    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            stream.write(b"x" * 10_000)
        stream.write(MARK)
        transcript.settle(1)

    assert transcript.tail == b"x" * 4096
    assert caplog.text.count("can't be written") == 1
