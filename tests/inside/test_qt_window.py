"""The shared window: from a click to frames, what it asks and refuses, and what is left when it is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest
from farms import Farm, wait_for
from toy_host import ToyHost

from buildcat.client import records
from buildcat.inside.host import HOW_WORDS, How, Target
from buildcat.model.errors import RefusedError

Live = Callable[[Callable[[], Any], str], Any]


def answers(question: Any) -> dict[str, Any]:
    """The buttons of a question, by their words."""
    from PySide6 import QtWidgets

    return {one.text(): one for one in question.findChildren(QtWidgets.QPushButton) if not one.isHidden()}


def submitted(window: Any, live: Live) -> list[str]:
    """The ids that the window names after a submit."""
    words = live(lambda: window.submit.said.text if "Submitted as" in window.submit.said.text else "", "a job")
    return str(words).partition("Submitted as ")[2].partition(":")[0].split(", ")


def test_a_click_on_submit_brings_frames(window: Any, live: Live, farm: Farm) -> None:
    """The window says how much it is and who can render it; then the bar moves to its end."""
    farm.start_worker()
    live(lambda: window.submit.summary.text() == "1 layer · 3 units · 1 worker", "the summary")

    window.submit.button.click()

    (job,) = submitted(window, live)
    window.show_jobs()
    live(lambda: window.watch.jobs and window.watch.jobs[0]["state"] == "done", "the end of the job")
    item = window.jobs.list.topLevelItem(0)
    assert item.text(0) == "shot beauty"
    assert item.isSelected()
    assert window.jobs.list.itemWidget(item, 2).text() == "3 of 3"
    assert window.jobs.details.text().startswith(f"{job}: done")
    assert len(list((farm.root / "out").glob("*.png"))) == 3


def test_targets_become_a_batch(window: Any, live: Live, farm: Farm) -> None:
    """One job for each that is ticked, of one submission."""
    from PySide6 import QtCore

    window.submit.targets.topLevelItem(1).setCheckState(0, QtCore.Qt.CheckState.Checked)
    live(lambda: window.submit.summary.text().startswith("2 layers · 6 units · no worker"), "the new summary")
    window.submit.submit()
    answers(window.submit.question)["Submit all the same"].click()

    jobs = [records.job(farm.connection, one) for one in submitted(window, live)]

    assert [one.spec.settings["layers"] for one in jobs] == [["beauty"], ["matte"]]
    assert len({one.spec.batch for one in jobs}) == 1


def test_without_a_worker_it_asks_first(window: Any, live: Live, farm: Farm) -> None:
    """And says why; Cancel submits nothing."""
    live(lambda: "no worker can render it" in window.submit.summary.text(), "the summary")

    window.submit.submit()
    found = answers(window.submit.question)
    found["Cancel"].click()

    assert list(found) == ["Submit all the same", "Cancel"]
    assert window.submit.question.isHidden()
    assert farm.connection.redis.zcard("bc:jobs") == 0


@pytest.mark.parametrize("how", How)
def test_unsaved_changes_are_never_submitted_silently(
    window: Any, host: ToyHost, live: Live, farm: Farm, how: How
) -> None:
    """The artist says how; a copy belongs to its job."""
    farm.start_worker()
    host.is_changed = True
    live(lambda: window.watch.fit()[0], "a worker")

    window.submit.submit()
    assert host.saved == []
    answers(window.submit.question)[HOW_WORDS[how][0]].click()

    (job,) = submitted(window, live)
    assert host.saved == {How.SAVE: ["save"], How.SNAPSHOT: ["copy"], How.LAST: []}[how]
    assert records.job(farm.connection, job).spec.snapshot is (how is How.SNAPSHOT)


def test_what_is_wrong_stops_the_submit_with_a_sentence(window: Any, host: ToyHost) -> None:
    """A file that was never saved, nothing chosen, a disk that can't be written."""
    from PySide6 import QtCore

    page = window.submit

    def refuse() -> None:
        raise RefusedError("The disk is full. Free some space.")

    host.save = refuse  # type: ignore[method-assign]  # a host that can't save
    page._send(page._make_jobs, How.SAVE)
    full = page.said.text
    page.targets.topLevelItem(0).setCheckState(0, QtCore.Qt.CheckState.Unchecked)
    page.submit()
    nothing = page.said.text
    host.path = None
    page.submit()

    assert (full, nothing) == ("The disk is full. Free some space.", "No layer is chosen. Choose at least one.")
    assert page.said.text.startswith("This file was never saved.")


