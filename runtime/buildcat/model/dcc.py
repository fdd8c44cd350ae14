"""One description per DCC: how to find and start it, and its settings as data. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from typing import Any, Union

from buildcat.model.errors import LicenceError, RenderError, SettingError, near_names

Value = Union[bool, int, float, str, tuple[str, ...]]


class Kind(str, Enum):
    """What a setting holds."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STR = "str"
    CHOICE = "choice"
    PATH = "path"
    LIST = "list"


#: What is told of a split that a DCC doesn't have.
_REFUSED = {
    "whole": "Each frame of a {} scene is a file of its own.",
    "tiles": "Frames of {} scenes can't be split in tiles.",
}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True)
class Setting:
    """One option of a DCC. Left out of a job, it is as in the scene."""

    #: Name in a JobSpec's `settings`, and, with dashes, on the command line.
    key: str
    #: What a panel shows.
    label: str
    kind: Kind
    #: One sentence for a tooltip and for `--help`.
    help: str
    #: Two values that make a visible difference; the contract test renders with both.
    examples: tuple[Any, Any]
    #: The only values a CHOICE takes.
    choices: tuple[str, ...] = ()
    #: Inclusive range of an INT or FLOAT.
    minimum: float | None = None
    maximum: float | None = None
    #: Heading under which panels and help show it.
    group: str = "Render"

    def parse(self, text: str) -> Value:
        """Read the value from a command line's text.

        Raises:
            SettingError: the text is not of this setting's kind, or out of its range.
        """
        if self.kind is Kind.BOOL:
            if text.lower() in _TRUE + _FALSE:
                return text.lower() in _TRUE
            raise self._error(text)
        if self.kind is Kind.LIST:
            return self.check([part.strip() for part in text.split(",") if part.strip()])
        if self.kind in (Kind.INT, Kind.FLOAT):
            try:
                return self.check(int(text) if self.kind is Kind.INT else float(text))
            except ValueError:
                raise self._error(text) from None
        return self.check(text)

    def check(self, value: object) -> Value:
        """Return the value in its own type.

        Raises:
            SettingError: it is not of this setting's kind, not among its choices, or out of its range.
        """
        checked = self._typed(value)
        if checked is None or (self.kind is Kind.CHOICE and checked not in self.choices):
            raise self._error(value)
        if isinstance(checked, (int, float)) and self.kind is not Kind.BOOL:
            below = self.minimum is not None and checked < self.minimum
            above = self.maximum is not None and checked > self.maximum
            if below or above or math.isnan(checked):
                raise self._error(value)
        return checked

    def _typed(self, value: object) -> Value | None:
        if self.kind is Kind.BOOL:
            return value if isinstance(value, bool) else None
        if self.kind is Kind.INT:
            return value if isinstance(value, int) and not isinstance(value, bool) else None
        if self.kind is Kind.FLOAT:
            return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        if self.kind is Kind.LIST:
            is_list = isinstance(value, (list, tuple)) and all(isinstance(one, str) and one for one in value)
            return tuple(value) if is_list else None  # type: ignore[arg-type]  # checked in the line above
        return value if isinstance(value, str) and value and "\0" not in value else None

    def describe(self) -> str:
        """Say in words what the setting takes, such as `a whole number from 1 to 100`."""
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join(self.choices)
        words = {
            Kind.BOOL: "yes or no",
            Kind.INT: "a whole number",
            Kind.FLOAT: "a number",
            Kind.STR: "a text",
            Kind.PATH: "a path",
            Kind.LIST: "a list of texts",
        }[self.kind]
        if self.minimum is not None and self.maximum is not None:
            return f"{words} from {self.minimum:.10g} to {self.maximum:.10g}"
        if self.minimum is not None:
            return f"{words} of {self.minimum:.10g} or more"
        return words if self.maximum is None else f"{words} of {self.maximum:.10g} or less"

    def _error(self, value: object) -> SettingError:
        return SettingError(f"{self.key} takes {self.describe()}, not {value!r}.")


