"""Every error a person can meet, with the exit code it ends a command with. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class BuildcatError(Exception):
    """Something went wrong; the message says what happened and what to do, in words for an artist."""

    #: What a command ends with when this error reaches it.
    exit_code = 1


class UsageError(BuildcatError):
    """The command or call was given something it can't take."""

    exit_code = 2


class FramesError(UsageError):
    """A frame range that can't be read."""


class SettingError(UsageError):
    """A setting that the DCC doesn't have, or a value that it can't take."""


class ServerError(BuildcatError):
    """There is no server to talk to, or it can't be started."""

    exit_code = 3


class RefusedError(BuildcatError):
    """A check refused the job or the action; nothing was changed."""

    exit_code = 4


class PathError(RefusedError):
    """A path that is missing, of the wrong kind, or outside the root."""


class SceneChangedError(RefusedError):
    """The scene file is not the one that was submitted."""

    def __init__(self, scene: str) -> None:
        super().__init__(
            f"{scene} has changed since it was submitted. "
            "`buildcat resume --accept-scene` renders it as it is now; or submit it again."
        )


class VersionError(RefusedError):
    """Two versions of Buildcat, of the server or of a DCC don't fit together."""


class NoSuchJobError(RefusedError):
    """There is no such job, or its id is not unique."""


class NoSuchWorkerError(RefusedError):
    """There is no such worker, or its name is not unique."""


class RenderError(BuildcatError):
    """A unit could not be rendered; costs the unit one try."""


class SessionError(RenderError):
    """The DCC could not be started, died, or stopped answering."""


class LicenceError(RenderError):
    """No licence is free; the unit waits for one, without a try."""


class OutputError(RenderError):
    """An output is missing, cut short, or of the wrong size."""


def near_names(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x' or 'y'?"` for the known names closest to `name`, or an empty string."""
    close = get_close_matches(name, list(known), n=2, cutoff=0.6)
    return " Did you mean {}?".format(" or ".join(repr(one) for one in close)) if close else ""