def test_a_target_that_can_not_be_rendered_is_greyed_with_its_reason(window: Any, host: ToyHost) -> None:
    """It can't be ticked; what was ticked stays so when the scene is looked at again."""
    from PySide6 import QtCore

    host.layers = [Target("bad", ("bad", "1"), is_chosen=True, problem="bad names no file."), *host.layers]

    window.submit.reload()

    item = window.submit.targets.topLevelItem(0)
    usual = window.submit.targets.topLevelItem(1)
    assert not item.flags() & QtCore.Qt.ItemFlag.ItemIsUserCheckable
    assert item.foreground(0) != usual.foreground(0)
    assert item.toolTip(0) == "bad names no file."
    assert window.submit.chosen() == ["beauty"]


def test_a_target_below_one_that_can_not_be_rendered_can_be_ticked(
    window: Any, host: ToyHost, application: Any
) -> None:
    """By the space bar, as any other."""
    from PySide6 import QtCore, QtTest

    host.layers = [
        Target("bad", ("bad", "1"), is_chosen=False, problem="bad names no file."),
        Target("step", ("step", "1"), is_chosen=False, parent="bad"),
    ]
    window.submit.reload()
    bad = window.submit.targets.topLevelItem(0)

    for item in (bad, bad.child(0)):
        window.submit.targets.setCurrentItem(item)
        QtTest.QTest.keyClick(window.submit.targets, QtCore.Qt.Key.Key_Space)

    assert window.submit.chosen() == ["step"]


def test_a_scene_that_can_not_be_read_leaves_the_window_usable(window: Any, host: ToyHost) -> None:
    """A tick after it still counts the jobs."""
    targets = host.targets
    host.targets = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        window.submit.reload()
    host.targets = targets

    assert not window.submit.targets.signalsBlocked()


def test_what_was_changed_while_a_question_stood_is_submitted(
    window: Any, host: ToyHost, live: Live, farm: Farm
) -> None:
    """The jobs are those of the moment of the answer."""
    from PySide6 import QtCore

    asked: list[list[str]] = []
    jobs = host.jobs
    host.jobs = lambda chosen, fields: asked.append(list(chosen)) or jobs(chosen, fields)
    page = window.submit
    live(lambda: "no worker can render it" in page.summary.text(), "the summary")
    page.submit()
    page.targets.topLevelItem(0).setCheckState(0, QtCore.Qt.CheckState.Unchecked)
    page.targets.topLevelItem(1).setCheckState(0, QtCore.Qt.CheckState.Checked)

    answers(page.question)["Submit all the same"].click()

    assert asked[-1] == page.chosen() != asked[0]


def test_targets_stand_below_those_that_wait_for_them(window: Any, host: ToyHost) -> None:
    """All of them in sight; those below can be ticked as well."""
    host.layers = [
        Target("step", ("step", "1"), is_chosen=True, parent="end"),
        Target("end", ("end", "1"), is_chosen=True),
    ]

    window.submit.targets.clear()
    window.submit.reload()

    tree = window.submit.targets
    (end,) = [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]
    assert (end.text(0), end.child(0).text(0), end.isExpanded()) == ("end", "step", True)
    assert sorted(window.submit.chosen()) == ["end", "step"]


def test_a_target_may_have_an_empty_key(window: Any, host: ToyHost) -> None:
    """It isn't shown below itself."""
    host.layers = [Target("", ("all", "1"), is_chosen=True), Target("a", ("a", "1"))]

    window.submit.reload()

    assert [window.submit.targets.topLevelItem(place).text(0) for place in (0, 1)] == ["all", "a"]


