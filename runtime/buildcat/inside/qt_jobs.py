"""The page of the window that shows my jobs. Runs inside a DCC: Python 3.9, its Qt."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from buildcat.inside.client import Fields
from buildcat.inside.qt import QtCore, QtGui, QtWidgets, icon
from buildcat.inside.qt_submit import Message, Question
from buildcat.inside.watch import Watch
from buildcat.model import times

_ID = QtCore.Qt.ItemDataRole.UserRole
_HEADINGS = ("Job", "State", "Done", "Left")
_ENDED = ("done", "failed", "cancelled")
#: What each button does, with its words and tooltip.
_BUTTONS = {
    "pause": ("&Pause", "Start nothing new of it; what renders is finished."),
    "resume": ("&Resume", "Go on with it."),
    "cancel": ("&Cancel", "Stop it now; frames that are done stay."),
    "retry": ("Re&try", "Render the failed or cancelled frames again."),
    "folder": ("&Folder", "Open the folder of the frames."),
    "log": ("&Logs", "Open the folder of the job's logs."),
}


class JobsPage(QtWidgets.QWidget):
    """A list of jobs, what is to be known of the chosen one, and buttons for it."""

    def __init__(self, watch: Watch, user: str, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._watch, self._user = watch, user
        self.list = QtWidgets.QTreeWidget(self)
        self.details = QtWidgets.QLabel(self)
        self.said = Message(self)
        self.question = Question(self)
        self.buttons = {name: self._button(name) for name in _BUTTONS}
        self._lay_out()
        self.list.itemSelectionChanged.connect(self.show_details)
        self.refresh()

    def _button(self, name: str) -> QtWidgets.QPushButton:
        words, tip = _BUTTONS[name]
        button = QtWidgets.QPushButton(icon(self, name), words, self)
        button.setToolTip(tip)
        button.clicked.connect(partial(self.act, name))
        return button

    def _lay_out(self) -> None:
        self.list.setHeaderLabels(list(_HEADINGS))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setTextElideMode(QtCore.Qt.TextElideMode.ElideMiddle)
        header = self.list.header()
        modes = QtWidgets.QHeaderView.ResizeMode
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, modes.Stretch)
        for place in (1, 3):
            header.setSectionResizeMode(place, modes.ResizeToContents)
        header.setSectionResizeMode(2, modes.Fixed)
        header.resizeSection(2, 15 * self.fontMetrics().averageCharWidth() + 40)
        self.details.setWordWrap(True)
        self.details.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QtWidgets.QVBoxLayout(self)
        for one in (self.list, self.details, self.question, self.said):
            column.addWidget(one, 1 if one is self.list else 0)
        row = QtWidgets.QHBoxLayout()
        for button in self.buttons.values():
            row.addWidget(button)
        column.addLayout(row)

    def refresh(self) -> None:
        """Show what the farm has answered last; rows stay where they are, and so does the choice."""
        jobs = self._watch.jobs
        known = {self._id(item): item for item in self._items()}
        for item in [item for job_id, item in known.items() if job_id not in {one["id"] for one in jobs}]:
            self.list.takeTopLevelItem(self.list.indexOfTopLevelItem(item))
        for place, job in enumerate(jobs):
            item = known.get(job["id"]) or self._new(place, job["id"])
            self._fill(item, job)
        if self._watch.error:
            self.said.say(self._watch.error, "error")
        elif not jobs:
            nobody = f"{self._user} has no jobs yet." if self._user else "You have no jobs yet."
            self.said.say(nobody if self._watch.is_known else "Asking the farm ...")
        else:
            self.said.say("")
        self.show_details()

    def _items(self) -> list[Any]:
        return [self.list.topLevelItem(place) for place in range(self.list.topLevelItemCount())]

    @staticmethod
    def _id(item: Any) -> str:
        return str(item.data(0, _ID))

    def _new(self, place: int, job_id: str) -> Any:
        item = QtWidgets.QTreeWidgetItem()
        item.setData(0, _ID, job_id)
        self.list.insertTopLevelItem(place, item)
        bar = QtWidgets.QProgressBar(self.list)
        bar.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self.list.setItemWidget(item, 2, bar)
        return item

    def _fill(self, item: Any, job: Fields) -> None:
        counts, eta = job["counts"], job["eta"]
        finished = counts["done"] + counts["skipped"]
        left = times.estimate(eta["middle_s"], eta["low_s"], eta["high_s"]) if eta else ""
        for place, words in ((0, job["name"] or job["id"]), (1, job["state"]), (3, left)):
            item.setText(place, words)
            item.setToolTip(place, words)
        bar: Any = self.list.itemWidget(item, 2)
        bar.setMaximum(max(1, counts["total"]))
        bar.setValue(finished)
        failed = f", {counts['failed']:,} failed" if counts["failed"] else ""
        bar.setFormat(f"{finished:,} of {counts['total']:,}{failed}")
        bar.setToolTip(bar.format())

    def job(self) -> Fields | None:
        """Return the chosen job."""
        chosen = self.list.selectedItems()
        return self._watch.job(self._id(chosen[0])) if chosen else None

    def choose(self, job_id: str) -> None:
        """Choose a job, as soon as it is listed."""
        for item in self._items():
            if self._id(item) == job_id:
                self.list.setCurrentItem(item)

    def show_details(self) -> None:
        """Say what is to be known of the chosen job, and which buttons make sense."""
        job = self.job()
        lines = (
            []
            if job is None
            else [f"{job['id']}: {job['state']}", job["why"], job["stopped_why"] or job["failure"], job["last"]]
        )
        self.details.setText("\n".join(one for one in lines if one))
        can = set() if job is None else self._can(job)
        for name, button in self.buttons.items():
            button.setEnabled(name in can)
        self.buttons["pause"].setVisible("resume" not in can)
        self.buttons["resume"].setVisible("resume" in can)

    @staticmethod
    def _can(job: Fields) -> set[str]:
        can = {"log"} | ({"folder"} if job["last"] else set())
        if job["state"] not in _ENDED:
            can |= {"cancel", "resume" if job["state"] == "paused" else "pause"}
        if job["counts"]["failed"] or job["state"] == "cancelled":
            can.add("retry")
        return can

    def act(self, name: str, _is_checked: bool = False) -> None:
        """Do what a button says with the chosen job."""
        job = self.job()
        if job is None:
            return
        if name == "folder":
            self._open(os.path.dirname(os.path.join(self._watch.root, job["last"])))  # noqa: PTH118, PTH120  # text
        elif name == "log":
            self._open(os.path.join(self._watch.root, ".buildcat", "jobs", job["id"], "logs"))  # noqa: PTH118  # as above
        elif name == "cancel":
            words = f"Cancel {job['name'] or job['id']}? What renders is stopped; frames that are done stay."
            yes = ("Cancel the job", "Stop it now.", partial(self._control, job["id"], name))
            self.question.ask([words], [yes, ("Let it render", "Change nothing.", lambda: None)])
        else:
            self._control(job["id"], name)

    def _open(self, folder: str) -> None:
        if os.path.isdir(folder):  # noqa: PTH112  # text
            QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(folder))
        else:
            self.said.say(f"There is no {folder} on this machine.", "warning")

    def _control(self, job_id: str, verb: str) -> None:
        def take(answer: Fields) -> None:
            if "error" in answer:
                self.said.say(answer["error"], "error")
            else:
                self._watch.look()

        self._watch.ask("control", take, job=job_id, verb=verb)
