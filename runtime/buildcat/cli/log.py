"""`buildcat log JOB`: what the DCC said, word for word. Python 3.11 or newer."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from buildcat.cli import terminal, words
from buildcat.cli.call import ROOT, Call, Command
from buildcat.client import records
from buildcat.client.connection import Connection
from buildcat.client.records import JobRecord
from buildcat.model import frames, paths

_EXAMPLES = """\
buildcat log last             the newest log
buildcat log 3f2a 17          all tries at frame 17
buildcat log 3f2a --follow    as it is written, until the job ends
"""
_LOOK_S = 0.5


@dataclass(frozen=True)
class Log:
    """What was said in one execution's try at one unit."""

    #: Label of the unit.
    unit: str
    execution: str
    #: When it was written last, in seconds since the epoch.
    time: float
    #: None when only its end is known, from the records.
    path: Path | None
    #: Its end, when there is no path.
    text: str = ""


# FRAME may be negative, which click would take for an option.
@click.command(cls=Command, examples=_EXAMPLES, context_settings={"ignore_unknown_options": True})
@click.argument("job", metavar="JOB")
@click.argument("frame", metavar="[FRAME]", type=int, required=False)
@click.option("--follow", is_flag=True, help="Go on printing until the job has ended.")
@ROOT
def log(call: Call, job: str, frame: int | None, follow: bool, root: Path | None) -> None:
    """The logs lie in the shared storage. Where that can't be reached, the ends of failed tries are printed."""
    connection = call.connect()
    found = records.job(connection, records.find(connection, job, call.user))
    labels = _labels(found, frame)
    folder = _folder(call, found.id, root)
    if follow and folder and not call.is_json:
        _follow(connection, found.id, folder, labels)
        return
    logs = _in_storage(folder, labels) if folder and folder.is_dir() else _in_records(connection, found, labels)
    if call.is_json:
        terminal.answer([{**asdict(one), "text": _text(one)} for one in logs])
    elif not logs:
        terminal.note("Nothing was said yet.")
    else:
        if not logs[0].path:
            terminal.note("The logs can't be reached: be in the shared storage, or pass --root. Ends of failed tries:")
        _print(logs if labels else logs[-1:])


def _labels(job: JobRecord, frame: int | None) -> Collection[str]:
    """Return the labels of the frame's units; none means all of the job."""
    units = frames.units(job.spec)
    return () if frame is None else {units[index].label for index in units.index_of(frame)}


def _folder(call: Call, job_id: str, flag: Path | None) -> Path | None:
    """Return the folder of the job's logs, which may not be there yet; None outside the shared storage."""
    root = call.find_root(flag)
    return paths.job_folder(root, job_id) / "logs" if root else None


def _in_storage(folder: Path, labels: Collection[str]) -> list[Log]:
    """Return the logs in the folder, oldest first."""
    logs = []
    for path in folder.glob("*.log"):
        unit, _, execution = path.stem.rpartition("-")
        if not labels or unit in labels:
            logs.append(Log(unit, execution, path.stat().st_mtime, path))
    return sorted(logs, key=lambda one: one.time)


def _in_records(connection: Connection, job: JobRecord, labels: Collection[str]) -> list[Log]:
    """Return what the records keep of the failed tries, oldest first."""
    units = frames.units(job.spec)
    failures = reversed(records.failures(connection, job.id))
    logs = [Log(units[one.unit].label, one.execution, one.time, None, f"{one.log}\n{one.message}") for one in failures]
    return [one for one in logs if not labels or one.unit in labels]


def _print(logs: Iterable[Log]) -> None:
    for one in logs:
        _print_heading(one)
        if one.path:
            terminal.raw(one.path.read_bytes())
        else:
            terminal.say(words.plain(one.text))


def _text(one: Log) -> str:
    return one.path.read_text(encoding="utf-8", errors="replace") if one.path else one.text


def _print_heading(one: Log) -> None:
    written = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.time))
    unit = "all frames" if one.unit == "all" else f"frame {one.unit}"
    terminal.say(f"── {unit} · task {one.execution} · {written} ──")


def _follow(connection: Connection, job_id: str, folder: Path, labels: Collection[str]) -> None:
    """Print the newest log, then whatever is added to any, until the job has ended."""
    printed = {one.path: one.path.stat().st_size for one in _in_storage(folder, labels)[:-1] if one.path}
    current = None
    while True:
        has_ended = records.job(connection, job_id).state.has_ended  # asked first, so that nothing is missed
        for one in _in_storage(folder, labels):
            assert one.path
            with one.path.open("rb") as file:
                file.seek(printed.get(one.path, 0))
                added = file.read()
            if added and current != one.path:
                _print_heading(one)
                current = one.path
            terminal.raw(added)
            printed[one.path] = printed.get(one.path, 0) + len(added)
        if has_ended:
            return
        time.sleep(_LOOK_S)
