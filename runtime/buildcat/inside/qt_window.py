"""The window of Buildcat inside a DCC: a page to submit, a page with my jobs. Runs inside a DCC: Python 3.9, its Qt."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from buildcat.inside.host import Host
from buildcat.inside.qt import QtCore, QtWidgets
from buildcat.inside.qt_jobs import JobsPage
from buildcat.inside.qt_submit import SubmitPage
from buildcat.inside.watch import Watch
from buildcat.model.errors import SettingError

_TICK_MS = 100
_SIZE = QtCore.QSize(560, 760)


class Window(QtWidgets.QDialog):
    """Stays open beside the scene; closing it ends its timer and its client process."""

    def __init__(self, host: Host, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Buildcat")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose)
        self.watch = Watch(host)
        self.pages = QtWidgets.QTabWidget(self)
        self.submit = SubmitPage(host, self.watch, self)
        self.jobs = JobsPage(self.watch, host.preferences().user, self)
        self.pages.addTab(self.submit, "S&ubmit")
        self.pages.addTab(self.jobs, "&Jobs")
        QtWidgets.QVBoxLayout(self).addWidget(self.pages)
        buttons: list[QtWidgets.QPushButton] = list(self.findChildren(QtWidgets.QPushButton))
        for button in buttons:
            button.setAutoDefault(False)  # Enter in a field must not submit
        self._new_job = ""
        self.submit.submitted.connect(self._note)
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)
        self.finished.connect(self._end)
        self.resize(_SIZE)

    def show_jobs(self) -> None:
        """Turn to the jobs."""
        self.pages.setCurrentWidget(self.jobs)

    def _note(self, job_id: str) -> None:
        self._new_job = job_id

    def _tick(self) -> None:
        if not self.watch.tick():
            return
        self.jobs.refresh()
        self.submit.show_summary()
        if self._new_job in {one["id"] for one in self.watch.jobs}:
            self.jobs.choose(self._new_job)
            self._new_job = ""

    def event(self, event: QtCore.QEvent) -> bool:
        """Whoever turns to the window may have opened another scene before."""
        if event.type() == QtCore.QEvent.Type.WindowActivate:
            self.submit.follow()
        return bool(super().event(event))

    def closeEvent(self, event: object) -> None:  # noqa: N802  # Qt's name
        """Closed by the window's own button."""
        self._end()
        super().closeEvent(event)  # type: ignore[arg-type]  # an event of either binding

    def _end(self, *_: object) -> None:
        self._timer.stop()
        self.watch.close()


_open: list[Window] = []
#: Scene → what its form held when the window was closed, as long as the DCC runs.
_remembered: dict[str, dict[str, Any]] = {}


def show(make: Callable[[], Host], parent: QtWidgets.QWidget | None, *, jobs: bool = False) -> Window:
    """Bring the DCC's only window up, at the page that submits or at the jobs, and return it."""
    if not _open:
        host = make()
        window = Window(host, parent)
        window.submit.form.hold(_remembered.get(host.scene(), {}))
        window.finished.connect(partial(_forget, host))
        _open.append(window)
    window = _open[0]
    if jobs:
        window.show_jobs()
    else:
        window.submit.reload()
        window.pages.setCurrentWidget(window.submit)
    window.show()
    window.raise_()
    window.activateWindow()
    return window


def _forget(host: Host, *_: object) -> None:
    (window,) = _open
    _open.clear()
    with suppress(SettingError):  # a form with a mistake in it is not kept
        _remembered[host.scene()] = window.submit.form.values()


def chosen_job() -> str:
    """Return the id of the job that is chosen in the window; empty: none is, or it isn't open."""
    jobs = [one.jobs.job() for one in _open]
    return str(jobs[0]["id"]) if jobs and jobs[0] else ""


def close() -> None:
    """Close the window, if it is open."""
    for one in list(_open):
        one.close()
