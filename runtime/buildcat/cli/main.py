"""The command `buildcat`: imports a command when it is called, and prints errors, once. Python 3.11 or newer."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

import buildcat
from buildcat.cli.call import Examples
from buildcat.model.errors import BuildcatError, UsageError, near_names

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: Heading in the help → command → its module, and its line in the help, which importing it would cost.
_SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Farm": {
        "server": ("server", "Run the farm's server on this machine."),
        "worker": ("worker", "Render jobs on this machine."),
        "worker-info": ("info", "Ask a worker what it is."),
        "workers": ("workers", "List the workers, and pause, drain or stop them."),
        "limits": ("limits", "List and set what may be used at the same time."),
        "status": ("status", "Show jobs, workers and what happens, at a glance."),
        "events": ("events", "Tell what has happened, and what happens."),
    },
    "Jobs": {
        "submit": ("submit", "Submit a scene to the farm."),
        "run": ("run", "Render a scene here and now, with no server."),
        "jobs": ("jobs", "List the jobs, newest first."),
        "show": ("show", "Show all about a job, and why it waits."),
        "units": ("units", "List a job's frames, each with all that is known of it."),
        "eta": ("eta", "Tell how long jobs still take."),
        "log": ("log", "Print what the DCC said while it rendered."),
        "pause": ("control", "Start nothing new of jobs."),
        "resume": ("control", "Go on with paused jobs."),
        "cancel": ("control", "End jobs now."),
        "retry": ("control", "Render a job's failed frames again."),
        "priority": ("control", "Let jobs go before others, or after."),
        "change": ("control", "Change pool, chunk or order of jobs."),
        "delete": ("control", "Forget jobs; rendered files stay."),
    },
    "This machine": {
        "doctor": ("doctor", "Find out what is wrong here, and how to fix it."),
        "config": ("config", "Show each setting and where it comes from."),
    },
}
_EXAMPLES = """\
buildcat server                                    once, on one machine
cd /mnt/farm && buildcat worker                    on each that renders
buildcat submit blender shot.blend --frames 1-100 --wait
"""


class Commands(Examples, click.Group):
    """All commands: ours, one `<dcc>-info` for each plugin, and those of entry points `buildcat.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the help."""
        return [name for rows in self._rows().values() for name in rows]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command; ours are found without looking through what is installed."""
        for rows in _SECTIONS.values():
            if name in rows:
                return _import(name, *rows[name])
        if name in _entry_points("buildcat.commands"):
            return cast(click.Command, _entry_points("buildcat.commands")[name].load())
        dcc, is_info = name.removesuffix("-info"), name.endswith("-info")
        if is_info and dcc in _entry_points("buildcat.plugins"):
            return cast(click.Command, import_module("buildcat.cli.info").dcc_info(dcc))
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command for one that isn't there."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = near_names(args[0], self.list_commands(ctx))
            raise UsageError(f"There is no command {args[0]!r}.{near} `buildcat --help` lists them.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings."""
        sections = self._rows()
        width = max(len(name) for rows in sections.values() for name in rows)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), line) for name, line in rows.items()])

    def _rows(self) -> dict[str, dict[str, str]]:
        rows = {heading: {name: row[1] for name, row in rows.items()} for heading, rows in _SECTIONS.items()}
        for dcc in _entry_points("buildcat.plugins"):
            rows["Farm"][f"{dcc}-info"] = f"Ask a worker what it has of {dcc}."
        added = {name: entry.load().get_short_help_str() for name, entry in _entry_points("buildcat.commands").items()}
        return {**rows, "Added": added} if added else rows


@cache
def _entry_points(group: str) -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # 30 ms, which most commands can do without

    return {entry.name: entry for entry in sorted(entry_points(group=group), key=lambda entry: entry.name)}


def _import(name: str, module: str, summary: str) -> click.Command:
    command = cast(click.Command, getattr(import_module(f"buildcat.cli.{module}"), name.replace("-", "_")))
    if command.short_help is None:
        command.short_help = summary
        command.help = f"{summary}\n\n{cleandoc(command.help or '')}"
    return command


@click.group(
    cls=Commands,
    examples=_EXAMPLES,
    invoke_without_command=True,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
)
@click.version_option(buildcat.__version__, message="buildcat %(version)s")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """A render farm: a server, workers, and the command line that submits to them."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run the command line of this process, and exit."""
    for stream in (sys.stdout, sys.stderr):  # a console that can't show a sign shows a question mark
        cast(TextIO, stream).reconfigure(errors="replace")  # type: ignore[attr-defined]  # TextIOWrapper has it
    _log_briefly()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; errors are printed, as one sentence."""
    is_json = "--json" in arguments
    try:
        code = commands.main(list(arguments), prog_name="buildcat", standalone_mode=False)
    except BuildcatError as exc:
        return _report(str(exc), exc.exit_code, is_json=is_json)
    except click.ClickException as exc:
        return _report(_sentence(exc), UsageError.exit_code, is_json=is_json)
    except click.Abort:
        return 130
    except Exception as exc:  # noqa: BLE001  # the outermost loop: what nobody foresaw goes to a file
        return _report(_save(exc), 1, is_json=is_json)
    return code if isinstance(code, int) else 0


class _Brief(logging.Formatter):
    """Says what went wrong in a line."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name
        """Return the error alone: a traceback is for whoever asks for the log."""
        return f"  {ei[1]!r}"


def _log_briefly() -> None:
    """Print logged errors, such as a plugin that can't be loaded; commands that run for long print more."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)
    handler.setFormatter(_Brief("buildcat: %(message)s"))
    logging.getLogger("buildcat").addHandler(handler)


def _report(message: str, exit_code: int, *, is_json: bool) -> int:
    if is_json:
        click.echo(json.dumps({"error": message, "exit_code": exit_code}), err=True)
    else:
        import_module("buildcat.cli.terminal").note(f"buildcat: {message}")
    return exit_code


def _sentence(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        words = f"There is no option {error.option_name}.{near_names(error.option_name, error.possibilities or ())}"
    else:
        words = " ".join(error.format_message().split())
    words += "" if words.endswith((".", "?")) else "."
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{words} `{context.command_path} --help` shows how it is used." if context else words


def _save(error: Exception) -> str:
    """Write the traceback to a file and return the sentence that names it."""
    import tempfile
    import traceback

    lines: Iterable[str] = traceback.format_exception(error)
    with tempfile.NamedTemporaryFile("w", prefix="buildcat-", suffix=".log", delete=False, encoding="utf-8") as file:
        file.writelines(lines)
    return f"Buildcat itself failed: {error!r}. Please report it with {file.name}."
