"""What a test needs of the machine. A test without it is skipped on a laptop, and fails in CI."""

from __future__ import annotations

import os

import pytest

#: Set in CI: whatever would be skipped fails instead (conftest.py turns every skip round).
IS_ALL_REQUIRED = os.environ.get("BUILDCAT_REQUIRE_ALL", "") not in ("", "0")


def require(condition: object, reason: str) -> None:
    """Go on with the test if the condition holds; else it is skipped, or fails where all is required."""
    if not condition:
        pytest.skip(reason)
