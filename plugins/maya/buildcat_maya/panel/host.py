"""Maya with its open scene, as the shared window asks for it. Runs inside Maya 2023 to 2027, in its window."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from maya import cmds

from buildcat.inside import client
from buildcat.inside.host import Preferences, Target
from buildcat.model.errors import RefusedError
from buildcat_maya import paths, scene
from buildcat_maya.dcc import DCC
from buildcat_maya.panel import batch, preferences

_ARCHIVE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "buildcat-client.pyz")  # noqa: PTH118, PTH120
_TYPES = {".ma": "mayaAscii", ".mb": "mayaBinary"}


class MayaHost:
    """The scene that is open in this Maya."""

    dcc = DCC
    headings: tuple[str, ...] = ("Layer", "Camera", "Frames")
    nouns: tuple[str, str] = ("job", "jobs")
    without: tuple[str, ...] = ("layer", "camera", "all_lights")

    def preferences(self) -> Preferences:
        """Return what the settings say."""
        return preferences.preferences()

    def command(self) -> Sequence[str]:
        """Return how the client process is started: mayapy takes a licence only when it brings Maya up."""
        home = os.environ.get("MAYA_LOCATION", "")
        own = paths.joined(home, "bin/mayapy.exe" if sys.platform == "win32" else "bin/mayapy")
        return client.command(_ARCHIVE, own if home else "python3")

    def scene(self) -> str:
        """Return the open file; empty when it was never saved."""
        return os.path.normpath(found) if (found := cmds.file(query=True, sceneName=True)) else ""

    def has_changes(self) -> bool:
        """Whether there is something that isn't saved."""
        return bool(cmds.file(query=True, modified=True))

    def targets(self) -> list[Target]:
        """Return each layer as each camera sees it; ticked are those that are switched on."""
        return batch.targets()

    def warnings(self) -> list[str]:
        """Return what is odd about the scene."""
        try:
            return batch.oddities(self.scene(), self.preferences().root)
        except batch.ODD as exc:
            return [f"The scene can't be read: {batch.said(exc)}."]

    def files(self) -> list[str]:
        """Return the files that the scene reads."""
        return sorted({*map(os.path.normpath, scene.files())} - {self.scene()})

    def jobs(self, chosen: Sequence[str], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return one job for each layer and camera."""
        with _told():
            return batch.jobs(chosen, fields, self.scene(), self.preferences().root)

    def test_jobs(self, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the job of the current frame, of the layer and the camera that the artist looks at."""
        with _told():
            return batch.test_jobs(fields, self.scene(), self.preferences().root)

    def save(self) -> None:
        """Save the scene.

        Raises:
            RefusedError: Maya can't.
        """
        with _saving():
            cmds.file(save=True, force=True)

    def save_copy(self, path: str) -> None:
        """Write the scene under another name; afterwards it has its own again, and its unsaved changes.

        Raises:
            RefusedError: Maya can't.
        """
        own = self.scene()
        with _saving():
            try:
                cmds.file(rename=path.replace("\\", "/"))
                cmds.file(save=True, force=True, type=_TYPES[os.path.splitext(own)[1].lower()])  # noqa: PTH122  # text
            finally:
                cmds.file(rename=own.replace("\\", "/"))
                cmds.file(modified=True)


@contextmanager
def _told() -> Iterator[None]:
    """Let what Maya raises of odd nodes be a sentence.

    Raises:
        RefusedError: Maya raised.
    """
    try:
        yield
    except batch.ODD as exc:
        raise RefusedError(f"The scene can't be read: {batch.said(exc)}. Look at its layers and cameras.") from exc


@contextmanager
def _saving() -> Iterator[None]:
    """Let what Maya raises of a file be a sentence.

    Raises:
        RefusedError: Maya raised.
    """
    try:
        yield
    except RuntimeError as exc:
        raise RefusedError(f"Maya can't save here: {batch.said(exc)}. Save it elsewhere.") from exc
