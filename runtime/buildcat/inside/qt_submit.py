"""The page of the window that submits. Runs inside a DCC: Python 3.9, its Qt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from buildcat.inside import form, sending
from buildcat.inside.client import Fields
from buildcat.inside.host import HOW_WORDS, Host, How, Target, check_saved
from buildcat.inside.qt import QtCore, QtGui, QtWidgets, error_colour, icon, warning_colour
from buildcat.inside.qt_form import FormWidget
from buildcat.inside.watch import Watch
from buildcat.model import frames
from buildcat.model.errors import BuildcatError
from buildcat.model.job import JobSpec
from buildcat.model.nouns import many

#: After the last change of the form, before its jobs are counted again.
_PAUSE_MS = 250
_KEY = QtCore.Qt.ItemDataRole.UserRole
_MOST_ROWS = 8
_MOST_FILES = 3
#: What the client says of a file, in words.
_TROUBLES = {"missing": "is missing", "outside": "lies outside the storage"}


class Elided(QtWidgets.QLabel):
    """A text in one line, shortened in its middle to the width that there is."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 8)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        """Show this text."""
        self._whole = text
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event: Any) -> None:  # noqa: N802  # Qt's name
        """Shorten it anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        middle = QtCore.Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._whole, middle, self.width()))


class Message(QtWidgets.QFrame):
    """A sentence with an icon, in a line of its own; hidden while there is nothing to say."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        self._icon, self._words = QtWidgets.QLabel(self), QtWidgets.QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        line.addWidget(self._icon, 0, QtCore.Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._words, 1)
        self.hide()

    def say(self, words: str, kind: str = "info") -> None:
        """Show the sentence; an empty one hides the line."""
        colours = {"error": error_colour, "warning": warning_colour}
        self._words.setStyleSheet(f"color: {colours[kind](self)}" if kind in colours else "")
        size = self.fontMetrics().height()
        self._icon.setPixmap(icon(self, kind).pixmap(size, size))
        self._words.setText(words)
        self.setVisible(bool(words))

    @property
    def text(self) -> str:
        """What is said."""
        return "" if self.isHidden() else self._words.text()


class Question(QtWidgets.QFrame):
    """Asked in the window before a submit; nothing else waits for the answer."""

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QtWidgets.QFrame.Shape.StyledPanel)
        self._column = QtWidgets.QVBoxLayout(self)
        self._lines: list[QtWidgets.QWidget] = []
        self.hide()

    def ask(self, sentences: list[str], answers: list[tuple[str, str, Callable[[], None]]]) -> None:
        """Show the sentences, then a button for each answer: its words, its tooltip, what it does."""
        self.forget()
        for words in sentences:
            line = Message(self)
            self._put(line)
            line.say(words, "warning")
        for place, (words, tip, act) in enumerate(answers):
            button = QtWidgets.QPushButton(words, self)
            button.setToolTip(tip)
            button.clicked.connect(partial(self._answer, act))
            self._put(button)
            if place == 0:
                button.setFocus()
        self.show()

    def _put(self, widget: QtWidgets.QWidget) -> None:
        self._column.addWidget(widget)
        self._lines.append(widget)

    def _answer(self, act: Callable[[], None]) -> None:
        self.forget()
        act()

    def forget(self) -> None:
        """Ask nothing any more."""
        for one in self._lines:
            self._column.removeWidget(one)
            one.deleteLater()
        self._lines = []
        self.hide()


class SubmitPage(QtWidgets.QWidget):
    """Targets, form, what is wrong, what will be, and the button."""

    #: A job came to be; its id.
    submitted = QtCore.Signal(str)

    def __init__(self, host: Host, watch: Watch, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._host, self._watch = host, watch
        self._is_submitting = False
        #: The scene whose targets are listed.
        self._shown = ""
        self._jobs: list[Fields] = []
        self._files: dict[str, str] = {}
        self.scene = Elided(self)
        self.targets = QtWidgets.QTreeWidget(self)
        self.form = FormWidget(form.rows(host.dcc, without=host.without), self)
        self.problems = Message(self)
        self.summary = QtWidgets.QLabel(self)
        self.summary.setWordWrap(True)
        self.said = Message(self)
        self.question = Question(self)
        self.button = QtWidgets.QPushButton("&Submit", self)
        self.button.clicked.connect(self.submit)
        self._timer = QtCore.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.count)
        self.form.changed.connect(self._later)
        self.targets.itemChanged.connect(self._later)
        self._lay_out()
        self.reload()

    def _lay_out(self) -> None:
        column = QtWidgets.QVBoxLayout(self)
        scroll = QtWidgets.QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        scroll.setWidget(self.form)
        head = QtWidgets.QHBoxLayout()
        head.addWidget(self.scene, 1)
        again = QtWidgets.QPushButton("&Reload", self)
        again.setToolTip("Look at the scene again: its targets, its files, and what is saved.")
        again.clicked.connect(self.reload)
        head.addWidget(again)
        column.addLayout(head)
        column.addWidget(self.targets)
        column.addWidget(scroll, 1)
        for one in (self.problems, self.summary, self.question, self.said):
            column.addWidget(one)
        foot = QtWidgets.QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.button)
        column.addLayout(foot)
        self.targets.setHeaderLabels(list(self._host.headings))
        self.targets.setUniformRowHeights(True)

    def reload(self) -> None:
        """Look at the scene again."""
        self._shown = self._host.scene()
        self.scene.show_text(self._shown or "This file was never saved.")
        chosen = set(self.chosen())
        self.targets.blockSignals(True)
        try:
            self._show_targets(self._host.targets(), chosen)
        finally:
            self.targets.blockSignals(False)
        self._ask_files()
        self.count()

    def follow(self) -> None:
        """Look at the scene again if it is another one by now."""
        if self._host.scene() != self._shown:
            self.reload()

    def _show_targets(self, targets: list[Target], chosen: set[str]) -> None:
        self.targets.clear()
        items = {one.key: self._item(one, chosen) for one in targets}
        for target in targets:
            above = items.get(target.parent) if target.parent else None
            above.addChild(items[target.key]) if above else self.targets.addTopLevelItem(items[target.key])
        self.targets.setRootIsDecorated(any(one.parent in items for one in targets))
        self.targets.expandAll()
        self._fit_targets(len(targets))

    def _item(self, target: Target, chosen: set[str]) -> QtWidgets.QTreeWidgetItem:
        """Make the row of a target; what was ticked stays so."""
        item = QtWidgets.QTreeWidgetItem(list(target.columns))
        item.setData(0, _KEY, target.key)
        is_chosen = target.key in chosen if chosen else target.is_chosen
        states = QtCore.Qt.CheckState
        item.setCheckState(0, states.Checked if is_chosen and not target.problem else states.Unchecked)
        for place, words in enumerate(target.columns):
            item.setToolTip(place, target.problem or words)
        if target.problem:  # not disabled, or those below it couldn't be ticked
            item.setFlags(item.flags() & ~QtCore.Qt.ItemFlag.ItemIsUserCheckable)
            grey = self.palette().brush(QtGui.QPalette.ColorGroup.Disabled, QtGui.QPalette.ColorRole.Text)
            for place in range(len(target.columns)):
                item.setForeground(place, grey)
            item.setIcon(0, icon(self, "warning"))
        return item

    def _fit_targets(self, count: int) -> None:
        for place in range(self.targets.columnCount()):
            self.targets.resizeColumnToContents(place)
        row = max(self.targets.sizeHintForRow(0), self.fontMetrics().height())
        shown = min(max(count, 1), _MOST_ROWS)
        self.targets.setFixedHeight(self.targets.header().sizeHint().height() + row * shown + 8)

    def _ask_files(self) -> None:
        def take(answer: Fields) -> None:
            found = answer.get("files", {})
            self._files = {path: why for path, why in found.items() if why}
            self._show_problems()

        self._watch.ask("files", take, files=self._host.files())

    def _show_problems(self) -> None:
        lost = [f"{path} {_TROUBLES[why]}." for path, why in self._files.items()]
        more = [f"And {len(lost) - _MOST_FILES} more files."] if len(lost) > _MOST_FILES else []
        self.problems.say("\n".join([*self._host.warnings(), *lost[:_MOST_FILES], *more]), "warning")

    def chosen(self) -> list[str]:
        """Return the keys of the targets that are ticked, in order."""
        every: Any = QtWidgets.QTreeWidgetItemIterator(self.targets)
        found = []
        while item := every.value():
            if item.checkState(0) == QtCore.Qt.CheckState.Checked:
                found.append(str(item.data(0, _KEY)))
            every += 1
        return found

    def _later(self, *_: object) -> None:
        self._timer.start(_PAUSE_MS)

    def _make_jobs(self) -> list[Fields]:
        return self._host.jobs(self.chosen(), self._fields())

    def _fields(self) -> Fields:
        return form.fields(self._host.dcc, self.form.values())

    def count(self) -> None:
        """Make the jobs, to tell how much they are, and which workers they need."""
        try:
            self._jobs = self._make_jobs()
            self._watch.want([one["spec"] for one in self._jobs])
            self.show_summary()
        except BuildcatError as exc:
            self._jobs = []
            self._tell(str(exc), is_wrong=True)

    def show_summary(self) -> None:
        """Say how much will be submitted, and who can render it."""
        if not self._jobs:
            return
        units = sum(len(frames.units(JobSpec(**one["spec"]))) for one in self._jobs)
        one, several = self._host.nouns
        words = [f"{len(self._jobs):,} {one if len(self._jobs) == 1 else several}"]
        words.append(many(units, "unit"))
        able, obstacle = self._watch.fit()
        if self._watch.error:
            words.append(self._watch.error)
        elif able == 0:
            words.append(f"no worker can render it: {obstacle}")
        elif able is not None:
            words.append(many(able, "worker"))
        self._tell(" · ".join(words), is_wrong=bool(self._watch.error))

    def _tell(self, words: str, *, is_wrong: bool) -> None:
        self.summary.setStyleSheet(f"color: {error_colour(self)}" if is_wrong else "")
        self.summary.setText(words)

    def submit(self) -> None:
        """Check, ask what must be asked, and send the jobs."""
        jobs = self._ready(self._make_jobs)
        if not jobs:
            return
        self._jobs = jobs
        self.show_summary()
        able, obstacle = self._watch.fit()
        sentences = []
        if able == 0:
            sentences.append(f"No worker can render this now. The job will wait for one. {obstacle}")
        send = partial(self._send, self._make_jobs)
        if self._host.has_changes():
            sentences.append("This file has unsaved changes.")
            answers = [(words, tip, partial(send, how)) for how, (words, tip) in HOW_WORDS.items()]
        else:
            answers = [("Submit all the same", "The job waits for a worker.", partial(send, How.LAST))]
        if sentences:
            self.question.ask(sentences, [*answers, ("Cancel", "Submit nothing.", lambda: None)])
        else:
            send(How.LAST)

    def submit_now(self, make: Callable[[Fields], list[Fields]]) -> None:
        """Submit what is made of the form's fields, whatever is ticked, and ask nothing: changes go along in a copy."""

        def jobs() -> list[Fields]:
            return make(self._fields())

        if self._ready(jobs):
            self._send(jobs, How.SNAPSHOT if self._host.has_changes() else How.LAST)

    def _ready(self, make: Callable[[], list[Fields]]) -> list[Fields]:
        """Make the jobs; none, and a sentence on the page, when they can't be submitted."""
        if self._is_submitting:
            return []
        self.said.say("")
        try:
            check_saved(self._host)
            return make()
        except BuildcatError as exc:
            self.said.say(str(exc), "error")
            return []

    def _send(self, make: Callable[[], list[Fields]], how: How) -> None:
        try:
            made = make()  # anew: the scene may have changed while the question stood
            request = sending.request(self._host, made, how)
        except BuildcatError as exc:
            self.said.say(str(exc), "error")
            return
        self._is_submitting = True
        self.button.setEnabled(False)
        self.said.say("Submitting ...")
        self._watch.ask("submit", self._take, **request)

    def _take(self, answer: Fields) -> None:
        self._is_submitting = False
        self.button.setEnabled(True)
        if "error" in answer:
            self.said.say(answer["error"], "error")
            return
        self.said.say(sending.words(answer), "done")
        self._watch.look()
        self.submitted.emit(answer["job"])
