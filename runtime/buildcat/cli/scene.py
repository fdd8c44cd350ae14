"""Commands that take DCC SCENE: one for each plugin, with its settings as options. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from buildcat.cli.call import Call, Command, Examples
from buildcat.client import submission
from buildcat.farm import plugins
from buildcat.model import paths
from buildcat.model.dcc import Dcc, Kind, Setting
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
#: Options whose names are fields of a JobSpec.
_FIELDS = ("frames", "order", "chunk", "priority", "pool", "name", "paused")


class SettingType(click.ParamType):
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
        super().__init__(
            [f"--{setting.key.replace('_', '-')}", f"setting_{setting.key}"],
            type=SettingType(setting),
            metavar=_METAVARS.get(setting.kind) or "|".join(setting.choices),
            help=_help_of(setting),
        )


def _help_of(setting: Setting) -> str:
    is_plain = setting.minimum is None and setting.maximum is None
    return setting.help if is_plain else f"{setting.help} Takes {setting.describe()}."


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
        shared = [one for one in self.get_params(ctx) if not isinstance(one, SettingOption)]
        with formatter.section("Options"):
            formatter.write_dl([row for row in (one.get_help_record(ctx) for one in shared) if row])
        settings = [one for one in self.params if isinstance(one, SettingOption)]
        for group, members in groupby(sorted(settings, key=_group_of), key=_group_of):
            with formatter.section(f"{group} (left out: as in the scene)"):
                formatter.write_dl([row for row in (one.get_help_record(ctx) for one in members) if row])


def _group_of(option: SettingOption) -> str:
    return option.group


class DccCommands(Examples, click.Group):
    """The DCCs that a command takes as its first word."""

    def __init__(self, name: str, make: Callable[[Dcc], click.Command], **kwargs: Any) -> None:
        super().__init__(name, subcommand_metavar="DCC SCENE [OPTIONS]", no_args_is_help=False, **kwargs)
        self._make = make

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
    """Return the argument SCENE and these options of a job, defaults as in a JobSpec."""
    texts = {
        "frames": ("RANGE", "Frames, such as 1-100, 1-100x5 or 1,5,8-12."),
        "chunk": ("N", "Most frames in a task."),
        "order": ("ORDER", "forward, reverse, ends-first, or every:N such as every:10."),
        "priority": ("N", "0 to 100; higher goes first."),
        "pool": ("NAME", "The workers to render on."),
        "name": ("TEXT", "What people see; left out: the scene's name."),
    }
    made: list[click.Parameter] = [click.Argument(["scene"], type=click.Path(path_type=Path))]
    for name in names:
        metavar, text = texts[name]
        default = getattr(JobSpec("", ""), name) or None
        made.append(click.Option([f"--{name}"], default=default, show_default=True, metavar=metavar, help=text))
    output = "Where frames go, such as out/shot_{frame:04}.png; left out: as in the scene."
    return [*made, click.Option(["--output"], metavar="PATTERN", help=output)]


def read_spec(call: Call, dcc: Dcc, scene: Path, given: Mapping[str, Any]) -> tuple[Path | None, JobSpec]:
    """Return the root and the job that the options describe, checked as far as it can be without a server.

    Raises:
        BuildcatError: the scene, a setting, or another value doesn't fit.
    """
    settings = {key.removeprefix("setting_"): value for key, value in given.items() if key.startswith("setting_")}
    spec = JobSpec(
        dcc=dcc.name,
        scene=scene.name,
        settings={key: value for key, value in settings.items() if value is not None},
        user=call.user,
        **{name: given[name] for name in _FIELDS if given.get(name) is not None},
    )
    root = call.config(given["root"]).root.value or paths.find_root(scene.parent)
    return root, submission.prepare(spec, dcc, scene, root, given["output"] or "")
