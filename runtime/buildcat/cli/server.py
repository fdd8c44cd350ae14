"""`buildcat server`: Redis and housekeeping, until Ctrl-C. Python 3.11 or newer."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from buildcat.cli import terminal
from buildcat.cli.call import Call, Command
from buildcat.client import config
from buildcat.client.connection import Connection
from buildcat.farm import housekeeping
from buildcat.farm.server import Server

_EXAMPLES = """\
buildcat server
buildcat server --port 6380 --storage /srv/farm-server
buildcat server --history 365           forget jobs a year after their end
"""
_HISTORY = (
    f"Forget a job, its logs and snapshots so long after its end; 0: never. Kept until set again; at first "
    f"{housekeeping.HISTORY_DAYS}."
)


@click.command(cls=Command, has_server=False, examples=_EXAMPLES)
@click.option("--bind", default="127.0.0.1", show_default=True, metavar="ADDR", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=6379, show_default=True, metavar="N", help="Its port.")
@click.option(
    "--storage",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the farm's records; left out: one of your own.",
)
@click.option("--history", type=click.IntRange(0), metavar="DAYS", help=_HISTORY)
def server(call: Call, bind: str, port: int, storage: Path | None, history: int | None) -> None:
    """Its records survive a restart. Ctrl-C ends it; what workers render goes on, and waits for it to come back."""
    terminal.log_to_stderr(logging.WARNING)
    made = Server(storage, bind=bind, port=port)
    made.start()
    connection = Connection(made.address)
    housekeeping.keep_history(connection, history)
    if call.is_json:
        terminal.answer({"address": made.address, "storage": str(made.storage)})
    else:
        terminal.say(f"The server is ready at {made.address}; Ctrl-C ends it.")
        terminal.say(f"Its records are in {made.storage}.")
        terminal.say(f"Next, in the folder that holds your scenes:\n  {_next_command(made.address)}")
    made.wait(lambda: housekeeping.tidy(connection))


def _next_command(address: str) -> str:
    return "buildcat worker" if address == config.DEFAULT_SERVER else f"buildcat worker --server {address}"
