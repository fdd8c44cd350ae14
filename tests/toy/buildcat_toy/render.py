"""The toy's side of a session. Inside the toy's Python, imported by the session's loop."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.errors import OutputError
from buildcat.model.job import Output, Unit
from buildcat_toy import picture, scene, trouble


class _Toy:
    """What the running toy knows."""

    scene: scene.Scene | None = None
    progress = Progress()


_toy = _Toy()


def start() -> str:
    """Bring the toy up; return its version."""
    return "1.2.0"


def load(order: Order) -> Loaded:
    """Open the scene and apply the settings."""
    _toy.scene = None
    opened = scene.open_scene(Path(order.scene))
    if opened.load_trouble:
        trouble.BEFORE[opened.load_trouble](opened)
    scene.apply(opened, order)
    _toy.scene = opened
    print(f"opened {order.scene}")
    return Loaded((str(opened.pattern.parent),), tuple(opened.warnings))


def expected(unit: Unit) -> list[Output]:
    """Return what the unit would write."""
    assert _toy.scene, "a scene is loaded before it is asked"
    final = str(_final(_toy.scene, unit))
    if _toy.scene.format == "cache":
        return [Output(final, final, "cache", in_place=True)]
    left, top, right, bottom = picture.box(_toy.scene, unit)
    size = (right - left, bottom - top)
    if _toy.scene.are_joined and unit.tile is not None:
        return [Output(final, final, "png", (_toy.scene.width, _toy.scene.height), tile_size=size)]
    return [Output(final, final, "png", size)]


def render(unit: Unit, execution: str) -> list[Output]:
    """Paint one unit of the loaded scene."""
    assert _toy.scene, "a scene is loaded before it is rendered"
    _work(_toy.scene.seconds)
    for name, meet in trouble.BEFORE.items():
        if _toy.scene.has(name, unit.frame):
            meet(_toy.scene)
    output = _write(_toy.scene, unit, execution)
    print(f"painted {output.path}")
    return [output]


def progress() -> Progress:
    """Return how far the frame is."""
    return _toy.progress


def forget_progress() -> None:
    """Know nothing of how far it is."""
    _toy.progress = Progress()


def _work(seconds: float) -> None:
    """Take that long."""
    started = time.monotonic()
    while (spent := time.monotonic() - started) < seconds:
        _toy.progress = Progress(spent / seconds, f"{spent:.1f} of {seconds:g} s")
        time.sleep(min(0.02, seconds - spent))
    _toy.progress = Progress(1.0, "writing")


def _final(opened: scene.Scene, unit: Unit) -> Path:
    named = replace(unit, tile=None) if opened.are_joined else unit
    return opened.pattern.with_name(_name(opened.pattern.name, named))


def _write(opened: scene.Scene, unit: Unit, execution: str) -> Output:
    (output,) = expected(unit)
    final = Path(output.path)
    if output.in_place:
        final.parent.mkdir(parents=True, exist_ok=True)
        final.write_text(f"frame {unit.frame}\n", encoding="utf-8")
        return output
    data = picture.png(picture.paint(opened, unit.frame or 0, picture.box(opened, unit)))
    if opened.has("small", unit.frame):
        data = picture.png([b"\0\0\0"])
    if opened.has("half", unit.frame):
        data = data[: len(data) // 2]
    written = final.parent / f".bc-{execution}" / final.name
    try:
        written.parent.mkdir(parents=True, exist_ok=True)
        if not opened.has("nothing", unit.frame):
            written.write_bytes(data)
    except OSError as exc:
        raise OutputError(f"{final} can't be written: {exc.strerror}. Check the disk and its permissions.") from exc
    return replace(output, written=str(written))


def _name(pattern: str, unit: Unit) -> str:
    """Return the file name: `toy_####.png` is `toy_0007.png`, and `toy_0007.t3.png` for a tile."""
    name = Path(re.sub("#+", lambda run: _number(unit.frame, len(run.group())), pattern))
    return name.name if unit.tile is None else f"{name.stem}.t{unit.tile}{name.suffix}"


def _number(frame: int | None, width: int) -> str:
    return "all" if frame is None else "-" * (frame < 0) + str(abs(frame)).zfill(width)
