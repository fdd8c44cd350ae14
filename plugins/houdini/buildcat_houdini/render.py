"""Renders units in a warm Houdini: what the session's loop calls. Runs inside hython 19.5 to 22."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.copies import own_name
from buildcat.model.errors import RenderError
from buildcat.model.job import Output, Unit
from buildcat_houdini import job_output, parms, references, rops, scene
from buildcat_houdini.dcc import DCC
from buildcat_houdini.nodes import ABORT_WITHOUT_LICENCE, EXECUTE, FOREGROUND, PROGRESS, RANGE, RANGE_MODE, VERBOSITY
from buildcat_houdini.outputs import Outputs
from buildcat_houdini.progress import FrameProgress

if TYPE_CHECKING:
    import hou


class Houdini:
    """One hython process, with the scene of one job."""

    def __init__(self) -> None:
        """Nothing is loaded yet."""
        self._progress = FrameProgress()
        self._node: hou.OpNode | None = None
        self._outputs: Outputs | None = None
        #: All frames of the job's span; a whole unit is all of them.
        self._frames = range(0)

    def start(self) -> str:
        """Return Houdini's version, such as `20.5.410`; hython is up when its script runs."""
        import hou

        return hou.applicationVersionString()

    def load(self, order: Order) -> Loaded:
        """Open the scene, find the node and apply the job's settings.

        Raises:
            SettingError: a setting doesn't fit this scene.
            RefusedError: the node is none that can be rendered.
            RenderError: Houdini can't open the scene.
        """
        self._node = self._outputs = None
        warnings = _open(order.scene)
        node = rops.find(order.settings.get("rop"))
        kind = rops.kind(node)
        rops.check_runs(node)
        scene.apply(node, order.settings)
        _prepare(node)
        if order.output:
            job_output.apply(node, kind, order.root, order.output)
        self._frames = range(order.frames[0], order.frames[1] + 1, order.settings.get("frame_step", 1))
        warnings += references.warnings(order.frames[0])
        if _is_driver(node) and any(node.inputs()):
            warnings.append(f"What is wired into {node.path()} is not rendered with it: those are jobs of their own.")
        self._progress.listen(node)
        outputs = Outputs(node, kind)
        self._node, self._outputs = node, outputs
        return Loaded(outputs.folders(self._frames), tuple(warnings))

    def expected(self, unit: Unit) -> list[Output]:
        """Return what the unit's main files will be.

        Raises:
            RenderError: nothing is loaded.
            SettingError: the job is split otherwise than the node writes its files.
        """
        _, outputs, frames = self._loaded_for(unit)
        return outputs.expected(frames, is_whole=unit.frame is None)

    def _loaded_for(self, unit: Unit) -> tuple[hou.OpNode, Outputs, Sequence[int]]:
        if self._node is None or self._outputs is None:
            raise RenderError("No scene is loaded.")
        is_whole = unit.frame is None
        self._outputs.check_split(self._frames, is_whole=is_whole)
        return self._node, self._outputs, self._frames if unit.frame is None else range(unit.frame, unit.frame + 1)

    def render(self, unit: Unit, execution: str) -> list[Output]:
        """Render one frame of the loaded node, or its whole range.

        Raises:
            LicenceError: no licence is free.
            RenderError: Houdini can't render it, or wrote less than it should have.
            SettingError: the job is split otherwise than the node writes its files.
        """
        node, outputs, frames = self._loaded_for(unit)
        self._progress.begin(len(frames))
        with outputs.sent(frames, execution, is_whole=unit.frame is None) as found:
            _render(node, frames[0], frames[-1], _step(frames))
        return found

    def progress(self) -> Progress:
        """Return how far the unit is. Thread-safe, and touches nothing of Houdini's."""
        return self._progress.latest()

    def idle(self) -> None:
        """Give the licence back; Houdini takes one again with the next call that needs it."""
        import hou

        hou.releaseLicense()


def _step(frames: Sequence[int]) -> int:
    return frames.step if isinstance(frames, range) else 1


def _is_driver(node: hou.OpNode) -> bool:
    return rops.type_name(node.type()).startswith("Driver/")


def _open(path: str) -> list[str]:
    """Open the scene; returns what Houdini warns of, as sentences."""
    import hou

    name = os.path.basename(path)  # noqa: PTH119  # text
    if not os.path.isfile(path):  # noqa: PTH113  # as above
        raise RenderError(f"There is no scene {path}. Save it where the workers can reach it.")
    warnings = []
    try:
        hou.hipFile.load(path, suppress_save_prompt=True)
    except hou.LoadWarning as exc:  # it is loaded all the same
        said = " ".join(exc.instanceMessage().split()).rstrip(".")
        warnings.append(f"Houdini warns of {name}: {said}.")
    except hou.Error as exc:
        raise DCC.failure(f"Houdini can't open {name}", exc.instanceMessage()) from exc
    own = own_name(name)
    if own != name:  # else $HIPNAME in an output would be the copy's name
        hou.hipFile.setName(os.path.join(os.path.dirname(path), own).replace("\\", "/"))  # noqa: PTH118, PTH120  # text
    return warnings


def _prepare(node: hou.OpNode) -> None:
    """Set what a farm needs and no job chooses: to wait for the renderer, and to hear of its progress."""
    import hou

    wanted: dict[str, object] = {FOREGROUND: 1, ABORT_WITHOUT_LICENCE: 1, **dict.fromkeys(PROGRESS, 1)}
    for name in VERBOSITY:
        if parm := node.parm(name):
            wanted[name] = "2" if parm.parmTemplate().type() == hou.parmTemplateType.String else 2
            break
    for name, value in wanted.items():
        if parms.has(node, name):
            parms.put(node, name, value)


def _render(node: hou.OpNode, first: int, last: int, step: int) -> None:
    """Render these frames, without what is wired into the node, and wait for it."""
    import hou

    try:
        hou.setFrame(first)
        if parms.has(node, RANGE_MODE):  # else a range may be trimmed to the node's own
            parms.put(node, RANGE_MODE, 1)
            for place, value in enumerate((first, last, step), start=1):
                parms.put(node, f"{RANGE}{place}", value)
        if isinstance(node, hou.RopNode):
            node.render(
                frame_range=(first, last, step),
                ignore_inputs=True,
                method=hou.renderMethod.FrameByFrame,
                verbose=True,
                output_progress=True,
            )
        elif button := node.parm(EXECUTE):
            button.pressButton()
    except hou.Error as exc:
        raise DCC.failure(f"{node.path()} can't be rendered", exc.instanceMessage()) from exc
    errors = node.errors()
    if errors:
        raise DCC.failure(f"{node.path()} failed", errors[0])


_houdini = Houdini()

start = _houdini.start
load = _houdini.load
expected = _houdini.expected
render = _houdini.render
progress = _houdini.progress
idle = _houdini.idle
