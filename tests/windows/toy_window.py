"""The shared window with the toy as its DCC, in a process of its own; tells what it shows to a file. For a test.

`python toy_window.py SCENE SERVER REPORT`
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtWidgets
from toy_host import ToyHost

from buildcat.inside.qt_window import Window


def middle(widget: Any) -> list[int]:
    """Return where the widget's middle is on the screen."""
    place = widget.mapToGlobal(widget.rect().center())
    return [place.x(), place.y()]


def main(scene: str, server: str, report: str) -> None:
    """Show the window until it is closed; measure the longest time in which nothing else ran."""
    application = QtWidgets.QApplication([])
    window = Window(ToyHost(Path(scene), server))
    clock, gaps = QtCore.QElapsedTimer(), [0.0]
    clock.start()

    def measure() -> None:
        gaps.append(clock.restart() / 1000)

    def tell() -> None:
        page = window.jobs if window.pages.currentWidget() is window.jobs else window.submit
        places = {name: middle(one) for name, one in window.jobs.buttons.items()}
        known = {
            "summary": window.submit.summary.text(),
            "said": window.submit.said.text,
            "question": [one.text() for one in page.question.findChildren(QtWidgets.QPushButton)],
            "answers": [middle(one) for one in page.question.findChildren(QtWidgets.QPushButton)],
            "submit": middle(window.submit.button),
            "name": middle(window.submit.form.widgets["name"].value),
            "buttons": places,
            "jobs": [[one["state"], one["counts"]["done"]] for one in window.watch.jobs],
            "page": type(page).__name__,
            "gap": max(gaps[20:], default=0.0),  # the first are of starting up
        }
        target = Path(report)
        target.with_suffix(".new").write_text(json.dumps(known))
        target.with_suffix(".new").replace(target)

    every_10_ms, often = QtCore.QTimer(), QtCore.QTimer()
    every_10_ms.timeout.connect(measure)
    every_10_ms.start(10)
    often.timeout.connect(tell)
    often.start(100)
    window.finished.connect(lambda *_: application.quit())
    window.show()
    application.exec()


if __name__ == "__main__":
    main(*sys.argv[1:])
