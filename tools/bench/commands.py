"""How long commands take as a person types them. Python 3.11 or newer."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from farm import farm
from figures import Figure, report

ROUNDS = 7


def median_s(command: Sequence[str]) -> float:
    """Return the median seconds of a whole command."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> int:
    """Measure and print."""
    with farm() as bench, bench.worker():
        return report(
            [
                Figure("buildcat --help", median_s([sys.executable, "-m", "buildcat", "--help"]), 0.25, "s"),
                Figure("buildcat worker-info", median_s(bench.buildcat("worker-info")), 0.5, "s"),
            ]
        )


if __name__ == "__main__":
    sys.exit(main())
