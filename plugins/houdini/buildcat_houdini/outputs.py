"""The files that a node writes: where, which of them are sent elsewhere, and what came of it. Inside Houdini.

Pictures, and caches of single frames, are written to `.bc-<execution>` beside their place. Ranges in one unit are
written in place, since Houdini makes their names; so are pictures that only the USD stage names, if there are several.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from buildcat.inside.frame_files import emptied, kind_of, written
from buildcat.model.errors import OutputError, PathError, RefusedError, SettingError
from buildcat.model.job import Output
from buildcat_houdini import parms, scene, stage
from buildcat_houdini.nodes import NodeKind

if TYPE_CHECKING:
    import hou

#: Words that stand for a window instead of a file.
_WINDOWS = ("ip", "md", "*")
#: Husk's own token for the frame.
_HUSK_FRAME = re.compile(r"<F(\d?)>")


def as_now(node: hou.OpNode, kind: NodeKind) -> NodeKind:
    """Return the kind as its switches make it: one that exports writes a scene for another program."""
    for switch, file in (kind.exports or {}).items():
        if parms.number(node, switch):
            return replace(kind, files=(file,), is_picture=False)
    return kind


class Outputs:
    """What one node writes, with all settings applied."""

    def __init__(self, node: hou.OpNode, kind: NodeKind) -> None:
        self._node = node
        self._kind = as_now(node, kind)
        self._names = [name for pattern in self._kind.files for name in parms.numbered(node, pattern)]
        if not self._names:
            raise RefusedError(f"{node.path()} has no parameter {self._kind.files[0]}. Its version is not known.")
        self._own_kind = kind
        self._is_named_by_stage = kind.is_usd and not parms.text(node, self._names[0])

    @cached_property
    def _size(self) -> tuple[int, int] | None:
        """Width and height of its pictures; asked late, since a large USD stage is walked for it."""
        return scene.size(self._node, self._own_kind) if self._kind.is_picture else None

    def split(self, frames: range) -> str:
        """Return how a job of these frames is split: `whole` where they depend on one another, or share one file.

        Raises:
            SettingError: all pictures would be written to one file.
            PathError: it can't be told where the files are.
        """
        if self._is_sequential():
            return "whole"
        if len(frames) < 2 or self.paths(frames[0]) != self.paths(frames[-1]):
            return "frames"
        if self._kind.is_picture:
            name = self.paths(frames[0])[0]
            raise SettingError(f"{self._node.path()} writes all frames to {name}. Put $F4 into its output.")
        return "whole"

    def check_split(self, frames: range, *, is_whole: bool) -> None:
        """Check that the job is split as the node writes its files.

        Raises:
            SettingError: it isn't; says how it should be.
            PathError: it can't be told where the files are.
        """
        path, needed = self._node.path(), self.split(frames)
        if is_whole and needed == "frames" and self._kind.is_picture:
            raise SettingError(f"Each frame of {path} is a file of its own. Leave --split out.")
        if not is_whole and needed == "whole":
            why = "depend on one another" if self._is_sequential() else "share one file"
            raise SettingError(f"The frames of {path} {why}. Render them in one go: --split whole.")

    def _is_sequential(self) -> bool:
        return self._kind.is_sequential or any(parms.number(self._node, one) for one in self._kind.sequential)

    def paths(self, frame: int) -> list[str]:
        """Return the main files of that frame, absolute.

        Raises:
            PathError: there is none, or it can't be told where it is.
        """
        if self._is_named_by_stage:
            found = stage.products(self._node, frame)
        else:
            found = [parms.text(self._node, self._names[0], frame)]
        return [self._checked(one, frame) for one in found] or [self._checked("", frame)]

    def _checked(self, path: str, frame: int) -> str:
        node = self._node.path()
        if not path:
            raise PathError(f"{node} names no file to write. Set its output.")
        if path in _WINDOWS:
            raise PathError(f"{node} shows its picture in a window ({path}), which a worker has none of. Set a file.")
        path = _HUSK_FRAME.sub(lambda match: str(frame).zfill(int(match.group(1) or 0)), path)
        if not re.match(r"[\\/]|[A-Za-z]:", path):
            raise PathError(f"{node} writes to {path!r}, which begins with no folder. Begin it with $HIP.")
        if "$" in path or "`" in path:
            raise PathError(f"{node} writes to {path!r}, which has a sign in it that Houdini replaces. Rename it.")
        return os.path.normpath(path)

    def folders(self, frames: range) -> tuple[str, ...]:
        """Return every folder that these frames are written to, absolute."""
        ends = [self._folders_of(frame) for frame in (frames[0], frames[-1])]
        found = ends if ends[0] == ends[1] else [self._folders_of(frame) for frame in frames]
        return tuple(dict.fromkeys(folder for one in found for folder in one))

    def _folders_of(self, frame: int) -> list[str]:
        return [os.path.dirname(path) for path in (*self.paths(frame), *self._extra(frame).values())]  # noqa: PTH120

    def expected(self, frames: Sequence[int], *, is_whole: bool) -> list[Output]:
        """Return the main files of these frames, where they will be in the end."""
        in_place = is_whole or self._is_in_place(frames[0])
        paths = dict.fromkeys(path for frame in frames for path in self.paths(frame))
        return [Output(path, path, self._word(path), self._size, in_place) for path in paths]

    def _is_in_place(self, frame: int) -> bool:
        return self._kind.is_in_place or (self._is_named_by_stage and len(self.paths(frame)) > 1)

    def _word(self, path: str) -> str:
        return kind_of(path) if self._kind.is_picture else "cache"

    def _extra(self, frame: int) -> dict[str, str]:
        """Return the paths of that frame's other files, by the parameters that name them."""
        found = {name: parms.text(self._node, name, frame) for name in self._names[1:]}
        return {name: self._checked(path, frame) for name, path in found.items() if path}

    @contextmanager
    def sent(self, frames: Sequence[int], execution: str, *, is_whole: bool) -> Iterator[list[Output]]:
        """Send the files of these frames to the execution's folders; yields a list that is filled at the end.

        What is written in place is removed first, so that nothing old passes for new.

        Raises:
            OutputError: a folder can't be written, or something is missing after the render.
        """
        found: list[Output] = []
        expected = self.expected(frames, is_whole=is_whole)
        if expected[0].in_place:
            for one in expected:
                _remove(one.path)
            yield found
            found += _present(self._node, expected)
            return
        targets = {self._names[0]: expected[0].path, **self._extra(frames[0])}
        kept = [parms.Kept(self._node, name) for name in targets]
        made = {folder: emptied(folder, execution) for folder in map(os.path.dirname, targets.values())}
        folders = {name: made[os.path.dirname(path)] for name, path in targets.items()}  # noqa: PTH120  # text
        try:
            for name, path in targets.items():
                place = os.path.join(folders[name], os.path.basename(path))  # noqa: PTH118, PTH119  # text
                parms.put(self._node, name, place.replace("\\", "/"))
            yield found
        finally:
            for before in kept:
                before.restore()
        found += self._collect(expected[0], dict.fromkeys(folders.values()))

    def _collect(self, main: Output, folders: dict[str, None]) -> list[Output]:
        """Return all that lies in the folders, which were empty before, the main file first."""
        found = [one for folder in folders for one in written(folder)]
        place = next((place for place, (path, _) in enumerate(found) if self._is_main(path, main.path)), None)
        if place is None:
            raise OutputError(f"{self._node.path()} rendered and didn't write {main.path}. Its log may say why.")
        found.insert(0, found.pop(place))
        outputs = [Output(path, written, self._word(path)) for path, written in found]
        return [replace(outputs[0], size=self._size), *outputs[1:]]

    def _is_main(self, path: str, wanted: str) -> bool:
        if path == wanted or not self._kind.is_renaming:
            return path == wanted
        return path.startswith(os.path.splitext(wanted)[0])  # noqa: PTH122  # text


def _remove(path: str) -> None:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  # text
        if os.path.lexists(path):
            os.unlink(path)  # noqa: PTH108  # as above
    except OSError as exc:
        raise OutputError(f"{path} can't be replaced: {exc.strerror}. Check its permissions.") from exc


def _present(node: hou.OpNode, expected: list[Output]) -> list[Output]:
    lost = [one.path for one in expected if not os.path.isfile(one.path)]  # noqa: PTH113  # text
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise OutputError(f"{node.path()} rendered and didn't write {lost[0]}{more}. Its log may say why.")
    return expected
