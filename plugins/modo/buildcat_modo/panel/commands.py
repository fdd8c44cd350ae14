"""The commands `buildcat.submit` and `buildcat.jobs`. Runs inside Modo 16 and 17.

Without arguments they open the window. For scripts each row of the form is an argument of its name:

    lx.eval("buildcat.submit frames:{1-100} priority:70 passes:{Lights}")
"""

from __future__ import annotations

from typing import Any

import lx  # type: ignore[import-not-found]  # Modo's, in no stubs
import lxu.command  # type: ignore[import-not-found]  # as above

from buildcat.inside import form
from buildcat.inside.client import Fields
from buildcat.inside.host import How, check_saved
from buildcat.inside.sending import Sending, words
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat_modo.dcc import DCC
from buildcat_modo.panel import arguments
from buildcat_modo.panel.host import WHOLE, ModoHost

SUBMIT, JOBS = "buildcat.submit", "buildcat.jobs"
_TITLE = "Buildcat"
#: Table and key in `configs/messages.cfg`.
_MESSAGE = ("buildcat", "failed")


class _Command(lxu.command.BasicCommand):  # type: ignore[misc]  # Modo's, in no stubs
    """What both share: they change nothing of the scene."""

    def cmd_Flags(self) -> int:  # noqa: N802  # Modo's name
        """Return that it is one of the window, without undo."""
        return int(lx.symbol.fCMD_UI)

    def basic_Enable(self, msg: Any) -> bool:  # noqa: N802  # as above
        """Return that it can be used at any time."""
        return True


class Submit(_Command):
    """`buildcat.submit`."""

    def __init__(self) -> None:
        """Declare its arguments."""
        lxu.command.BasicCommand.__init__(self)
        arguments.declare(self)

    def cmd_DialogInit(self) -> None:  # noqa: N802  # Modo's name
        """Fill Modo's own dialog."""
        arguments.fill(self)

    def arg_UIHints(self, index: int, hints: Any) -> None:  # noqa: N802  # as above
        """Say how an argument is shown there."""
        arguments.hint(index, hints)

    def arg_UIValueHints(self, index: int) -> Any:  # noqa: N802  # as above
        """Return what an argument's list offers there."""
        return arguments.choices(index)

    def basic_Execute(self, msg: Any, flags: int) -> None:  # noqa: N802  # as above
        """Open the window; with arguments, submit."""
        values = arguments.values(self)
        try:
            if values or _is_headless():
                submit(values)
            else:
                _window(jobs=False)
        except BuildcatError as exc:
            _fail(msg, str(exc))


class Jobs(_Command):
    """`buildcat.jobs`."""

    def basic_Execute(self, msg: Any, flags: int) -> None:  # noqa: N802  # Modo's name
        """Open the window at my jobs."""
        if _is_headless():
            _fail(msg, "This Modo has no window. Use the command line: buildcat jobs.")
        else:
            _window(jobs=True)


def submit(values: dict[str, Any]) -> None:
    """Submit the scene as last saved. With a window, go on, and tell the end there; else wait for it.

    Raises:
        BuildcatError: it can't be submitted; says why.
    """
    host = ModoHost()
    check_saved(host)
    if host.has_changes():
        raise RefusedError("This file has unsaved changes. Save it, then submit.")
    passes = values.pop("passes", WHOLE)
    jobs = host.jobs([passes], form.fields(DCC, values))
    sending = Sending(host)
    sending.send(jobs, How.LAST)
    if _is_headless():
        _tell(sending.wait())
        return
    from buildcat.inside.qt_sending import when_answered

    when_answered(sending, _tell)


def _tell(answer: Fields) -> None:
    """Tell the end of a submit: in Modo's log, or, when it is bad, in a window."""
    if "error" not in answer:
        lx.out(f"{_TITLE}: {words(answer)}")
        return
    import modo  # type: ignore[import-not-found]  # Modo's, in no stubs

    modo.dialogs.alert(_TITLE, answer["error"], "error")


def _fail(msg: Any, sentence: str) -> None:
    """Let the command fail: Modo shows the sentence, and a script gets it as an error."""
    msg.SetCode(lx.result.FAILED)
    msg.SetMessage(*_MESSAGE, 0)
    msg.SetArgumentString(1, sentence)


def _is_headless() -> bool:
    return bool(lx.service.Platform().IsHeadless())


def _window(*, jobs: bool) -> None:
    from buildcat.inside import qt_window
    from buildcat.inside.qt import QtWidgets

    windows = [one for one in QtWidgets.QApplication.topLevelWidgets() if isinstance(one, QtWidgets.QMainWindow)]
    # Other kits have such windows too, but small ones.
    main = max(windows, key=lambda one: one.width() * one.height(), default=None)
    qt_window.show(ModoHost, main, jobs=jobs)


def bless() -> None:
    """Make the commands known to Modo."""
    lx.bless(Submit, SUBMIT)
    lx.bless(Jobs, JOBS)
