"""The demo itself: a server, two workers and a job, through the commands that people type. Python of `.venv`."""

from __future__ import annotations

import importlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import environment

from buildcat.client import config
from buildcat.farm import doctor, guard, images, plugins
from buildcat.farm.plugins import Installation
from buildcat.model import frames, paths
from buildcat.model.dcc import version_text
from buildcat.model.errors import BuildcatError, RenderError, ServerError, UsageError
from buildcat_blender.dcc import DCC

SCRIPT = Path(__file__).with_name("demo_scene.py")
RENDERS = "renders"
OLDEST_BLENDER = 3_004_000
WORKERS = 2
FRAMES_PER_SECOND, LOOPS = 24, 3
COLUMNS, COLUMN_WIDTH = 6, 240
#: So long may server and workers take to end; then they are killed.
_GRACE_S = 3.0
_BUILDCAT = (sys.executable, "-m", "buildcat")


class DemoError(BuildcatError):
    """The demo can't go on; the message says why."""


def main(folder: Path, frame_range: str) -> int:
    """Show everything and return the exit code; whatever happens, nothing is left running.

    Raises:
        SetupError: Blender has to be installed and can't be; says what to type.
        KeyboardInterrupt: Ctrl-C or SIGTERM.
    """
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    try:
        _show(folder, frames.expand(frame_range))
    except BuildcatError as exc:
        print(exc, file=sys.stderr)
        return exc.exit_code
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _show(folder: Path, numbers: Sequence[int]) -> None:
    blender = find_blender()
    start = time.monotonic()
    scene = folder / "cat.blend"
    folder.mkdir(parents=True, exist_ok=True)
    with root(folder), farm(folder) as server:
        _say(f"A server and {WORKERS} workers are starting.")
        _say(f"Blender {version_text(blender.version)} ({blender.executable}) makes a scene. Then:")
        make_scene(blender, scene)
        _say(f"  buildcat submit blender {scene.name} --frames {frames.compact(numbers)} --wait")
        render_start = time.monotonic()
        render(server, scene, numbers)
        render_s = time.monotonic() - render_start
    pictures = [folder / RENDERS / f"cat_{number:04}.png" for number in numbers]
    sheet, film = folder / "contact-sheet.png", folder / "cat.mp4"
    images.contact_sheet(pictures, sheet, COLUMNS, COLUMN_WIDTH)
    make_film(pictures, film)
    for name, path in (("scene", scene), ("frames", pictures[0].parent), ("contact sheet", sheet), ("film", film)):
        _say(f"  {name:15}{path}")
    _say(f"{len(numbers)} frames took {render_s:.0f} s, everything {time.monotonic() - start:.0f} s.")


def _say(text: str) -> None:
    print(text, flush=True)


def find_blender() -> Installation:
    """Return the oldest installed Blender that will do; else its Python module, which is installed when needed.

    Raises:
        SetupError: this Python can't have the module, or pip failed.
        UsageError: nothing was found all the same.
    """
    found = _usable()
    if not found:
        _say("Blender 3.4 or newer is not installed here. It also comes as a Python module.")
        environment.prepare(["demo", "blender"])
        importlib.invalidate_caches()
        found = _usable()
    if not found:
        raise UsageError(_what_is_wrong("blender") or "No Blender was found. Install it from https://www.blender.org")
    # The workers take the oldest that can open the scene, which is the one that made it.
    return min(found, key=lambda one: (_is_wheel(one), one.version))


def _usable() -> list[Installation]:
    named = config.load(dccs=plugins.plugins()).executables.get(DCC.name, ())
    return [one for one in plugins.installations(DCC, named).installations if one.version >= OLDEST_BLENDER]


def _is_wheel(blender: Installation) -> bool:
    return blender.launch == DCC.wheel_launch.arguments


def _what_is_wrong(subject: str) -> str:
    """Return what `buildcat doctor` says of the subject and how to mend it; empty when it finds nothing."""
    findings = [one for one in doctor.examine(config.load(dccs=plugins.plugins())) if one.subject == subject]
    return "\n".join(f"{subject}: {one.text}\n  {one.fix}" for one in findings if one.fix)


