"""`buildcat show JOB`: all about one job. Python 3.11 or newer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import click
from rich.text import Text

from buildcat.cli import failures, terminal, words
from buildcat.cli.call import Call, Command
from buildcat.cli.jobs import answer
from buildcat.client import progress, records, waiting
from buildcat.client.connection import Connection
from buildcat.client.progress import Outlook
from buildcat.client.records import Failure, JobRecord, RunningExecution
from buildcat.model import frames
from buildcat.model.dcc import version_text

_EXAMPLES = """\
buildcat show last
buildcat show 3f2a
buildcat show 3f2a --json
"""
#: Of what renders and of jobs that are waited for, so many are shown.
_MOST = 8


@dataclass(frozen=True)
class _Details:
    """What is shown of a job, besides its own record."""

    states: str
    running: Sequence[RunningExecution]
    outlook: Outlook
    failed: dict[int, list[Failure]]
    #: Jobs that it waits for; None for one that is gone.
    awaited: dict[str, JobRecord | None]
    waits: str
    outputs: dict[str, Any]

    @classmethod
    def of(cls, connection: Connection, job: JobRecord) -> Self:
        """Read them."""
        moment = progress.look(connection)
        states = records.unit_bytes(connection, job.id)
        ids = [*job.spec.after, *job.spec.after_any]
        others = {one.id: one for one in records.jobs_of(connection, ids)}
        return cls(
            states,
            moment.running(job),
            progress.outlooks(connection, [job], moment).get(job.id, Outlook()),
            failures.of_unfinished(connection, job.id, states),
            {one: others.get(one) for one in ids},
            waiting.why(connection, job),
            records.outputs(connection, job.id),
        )


@click.command(cls=Command, examples=_EXAMPLES)
@click.argument("job", metavar="JOB")
def show(call: Call, job: str) -> None:
    """JOB is an id, the beginning of one, or `last`, your newest."""
    connection = call.connect()
    found = records.job(connection, records.find(connection, job, call.user))
    details = _Details.of(connection, found)
    if call.is_json:
        terminal.answer(_as_json(found, details))
    else:
        _print(found, details)


def _print(job: JobRecord, details: _Details) -> None:
    heading = Text(f"{words.plain(job.spec.name)}  {job.id}  ", style="bold")
    heading += terminal.state_text(job.state.value) + f"  {words.progress(job.counts, words.noun(job.spec))}"
    terminal.facts(
        [
            ("eta", words.eta(details.outlook.eta)),
            ("waits", words.plain(details.waits)),
            *[("after", line) for line in _awaited(job, details)],
            ("stopped", words.plain(job.stopped_why)),
            *[("renders", line) for line in _rendering(job, details)],
            *[("failed", line) for line in failures.lines(job, details.failed)],
            ("", f"`buildcat log {job.id} FRAME` prints what was said" if details.failed else ""),
            ("scene", _scene(job)),
            ("settings", words.plain(words.settings(job.spec.settings))),
            ("frames", _frames(job)),
            ("pool", f"{job.pool}, priority {job.priority}"),
            ("limits", ", ".join(job.spec.limits)),
            ("batch", words.plain(job.spec.batch)),
            ("times", _times(job)),
            *[("outputs", words.plain(one)) for one in details.outputs],
            ("last", words.plain(job.last)),
        ],
        heading,
    )
    _print_strip(details.states)


def _as_json(job: JobRecord, details: _Details) -> dict[str, object]:
    slow = {one.id for one in details.outlook.slow}
    return {
        **answer(job, details.outlook.eta),
        "spec": job.spec.__dict__,
        "waits": details.waits,
        "after": {job_id: one.state.value if one else None for job_id, one in details.awaited.items()},
        "stopped": job.stopped_why,
        "renders": [{**one.__dict__, "is_slow": one.id in slow} for one in details.running],
        "failures": [one.__dict__ for tries in details.failed.values() for one in tries],
        "outputs": details.outputs,
        "units": details.states,
    }


def _awaited(job: JobRecord, details: _Details) -> list[str]:
    lines = []
    for job_id, one in list(details.awaited.items())[:_MOST]:
        what = "its end" if job_id in job.spec.after_any else "each frame" if job.spec.per_frame else "its success"
        state = f"{words.plain(one.spec.name)}, {one.state.value}, {words.progress(one.counts)}" if one else "deleted"
        lines.append(f"{job_id}  {state}: {what}")
    return lines + ([f"and {len(details.awaited) - _MOST} more"] if len(details.awaited) > _MOST else [])


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


def _rendering(job: JobRecord, details: _Details) -> list[str | Text]:
    units, slow = frames.units(job.spec), {one.id for one in details.outlook.slow}
    lines: list[str | Text] = []
    for one in sorted(details.running, key=lambda one: one.id not in slow)[:_MOST]:
        percent = "" if one.fraction is None else f", {one.fraction:.0%}"
        said = f", {' '.join(one.text.split())}" if one.text else ""
        line = words.plain(f"{words.unit_name(units[one.first])} on {words.worker_label(one.worker)}{percent}{said}")
        lines.append(Text(f"{line}, slow: {words.age(one.since)}", style="yellow") if one.id in slow else line)
    return lines + ([f"and {len(details.running) - _MOST} more"] if len(details.running) > _MOST else [])


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
