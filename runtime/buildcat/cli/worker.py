"""`buildcat worker`: renders jobs on this machine, until Ctrl-C. Python 3.11 or newer."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from buildcat.cli import terminal, words
from buildcat.cli.call import ROOT, Call, Command
from buildcat.cli.scene import TimeType
from buildcat.client.config import shown
from buildcat.client.records import WorkerRecord
from buildcat.farm import plugins, supervisor
from buildcat.farm.options import WorkerOptions
from buildcat.farm.patience import Patience
from buildcat.farm.worker import FarmWorker, serve
from buildcat.model import paths
from buildcat.model.job import TILES

_EXAMPLES = """\
cd /mnt/farm && buildcat worker                   in the shared storage
buildcat worker --root /mnt/farm --count 2        restarts one that dies
buildcat worker gpu default --host aurora         two pools, server elsewhere
buildcat worker --gpu 1 --memory 24000            one GPU of several
"""
_LIMITS: dict[str, dict[str, Any]] = {
    name: {"default": default, "show_default": True, "metavar": "TIME", "help": text}
    for name, default, text in (
        ("start", "2m", "Longest that a DCC may take to start."),
        ("load", "1h", "Longest that it may take to load a scene."),
        ("silence", "10m", "Longest that it may say nothing and use no CPU: then it hangs."),
    )
}


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("pools", metavar="[POOL]...", nargs=-1)
@ROOT
@click.option("--count", type=click.IntRange(1), default=1, metavar="N", help="So many workers on this machine.")
@click.option("--max-tasks", type=click.IntRange(1), metavar="N", help="End after so many tasks.")
@click.option("--name", metavar="NAME", help="What people see; left out: the machine's name.")
@click.option("--memory", type=click.IntRange(1), metavar="MB", help="Start a DCC anew when it holds more than that.")
@click.option("--start-limit", type=TimeType(), **_LIMITS["start"])
@click.option("--load-limit", type=TimeType(), **_LIMITS["load"])
@click.option("--silence-limit", type=TimeType(), **_LIMITS["silence"])
@click.option("--gpu", type=click.IntRange(0), metavar="N", help="The only GPU to render on, from 0.")
@click.option("--allow-commands", is_flag=True, help="Run jobs that are commands.")
@click.option("--allow-scripts", is_flag=True, help="Let scenes run scripts, where the job asks for it.")
@click.option("--trust", default="", metavar="DCC,...", help="DCCs whose scenes are programs, to be run all the same.")
@click.option("--allow", multiple=True, metavar="PACKAGE.FUNCTION", help="A function that RQ jobs may call.")
def worker(call: Call, pools: Sequence[str], root: Path | None, **given: Any) -> int:
    """Without --root and BUILDCAT_ROOT, the current folder is the shared storage: the root of the farm.

    Ctrl-C lets the task finish and ends; a second one gives the task back to the farm.
    """
    config = call.config(root)
    options = WorkerOptions(
        server=config.server.value,
        root=_root(config.root.value),
        pools=tuple(pools) or ("default",),
        label=given["name"] or platform.node(),
        max_tasks=given["max_tasks"],
        are_scripts_allowed=given["allow_scripts"],
        are_commands_allowed=given["allow_commands"],
        trusted=tuple(one.strip() for one in given["trust"].split(",") if one.strip()),
        allowed=given["allow"],
        memory_limit_mb=given["memory"] or 0,
        gpu=given["gpu"],
        patience=Patience(given["start_limit"], given["load_limit"], given["silence_limit"]),
        executables=config.executables,
    )
    terminal.log_to_stderr()
    if given["count"] > 1:
        return supervisor.supervise(given["count"], _arguments(call, options), options.label)
    serve(options, on_no_server=_say_no_server, on_ready=lambda ready: _say_ready(call, ready))
    return 0


def _root(configured: Path | None) -> Path:
    """Return the root, and say so when this makes a folder one."""
    here = Path.cwd()
    root = configured or paths.find_root(here) or here
    if paths.find_root(root) != root:
        terminal.note(f"Making {root} the root of this farm: scenes and frames lie below it.")
        paths.mark_root(root)
    return root


def _arguments(call: Call, options: WorkerOptions) -> list[str]:
    """Return the arguments with which one of several workers is started."""
    flags = {
        "--json": call.is_json,
        "--allow-commands": options.are_commands_allowed,
        "--allow-scripts": options.are_scripts_allowed,
    }
    arguments = [*options.pools, "--root", str(options.root)]
    # An address that was not typed may hold a password, and is found again where it was found.
    arguments += ["--server", call.server] if call.server else []
    arguments += [flag for flag, is_on in flags.items() if is_on]
    arguments += ["--max-tasks", str(options.max_tasks)] if options.max_tasks else []
    arguments += ["--memory", str(options.memory_limit_mb)] if options.memory_limit_mb else []
    for name, seconds in vars(options.patience).items():
        arguments += [f"--{name.removesuffix('_s')}-limit", f"{seconds:g}"]
    arguments += [] if options.gpu is None else ["--gpu", str(options.gpu)]
    arguments += ["--trust", ",".join(options.trusted)] if options.trusted else []
    return arguments + [word for one in options.allowed for word in ("--allow", one)]


def _say_no_server(sentence: str) -> None:
    terminal.note(f"{sentence} Waiting for it.")


def _say_ready(call: Call, worker: FarmWorker) -> None:
    record = worker.record()
    if call.is_json:
        terminal.answer({**record.__dict__, "root": str(worker.options.root)})
        return
    terminal.facts(
        [
            ("root", str(worker.options.root)),
            ("server", shown(worker.options.server)),
            ("pools", ", ".join(record.pools)),
            ("allows", ", ".join(tag for tag in record.tags if tag != TILES)),
            *_dccs(record),
        ],
        f"Worker {record.label} is ready; Ctrl-C ends it when its task is done.",
    )


def _dccs(record: WorkerRecord) -> list[tuple[str, str]]:
    here = {name: words.versions(found) for name, found in record.dccs.items()}
    unusable = {name: f"unusable: {words.plain(reason)}" for name, reason in record.missing.items()}
    known = here | unusable
    absent = [name for name in plugins.plugins() if name not in known]
    return [*((name, known[name]) for name in plugins.plugins() if name in known), ("not here", ", ".join(absent))]
