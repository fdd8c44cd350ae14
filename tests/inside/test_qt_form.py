"""The rows of a form as widgets: what they hold, what they refuse, and how they are told apart."""

from __future__ import annotations

from typing import Any

import pytest

from buildcat.inside import form
from buildcat.model.dcc import Kind
from buildcat.model.errors import SettingError
from buildcat_houdini.dcc import DCC as HOUDINI
from buildcat_toy.dcc import DCC


@pytest.fixture
def widget(application: Any) -> Any:
    """The toy's form: its settings are of every kind."""
    from buildcat.inside.qt_form import FormWidget

    return FormWidget(form.rows(DCC))


def fill(one: Any, value: Any) -> None:
    """Type a value into a row, and tick its box."""
    if one.toggle:
        one.toggle.setChecked(True)
    kind = one.row.setting.kind
    if kind is Kind.BOOL:
        one.value.setChecked(value)
    elif kind is Kind.CHOICE:
        one.value.setCurrentIndex(one.value.findData(value))
    elif kind in (Kind.INT, Kind.FLOAT):
        one.value.setValue(value)
    else:
        one.value.setText(", ".join(value) if kind is Kind.LIST else value)


def test_an_untouched_form_changes_nothing(widget: Any) -> None:
    """Its job is the one that the command line would make without options."""
    assert form.fields(DCC, widget.values()) == form.fields(DCC, {one.key: one.default for one in form.JOB})


@pytest.mark.parametrize("setting", DCC.settings, ids=lambda one: one.key)
def test_both_values_of_each_setting_can_be_chosen(widget: Any, setting: Any) -> None:
    """A widget that can't hold a value of its setting would be worse than none."""
    for value in setting.examples:
        fill(widget.widgets[setting.key], value)

        assert form.fields(DCC, widget.values())["settings"][setting.key] == (
            list(value) if setting.kind is Kind.LIST else value
        )


@pytest.mark.parametrize("setting", DCC.settings, ids=lambda one: one.key)
def test_what_was_taken_can_be_held_again(widget: Any, setting: Any) -> None:
    """Of every kind, and that nothing was overridden."""
    untouched = widget.values()
    for value in setting.examples:
        fill(widget.widgets[setting.key], value)
        taken = widget.values()
        widget.hold(untouched)
        assert widget.values() == untouched

        widget.hold(taken)

        assert widget.values() == taken


@pytest.mark.parametrize(
    ("key", "value"), [("priority", 80), ("order", "reverse"), ("paused", True), ("frames", "1-9x2")]
)
def test_the_jobs_own_rows_are_always_in(widget: Any, key: str, value: Any) -> None:
    """They have no box to tick."""
    assert widget.widgets[key].toggle is None

    fill(widget.widgets[key], value)

    assert form.fields(DCC, widget.values())[key] == value


def test_a_row_that_is_ticked_and_empty_is_told_below_it(widget: Any) -> None:
    """As long as it is wrong."""
    camera = widget.widgets["camera"]
    camera.toggle.setChecked(True)

    with pytest.raises(SettingError, match="Camera is ticked and holds nothing"):
        widget.values()
    assert not camera.error.isHidden()

    camera.value.setText("front")
    assert widget.values()["camera"] == "front"
    assert camera.error.isHidden()


def test_every_row_has_its_help_and_its_label(widget: Any) -> None:
    """The help of the description is the tooltip; a label leads the keyboard to its value."""
    for row in form.rows(DCC):
        one = widget.widgets[row.key]
        assert one.value.toolTip() == one.label.toolTip() == row.setting.help
        assert one.label.buddy() is one.value


def test_values_that_are_as_in_the_scene_can_not_be_typed(widget: Any) -> None:
    """Until their box is ticked."""
    camera = widget.widgets["camera"]

    assert not camera.value.isEnabled()
    camera.toggle.setChecked(True)
    assert camera.value.isEnabled()


def test_values_stand_in_one_line(application: Any) -> None:
    """Under all headings, with and without a box."""
    from PySide6 import QtCore

    from buildcat.inside.qt_form import FormWidget

    made = FormWidget(form.rows(HOUDINI))
    made.resize(500, 900)
    made.show()
    application.processEvents()

    lefts = {one.value.mapTo(made, QtCore.QPoint(0, 0)).x() for one in made.widgets.values()}

    assert len(lefts) == 1, lefts


def test_the_wheel_scrolls_the_form_and_changes_no_number(widget: Any, application: Any) -> None:
    """A number is changed by the wheel only while it is edited."""
    from PySide6 import QtCore, QtGui

    number = widget.widgets["priority"].value
    turn = QtGui.QWheelEvent(
        QtCore.QPointF(5, 5),
        QtCore.QPointF(5, 5),
        QtCore.QPoint(0, 0),
        QtCore.QPoint(0, 120),
        QtCore.Qt.MouseButton.NoButton,
        QtCore.Qt.KeyboardModifier.NoModifier,
        QtCore.Qt.ScrollPhase.NoScrollPhase,
        False,
    )

    application.sendEvent(number, turn)

    assert number.value() == 50
