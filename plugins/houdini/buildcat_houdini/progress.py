"""How far a range of frames is, by the events of the node. Runs inside Houdini 19.5 to 22.

Of a single frame Houdini tells nothing in its Python; what its renderers print of it is read by the worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcat.inside.messages import Progress

if TYPE_CHECKING:
    import hou


class FrameProgress:
    """Counts frames. One thread writes, another reads; both only whole values."""

    def __init__(self) -> None:
        self._latest = Progress()
        self._total = 1
        self._done = 0

    def begin(self, total: int) -> None:
        """A unit of so many frames begins."""
        self._total, self._done = total, 0
        self._latest = Progress()

    def listen(self, node: hou.OpNode) -> None:
        """Hear the events of this node, which are gone with the scene."""
        import hou

        if isinstance(node, hou.RopNode):
            node.addRenderEventCallback(self.take)

    def take(self, node: hou.RopNode, event: hou.EnumValue, time: float) -> None:
        """Take one event; `time` is in seconds of the scene."""
        import hou

        if event != hou.ropRenderEventType.PostFrame or self._total == 1:
            return
        self._done = min(self._done + 1, self._total)
        self._latest = Progress(self._done / self._total, f"Frame {hou.timeToFrame(time):g}")

    def latest(self) -> Progress:
        """Return what is known. Thread-safe."""
        return self._latest
