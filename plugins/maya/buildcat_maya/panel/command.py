"""The command `buildcatSubmit`, for scripts: submits the scene as last saved, and returns the ids of its jobs.

    cmds.buildcatSubmit(layer="matte", camera="front_cam", frames="1-100", priority=70)

Without a layer and a camera, what is switched on for batch renders is submitted, one job for each. Runs inside Maya
2023 to 2027, also without a window.
"""

from __future__ import annotations

import time
from typing import Any

from maya.api import OpenMaya

from buildcat.inside.client import Client, Fields
from buildcat.inside.host import How
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat_maya.panel.host import MayaHost, key

NAME = "buildcatSubmit"
#: Flag → its long name.
_TEXTS = {"-l": "-layer", "-c": "-camera", "-f": "-frames", "-n": "-name"}
_PRIORITY = ("-p", "-priority")
#: A script waits for the ids, at most so long.
_PATIENCE_S = 60.0
_PAUSE_S = 0.05


class Submit(OpenMaya.MPxCommand):
    """The command."""

    def doIt(self, arguments: Any) -> None:  # noqa: N802  # Maya's name
        """Submit, and set the ids as the result.

        Raises:
            RuntimeError: it can't be submitted; says why.
        """
        given = OpenMaya.MArgParser(self.syntax(), arguments)
        fields: Fields = {
            name[1:]: given.flagArgumentString(flag, 0) for flag, name in _TEXTS.items() if given.isFlagSet(flag)
        }
        if given.isFlagSet(_PRIORITY[0]):
            fields["priority"] = given.flagArgumentInt(_PRIORITY[0], 0)
        try:
            self.setResult(submit(fields))
        except BuildcatError as exc:
            raise RuntimeError(f"Buildcat: {exc}") from exc


def create() -> Submit:
    """Return a new command, as Maya asks for it."""
    return Submit()


def syntax() -> Any:
    """Return its flags."""
    made = OpenMaya.MSyntax()
    for flag, name in _TEXTS.items():
        made.addFlag(flag, name, OpenMaya.MSyntax.kString)
    made.addFlag(*_PRIORITY, OpenMaya.MSyntax.kLong)
    return made


def submit(fields: Fields) -> list[str]:
    """Submit the scene as last saved, and return the ids of its jobs.

    Raises:
        BuildcatError: it can't be submitted, or nobody answered.
    """
    host = MayaHost()
    path = host.scene()
    if not path:
        raise RefusedError("This file was never saved. Save it in the farm's shared storage, then submit.")
    layer, camera = fields.pop("layer", ""), fields.pop("camera", "")
    if bool(layer) != bool(camera):
        raise RefusedError("Name a layer and a camera, or none of both.")
    chosen = [key(layer, camera)] if layer else [one.key for one in host.targets() if one.is_chosen]
    jobs = host.jobs(chosen, fields)
    known = host.preferences()
    given = {"server": known.server, "user": known.user, "root": known.root}
    answers: list[Fields] = []
    client = Client(host.command())
    try:
        client.ask("submit", answers.append, scene=host.save(How.LAST), jobs=jobs, **given)
        deadline = time.monotonic() + _PATIENCE_S
        while not answers and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
            client.deliver()
    finally:
        client.close()
    answer = answers[0] if answers else {"error": f"The farm didn't answer within {_PATIENCE_S:g} s."}
    if "error" in answer:
        raise RefusedError(answer["error"])
    return list(answer["jobs"])
