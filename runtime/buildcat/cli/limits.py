"""`buildcat limits`: what may be used at the same time, such as licences. Python 3.11 or newer."""

from __future__ import annotations

from collections import Counter

import click
from rich.text import Text

from buildcat.cli import terminal, words
from buildcat.cli.call import Call, Command, Group
from buildcat.client import limits as farm_limits
from buildcat.client.limits import Limit

_EXAMPLES = """\
buildcat limits                       all of them, and who holds them
buildcat limits set arnold 4          four sessions on the farm
buildcat limits set modo 1/host       one on each host
buildcat limits lift arnold
"""


@click.group(cls=Group, examples=_EXAMPLES, invoke_without_command=True)
@click.pass_context
def limits(ctx: click.Context, call: Call) -> None:
    """A job names the limits that it needs, or its DCC does. A worker holds one of each while it renders the job."""
    if ctx.invoked_subcommand is not None:
        return
    found = farm_limits.read(call.connect())
    if call.is_json:
        terminal.answer([_as_json(one) for one in found])
    elif found:
        layout = terminal.Layout("HELD BY", spare=("WAITS",), numbers=("VALUE", "IN USE"))
        terminal.table(("LIMIT", "VALUE", "IN USE", "WAITS", "HELD BY"), [_row(one) for one in found], layout)
    else:
        terminal.say("There are no limits yet. Set one:\n  buildcat limits set arnold 4")


@limits.command(cls=Command, name="set", examples="buildcat limits set arnold 4\nbuildcat limits set modo 1/host\n")
@click.argument("name", metavar="NAME")
@click.argument("value", metavar="VALUE")
def set_(call: Call, name: str, value: str) -> None:
    """Allow so many sessions at the same time: VALUE is 4, or 1/host for one on each host.

    With 0 nothing more starts. Those that run go on.
    """
    count, is_per_host = farm_limits.parse(value)
    farm_limits.set_limit(call.connect(), name, count, is_per_host=is_per_host)
    made = Limit(name, count, is_per_host)
    if call.is_json:
        terminal.answer({"name": name, "value": made.value})
    else:
        where = "each host" if is_per_host else "the farm"
        terminal.say(f"{name}: {words.many(count, 'session')} at the same time on {where}")


@limits.command(cls=Command, examples="buildcat limits lift arnold\n")
@click.argument("name", metavar="NAME")
def lift(call: Call, name: str) -> None:
    """Forget a limit: as many sessions as there are may use it."""
    farm_limits.lift(call.connect(), name)
    if call.is_json:
        terminal.answer({"name": name, "value": None})
    else:
        terminal.say(f"{name}: no limit any more")


def _as_json(limit: Limit) -> dict[str, object]:
    return {
        "name": limit.name,
        "value": limit.value,
        "in_use": len(limit.holders),
        "holders": limit.holders,
        "on_hosts": dict(limit.on_hosts),
        "is_wanted": limit.is_wanted,
    }


def _row(limit: Limit) -> list[str | Text]:
    holders = Counter(words.plain(words.worker_label(one)) for one in limit.holders)
    held = ", ".join(label if many == 1 else f"{many} of {label}" for label, many in holders.items())
    return [limit.name, limit.value, str(len(limit.holders)), "somebody" if limit.is_wanted else "", held]
