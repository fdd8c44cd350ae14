"""`buildcat worker-info` and `<dcc>-info`: what a worker says of itself. Python 3.11 or newer."""

from __future__ import annotations

from pprint import pformat

import click

from buildcat.cli import terminal
from buildcat.cli.call import Call, Command
from buildcat.farm import info

_PATIENCE_S = 2


def _ask(call: Call, function: str, pool: str) -> None:
    """Ask any worker of the pool, and print what it answers as a Python literal."""
    connection = call.connect()
    with info.ask(connection, function, pool) as question:
        answer = question.wait(_PATIENCE_S)
        if answer is None:
            why = info.why_no_answer(connection, pool)
            with terminal.console(is_error=True).status("Waiting for a worker"):
                # In here, so that Ctrl-C meets no import, where Python may lose it.
                terminal.note(f"{why} Waiting; Ctrl-C gives up.")
                while answer is None:
                    answer = question.wait(_PATIENCE_S)
    terminal.answer(answer) if call.is_json else terminal.say(pformat(answer))


def _command(name: str, function: str, summary: str, details: str) -> click.Command:
    command = Command(
        name,
        callback=lambda call, pool: _ask(call, function, pool),
        examples=f"buildcat {name}\nbuildcat {name} --pool gpu --json\n",
        help=f"{summary}\n\n{details}",
        short_help=summary,
    )
    pool = click.Option(["--pool"], default="default", show_default=True, metavar="NAME", help="Whose workers to ask.")
    command.params.insert(0, pool)
    return command


worker_info = _command(
    "worker-info",
    "buildcat.worker.info",
    "Ask a worker what it is.",
    "Any worker of the pool answers: this shows that client, server and worker work together.",
)


def dcc_info(dcc: str) -> click.Command:
    """Return the command that asks a worker about a DCC."""
    return _command(
        f"{dcc}-info",
        f"buildcat.{dcc}.info",
        f"Ask a worker what it has of {dcc}.",
        "It answers with the executables that it found, and their versions.",
    )
