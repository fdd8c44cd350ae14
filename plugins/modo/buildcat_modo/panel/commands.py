"""The commands `buildcat.submit` and `buildcat.jobs`. Runs inside Modo 15 to 17.

Without arguments they open the window. For scripts each row of the form is an argument of its name:

    lx.eval("buildcat.submit frames:{1-100} priority:70 passes:{Lights}")
"""

from __future__ import annotations

from typing import Any

import lx  # type: ignore[import-not-found]  # Modo's, in no stubs
import lxu.command  # type: ignore[import-not-found]  # as above

from buildcat.inside import form
from buildcat.inside.host import How
from buildcat.inside.sending import Sending, words
from buildcat.model.dcc import Kind
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat_modo.dcc import DCC
from buildcat_modo.panel.host import WHOLE, ModoHost

SUBMIT, JOBS = "buildcat.submit", "buildcat.jobs"
SETTINGS = tuple(row.setting for row in form.rows(DCC))
_TITLE = "Buildcat"


def _window(*, jobs: bool) -> None:
    from buildcat.inside import qt_window
    from buildcat.inside.qt import QtWidgets

    windows = QtWidgets.QApplication.topLevelWidgets()
    main = next((one for one in windows if isinstance(one, QtWidgets.QMainWindow)), None)
    qt_window.show(ModoHost, main, jobs=jobs)


def submit(values: dict[str, Any]) -> str:
    """Submit the scene as last saved, wait for the farm's answer, and return it in words.

    Raises:
        BuildcatError: it can't be submitted; says why.
    """
    host = ModoHost()
    path = host.scene()
    if not path:
        raise RefusedError("This file was never saved. Save it in the farm's shared storage, then submit.")
    if host.has_changes():
        raise RefusedError("This file has unsaved changes. Save it, then submit.")
    passes = values.pop("passes", WHOLE)
    jobs = host.jobs([passes], form.fields(DCC, values))
    sending = Sending(host)
    sending.send(host.save(How.LAST), jobs, is_copy=False)
    return words(sending.wait())


class _Command(lxu.command.BasicCommand):  # type: ignore[misc]  # Modo's, in no stubs
    """What both share: they change nothing of the scene."""

    def cmd_Flags(self) -> int:  # noqa: N802  # Modo's name
        """Return that it is one of the window, without undo."""
        return int(lx.symbol.fCMD_UI)

    def cmd_Interact(self) -> None:  # noqa: N802  # as above
        """Do nothing before the arguments are there."""

    def basic_Enable(self, msg: Any) -> bool:  # noqa: N802  # as above
        """Return that it can be used at any time."""
        return True


class Submit(_Command):
    """`buildcat.submit`."""

    def __init__(self) -> None:
        """Declare an argument for each row of the form; none must be given."""
        lxu.command.BasicCommand.__init__(self)
        types = {
            Kind.BOOL: lx.symbol.sTYPE_BOOLEAN,
            Kind.INT: lx.symbol.sTYPE_INTEGER,
            Kind.FLOAT: lx.symbol.sTYPE_FLOAT,
        }
        for place, setting in enumerate(SETTINGS):
            self.dyna_Add(setting.key, types.get(setting.kind, lx.symbol.sTYPE_STRING))
            self.basic_SetFlags(place, lx.symbol.fCMDARG_OPTIONAL)

    def basic_Execute(self, msg: Any, flags: int) -> None:  # noqa: N802  # Modo's name
        """Open the window; with arguments, submit."""
        values = self._values()
        if not values:
            _window(jobs=False)
            return
        try:
            lx.out(f"{_TITLE}: {submit(values)}")
        except BuildcatError as exc:
            _tell(str(exc))

    def _values(self) -> dict[str, Any]:
        given = (place for place in range(len(SETTINGS)) if self.dyna_IsSet(place))
        return {SETTINGS[place].key: self._read(place) for place in given}

    def _read(self, place: int) -> Any:
        kind = SETTINGS[place].kind
        if kind is Kind.BOOL:
            return self.dyna_Bool(place)
        if kind is Kind.INT:
            return self.dyna_Int(place)
        return self.dyna_Float(place) if kind is Kind.FLOAT else self.dyna_String(place)


class Jobs(_Command):
    """`buildcat.jobs`."""

    def basic_Execute(self, msg: Any, flags: int) -> None:  # noqa: N802  # Modo's name
        """Open the window at my jobs."""
        _window(jobs=True)


def _tell(sentence: str) -> None:
    """Say what went wrong: in a window, or, without one, in the log."""
    if lx.service.Platform().IsHeadless():
        lx.out(f"{_TITLE}: {sentence}")
    else:
        import modo  # type: ignore[import-not-found]  # Modo's, in no stubs

        modo.dialogs.alert(_TITLE, sentence, "error")


def bless() -> None:
    """Make the commands known to Modo."""
    lx.bless(Submit, SUBMIT)
    lx.bless(Jobs, JOBS)
