"""Commands that take DCC SCENE: one for each plugin, with its settings as options. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from buildcat.cli.call import Command, Examples
from buildcat.client import submission
from buildcat.farm import plugins
from buildcat.model import frames, times
from buildcat.model.dcc import Dcc, Kind, Setting, version_number
from buildcat.model.errors import SettingError, UsageError, near_names
from buildcat.model.job import JobSpec

_METAVARS = {
    Kind.BOOL: "YES|NO",
    Kind.INT: "N",
    Kind.FLOAT: "X",
    Kind.STR: "TEXT",
    Kind.PATH: "PATH",
    Kind.LIST: "A,B,...",
}
#: A longer list of choices goes into the help's text.
_WIDEST = 24
#: Options whose names are fields of a JobSpec.
_FIELDS = (
    *("frames", "split", "version_min", "order", "chunk", "priority", "pool", "name", "paused", "skip_existing"),
    *("after", "after_any", "per_frame", "batch", "limits", "keep_going", "frame_timeout"),
)

_SPLIT = (
    "tiles:4x2: each frame in 4 columns and 2 rows, which are joined; whole: one worker renders all frames in one go, "
    "for movies."
)
_VERSION_MIN = "Oldest version of the DCC that may render it; left out: the one that saved the scene."


class VersionType(click.ParamType[int]):
    """Reads a version such as `4.5` as the integer that a JobSpec has."""

    name = "version"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the version."""
        try:
            return version_number(value)
        except ValueError as exc:
            raise UsageError(f"{value!r} is not a version. Write one such as 4.5 or 4.5.1.") from exc


class TimeType(click.ParamType[int]):
    """Reads a time such as `90`, `30m` or `24h` as whole seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds."""
        return value if isinstance(value, int) else round(times.parse(value))


class SettingType(click.ParamType[Any]):
    """Reads a value as its setting does, which knows its kind and range."""

    def __init__(self, setting: Setting) -> None:
        self.name = setting.key
        self._setting = setting

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the setting's value."""
        return self._setting.parse(value)


class SettingOption(click.Option):
    """The option of one setting."""

    def __init__(self, setting: Setting) -> None:
        self.group = setting.group
        metavar, text = _METAVARS.get(setting.kind) or "|".join(setting.choices), setting.help
        if len(metavar) > _WIDEST:
            metavar = "WORD"
        if metavar == "WORD" or setting.minimum is not None or setting.maximum is not None:
            text += f" Takes {setting.describe()}."
        names = [f"--{setting.key.replace('_', '-')}", f"setting_{setting.key}"]
        super().__init__(names, type=SettingType(setting), metavar=metavar, help=text)


class SceneCommand(Command):
    """A command for one DCC: `buildcat submit blender`."""

    def __init__(self, dcc: Dcc, **kwargs: Any) -> None:
        super().__init__(dcc.name, **kwargs)
        self._dcc = dcc
        self.params += [SettingOption(one) for one in dcc.settings]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and name what there is for an option that there isn't."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as exc:
            known = [name for one in self.params for name in one.opts]
            settings = ", ".join(one.opts[0] for one in self.params if isinstance(one, SettingOption))
            raise SettingError(
                f"`{ctx.command_path}` has no option {exc.option_name}.{near_names(exc.option_name, known)} "
                f"Settings of {self._dcc.label}: {settings or 'none'}."
            ) from exc

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the settings under their groups' headings."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for one in self.get_params(ctx):
            heading = f"{one.group} (left out: as in the scene)" if isinstance(one, SettingOption) else "Options"
            record = one.get_help_record(ctx) if isinstance(one, click.Option) else None
            sections.setdefault(heading, []).extend([record] if record else [])
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


