"""The shared window and the scene that is open beside it: what it follows, remembers, and submits at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from farms import Farm
from toy_host import ToyHost

from buildcat.client import records
from buildcat.inside.host import Target

Live = Callable[[Callable[[], Any], str], Any]


@pytest.fixture
def show(application: Any, host: ToyHost) -> Iterator[Callable[..., Any]]:
    """Opens the DCC's only window."""
    from buildcat.inside import qt_window

    yield lambda **more: qt_window.show(lambda: host, None, **more)
    qt_window.close()
    qt_window._remembered.clear()


def activate(window: Any) -> None:
    """Turn to the window."""
    from PySide6 import QtCore

    window.event(QtCore.QEvent(QtCore.QEvent.Type.WindowActivate))


def test_another_scene_is_followed(window: Any, host: ToyHost, farm: Farm) -> None:
    """When the artist turns to the window; what is ticked is not asked for again while the scene is the same."""
    window.submit.targets.topLevelItem(0).setCheckState(0, window.submit.targets.topLevelItem(1).checkState(0))
    host.layers = [Target("other", ("other", "1-3"), is_chosen=True)]
    activate(window)
    assert window.submit.targets.topLevelItemCount() == 2

    host.path = farm.root / farm.scene("next.toy")
    activate(window)

    assert window.submit.targets.topLevelItemCount() == 1
    assert window.submit.chosen() == ["other"]
    assert Path(window.submit.scene.toolTip()).name == "next.toy"


@pytest.mark.parametrize("is_changed", [False, True])
def test_what_is_submitted_at_once_asks_nothing(
    window: Any, host: ToyHost, live: Live, farm: Farm, is_changed: bool
) -> None:
    """Without a worker, with unsaved changes, whatever is ticked: with what the form says."""
    host.is_changed = is_changed
    window.submit.form.hold({"pool": "gpu"})
    live(lambda: "no worker" in window.submit.summary.text(), "the summary")

    window.submit.submit_now(lambda fields: host.jobs(["matte"], {**fields, "frames": "7"}))

    words = live(lambda: window.submit.said.text if "Submitted as" in window.submit.said.text else "", "the job")
    assert window.submit.question.isHidden()
    assert host.saved == (["copy"] if is_changed else [])
    spec = records.spec(farm.connection, words.partition("Submitted as ")[2].partition(":")[0])
    assert (spec.frames, spec.pool, spec.settings["layers"]) == ("7", "gpu", ["matte"])
    assert spec.snapshot == is_changed
    assert window.submit.summary.text().startswith("1 layer · 3 units"), "that of the ticked ones stays"


def test_nothing_is_submitted_at_once_that_can_not_be(window: Any, host: ToyHost) -> None:
    """The page says why."""
    window.submit.submit_now(lambda fields: host.jobs([], fields))
    first = window.submit.said.text
    host.path = None
    window.submit.submit_now(lambda fields: host.jobs(["matte"], fields))

    assert first == "No layer is chosen. Choose at least one."
    assert window.submit.said.text.startswith("This file was never saved.")
    assert host.saved == []


def test_the_form_is_remembered_for_the_scene(show: Callable[..., Any], host: ToyHost, farm: Farm) -> None:
    """When its window is opened again; a form with a mistake in it is not."""
    first = show()
    assert show() is first
    first.submit.form.hold({"pool": "gpu", "priority": 80})
    first.close()

    second = show()
    assert second is not first
    assert (second.submit.form.values()["pool"], second.submit.form.values()["priority"]) == ("gpu", 80)
    second.submit.form.hold({"pool": "cpu"})
    second.submit.form.widgets["camera"].toggle.setChecked(True)
    second.close()

    assert show().submit.form.values()["pool"] == "gpu"
    show().close()
    host.path = farm.root / farm.scene("next.toy")
    assert show(jobs=True).submit.form.values()["pool"] == "default"
