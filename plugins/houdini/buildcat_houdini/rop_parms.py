"""What the parameters of the Buildcat ROP are called. Runs on any Python: it is built with them, and read by them."""

from __future__ import annotations

from buildcat.inside.form import Row, rows
from buildcat_houdini.dcc import DCC

#: Settings that the ROP shows in another way: ROPS says what to render.
WITHOUT = ("rop",)
#: The parameter that lists the nodes to render.
ROPS = "rops"
#: What each out node has; a row with such a key gets PREFIX before it. The scripts (`tprerender` and so on) are not
#: named: they are added to an HDA only when its author wants them. Source: SideFX's page of the Geometry out node.
BASE = ("execute", "renderpreview", "executebackground", "renderdialog", "trange", "f", "take")
PREFIX = "bc_"


def shown() -> tuple[Row, ...]:
    """Return the rows of the ROP, in order."""
    return rows(DCC, without=WITHOUT)


def name(row: Row) -> str:
    """Return the name of the parameter that holds a row's value: the row's key, unless each out node has that."""
    return PREFIX + row.key if row.key in BASE else row.key


def toggle(row: Row) -> str:
    """Return the name of the toggle without which a row is left out of the job; empty: it is always in."""
    return f"use_{row.key}" if row.default is None else ""