class DccCommands(Examples, click.Group):
    """The DCCs that a command takes as its first word."""

    def __init__(self, name: str, make: Callable[[Dcc], click.Command], **kwargs: Any) -> None:
        super().__init__(name, subcommand_metavar="DCC SCENE [OPTIONS]", no_args_is_help=False, **kwargs)
        self._make = make

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and say what is wanted where nothing is given."""
        if not args:
            known = ", ".join(self.list_commands(ctx))
            raise UsageError(f"Name a DCC and a scene. DCCs: {known}. `{ctx.command_path} --help` shows examples.")
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the words for `DCC`."""
        return [*sorted(plugins.plugins()), *self.commands]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Make the command of a DCC.

        Raises:
            UsageError: there is no plugin for it.
        """
        if name in self.commands or name.startswith("--"):
            return self.commands.get(name)
        return self._make(plugins.plugin(name))


def options(names: Sequence[str]) -> list[click.Parameter]:
    """Return the argument SCENE, these options of a job, and where its outputs go."""
    output = "Where frames go, such as out/shot_{frame:04}.png; left out: as in the scene."
    return [
        click.Argument(["scene"], type=click.Path(path_type=Path)),
        *fields(names),
        click.Option(["--output"], metavar="PATTERN", help=output),
        click.Option(["--split"], default="frames", show_default=True, metavar="frames|tiles:CxR|whole", help=_SPLIT),
        click.Option(["--version-min"], type=VersionType(), metavar="VERSION", help=_VERSION_MIN),
        skip_option(),
        timeout_option(),
        click.Option(["--allow-scripts"], is_flag=True, help="Let the scene run scripts, on workers that allow it."),
    ]


def skip_option() -> click.Option:
    """Return the option `--skip-existing`."""
    return click.Option(["--skip-existing"], is_flag=True, help="Leave out frames whose files are there and whole.")


def timeout_option() -> click.Option:
    """Return the option `--frame-timeout`."""
    text = "Longest that a frame may take, such as 90s, 30m or 24h; 0: for ever."
    return click.Option(
        ["--frame-timeout"], type=TimeType(), default="24h", show_default=True, metavar="TIME", help=text
    )


def fields(names: Sequence[str]) -> list[click.Option]:
    """Return these options of a job, defaults as in a JobSpec."""
    texts = {
        "frames": ("RANGE", "Frames, such as 1-100, 1-100x5 or 1,5,8-12."),
        "chunk": ("N", "Most frames in a task."),
        "order": ("ORDER", "forward, reverse, ends-first, or every:N such as every:10."),
        "priority": ("N", "0 to 100; higher goes first."),
        "pool": ("NAME", "The workers to render on."),
        "name": ("TEXT", "What people see; left out: the scene's name."),
    }
    made = []
    for name in names:
        metavar, text = texts[name]
        default = getattr(JobSpec("", ""), name) or None
        made.append(click.Option([f"--{name}"], default=default, show_default=True, metavar=metavar, help=text))
    return made


def examples(text: str, dcc: Dcc) -> str:
    """Return the examples, which are written for Blender, for another DCC."""
    return text.replace("blender", dcc.name).replace(".blend", dcc.extensions[0] if dcc.extensions else "")


def job_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those options that are fields of a JobSpec, if they were given."""
    return {name: given[name] for name in _FIELDS if given.get(name) is not None}


def read_spec(user: str, dcc: Dcc, scene: Path, root: Path | None, given: Mapping[str, Any]) -> JobSpec:
    """Return the job that the options describe, checked as far as it can be without a server.

    Raises:
        BuildcatError: the scene, a setting, or another value doesn't fit.
    """
    settings = {key.removeprefix("setting_"): value for key, value in given.items() if key.startswith("setting_")}
    spec = JobSpec(
        dcc=dcc.name,
        scene=scene.name,
        settings={key: value for key, value in settings.items() if value is not None},
        user=user,
        requires=("scripts",) if given["allow_scripts"] else (),
        **job_fields(given),
    )
    spec = submission.prepare(spec, dcc, scene, root, given["output"] or "")
    frames.units(spec)  # so that wrong frames are told before a missing server is
    return spec
