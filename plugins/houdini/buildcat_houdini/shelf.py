"""What the tools of the shelf do. Runs inside Houdini 19.5 to 22, in its window."""

from __future__ import annotations


def submit() -> None:
    """Open the window that submits."""
    from buildcat_houdini.panel import window

    window.show()


def jobs() -> None:
    """Open the window with my jobs."""
    from buildcat_houdini.panel import window

    window.show(jobs=True)
