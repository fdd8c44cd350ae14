"""The window of docs/adding-a-dcc.md: its host in the shared window, from a click to a frame."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import fifth_dcc
import pytest
from farms import Farm

Live = Callable[[Callable[[], Any], str], Any]


@pytest.fixture
def scene(farm: Farm) -> Path:
    """The page's scene, in a farm's storage."""
    path = farm.root / "shot.swatch"
    path.write_text(fifth_dcc.scene())
    return path


@pytest.fixture
def opened(
    application: Any, farm: Farm, fifth: Path, scene: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Any]]:
    """Open the window as the last lines of the page do."""
    monkeypatch.syspath_prepend(fifth)
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)
    monkeypatch.setenv("BUILDCAT_ROOT", str(farm.root))
    made = import_module("buildcat_swatch.window")
    windows: list[Any] = []

    def opened() -> Any:
        windows.append(made.Window(made.SwatchHost(scene)))
        windows[-1].show()
        return windows[-1]

    yield opened
    for one in windows:
        one.close()
    for name in [one for one in sys.modules if one.partition(".")[0] == "buildcat_swatch"]:
        monkeypatch.delitem(sys.modules, name)


def test_a_click_brings_a_frame(opened: Callable[[], Any], live: Live, farm: Farm, fifth: Path) -> None:
    """In the size of the form, whose rows are the settings of the description."""
    farm.environment = {"PYTHONPATH": str(fifth), "BUILDCAT_SWATCH": str(fifth_dcc.program())}
    farm.start_worker()
    window = opened()
    assert {"text", "resolution_x", "resolution_y", "percentage"} <= window.submit.form.widgets.keys()
    window.submit.form.widgets["percentage"].toggle.setChecked(True)
    window.submit.form.widgets["percentage"].value.setValue(50)
    live(lambda: window.submit.summary.text() == "1 swatch · 1 unit · 1 worker", "the summary")

    window.submit.button.click()

    live(lambda: window.watch.jobs and window.watch.jobs[0]["state"] == "done", "the end of the job")
    from buildcat.farm.images import read_size

    assert read_size(farm.root / "render/shot.0001.png", "png") == (32, 24)


def test_a_scene_that_is_none_is_greyed_with_the_reason(opened: Callable[[], Any], scene: Path) -> None:
    """The window opens all the same, and a click says that nothing is chosen."""
    scene.write_text("{}")

    window = opened()
    window.submit.submit()

    item = window.submit.targets.topLevelItem(0)
    assert item.text(0) == "shot.swatch"
    assert "shot.swatch is no swatch: 'colours'." in item.toolTip(0)
    assert window.submit.said.text == "Nothing is chosen. Tick the swatch."
