"""What a DCC tells the shared window of itself and its scene. Runs inside a DCC: Python 3.9, stdlib."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from buildcat.model.copies import copy_name
from buildcat.model.dcc import Dcc
from buildcat.model.errors import RefusedError


class How(str, Enum):
    """How a scene with unsaved changes is submitted."""

    SAVE = "save"
    SNAPSHOT = "snapshot"
    LAST = "last"


#: What an artist reads of each.
HOW_WORDS = {
    How.SAVE: ("Save the file, then submit", "Save this file, and render it."),
    How.SNAPSHOT: ("Submit a copy of it as it is now", "Leave this file alone: a copy beside it is rendered."),
    How.LAST: ("Submit it as last saved", "Leave the unsaved changes out."),
}


@dataclass(frozen=True)
class Preferences:
    """Where the farm is, and who asks."""

    #: Empty: as the environment and Buildcat's configuration file say.
    server: str = ""
    user: str = ""
    #: The storage, where it can't be found from the scene; else empty.
    root: str = ""
    #: Seconds between two looks at the farm.
    poll_s: float = 2.0


@dataclass(frozen=True)
class Target:
    """One thing that can be rendered: a ROP, a layer with a camera."""

    key: str
    #: What is shown of it, one text for each heading of the host.
    columns: tuple[str, ...]
    #: Whether it is ticked when the window opens.
    is_chosen: bool = False
    #: Why it can't be rendered; empty when it can.
    problem: str = ""
    #: Key of the target that it is shown below, such as the one that waits for it; empty: it stands for itself.
    parent: str = ""


class Place(Protocol):
    """Where a panel is: in which DCC, with which scene, and how it reaches the farm."""

    dcc: Dcc

    def preferences(self) -> Preferences:
        """Return where the farm is."""

    def command(self) -> Sequence[str]:
        """Return how the client process is started."""

    def scene(self) -> str:
        """Return the open file, absolute; empty when it was never saved."""


class Host(Place, Protocol):
    """One DCC with its open scene. Called on its main thread: nothing may wait, and only `save` may change anything."""

    #: Above the columns of the targets.
    headings: tuple[str, ...]
    #: One target and several, in words, such as `ROP` and `ROPs`.
    nouns: tuple[str, str]
    #: Keys of rows that the targets say already.
    without: tuple[str, ...]

    def has_changes(self) -> bool:
        """Whether there is something that isn't saved."""

    def targets(self) -> list[Target]:
        """Return all that could be rendered, in order."""

    def warnings(self) -> list[str]:
        """Return what is odd about the scene and would not stop a render, as sentences."""

    def files(self) -> list[str]:
        """Return the files that the scene reads, absolute."""

    def jobs(self, chosen: Sequence[str], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the jobs of these targets, as the client's `submit` takes them.

        Raises:
            BuildcatError: one of them can't be rendered; says why.
        """

    def save(self) -> None:
        """Save the scene.

        Raises:
            BuildcatError: it can't be saved.
        """

    def save_copy(self, path: str) -> None:
        """Write the scene as it is now to another file; it keeps its own name, and its unsaved changes.

        Raises:
            BuildcatError: it can't be written.
        """


def check_saved(host: Host) -> None:
    """Check that the open scene has a file.

    Raises:
        RefusedError: it was never saved.
    """
    if not host.scene():
        raise RefusedError("This file was never saved. Save it in the farm's shared storage, then submit.")


def saved(host: Host, how: How) -> str:
    """Save the open scene as the artist said, and return the file to submit.

    Raises:
        BuildcatError: it can't be saved.
    """
    path = host.scene()
    if how is How.SAVE:
        host.save()
    if how is not How.SNAPSHOT:
        return path
    folder, name = os.path.split(path)
    copy = os.path.join(folder, copy_name(name))  # noqa: PTH118  # text
    host.save_copy(copy)
    if not os.path.isfile(copy):  # noqa: PTH113  # as above
        raise RefusedError(f"{host.dcc.label} wrote no copy to {copy}. Save the file, then submit.")
    return copy
