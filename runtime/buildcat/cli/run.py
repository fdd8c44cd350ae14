"""`buildcat run DCC SCENE`: the same job here and now, with no server. Python 3.11 or newer."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import click

from buildcat.cli import command as commands
from buildcat.cli import scene as scenes
from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command, root_option
from buildcat.cli.display import Display, Look, Pace, Row, display
from buildcat.farm import command, local
from buildcat.inside.messages import Progress
from buildcat.model import frames, patterns
from buildcat.model.dcc import Dcc
from buildcat.model.job import JobSpec, Unit
from buildcat.model.states import Counts

_EXAMPLES = """\
buildcat run blender shot.blend
buildcat run blender shot.blend --frames 1-10
"""
_OPTIONS = ("frames", "order", "name")
_LOOK_S = 0.5


def _make(dcc: Dcc) -> click.Command:
    return scenes.SceneCommand(
        dcc,
        callback=partial(_run, dcc),
        help=f"Render a {dcc.label} scene here and now, with no server.",
        short_help=f"Render a {dcc.label} scene.",
        examples=scenes.examples(_EXAMPLES, dcc),
        params=[*scenes.options(_OPTIONS), root_option()],
        has_server=False,
    )


class Watch:
    """Shows a rendering in this process."""

    def __init__(self, spec: JobSpec, shown: Display) -> None:
        self._spec = spec
        self._total = len(frames.units(spec))
        self._display = shown
        self._pace = Pace()
        self._rows: tuple[Row, ...] = ()
        self._shown = 0.0
        self.finished = 0
        self.failed_units = 0
        #: Output patterns, relative to the root, in the order in which they came.
        self.outputs: dict[str, None] = {}
        self._last = ""

    @property
    def progress_words(self) -> str:
        """Return `3 of 24 frames`."""
        return f"{self.finished:,} of {words.many(self._total, words.noun(self._spec))}"

    def done(self, unit: Unit, seconds: float, path: str) -> None:
        """Count a unit that is done."""
        self.finished += 1
        self._last = path
        self.outputs[patterns.pattern(path, unit)] = None
        self.show()

    def failed(self, unit: Unit, message: str) -> None:
        """Count a unit that failed, and say why."""
        self.failed_units += 1
        self._display.say(words.plain(f"{words.unit_name(unit)} failed: {message}"))
        self.show()

    def progress(self, unit: Unit, progress: Progress) -> None:
        """Show how far a unit is, twice a second."""
        self._rows = (Row(words.unit_name(unit), "", progress.fraction, progress.text),)
        if time.monotonic() - self._shown > _LOOK_S:
            self.show()

    def show(self) -> None:
        """Show how far the job is."""
        self._shown = time.monotonic()
        self._pace.add(self._shown, self.finished, is_running=True)
        left = self._total - self.finished - self.failed_units
        counts = Counts(waiting=left, done=self.finished, failed=self.failed_units)
        self._display.show(Look(self._spec, counts, self._pace, self._rows, self._last))


def _run(dcc: Dcc, call: Call, scene: Path, **given: Any) -> int:
    root = call.find_root(given["root"], scene.parent) or scene.parent.absolute()
    return _render(call, scenes.read_spec(call.user, dcc, scene, root, given), root)


def _run_command(call: Call, **given: Any) -> int:
    root = call.find_root(given["root"]) or Path.cwd()
    return _render(call, commands.read_spec(call.user, root, given), root)


def _render(call: Call, spec: JobSpec, root: Path) -> int:
    started = time.monotonic()
    try:
        with display(is_json=call.is_json) as shown:
            watch = Watch(spec, shown)
            watch.show()
            failed = local.render(root, spec, call.config().executables, watch)
    except KeyboardInterrupt:
        terminal.note(f"Stopped: {watch.progress_words} done.")
        return 130
    if call.is_json:
        terminal.answer({"done": watch.finished, "failed": failed, "outputs": list(watch.outputs)})
        return 1 if failed else 0
    outcome = f"Failed: {watch.progress_words} done" if failed else f"Done: {watch.progress_words}"
    terminal.say(f"{outcome} in {words.duration(time.monotonic() - started)}.")
    for one in watch.outputs:
        terminal.say(f"  {words.plain(str(root / one))}")
    return 1 if failed else 0


run = scenes.DccCommands("run", _make, examples=_EXAMPLES, help="`buildcat run DCC --help` lists its settings.")
run.add_command(
    Command(
        command.DCC.name,
        callback=_run_command,
        help=f"Run a program here and now, and check what it writes.\n\n{commands.HELP}",
        short_help="Run a program.",
        examples=commands.examples("run"),
        params=[*commands.options(_OPTIONS), root_option()],
        has_server=False,
    )
)
