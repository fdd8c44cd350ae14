"""What all commands share: examples in the help, `--server`, `--json`. Python 3.11 or newer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buildcat.model import paths

if TYPE_CHECKING:
    from buildcat.client.config import Config
    from buildcat.client.connection import Connection


class Examples:
    """A click command whose help begins with examples."""

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then what click writes."""
        if self._examples:
            formatter.write("Examples:\n")
            formatter.write("".join(f"  {line}\n" for line in self._examples.splitlines()))
            formatter.write_paragraph()
        super().format_help(ctx, formatter)  # type: ignore[misc]  # click's, which comes next


@dataclass(frozen=True)
class Call:
    """How a command was called: about which server, and answered to a person or a program."""

    server: str | None
    is_json: bool

    def config(self, root: Path | None = None) -> Config:
        """Return all values in force; `root` is the flag.

        Raises:
            UsageError: the configuration file can't be read.
        """
        from buildcat.client import config
        from buildcat.farm import plugins

        return config.load(server=self.server, root=str(root) if root else None, dccs=plugins.plugins())

    @property
    def user(self) -> str:
        """Who calls."""
        from buildcat.client import config

        return config.load(server=self.server).user.value

    def find_root(self, flag: Path | None, start: Path = Path()) -> Path | None:
        """Return the shared storage: the flag, what is configured, or the marked folder at or above `start`."""
        from buildcat.client import config

        given = config.load(server=self.server, root=str(flag) if flag else None).root.value
        return given or paths.find_root(start)

    def connect(self) -> Connection:
        """Return a connection to the server.

        Raises:
            ServerError: there is none.
            VersionError: its Buildcat and ours don't fit.
        """
        from buildcat.client import config
        from buildcat.client.connection import open_client

        return open_client(config.load(server=self.server).server.value)


class Command(Examples, click.Command):
    """A command of ours. Its function takes a `Call` first, and returns the exit code or None."""

    def __init__(self, *args: Any, has_server: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [*_server_options(), _json_option()] if has_server else [_json_option()]

    def invoke(self, ctx: click.Context) -> Any:
        """Gather the shared options into a `Call`."""
        host, port = ctx.params.pop("host", None), ctx.params.pop("server_port", None)
        server = _server_of(ctx.params.pop("server", None), host, port)
        outer = ctx.parent.params.get("call") if ctx.parent else None
        is_json = ctx.params.pop("json") or bool(outer and outer.is_json)
        ctx.params["call"] = Call(server or (outer and outer.server), is_json=is_json)
        return super().invoke(ctx)


class Group(Command, click.Group):
    """A command of ours that shows something, with commands below it that change it; they take its options too."""


def _server_options() -> list[click.Option]:
    return [
        click.Option(["--server"], metavar="URL", help="The server, such as redis://aurora:6379/0."),
        click.Option(["--host"], metavar="NAME", help="The server's host, instead of --server."),
        click.Option(["--port", "server_port"], type=click.IntRange(1, 65535), metavar="N", help="The server's port."),
    ]


def _json_option() -> click.Option:
    return click.Option(["--json"], is_flag=True, help="Answer as JSON.")


def _server_of(server: str | None, host: str | None, port: int | None) -> str | None:
    if not host and not port:
        return server
    if server:
        raise click.UsageError("Pass --server, or --host and --port, not both")
    from buildcat.client.config import server_url

    return server_url(host or "127.0.0.1", port or 6379)


_ROOT: dict[str, Any] = {
    "type": click.Path(exists=True, file_okay=False, path_type=Path),
    "metavar": "DIR",
    "help": "The shared storage; left out: BUILDCAT_ROOT, else found by its marker.",
}
#: Decorates commands that need the shared storage.
ROOT = click.option("--root", **_ROOT)


def root_option() -> click.Option:
    """Return what `ROOT` adds, for commands that are made from data."""
    return click.Option(["--root"], **_ROOT)
