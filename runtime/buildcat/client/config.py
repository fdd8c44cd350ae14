"""Where the farm is and who asks: flag, then environment, then file, then default. Python 3.9, stdlib."""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from buildcat.model.errors import UsageError, near_names

DEFAULT_SERVER = "redis://127.0.0.1:6379/0"
T = TypeVar("T")
#: Keys of the file that hold one text; every other key is the table of a DCC.
_TEXTS = ("server", "root", "user")
#: By platform and kind: the variable that names the folder, and its usual place below the home folder.
_FOLDERS = {
    "win32": {"config": ("APPDATA", "AppData/Roaming"), "data": ("LOCALAPPDATA", "AppData/Local")},
    "darwin": {"config": ("", "Library/Application Support"), "data": ("", "Library/Application Support")},
    "linux": {"config": ("XDG_CONFIG_HOME", ".config"), "data": ("XDG_DATA_HOME", ".local/share")},
}


@dataclass(frozen=True)
class Sourced(Generic[T]):
    """A value in force, and where it comes from."""

    value: T
    #: A flag, a variable, the path of the file, or `default`.
    origin: str


@dataclass(frozen=True)
class Config:
    """The values in force."""

    #: A redis:// or rediss:// URL. It may hold a password: print it through `shown`.
    server: Sourced[str]
    #: None: the marked folder at or above the scene, or the folder in which a worker is started.
    root: Sourced[Path | None]
    #: Who submits.
    user: Sourced[str]
    #: By DCC, the executables that the file names; `farm/plugins.py` adds those of the environment.
    executables: Mapping[str, tuple[str, ...]]


def load(*, server: str | None = None, root: str | None = None, dccs: Collection[str] | None = None) -> Config:
    """Return the values in force; `server` and `root` are the flags, `dccs` the names of the known DCCs.

    Without `dccs` (a client in a DCC has no plugins) the file's tables of DCCs are left alone.

    Raises:
        UsageError: the file can't be read, or holds an unknown key or a value of the wrong type.
    """
    path = config_file()
    is_server_given = bool(server or os.environ.get("BUILDCAT_SERVER"))
    sources = _Sources(path, _read_file(path, is_server_given=is_server_given))
    sources.check(dccs)
    folder = sources.text("root", root, "")
    return Config(
        server=sources.text("server", server, DEFAULT_SERVER),
        root=Sourced(Path(folder.value).expanduser().absolute() if folder.value else None, folder.origin),
        user=sources.text("user", None, login_name()),
        executables={dcc: tuple(sources.stored.get(dcc, {}).get("executables", ())) for dcc in dccs or ()},
    )


def config_file() -> Path:
    """Return the path of the user's configuration file, which need not be there."""
    return user_folder("config") / "config.toml"


def user_folder(kind: str) -> Path:
    """Return our folder for the user's `config` or `data`, which need not be there."""
    variable, usual = _FOLDERS.get(sys.platform, _FOLDERS["linux"])[kind]
    named = os.environ.get(variable, "")
    base = Path(named) if Path(named).is_absolute() else Path.home() / usual
    return base / "buildcat"


def server_url(host: str, port: int) -> str:
    """Return the URL of the server at a host's name or address; an IPv6 address gets its brackets."""
    return f"redis://[{host}]:{port}/0" if ":" in host else f"redis://{host}:{port}/0"


def shown(url: str) -> str:
    """Return the URL as it may be printed: user and password become `***`, also in one that can't be read."""
    url = re.sub(r"(?is)([?&]password=)[^&]*", r"\1***", url)
    return re.sub(r"(?s)^(\w[\w+.-]*://)?.*@", r"\1***@", url)


@dataclass(frozen=True)
class _Sources:
    """What the environment and the file say."""

    path: Path
    stored: Mapping[str, Any]

    def check(self, dccs: Collection[str] | None) -> None:
        """Raise a UsageError for an unknown key or a value of the wrong type."""
        for key, value in self.stored.items():
            if key in _TEXTS:
                self._check_type(key, isinstance(value, str), "a text in quotes")
            elif dccs is not None and key not in dccs:
                raise UsageError(f"{self.path} has an unknown key {key!r}.{near_names(key, (*_TEXTS, *dccs))}")
            elif dccs is not None:
                self._check_table(key, value)

    def _check_table(self, dcc: str, table: Any) -> None:
        self._check_type(dcc, isinstance(table, dict), f"a table, [{dcc}]")
        for key, value in table.items():
            name = f"{dcc}.{key}"
            if key != "executables":
                raise UsageError(f"{self.path} has an unknown key {name!r}.{near_names(key, ['executables'])}")
            is_list = isinstance(value, list) and all(isinstance(one, str) and one for one in value)
            self._check_type(name, is_list, "a list of texts in quotes")

    def _check_type(self, name: str, fits: bool, words: str) -> None:
        if not fits:  # the value stays unsaid: it may hold a password
            raise UsageError(f"{name!r} in {self.path} must be {words}.")

    def text(self, name: str, flag: str | None, default: str) -> Sourced[str]:
        """Choose one text; an empty flag or variable counts as not given."""
        variable = f"BUILDCAT_{name.upper()}"
        choices = (
            Sourced(flag, f"--{name}"),
            Sourced(os.environ.get(variable), variable),
            Sourced(self.stored.get(name), str(self.path)),
        )
        return next((Sourced(one.value, one.origin) for one in choices if one.value), Sourced(default, "default"))


def _read_file(path: Path, *, is_server_given: bool) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise UsageError(f"{path} can't be read: {exc.strerror}.") from exc
    except ValueError as exc:
        raise UsageError(f"{path} can't be read: it is not UTF-8. Save it as UTF-8.") from exc
    if sys.version_info < (3, 11):  # such a Python belongs to a DCC, and knows no TOML
        if is_server_given:
            return {}
        raise UsageError(f"{path} can't be read by a Python older than 3.11. Set BUILDCAT_SERVER instead.")
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(f"{path} is not valid TOML: {exc}.") from exc


def current_user() -> str:
    """Return the name of the person at this machine: `BUILDCAT_USER`, else the login's."""
    return os.environ.get("BUILDCAT_USER") or login_name()


def login_name() -> str:
    """Return the login's name."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user without an entry; Windows without USERNAME
        return "unknown"
