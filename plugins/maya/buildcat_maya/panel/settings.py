"""The dialog of Buildcat's settings in Maya. Runs inside Maya, in its window."""

from __future__ import annotations

from typing import Any

from buildcat.inside.qt import QtCore, QtWidgets
from buildcat.inside.qt_submit import Message
from buildcat.model.errors import BuildcatError
from buildcat_maya.panel import preferences

_WIDTH = 460


class SettingsDialog(QtWidgets.QDialog):
    """One line for each; they count from the next time that the window is opened."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Buildcat settings")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.lines: dict[str, QtWidgets.QLineEdit] = {}
        column = QtWidgets.QVBoxLayout(self)
        form = QtWidgets.QFormLayout()
        for key, (label, tip) in preferences.LINES.items():
            line = QtWidgets.QLineEdit(preferences.get(key), self)
            line.setPlaceholderText(tip.rpartition(" Empty: ")[2].rstrip(".") if " Empty: " in tip else "")
            line.setToolTip(tip)
            form.addRow(label, line)
            self.lines[key] = line
        column.addLayout(form)
        self.said = Message(self)
        column.addWidget(self.said)
        kinds = QtWidgets.QDialogButtonBox.StandardButton
        self.buttons = QtWidgets.QDialogButtonBox(kinds.Save | kinds.Cancel, parent=self)
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.buttons)
        self.resize(_WIDTH, self.sizeHint().height())

    def say(self, words: str) -> None:
        """Say why it was opened."""
        self.said.say(words)

    def save(self) -> None:
        """Remember all lines, and close; what is wrong is said."""
        try:
            for key, line in self.lines.items():
                preferences.put(key, line.text().strip())
        except BuildcatError as exc:
            self.said.say(str(exc), "error")
            return
        self.accept()
