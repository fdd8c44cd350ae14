"""The dialog of Buildcat's settings in Maya. Runs inside Maya, in its window."""

from __future__ import annotations

from typing import Any

from buildcat.inside import client
from buildcat.inside.client import Fields
from buildcat.inside.qt import QtCore, QtWidgets
from buildcat.inside.qt_submit import Message
from buildcat.model.errors import BuildcatError
from buildcat_maya.dcc import DCC
from buildcat_maya.panel import preferences
from buildcat_maya.panel.host import MayaHost

_WIDTH = 460
_TICK_MS = 100


class SettingsDialog(QtWidgets.QDialog):
    """One line for each setting; a button asks the server whether it is there."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Buildcat settings")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.lines: dict[str, QtWidgets.QLineEdit] = {}
        self._client: client.Client | None = None
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.finished.connect(self._end)
        column = QtWidgets.QVBoxLayout(self)
        form = QtWidgets.QFormLayout()
        for key, (label, tip) in preferences.LINES.items():
            line = QtWidgets.QLineEdit(preferences.get(key), self)
            line.setPlaceholderText(tip.rpartition(" Empty: ")[2].rstrip("."))
            line.setToolTip(tip)
            form.addRow(label, line)
            self.lines[key] = line
        column.addLayout(form)
        self.said = Message(self)
        column.addWidget(self.said)
        kinds, roles = QtWidgets.QDialogButtonBox.StandardButton, QtWidgets.QDialogButtonBox.ButtonRole
        self.buttons = QtWidgets.QDialogButtonBox(kinds.Save | kinds.Cancel, parent=self)
        self.test = self.buttons.addButton("Test", roles.ActionRole)
        self.test.setToolTip("Ask the server whether it is there, and who works for it.")
        self.test.clicked.connect(self.ask)
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        column.addWidget(self.buttons)
        self.resize(_WIDTH, self.sizeHint().height())

    def values(self) -> dict[str, str]:
        """Return what each line holds."""
        return {key: line.text().strip() for key, line in self.lines.items()}

    def say(self, words: str) -> None:
        """Say why it was opened."""
        self.said.say(words)

    def save(self) -> None:
        """Remember all lines, and close; what is wrong is said, and nothing remembered."""
        try:
            preferences.keep(self.values())
        except BuildcatError as exc:
            self.said.say(str(exc), "error")
            return
        self.accept()

    def ask(self) -> None:
        """Ask the server that is named; the answer comes by itself."""
        self._end()
        self.said.say("Asking the server ...")
        given = self.values()
        roots = [given["root"]] if given["root"] else []
        self._client = client.Client(MayaHost().command())
        self._client.ask("test", self._take, server=given["server"], user=given["user"], dcc=DCC.name, roots=roots)
        self._timer.start(_TICK_MS)

    def _tick(self) -> None:
        if self._client:
            self._client.deliver()

    def _take(self, answer: Fields) -> None:
        self._end()
        if "error" in answer:
            self.said.say(answer["error"], "error")
            return
        versions = ", ".join(answer["versions"])
        has = f" with {DCC.label} {versions}" if versions else f", none with {DCC.label}"
        words = (
            f"Reached in {answer['milliseconds']:g} ms. Workers: {answer['workers']}{has if answer['workers'] else ''}."
        )
        lost = "".join(f" {one} is not marked as a farm's: start a worker in it once." for one in answer["not_roots"])
        self.said.say(words + lost, "warning" if lost else "done")

    def _end(self, *_: object) -> None:
        self._timer.stop()
        if self._client:
            self._client.close()
            self._client = None
