"""The rows of a form as Qt widgets. Runs inside a DCC: Python 3.9, its Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from buildcat.inside import form
from buildcat.inside.form import Row
from buildcat.inside.qt import QtCore, QtWidgets, error_colour
from buildcat.model.dcc import Kind
from buildcat.model.errors import SettingError

#: What a Qt spin box can hold.
_INT = 2**31 - 1
_DECIMALS = 3
_AS_SCENE = "as in the scene"


class RowWidgets(QtCore.QObject):
    """The widgets of one row: perhaps a box to tick, which overrides the scene, then label and value."""

    changed = QtCore.Signal()

    def __init__(self, row: Row, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.row = row
        setting = row.setting
        #: None where the row is always in the job.
        self.toggle = QtWidgets.QCheckBox(parent) if row.default is None else None
        self.value, self.read, signal = _editor(row, parent)
        self.label = QtWidgets.QLabel(setting.label, parent)
        self.label.setBuddy(self.value)
        self.error = QtWidgets.QLabel(parent)
        self.error.setWordWrap(True)
        self.error.hide()
        for one in (self.label, self.value, *([self.toggle] if self.toggle else [])):
            one.setToolTip(setting.help)
        signal.connect(self.changed)
        if self.toggle:
            self.toggle.setAccessibleName(f"Override {setting.label}")
            self.toggle.toggled.connect(self._switch)
            self._switch(False)

    def _switch(self, is_on: bool) -> None:
        self.value.setEnabled(is_on)
        self.label.setEnabled(is_on)
        self.changed.emit()

    def take(self) -> Any:
        """Return what the row holds, None where it is as in the scene; an error is shown below it.

        Raises:
            SettingError: the value doesn't fit.
        """
        self.error.hide()
        if self.toggle and not self.toggle.isChecked():
            return None
        value = self.read()
        try:
            if value in ("", (), []):
                if self.toggle:
                    raise SettingError(
                        f"{self.row.setting.label} is ticked and holds nothing. Untick it, or fill it in."
                    )
                return None
            return self.row.setting.check(value)
        except SettingError as exc:
            self.error.setStyleSheet(f"color: {error_colour(self.error)}")
            self.error.setText(str(exc))
            self.error.show()
            raise

    def hold(self, value: Any) -> None:
        """Hold what was taken once; None where it was as in the scene."""
        if self.toggle:
            self.toggle.setChecked(value is not None)
        if value is None:
            return
        widget = self.value
        if isinstance(widget, QtWidgets.QCheckBox):
            widget.setChecked(value)
        elif isinstance(widget, QtWidgets.QComboBox):
            widget.setCurrentIndex(max(0, widget.findData(value)))
        elif isinstance(widget, QtWidgets.QLineEdit):
            widget.setText(", ".join(value) if isinstance(value, tuple) else str(value))
        elif isinstance(widget, (QtWidgets.QSpinBox, QtWidgets.QDoubleSpinBox)):
            widget.setValue(value)


def _editor(row: Row, parent: QtWidgets.QWidget) -> tuple[QtWidgets.QWidget, Callable[[], Any], Any]:
    """Return the widget for a row's value, how it is read, and what it signals."""
    setting, kind = row.setting, row.setting.kind
    if kind is Kind.BOOL:
        box = QtWidgets.QCheckBox(parent)
        box.setChecked(bool(row.default))
        return box, box.isChecked, box.toggled
    if kind is Kind.CHOICE:
        choice = QtWidgets.QComboBox(parent)
        for value, words in zip(setting.choices, row.words or setting.choices):
            choice.addItem(words, value)
        choice.setCurrentIndex(max(0, choice.findData(row.default)))
        return choice, choice.currentData, choice.currentIndexChanged
    if kind in (Kind.INT, Kind.FLOAT):
        return _number(row, parent)
    line = QtWidgets.QLineEdit(str(row.default or ""), parent)
    line.setPlaceholderText(_placeholder(row))
    if kind is Kind.LIST:
        return line, lambda: tuple(part.strip() for part in line.text().split(",") if part.strip()), line.textChanged
    return line, lambda: line.text().strip(), line.textChanged


def _number(row: Row, parent: QtWidgets.QWidget) -> tuple[QtWidgets.QWidget, Callable[[], Any], Any]:
    setting = row.setting
    low = -_INT if setting.minimum is None else setting.minimum
    high = _INT if setting.maximum is None else setting.maximum
    first: Any = setting.examples[-1] if row.default is None else row.default
    number: Any
    if setting.kind is Kind.INT:
        number = QtWidgets.QSpinBox(parent)
        number.setRange(int(max(low, -_INT)), int(min(high, _INT)))
    else:
        number = QtWidgets.QDoubleSpinBox(parent)
        number.setDecimals(_DECIMALS)
        number.setRange(float(low), float(high))
    number.setValue(first)
    number.setKeyboardTracking(False)
    number.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)  # else the wheel changes it while the form is scrolled
    number.installEventFilter(_WheelFilter(number))
    return number, number.value, number.valueChanged


class _WheelFilter(QtCore.QObject):
    """Lets the wheel scroll the form, unless the number is being edited."""

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802  # Qt's name
        if event.type() == QtCore.QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        return False


def _placeholder(row: Row) -> str:
    if row.default is None:
        return _AS_SCENE
    return row.setting.help.partition("empty: ")[2].rstrip(".")


class FormWidget(QtWidgets.QWidget):
    """All rows, under their headings."""

    changed = QtCore.Signal()

    def __init__(self, rows: Sequence[Row], parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        #: Of every row, by its key.
        self.widgets: dict[str, RowWidgets] = {}
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for heading, under in form.groups(tuple(rows)).items():
            group = QtWidgets.QGroupBox(heading, self)
            grid = QtWidgets.QGridLayout(group)
            grid.setColumnStretch(2, 1)
            for place, row in enumerate(under):
                self._add(grid, 2 * place, row, group)
            column.addWidget(group)
        self._align()

    def _add(self, grid: QtWidgets.QGridLayout, line: int, row: Row, parent: QtWidgets.QWidget) -> None:
        made = self.widgets[row.key] = RowWidgets(row, parent)
        grid.addWidget(made.toggle or QtWidgets.QWidget(parent), line, 0)  # a column without any would be no column
        grid.addWidget(made.label, line, 1)
        grid.addWidget(made.value, line, 2)
        grid.addWidget(made.error, line + 1, 2)
        made.changed.connect(self.changed)

    def _align(self) -> None:
        """Let all labels and boxes be as wide as the widest, so that values stand in one line."""
        label = max(one.label.sizeHint().width() for one in self.widgets.values())
        boxes = [one.toggle.sizeHint().width() for one in self.widgets.values() if one.toggle]
        for one in self.widgets.values():
            one.label.setMinimumWidth(label)
        groups: list[Any] = list(self.findChildren(QtWidgets.QGroupBox))
        for group in groups:
            group.layout().setColumnMinimumWidth(0, max(boxes, default=0))

    def values(self) -> dict[str, Any]:
        """Return what every row holds; all errors are shown.

        Raises:
            SettingError: a value doesn't fit; the first of them.
        """
        found, errors = {}, []
        for key, one in self.widgets.items():
            try:
                found[key] = one.take()
            except SettingError as exc:
                errors.append(exc)
        if errors:
            raise errors[0]
        return found

    def hold(self, values: Mapping[str, Any]) -> None:
        """Let the rows hold what they held once; those that aren't named keep what they have."""
        for key in values.keys() & self.widgets.keys():
            self.widgets[key].hold(values[key])
