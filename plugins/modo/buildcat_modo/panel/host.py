"""Modo with its open scene, as the shared window asks for it. Runs inside Modo 16 and 17, in its window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from buildcat.inside import client
from buildcat.inside.host import Preferences, Target
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat_modo import scene
from buildcat_modo.dcc import DCC

_ARCHIVE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "buildcat-client.pyz")  # noqa: PTH118, PTH120
#: Key and words of the scene without a pass group.
WHOLE, _WHOLE_WORDS = "", "The scene"
#: The saver of Modo's own files.
_SAVER = "$LXOB"


class ModoHost:
    """The scene that is open in this Modo."""

    dcc = DCC
    headings: tuple[str, ...] = ("Passes", "Frames")
    nouns: tuple[str, str] = ("job", "jobs")
    without: tuple[str, ...] = ("passes",)

    def preferences(self) -> Preferences:
        """Return that all is as the environment and Buildcat's configuration file say."""
        return Preferences()

    def command(self) -> Sequence[str]:
        """Return how the client process is started: Modo has no Python of its own that could be."""
        # What python.org's installers put on PATH.
        return client.command(_ARCHIVE, "py" if sys.platform == "win32" else "python3")

    def scene(self) -> str:
        """Return the open file; empty when it was never saved."""
        return os.path.normpath(found) if (found := scene.current()) else ""

    def has_changes(self) -> bool:
        """Whether there is something that isn't saved."""
        return scene.is_changed()

    def targets(self) -> list[Target]:
        """Return the scene as it is, and each of its pass groups; ticked is the scene."""
        try:
            frames, groups, problem = scene.frames(), scene.pass_groups(), _problem()
        except BuildcatError as exc:
            return [Target(WHOLE, (_WHOLE_WORDS, ""), problem=str(exc))]
        whole = Target(WHOLE, (_WHOLE_WORDS, frames), is_chosen=not problem, problem=problem)
        return [whole, *(Target(one, (one, frames), problem=problem) for one in groups)]

    def warnings(self) -> list[str]:
        """Return what is odd about the scene; what stops a render is a problem of a row."""
        return _told(scene.oddities)

    def files(self) -> list[str]:
        """Return the files that the scene reads."""
        return _told(scene.files)

    def jobs(self, chosen: Sequence[str], fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return one job for each of the pass groups, and for the scene.

        Raises:
            RefusedError: nothing is chosen, or the file is none of Modo's.
        """
        path = self.scene()
        if path and not path.lower().endswith(DCC.extensions):
            raise RefusedError(f"{os.path.basename(path)} is no Modo scene. Save it as .lxo, then submit.")  # noqa: PTH119
        if not chosen:
            raise RefusedError("Nothing is ticked. Tick the scene, or a pass group.")
        return [self._job(one, fields, path) for one in chosen]

    @staticmethod
    def _job(passes: str, fields: Mapping[str, Any], path: str) -> dict[str, Any]:
        title = fields.get("name") or os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122  # text
        settings = {**fields.get("settings", {}), **({"passes": passes} if passes else {})}
        spec = {
            **fields,
            "dcc": DCC.name,
            "frames": fields.get("frames") or scene.frames(),
            "settings": settings,
            "name": f"{title} {passes}".strip(),
        }
        return {"spec": spec, "after": []}

    def save(self) -> None:
        """Save the scene.

        Raises:
            BuildcatError: Modo can't.
        """
        scene.save()

    def save_copy(self, path: str) -> None:
        """Write the scene to another file.

        Raises:
            BuildcatError: Modo can't.
        """
        scene.export(path.replace("\\", "/"), _SAVER)


def _told(ask: Callable[[], list[str]]) -> list[str]:
    """Return the answer; nothing where Modo gives none: the job is worth more."""
    try:
        return ask()
    except BuildcatError:
        return []


def _problem() -> str:
    """Return why the scene can't be rendered; empty when it can."""
    return "" if scene.writes() else "No render output is switched on and names a file. Set one in the Shader Tree."