def make_scene(blender: Installation, scene: Path) -> None:
    """Make the scene.

    Raises:
        UsageError: Blender doesn't start; says what to type.
        DemoError: the scene was not made.
    """
    options = [] if _is_wheel(blender) else ["-b", "--factory-startup", "-noaudio", "--python-exit-code", "3"]
    script = [str(SCRIPT), str(scene)] if _is_wheel(blender) else ["--python", str(SCRIPT), "--", str(scene)]
    made = subprocess.run([blender.executable, *options, *script], capture_output=True, text=True, check=False)
    if made.returncode or not scene.exists():
        if reason := _what_is_wrong("blender"):
            raise UsageError(reason)
        raise DemoError(f"Blender made no scene. It said:\n{(made.stdout + made.stderr)[-2000:]}")


@contextmanager
def root(folder: Path) -> Iterator[None]:
    """Make the folder the root of a farm, and afterwards a plain folder again. After a failed job its logs stay."""
    records, renders = folder / paths.FARM_FOLDER, folder / RENDERS
    is_ours = not records.exists()
    paths.mark_root(folder)
    try:
        yield
    except RenderError:
        is_ours = False
        raise
    finally:
        for one in (*renders.glob(".bc-*"), *([records] if is_ours else [])):  # the first when we were interrupted
            shutil.rmtree(one)


@contextmanager
def farm(folder: Path) -> Iterator[str]:
    """Run a server and two workers, and yield the server's address. Guards end them also when we are killed.

    Raises:
        ServerError: the server did not start.
    """
    with ExitStack() as stack:
        storage = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="buildcat-demo-")))
        log = stack.enter_context((storage / "demo.log").open("w+b"))
        command = [*_BUILDCAT, "server", "--port", "0", "--storage", str(storage / "server"), "--json"]
        server = guard.start(command, grace_s=_GRACE_S, stdout=subprocess.PIPE, stderr=log.fileno())
        stack.callback(_end, server)
        address = _address(server)
        if not address:
            log.seek(0)
            raise ServerError(f"The server did not start. It said:\n{log.read().decode(errors='replace')}")
        command = [*_BUILDCAT, "worker", "--root", str(folder), "--server", address]
        command += ["--count", str(WORKERS), "--name", "worker"]
        workers = guard.start(command, grace_s=_GRACE_S, stdout=log.fileno(), stderr=log.fileno())
        stack.callback(_end, workers)
        stack.callback(signal.signal, signal.SIGINT, signal.SIG_IGN)  # runs first: the end is not to be interrupted
        yield address


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait until a guard has ended all that it guards. A Popen's own `with` would wait 0.25 s only after a Ctrl-C."""
    for pipe in filter(None, (process.stdin, process.stdout)):
        pipe.close()
    process.wait()


def _address(server: subprocess.Popen[bytes]) -> str:
    """Return the address that the server prints when it is ready; empty when it ends instead."""
    said = b""
    for line in server.stdout or ():
        said += line
        with suppress(ValueError):
            return str(json.loads(said)["address"])
    return ""


def render(server: str, scene: Path, numbers: Sequence[int]) -> None:
    """Submit the job and show how it goes until it is done.

    Raises:
        RenderError: it failed.
    """
    command = [*_BUILDCAT, "submit", "blender", str(scene), "--frames", frames.compact(numbers), "--server", server]
    command += ["--output", str(scene.parent / RENDERS / "cat_####"), "--wait"]
    if subprocess.run(command, check=False).returncode:
        raise RenderError(f"The job failed. Blender's own words are in {scene.parent / paths.FARM_FOLDER / 'jobs'}.")


def make_film(pictures: Sequence[Path], film: Path) -> None:
    """Make an MP4 of the pictures, played three times.

    Raises:
        DemoError: ffmpeg failed.
    """
    import imageio_ffmpeg  # type: ignore[import-untyped]  # it has none

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "image2pipe", "-c:v", "png"]
    command += ["-framerate", str(FRAMES_PER_SECOND), "-i", "-", "-pix_fmt", "yuv420p", "-crf", "16"]
    command += ["-movflags", "+faststart", str(film)]
    data = b"".join(picture.read_bytes() for picture in pictures) * LOOPS
    made = subprocess.run(command, input=data, capture_output=True, check=False)
    if made.returncode:
        raise DemoError(f"ffmpeg made no film. It said: {made.stderr.decode(errors='replace').strip()}")
