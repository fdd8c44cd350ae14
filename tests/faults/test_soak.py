"""A minute of the soak: many jobs, and a fault every few seconds."""

from __future__ import annotations

from faults.drills import Drill
from faults.soak import Plan, Soak, check

PLAN = Plan(seed=5, jobs=25, units=20, workers=4, seconds=60, pause_s=4, frame_s=0.6)


def test_a_minute_of_random_faults_loses_nothing(drill: Drill) -> None:
    """Workers, DCCs and Redis are killed, frozen and ended; every job is done, whole and counted once."""
    soak = Soak(drill, PLAN)

    jobs = soak.run()

    check(soak, jobs, patience_s=60)
    assert soak.happened.total() >= 4
