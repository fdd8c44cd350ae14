"""Runs any program as if it were a DCC: an argument list for each unit, its output checked. The worker's side."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from buildcat.farm import guard, plugins
from buildcat.farm.patience import FRAME_OPTION, Patience, Pulse, Vigil, memory_bytes
from buildcat.farm.plugins import Installation
from buildcat.farm.transcript import Transcript
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model import patterns
from buildcat.model.dcc import Dcc, Kind, Launch, Setting
from buildcat.model.errors import OutputError, RenderError, SessionError, SettingError
from buildcat.model.job import Output, Unit

#: The tag of workers that run commands.
TAG = "commands"

DCC = Dcc(
    name="command",
    label="Command",
    extensions=(),
    package="",
    executables=(),
    launch=Launch(()),
    settings=(
        Setting(
            key="command",
            label="Command",
            kind=Kind.LIST,
            help="The program and its arguments; {frame}, {frame:04}, {scene} and {output} are filled in.",
            examples=(("povray", "+I{scene}", "+O{output}"), ("ffmpeg", "-i", "{scene}", "{output}")),
        ),
    ),
    splits=("whole", "tiles"),
)
#: What a worker that allows commands has of this "DCC".
INSTALLATION = Installation("", 1_000_000, ())

#: The only placeholders. Anything else in braces stays as it is: programs have a use for braces of their own.
_PLACEHOLDER = re.compile(r"\{(scene|output)\}")
_KINDS = {"jpg": "jpeg", "tif": "tiff"}
_END_LIMIT_S = 2.0
_LOOK_S = 0.5


def dcc(name: str) -> Dcc:
    """Return the description of that DCC, or of commands.

    Raises:
        UsageError: no such plugin is installed.
    """
    return DCC if name == DCC.name else plugins.plugin(name)


class CommandSession:
    """The session of a command: a new process for each unit, nothing kept warm."""

    def __init__(self, environment: Mapping[str, str], patience: Patience) -> None:
        self._environment = environment
        self._patience = patience
        self._transcript = Transcript("")
        self._log: Path | None = None
        self._lock = threading.Lock()
        self._is_stopped = False
        self._guard: subprocess.Popen[bytes] | None = None
        self._order = Order("", "")

    def start(self) -> None:
        """Nothing: the program is started for each unit."""

    def load(self, execution: str, order: Order) -> Loaded:
        """Take the command.

        Raises:
            SettingError: there is no command, or no output to check.
        """
        if not order.settings.get("command"):
            raise SettingError("The job has no command. Put it behind `--`: buildcat submit command … -- povray a.pov")
        if not order.output:
            raise SettingError("A command needs --output, such as 'out/{frame:04}.png', so that it can be checked.")
        if "{" in str(PurePosixPath(order.output).parent):
            raise SettingError(f"{order.output}: only the file's name may hold {{frame}}, not its folder.")
        self._order = order
        return Loaded(folders=(str(Path(order.root, order.output).parent),))

    def expected(self, execution: str, unit: Unit) -> list[Output]:
        """Return the output that the command is to write.

        Raises:
            SettingError: it asks for a frame where there is none.
        """
        final = Path(self._order.root, fill(self._order.output, unit, {}))
        ending = final.suffix.lstrip(".").lower()
        return [Output(str(final), str(final), _KINDS.get(ending, ending))]

    def render(
        self, execution: str, unit: Unit, on_progress: Callable[[Progress], None], *, limit_s: float = 0
    ) -> list[Output]:
        """Run the command for one unit; `limit_s` is how long it may take, 0: for ever.

        Raises:
            SettingError: it asks for a frame where there is none.
            SessionError: it can't be started, was stopped, hangs, or takes too long.
            RenderError: it ended with another exit code than 0.
            OutputError: its folder can't be made.
        """
        (output,) = self.expected(execution, unit)
        final = Path(output.path)
        written = final.parent / f".bc-{execution}" / final.name
        try:
            written.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise OutputError(
                f"{written.parent} can't be made: {exc.strerror}. Check the folder's permissions."
            ) from exc
        places = {"scene": self._order.scene, "output": str(written)}
        self._run([fill(one, unit, places) for one in self._order.settings["command"]], on_progress, limit_s)
        return [replace(output, written=str(written))]

    def _run(self, arguments: list[str], on_progress: Callable[[Progress], None], limit_s: float) -> None:
        environment = guard.environment(self._environment)
        with self._lock:
            if self._is_stopped:
                raise SessionError("The command was stopped.")
            self._transcript = Transcript("")
            self._transcript.log_to(self._log)
            self._guard = guard.start(
                arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self._order.root, env=environment
            )
        assert self._guard.stdout, "a pipe, as asked for"
        self._transcript.follow(self._guard.stdout)
        vigil = self._vigil(f"{arguments[0]} ran", limit_s)
        code = None
        while code is None:
            try:
                code = self._guard.wait(_LOOK_S)
            except subprocess.TimeoutExpired:
                on_progress(Progress())
                vigil.check()
        self._transcript.finish(_END_LIMIT_S)
        if self._is_stopped:
            raise SessionError("The command was stopped.")
        if code == guard.NOT_STARTED:
            raise SessionError(f"{arguments[0]} can't be started here. Install it, or name it by its whole path.")
        if code:
            raise RenderError(f"{arguments[0]} ended with exit code {code}. Look at its log.")

    def _vigil(self, what: str, limit_s: float) -> Vigil:
        transcript = self._transcript
        pulse = Pulse(lambda: transcript.printed, lambda: self._guard.pid if self._guard else 0)
        return Vigil(what, limit_s, FRAME_OPTION, self._patience.silence_s, pulse)

    def log_to(self, path: Path | None) -> None:
        """Send the output of the next command to this file."""
        self._log = path

    @property
    def last_output(self) -> bytes:
        """The last 4 KB that the command printed."""
        return self._transcript.tail

    @property
    def is_alive(self) -> bool:
        """Whether the session can be used."""
        return not self._is_stopped

    def memory_bytes(self) -> int:
        """Return the memory of the command and all it has started; 0 when it has ended."""
        return memory_bytes(self._guard.pid) if self._guard else 0

    def close(self) -> None:
        """End the session."""
        self.kill()

    def kill(self) -> None:
        """End the command and all it has started, now. Thread-safe."""
        with self._lock:
            self._is_stopped = True
            running = self._guard
        if running and running.stdin:
            running.stdin.close()
            running.wait()


def fill(text: str, unit: Unit, places: Mapping[str, str]) -> str:
    """Fill in the placeholders of an argument or a pattern.

    Raises:
        SettingError: `{frame}` is asked for and the unit is the whole list of frames.
    """
    filled = patterns.fill(text, unit)
    if unit.frame is None and filled != patterns.fill(text, Unit(0, 1)):
        raise SettingError(f"{text!r} asks for a frame, but the job is one unit. Submit it with --frames.")
    return _PLACEHOLDER.sub(lambda match: places.get(match.group(1), match.group()), filled)
