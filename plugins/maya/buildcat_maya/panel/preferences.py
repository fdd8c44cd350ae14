"""What an artist's Maya remembers for Buildcat, in Maya's own preferences. Runs inside Maya, in its window."""

from __future__ import annotations

from maya import cmds

from buildcat.inside.host import Preferences
from buildcat.model.errors import SettingError

#: Key → label and help of its line in the settings.
LINES = {
    "server": ("Server", "Address of the server, such as redis://farm:6379/0. Empty: as in BUILDCAT_SERVER."),
    "user": ("User", "Who submits. Empty: your name on this computer."),
    "root": ("Storage", "The shared folder. Empty: found from the scene's own folder."),
    "monitor": ("Monitor", "Address of your studio's page for jobs, with http:// or https://. Empty: there is none."),
}
_PREFIX = "buildcat_"


def get(key: str) -> str:
    """Return what is remembered; empty when nothing is."""
    name = _PREFIX + key
    return str(cmds.optionVar(query=name)) if cmds.optionVar(exists=name) else ""


def put(key: str, value: str) -> None:
    """Remember it.

    Raises:
        SettingError: the monitor's address is none of a web page.
    """
    if key == "monitor" and value and not value.startswith(("http://", "https://")):
        raise SettingError(f"The monitor's address begins with http:// or https://, not as {value!r} does.")
    cmds.optionVar(stringValue=(_PREFIX + key, value))


def preferences() -> Preferences:
    """Return where the farm is, and who asks."""
    return Preferences(server=get("server"), user=get("user"), root=get("root"))
