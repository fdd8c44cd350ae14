"""What tests ask about processes that should have ended."""

from __future__ import annotations

from collections.abc import Iterable

import psutil


def are_gone(processes: Iterable[psutil.Process]) -> bool:
    """Whether none of them runs any more; a zombie only waits for somebody to take its exit code."""
    return not any(_runs(one) for one in processes)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # ended in between
        return False