def test_files_that_workers_do_not_see_are_told(window: Any, host: ToyHost, live: Live, farm: Farm) -> None:
    """With what the scene itself warns of."""
    host.odd, host.used = ["The scene is odd."], ["/etc/hostname", str(farm.root / "gone.png")]

    window.submit.reload()

    words = live(lambda: window.submit.problems.text if "gone" in window.submit.problems.text else "", "the files")
    assert words.splitlines() == [
        "The scene is odd.",
        "/etc/hostname lies outside the storage.",
        f"{farm.root / 'gone.png'} is missing.",
    ]


def test_a_job_is_paused_resumed_cancelled_and_retried(window: Any, live: Live, farm: Farm) -> None:
    """Cancelling is asked about first; only buttons that make sense are there."""
    job = farm.submit(farm.scene(), "1-9", user="ada")
    window.show_jobs()
    page = window.jobs
    live(page.list.topLevelItemCount, "the job")
    page.choose(job)

    def state(wanted: str) -> None:
        live(lambda: window.watch.jobs[0]["state"] == wanted and wanted in page.details.text(), wanted)

    page.buttons["pause"].click()
    state("paused")
    assert page.buttons["pause"].isHidden()
    page.buttons["resume"].click()
    state("waiting")
    page.buttons["cancel"].click()
    assert farm.job(job).state.value == "waiting"
    answers(page.question)["Cancel the job"].click()
    state("cancelled")
    assert not page.buttons["cancel"].isEnabled()
    page.buttons["retry"].click()
    state("waiting")


def test_without_jobs_and_without_a_server_it_says_so(window: Any, host: ToyHost, live: Live) -> None:
    """And shows them when the server is back."""
    live(lambda: window.jobs.said.text == "ada has no jobs yet.", "the empty list")
    good = host.known

    host.known = replace(good, server="redis://127.0.0.1:1/0")
    live(lambda: window.jobs.said.text.startswith("There is no server at"), "the error")
    host.known = good

    live(lambda: window.jobs.said.text == "ada has no jobs yet.", "the server")


def test_a_folder_that_is_not_here_is_told(window: Any, live: Live, farm: Farm) -> None:
    """The logs of a job that nobody has rendered."""
    job = farm.submit(farm.scene(), "1", user="ada")
    live(window.jobs.list.topLevelItemCount, "the job")
    window.jobs.choose(job)

    window.jobs.act("log")

    assert window.jobs.said.text.endswith("logs on this machine.")


def test_escape_closes_and_nothing_is_left(window: Any, live: Live, application: Any) -> None:
    """No timer, and no client process; Enter in a field submits nothing."""
    from PySide6 import QtCore
    from PySide6.QtTest import QTest

    live(lambda: window.watch.is_known, "the first answer")
    (client,) = [one for one in psutil.Process().children() if "buildcat.client" in " ".join(one.cmdline())]
    QTest.keyClick(window.submit.form.widgets["name"].value, QtCore.Qt.Key.Key_Return)
    assert window.submit.said.text == ""

    QTest.keyClick(window, QtCore.Qt.Key.Key_Escape)

    assert not window.isVisible()
    assert not window._timer.isActive()
    wait_for(lambda: not client.is_running() or client.status() == psutil.STATUS_ZOMBIE, "the end of the client")


def test_every_button_and_page_can_be_reached_by_the_keyboard(window: Any) -> None:
    """By a letter with Alt, each letter once on a page; and fields by Tab from top to bottom."""
    from PySide6 import QtCore, QtWidgets
    from PySide6.QtTest import QTest

    for page in (window.submit, window.jobs):
        words = [one.text() for one in page.findChildren(QtWidgets.QPushButton) if "&" in one.text()]
        words += [window.pages.tabText(place) for place in range(window.pages.count())]
        letters = [one[one.index("&") + 1].lower() for one in words]
        assert len(letters) == len(set(letters)), words

    keys = [QtCore.Qt.Key.Key_Tab] * 4
    window.submit.form.widgets["name"].value.setFocus()
    reached = [window.focusWidget()]
    for key in keys:
        QTest.keyClick(window.focusWidget(), key)
        reached.append(window.focusWidget())
    wanted = [window.submit.form.widgets[one].value for one in ("name", "priority", "paused", "frames", "chunk")]
    assert reached == wanted
