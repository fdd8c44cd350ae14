"""`buildcat config`: each value in force, and where it comes from. Python 3.11 or newer."""

from __future__ import annotations

import os
from dataclasses import dataclass

import click

from buildcat.cli import terminal
from buildcat.cli.call import Call, Command
from buildcat.client import config as configuration
from buildcat.client.config import Config
from buildcat.farm import plugins

_EXAMPLES = """\
buildcat config
BUILDCAT_SERVER=redis://aurora:6379/0 buildcat config
"""


@click.command(cls=Command, examples=_EXAMPLES)
def config(call: Call) -> None:
    """A flag goes before the environment, the environment before the file, the file before the default."""
    rows = _rows(call.config())
    if call.is_json:
        terminal.answer({one.name: {"value": one.value, "origin": one.origin} for one in rows})
        return
    terminal.table(("NAME", "VALUE", "FROM"), [(one.name, one.value or one.otherwise, one.origin) for one in rows])
    path = configuration.config_file()
    terminal.say(f"\nThe file is {path}{'' if path.is_file() else ', which is not there yet'}.")


@dataclass(frozen=True)
class _Row:
    name: str
    value: str | None
    origin: str
    #: What happens without a value.
    otherwise: str = ""


def _rows(found: Config) -> list[_Row]:
    root = str(found.root.value) if found.root.value else None
    rows = [
        _Row("server", configuration.shown(found.server.value), found.server.origin),
        _Row("root", root, found.root.origin, "the marked folder above the scene"),
        _Row("user", found.user.value, found.user.origin),
    ]
    file = str(configuration.config_file())
    for name, dcc in plugins.plugins().items():
        named = {file: ", ".join(found.executables[name]), dcc.environment: os.environ.get(dcc.environment, "")}
        given = [_Row(name, value, origin) for origin, value in named.items() if value]
        rows += given or [_Row(name, None, "default", "searched for in the usual places")]
    return rows
