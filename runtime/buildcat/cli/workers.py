"""`buildcat workers`: who renders, and orders to them. Python 3.11 or newer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import click
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command, Group
from buildcat.client import control, listing, progress, records
from buildcat.client.connection import Connection
from buildcat.client.records import RunningExecution, WorkerRecord
from buildcat.model import frames

_EXAMPLES = """\
buildcat workers
buildcat workers pause aurora            it finishes its task first
buildcat workers resume aurora
buildcat workers drain 'node-*'          they finish their tasks, and end
buildcat workers stop aurora.3f2a1c      it gives its task back and ends, now
"""
#: What is said of a worker by what it was told.
_ORDERS = {"pause": "paused", "drain": "draining", "stop": "stopping"}
#: What is said when it is told; `{}` is what it was told before, or is.
_VERBS = {
    "pause": ("Take nothing new; what renders is finished.", "paused", "was paused already"),
    "drain": ("Finish the task that renders, and end.", "ends after its task", "was draining already"),
    "stop": ("Give the task back, and end now.", "ends now", "was stopping already"),
    "resume": ("Take tasks again after a pause.", "takes tasks again", "was not paused"),
}


@dataclass(frozen=True)
class Activity:
    """What a worker does."""

    #: Name of the job; empty when it renders nothing.
    job: str = ""
    unit: str = ""
    fraction: float | None = None
    text: str = ""

    @property
    def words(self) -> str:
        """Say it: `shot_010  frame 12  43%`."""
        percent = "" if self.fraction is None else f"{self.fraction:.0%}"
        return "  ".join(one for one in (words.cut(self.job), self.unit, percent) if one)


@click.group(cls=Group, examples=_EXAMPLES, invoke_without_command=True)
@click.pass_context
def workers(ctx: click.Context, call: Call) -> None:
    """Those that were lost in the last day are listed too, with how long ago they were last heard of.

    DONE is the number of units that a worker has rendered since it was started.
    """
    if ctx.invoked_subcommand is not None:
        return
    connection = call.connect()
    found = records.workers(connection, with_lost=True)
    doing = activities(connection, progress.look(connection).executions)
    if call.is_json:
        terminal.answer([answer(one, doing.get(one.name, Activity())) for one in found])
    elif found:
        _print(found, doing)
    else:
        terminal.say("There is no worker. Start one in the shared storage:\n  buildcat worker")


def activities(connection: Connection, executions: Sequence[RunningExecution]) -> dict[str, Activity]:
    """Return what each worker renders, by its own name."""
    jobs = {one.id: one for one in records.jobs_of(connection, list({one.job for one in executions}))}
    found = {}
    for one in executions:
        if one.job in jobs:
            spec = jobs[one.job].spec
            unit = words.unit_name(frames.units(spec)[one.first])
            found[one.worker] = Activity(words.plain(spec.name), unit, one.fraction, words.plain(one.text))
    return found


def shown_names(found: Sequence[WorkerRecord]) -> dict[str, str]:
    """Return by own name what each worker is called: its label where no other has that, else its own name."""
    labels = Counter(one.label for one in found)
    return {one.name: words.cut(words.plain(one.label if labels[one.label] == 1 else one.name)) for one in found}


def state_of(worker: WorkerRecord, doing: Activity) -> Text:
    """Return in words what a worker does, and what it was told."""
    if worker.is_lost:
        return Text(f"lost {words.duration(round(worker.age))} ago", style="dim")
    if worker.trouble:
        return Text(words.plain(worker.trouble), style="red")
    order = _ORDERS.get(worker.order, "")
    if not doing.job:
        return Text(order or "idle", style="yellow" if order else "dim")
    return Text(doing.words) + Text(f"  {order}" if order else "", style="yellow")


def _print(found: Sequence[WorkerRecord], doing: dict[str, Activity]) -> None:
    names = shown_names(found)
    headings = ("WORKER", "TASK", "DONE", "MEMORY", "SINCE", "DCCS", "POOLS", "HOST")
    rows = [_row(one, names[one.name], doing.get(one.name, Activity())) for one in found]
    spare = ("HOST", "POOLS", "SINCE", "DCCS", "MEMORY")
    terminal.table(headings, rows, terminal.Layout(spare=spare, numbers=("DONE", "MEMORY")))


def _row(worker: WorkerRecord, name: str, doing: Activity) -> list[str | Text]:
    dccs = ", ".join(f"{dcc} {words.versions(versions)}" for dcc, versions in worker.dccs.items() if versions)
    cells = [
        str(worker.done or ""),
        f"{worker.memory_mb:,} MB" if worker.memory_mb else "",
        words.age(worker.since) if worker.since else "",
        words.plain(dccs),
        ", ".join(worker.pools),
        words.plain(worker.host),
    ]
    style = "dim" if worker.is_lost else ""
    return [Text(name, style=style), state_of(worker, doing), *(Text(cell, style=style) for cell in cells)]


def answer(worker: WorkerRecord, doing: Activity) -> dict[str, object]:
    """Return a worker and what it does as `--json` shows them."""
    return {**worker.__dict__, "is_lost": worker.is_lost, "task": doing.__dict__ if doing.job else None}


def _order_command(order: str) -> click.Command:
    summary, outcome, unchanged = _VERBS[order]

    def run(call: Call, names: Sequence[str]) -> None:
        connection = call.connect()
        known = records.workers(connection)
        shown, rows = shown_names(known), []
        for one in listing.workers(known, names):
            is_changed = control.order_worker(connection, one.name, order)
            rows.append({"name": one.name, "is_changed": is_changed})
            if not call.is_json:
                terminal.say(f"{shown[one.name]}: {outcome if is_changed else unchanged}")
        if call.is_json:
            terminal.answer(rows)

    return Command(
        order,
        callback=run,
        params=[click.Argument(["names"], metavar="NAME...", nargs=-1, required=True)],
        examples=f"buildcat workers {order} aurora\nbuildcat workers {order} 'node-*'\n",
        help=f"{summary}\n\nNAME is a worker's label (all that have it), its own name or the beginning of one, or a "
        "pattern such as 'node-*'.",
        short_help=summary,
    )


for _order in _VERBS:
    workers.add_command(_order_command(_order))
