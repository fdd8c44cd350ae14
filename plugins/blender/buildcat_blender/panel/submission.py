# SPDX-License-Identifier: GPL-3.0-or-later
"""One submit: the files it uses are looked for, then the job is made. Runs in Blender 3.4 to 5.x.

Both is asked of the client process; in between, the window goes on. The scene is not touched any more, so that another
file may be opened meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import bpy

from buildcat.inside.client import Fields
from buildcat.model.copies import copy_name
from buildcat.model.errors import RefusedError
from buildcat.model.nouns import many
from buildcat_blender import missing
from buildcat_blender.panel import spec
from buildcat_blender.panel.farm import FARM
from buildcat_blender.panel.needs import file_version

_MOST_NAMED = 3
#: After so many seconds Blender has heard of a file that was saved.
_NOTIFIED_S = 0.2


class Submission:
    """A job on its way to the farm."""

    def __init__(
        self, scene: Any, path: str, fields: Fields, *, is_missing_fine: bool, video: Fields | None = None
    ) -> None:
        self._path = path
        self._fields = fields
        self._is_missing_fine = is_missing_fine
        self._video = video
        self.output = spec.output(scene)
        self._place = spec.output_place(scene)
        #: Called with the id of the job.
        self.on_job: Callable[[str], None] = lambda job_id: None

    def start(self) -> None:
        """Begin; how it ends is told in the panel."""
        FARM.is_submitting = True
        FARM.said = ("Looking for the files it uses ...", "SORTTIME")
        self.find_files(self._take_files, snapshot=self._path if self._fields.get("snapshot") else "")

    @staticmethod
    def find_files(on_answer: Callable[[Fields], None], snapshot: str = "") -> None:
        """Ask which of the scene's files are missing or outside the root.

        The client removes the snapshot if it hears no more of it, since Blender was closed.
        """

        def take(answer: Fields) -> None:
            if "error" not in answer:
                FARM.files, FARM.root = answer["files"], answer["root"]
                FARM.absolute, FARM.names = absolute & answer["files"].keys(), names
            on_answer(answer)

        absolute, names = {os.path.normpath(one) for one in missing.absolute_paths()}, missing.names()
        FARM.ask("files", take, files=used_files(), snapshot=snapshot)

    def _take_files(self, answer: Fields) -> None:
        lost = (
            []
            if self._is_missing_fine
            else [f"{FARM.names.get(one, one)} is {why}" for one, why in answer.get("files", {}).items() if why]
        )
        if "error" in answer:
            self._end(answer["error"])
        elif lost:
            more = f", and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
            where = " the storage, where no worker sees it" if any(one.endswith("outside") for one in lost) else ""
            self._end(f"{'; '.join(lost[:_MOST_NAMED])}{where}{more}. See Assets below.")
        else:
            FARM.said = ("Submitting ...", "SORTTIME")
            given: Fields = {"output": self.output, "place": "" if self.output else self._place}
            given.update(spec=self._fields, video=self._video)
            FARM.ask("submit", self._take_job, scene=self._path, root=answer["root"], **given)
            return
        if self._fields.get("snapshot"):
            os.unlink(self._path)  # noqa: PTH108  # text, as all of Blender's paths

    def _take_job(self, answer: Fields) -> None:
        if "error" in answer:
            self._end(answer["error"])
            return
        FARM.is_submitting = False
        then = ", then the video" if self._video else ""
        FARM.said = (f"Submitted as {answer['job']}: {many(answer['units'], 'unit')}{then}.", "CHECKMARK")
        FARM.chosen = answer["job"]
        FARM.look()
        self.on_job(answer["job"])

    @staticmethod
    def _end(words: str) -> None:
        FARM.is_submitting = False
        FARM.said = (words, "ERROR")


def saved_scene(how: str, fields: Fields) -> str:
    """Return the file that is to be rendered, saved as the artist said: `SAVE`, `SNAPSHOT` or `LAST`.

    Raises:
        RefusedError: there are unsaved changes, and the artist didn't say; or Blender can't save it.
    """
    path: str = bpy.data.filepath
    if not bpy.data.is_dirty or how == "LAST":
        fields["version_min"] = file_version(is_on_disk=True)
        return path
    if how == "SNAPSHOT":
        folder, name = os.path.split(path)
        copy = os.path.join(folder, copy_name(name))  # noqa: PTH118  # text, as all of Blender's paths
        _save(bpy.ops.wm.save_as_mainfile, filepath=copy, copy=True, relative_remap=False)
        if not bpy.app.background:
            bpy.app.timers.register(_keep_unsaved, first_interval=_NOTIFIED_S)
        fields["snapshot"] = True
        return copy
    if how != "SAVE":
        raise RefusedError("The file has unsaved changes. Say how to submit it: SAVE, SNAPSHOT or LAST.")
    _save(bpy.ops.wm.save_mainfile)
    return path


def _keep_unsaved() -> None:
    """Mark the changes as unsaved. After a copy, 3.4 takes them for saved, and would let them go without a word.

    It does so in its loop of notifiers: `ND_FILESAVE` in `wm_event_do_notifiers`.
    """
    if not bpy.data.is_dirty:
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
            bpy.ops.ed.undo_push(message="Submit to Farm")


def _save(operator: Any, **arguments: Any) -> None:
    try:
        operator(**arguments)
    except RuntimeError as exc:
        words = str(exc).replace("Error: ", "").strip().rstrip(".")
        raise RefusedError(f"Blender can't save here: {words}. Save it elsewhere, or submit it as last saved.") from exc


def used_files() -> list[str]:
    """Return the files that make pixels, without those that come with Blender."""
    own = [bpy.utils.resource_path(kind) for kind in ("LOCAL", "SYSTEM")]
    inside = tuple(os.path.normpath(one) + os.sep for one in own if one)
    found = (os.path.normpath(one) for one in missing.used_files())
    return sorted({one for one in found if not one.startswith(inside)})
