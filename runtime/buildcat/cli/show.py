"""`buildcat show JOB`: all about one job. Python 3.11 or newer."""

from __future__ import annotations

import click
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command
from buildcat.client import records, waiting
from buildcat.client.connection import Connection
from buildcat.client.records import Failure, JobRecord, RunningExecution
from buildcat.model import frames
from buildcat.model.dcc import version_text
from buildcat.model.states import UnitState

_EXAMPLES = """\
buildcat show last
buildcat show 3f2a
buildcat show 3f2a --json
"""
#: Of failures and of what renders, so many are shown.
_MOST = 8


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("job", metavar="JOB")
def show(call: Call, job: str) -> None:
    """JOB is an id, the beginning of one, or `last`, your newest."""
    connection = call.connect()
    found = records.job(connection, records.find(connection, job, call.user))
    if call.is_json:
        terminal.answer(_as_json(connection, found))
    else:
        _print(connection, found)


def _print(connection: Connection, job: JobRecord) -> None:
    heading = Text(f"{words.plain(job.spec.name)}  {job.id}  ", style="bold")
    heading += terminal.state_text(job.state.value) + f"  {words.progress(job.counts, words.noun(job.spec))}"
    failures = _failures(connection, job)
    terminal.facts(
        [
            ("waits", words.plain(waiting.why(connection, job))),
            ("stopped", words.plain(job.stopped_why)),
            *[("renders", line) for line in _rendering(connection, job)],
            *[("failed", line) for line in failures],
            ("", f"`buildcat log {job.id} FRAME` prints what was said" if failures else ""),
            ("scene", _scene(job)),
            ("settings", words.plain(words.settings(job.spec.settings))),
            ("frames", _frames(job)),
            ("pool", f"{job.pool}, priority {job.priority}"),
            ("times", _times(job)),
            *[("outputs", words.plain(one)) for one in records.outputs(connection, job.id)],
            ("last", words.plain(job.last)),
        ],
        heading,
    )
    _print_strip(records.unit_bytes(connection, job.id))


def _as_json(connection: Connection, job: JobRecord) -> dict[str, object]:
    return {
        **words.job_answer(job),
        "spec": job.spec.__dict__,
        "waits": waiting.why(connection, job),
        "stopped": job.stopped_why,
        "renders": [one.__dict__ for one in _executions(connection, job)],
        "failures": [one.__dict__ for one in _latest_failures(connection, job)],
        "outputs": records.outputs(connection, job.id),
        "units": records.unit_bytes(connection, job.id),
    }


def _scene(job: JobRecord) -> str:
    needed = f" {version_text(job.spec.version_min)} or newer" if job.spec.version_min else ""
    return words.plain(f"{job.spec.scene}  ({job.spec.dcc}{needed})")


def _frames(job: JobRecord) -> str:
    parts = [job.spec.frames, "" if job.spec.order == "forward" else job.spec.order]
    parts += [f"{job.chunk} in a task" if job.chunk > 1 else "", "" if job.spec.split == "frames" else job.spec.split]
    return words.plain(", ".join(part for part in parts if part))


def _times(job: JobRecord) -> str:
    parts = [f"submitted {words.age(job.created)} ago by {words.plain(job.spec.user)}"]
    if job.started:
        parts.append(f"started {words.age(job.started)} ago")
    if job.ended and job.started:
        parts.append(f"took {words.duration(job.ended - job.started)}")
    return ", ".join(parts)


def _executions(connection: Connection, job: JobRecord) -> list[RunningExecution]:
    return [one for one in records.executions(connection) if one.job == job.id]


def _rendering(connection: Connection, job: JobRecord) -> list[str]:
    units, running = frames.units(job.spec), _executions(connection, job)
    lines = []
    for one in running[:_MOST]:
        percent = "" if one.fraction is None else f", {one.fraction:.0%}"
        said = f", {one.text}" if one.text else ""
        line = f"{words.unit_name(units[one.first])} on {words.worker_label(one.worker)}{percent}{said}"
        lines.append(words.plain(line))
    return lines + ([f"and {len(running) - _MOST} more"] if len(running) > _MOST else [])


def _latest_failures(connection: Connection, job: JobRecord) -> list[Failure]:
    """Return the newest failure of each unit that is not done."""
    states = records.unit_bytes(connection, job.id)
    finished = (UnitState.DONE.value, UnitState.SKIPPED.value)
    latest: dict[int, Failure] = {}
    for one in records.failures(connection, job.id):
        if states[one.unit : one.unit + 1] not in finished:
            latest.setdefault(one.unit, one)
    return list(latest.values())


def _failures(connection: Connection, job: JobRecord) -> list[str]:
    units, found = frames.units(job.spec), _latest_failures(connection, job)
    lines = [
        words.plain(f"{words.unit_name(units[one.unit])} on {words.worker_label(one.worker)}: {one.message}")
        for one in found[:_MOST]
    ]
    return lines + ([f"and {len(found) - _MOST} more"] if len(found) > _MOST else [])


def _print_strip(states: str) -> None:
    cells = words.strip(states)
    line = Text("  ")
    for cell in cells:
        line.append(*words.CELLS[cell])
    legend = Text("  ")
    for state, (sign, style) in words.CELLS.items():
        if state in cells:
            legend.append(sign, style).append(f" {state.name.lower()}  ", "dim")
    terminal.draw(Text("\n").join([line, legend]))