@dataclass(frozen=True)
class Launch:
    """How one kind of installation is started: its executable, then arguments.

    Placeholders: `{executable}`; `{loop}`, the script of the session; `{python}`, the worker's own Python, for a
    program that has none: the plugin's module then finds the executable in `sys.argv`.
    """

    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Dcc:
    """One DCC, declared once for panels, command line, ROP, monitor and worker."""

    #: Its word on the command line, such as `blender`.
    name: str
    #: Its name for people, such as `Blender`.
    label: str
    #: Endings of its scene files, with dots, lower case.
    extensions: tuple[str, ...]
    settings: tuple[Setting, ...]
    #: The Python package of the plugin.
    package: str
    #: Names looked for on PATH.
    executables: tuple[str, ...]
    launch: Launch
    #: Arguments that make an executable print its version, and the pattern (one group) to read it with.
    version_arguments: tuple[str, ...] = ("--version",)
    version_pattern: str = r"(\d+\.\d+(?:\.\d+)?)"
    #: `module:function` that reads the version from an executable's path, or returns an empty text: for DCCs that take
    #: a licence, or very long, to say it themselves. Those are asked only when it is empty.
    version_of: str = ""
    #: Module of the package that runs inside the DCC.
    module: str = "render"
    #: What the DCC prints of its progress: a pattern with one group, percent of the unit. It counts where the plugin
    #: itself knows nothing better.
    progress_pattern: str = ""
    #: What the DCC prints when no licence is free, as patterns: its units wait then, and no try is lost.
    no_licence: tuple[str, ...] = ()
    #: Glob patterns of executables in their usual places: `linux`, `darwin`, `win32`.
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: A distribution on the package index that holds the DCC as a Python module, and how to start it.
    wheel: str = ""
    wheel_launch: Launch = Launch(("{executable}", "{loop}"))
    #: Limits that every task of this DCC needs, such as a licence: `arnold`; with a value, such as `modo=1/host`, it is
    #: set to that unless somebody has set it otherwise.
    limits: tuple[str, ...] = ()
    #: `module:function` that asks, outside the DCC, what its licence server answers, and returns that in words; it
    #: raises a LicenceError where there is no licence. Empty: it needs none.
    licence: str = ""
    #: Whether opening a scene runs code in it; such DCCs need `--trust` on the worker.
    are_scenes_programs: bool = False
    #: `module:function` that reads from a scene file, outside the DCC, the version that it needs (or None).
    scene_version: str = ""
    #: How its jobs can be split, but for frame by frame: `whole`, `tiles`.
    splits: tuple[str, ...] = ()

    @property
    def limit_names(self) -> tuple[str, ...]:
        """The limits without their values."""
        return tuple(one.partition("=")[0] for one in self.limits)

    @property
    def environment(self) -> str:
        """Name of the environment variable that lists executables, as PATH does."""
        return f"BUILDCAT_{self.name.upper()}"

    def setting(self, key: str) -> Setting:
        """Return the setting of that key.

        Raises:
            SettingError: there is none; names the nearest.
        """
        by_key = {one.key: one for one in self.settings}
        if key not in by_key:
            known = ", ".join(sorted(by_key)) or "none"
            raise SettingError(f"{self.label} has no setting {key!r}.{near_names(key, by_key)} Settings: {known}.")
        return by_key[key]

    def check_split(self, split: str) -> None:
        """Check that its jobs can be split so.

        Raises:
            SettingError: they can't.
        """
        kind = split.partition(":")[0]
        if kind in _REFUSED and kind not in self.splits:
            raise SettingError(f"{_REFUSED[kind].format(self.label)} Leave --split out.")

    def failure(self, what: str, said: str) -> RenderError:
        """Return the error for what the DCC said; a licence that is not free is none of the frame's."""
        if any(re.search(one, said) for one in self.no_licence):
            return LicenceError(f"No licence of {self.label} is free.")
        return RenderError(f"{what}: {' '.join(said.split()).rstrip('.')}.")

    def check_settings(self, values: Mapping[str, object]) -> dict[str, Value]:
        """Return the values in their own types.

        Raises:
            SettingError: a key is unknown, or a value doesn't fit.
        """
        return {key: self.setting(key).check(value) for key, value in values.items()}


def function(place: str) -> Callable[..., Any]:
    """Return the function that a description names as `module:function`."""
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


def version_number(text: str) -> int:
    """Turn a version into one integer that compares: `4.2.1` is 4002001.

    Raises:
        ValueError: the text doesn't begin with a version.
    """
    match = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", text)
    if not match:
        raise ValueError(f"{text!r} is not a version")
    major, minor, patch = (int(part or 0) for part in match.groups())
    return major * 1_000_000 + minor * 1_000 + patch


def version_text(number: int) -> str:
    """Turn the integer back into text: 4002001 is `4.2.1`."""
    return f"{number // 1_000_000}.{number // 1_000 % 1_000}.{number % 1_000}"
