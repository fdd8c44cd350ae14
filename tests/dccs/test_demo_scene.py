"""The demo's scene on every Blender here: it is made, it opens in a worker's session, and it is a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from dccs import blenders
from needs import require

from buildcat.farm import outputs
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside.messages import Order
from buildcat.model.job import Unit
from buildcat_blender.dcc import DCC

TOOLS = Path(__file__).parents[2] / "tools"


def render(blender: Installation, folder: Path, scene: Path, frame: int) -> tuple[list[float], list[float]]:
    """Render a tiny copy of a frame, and return the mean and the spread of its red, green and blue, 0 to 1."""
    oiio = pytest.importorskip("OpenImageIO", exc_type=ImportError)
    session = Session(DCC, blender)
    try:
        session.start()
        session.load("e1", Order(str(scene), str(folder), settings={"percentage": 10}, output="tiny_####"))
        made = session.render("e1", Unit(0, frame), lambda _progress: None)
    finally:
        session.close()
    outputs.check(made[0])
    stats = oiio.ImageBufAlgo.computePixelStats(oiio.ImageBuf(str(made[0].written)))
    return list(stats.avg[:3]), list(stats.stddev[:3])


@pytest.mark.parametrize("blender", blenders.FOUND or [None], ids=blenders.name)
def test_the_demo_scene_is_a_picture(
    blender: Installation | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each Blender makes the scene and renders it: lit, and teal rather than grey."""
    require(blender, "Blender is not installed")
    assert blender
    monkeypatch.syspath_prepend(str(TOOLS))
    import demo_farm

    demo_farm.make_scene(blender, tmp_path / "cat.blend")
    mean, spread = render(blender, tmp_path, tmp_path / "cat.blend", frame=7)

    assert 0.1 < sum(mean) / 3 < 0.6
    assert min(spread) > 0.1
    assert mean[2] > mean[0] + 0.02
