"""What an artist's Maya remembers for Buildcat, in Maya's own preferences. Runs inside Maya, in its window."""

from __future__ import annotations

from collections.abc import Mapping

from maya import cmds

from buildcat.inside.host import Preferences
from buildcat.model.errors import SettingError

#: Key → label and help of its line in the settings.
LINES = {
    "server": (
        "Server",
        "Address of the server, such as redis://farm:6379/0. A password in it is kept as plain text in Maya's "
        "preferences; to keep it out of them, set BUILDCAT_SERVER instead. Empty: as in BUILDCAT_SERVER.",
    ),
    "user": ("User", "Who submits. Empty: your name on this computer."),
    "root": ("Storage", "The shared folder. Empty: found from the scene's own folder."),
    "monitor": ("Monitor", "Address of your studio's page for jobs, with http:// or https://. Empty: there is none."),
}
_PREFIX = "buildcat_"


def get(key: str) -> str:
    """Return what is remembered; empty when nothing is."""
    name = _PREFIX + key
    return str(cmds.optionVar(query=name)) if cmds.optionVar(exists=name) else ""


def keep(values: Mapping[str, str]) -> None:
    """Remember these, by their keys; all of them or none.

    Raises:
        SettingError: the monitor's address is none of a web page, which the browser would be given.
    """
    monitor = values.get("monitor", "")
    if monitor and not monitor.lower().startswith(("http://", "https://")):
        raise SettingError(f"The monitor's address begins with http:// or https://, not as {monitor!r} does.")
    for key, value in values.items():
        cmds.optionVar(stringValue=(_PREFIX + key, value))


def preferences() -> Preferences:
    """Return where the farm is, and who asks."""
    return Preferences(server=get("server"), user=get("user"), root=get("root"))
