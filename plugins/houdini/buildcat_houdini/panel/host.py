"""Houdini with its open scene, as the shared window asks for it. Runs inside Houdini 19.5 to 22, in its window."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import hou

from buildcat.inside import client
from buildcat.inside.host import Preferences, Target
from buildcat.model.errors import RefusedError
from buildcat_houdini import references, rops
from buildcat_houdini.dcc import DCC
from buildcat_houdini.panel import batch, python

_ARCHIVE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "buildcat-client.pyz")  # noqa: PTH118, PTH120


class HoudiniHost:
    """The scene that is open in this Houdini."""

    dcc = DCC
    headings: tuple[str, ...] = ("ROP", "Type", "Frames")
    nouns: tuple[str, str] = ("ROP", "ROPs")
    without: tuple[str, ...] = ("rop",)

    def preferences(self) -> Preferences:
        """Return that all is as the environment and Buildcat's configuration file say."""
        return Preferences()

    def command(self) -> Sequence[str]:
        """Return how the client process is started."""
        return client.command(_ARCHIVE, python.find())

    def scene(self) -> str:
        """Return the open file; empty when it was never saved."""
        return "" if hou.hipFile.isNewFile() else os.path.normpath(hou.hipFile.path())

    def has_changes(self) -> bool:
        """Whether there is something that isn't saved."""
        return hou.hipFile.hasUnsavedChanges()

    def targets(self) -> list[Target]:
        """Return all ROPs, each below the first that waits for it; ticked are those selected, else the only one."""
        found = batch.every()
        waiting = {path: one.path for one in reversed(found) for path in one.inputs}
        selected = {node.path() for node in hou.selectedNodes()} & {one.path for one in found}
        first = selected or ({found[0].path} if len(found) == 1 else set())
        return [
            Target(
                key=one.path,
                columns=(one.path, one.type.partition("/")[2], one.frames),
                is_chosen=one.path in first,
                problem=one.problem,
                parent=waiting.get(one.path, ""),
            )
            for one in found
        ]

    def warnings(self) -> list[str]:
        """Return what is odd about assets of the scene."""
        inside = [one.path() for one in rops.every(inside_assets=True) if references.asset_of(one)]
        if not inside:
            return []
        return [
            f"In locked assets, and not listed: {', '.join(inside)}. Unlock the asset, or render it by its own ROP."
        ]

    def files(self) -> list[str]:
        """Return the files that the scene reads at the current frame, with the assets that it is made of."""
        return sorted({os.path.normpath(one) for one in (*references.read(int(hou.frame())), *references.assets())})

    def jobs(self, chosen: Sequence[str], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the batch of these ROPs."""
        return [vars(one) for one in batch.jobs(chosen, fields)]

    def save(self) -> None:
        """Save the scene.

        Raises:
            RefusedError: Houdini can't.
        """
        with _saving():
            hou.hipFile.save()

    def save_copy(self, path: str) -> None:
        """Write the scene to another file; it keeps its own name, and its unsaved changes.

        Raises:
            RefusedError: Houdini can't, or would read the path otherwise.
        """
        if any(sign in path for sign in '"`$'):
            raise RefusedError(f"{path} has a sign in it that Houdini replaces. Save the file, then submit.")
        with _saving():
            hou.hscript(f'mwrite -n "{path}"'.replace("\\", "/"))


@contextmanager
def _saving() -> Iterator[None]:
    """Let what Houdini raises of a file be a sentence.

    Raises:
        RefusedError: Houdini raised.
    """
    try:
        yield
    except hou.Error as exc:
        raise RefusedError(f"Houdini can't save here: {exc.instanceMessage().rstrip('.')}. Save it elsewhere.") from exc
