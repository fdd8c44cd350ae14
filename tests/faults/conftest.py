"""The farm on which drills are held, and the table of their times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.drills import Drill
from faults.times import Times, table
from needs import require

from buildcat.farm.server import find_binary
from buildcat.model.errors import ServerError

_TIMES = pytest.StashKey[list[Times]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TIMES] = []


@pytest.fixture
def new_drill(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Drill]]:
    """Start a farm with a server of its own; several may run side by side in one test."""
    try:
        find_binary()
    except ServerError as exc:
        require(False, str(exc))
    started: list[Drill] = []

    def new() -> Drill:
        folder = tmp_path / f"farm{len(started)}"
        folder.mkdir()
        started.append(Drill(folder, request.config.stash.setdefault(_TIMES, [])))
        return started[-1]

    yield new
    for drill in started:
        drill.stop()


@pytest.fixture
def drill(new_drill: Callable[[], Drill]) -> Drill:
    """A farm with a server of its own and no worker."""
    return new_drill()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was measured, as it stands in docs/reliability.md."""
    rows = config.stash.get(_TIMES, [])
    if rows:
        terminalreporter.section("times after faults")
        terminalreporter.write_line("\n".join(table(rows)))
