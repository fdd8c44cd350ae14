"""Writes the help of the Buildcat ROP in Houdini's wiki format, from the rows of a form. Any Python 3.9 or newer.

Source of the format: "Documenting assets" of SideFX's documentation, and the Help of github.com/sideeffects/SideFXLabs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hda_parms import BUTTONS

from buildcat.inside.form import Row, groups
from buildcat.model.dcc import Kind
from buildcat_houdini import rop_parms

_HEAD = '''\
= {label} =

#type: node
#context: out
#internal: {name}
#icon: opdef:/Driver/{name}?IconSVG

"""Renders nodes of this scene on a Buildcat farm."""

== Overview ==

List the nodes to render under __ROPs__, choose the frames, and press __Submit__. Each node becomes a job, which waits
for the jobs of the nodes that it takes as inputs. You can work on: the farm renders the scene as it is saved then.

__Jobs__ shows what the farm does with it. __Dry Run__ shows what would be submitted.

:note:
    You can also wire nodes into this one and press __Submit__. Don't choose "Render to Disk" of this node's menu
    then: Houdini would render the wired nodes on this machine first.

:tip:
    What stays switched off under the render settings is as in the scene.

@parameters
'''


def wiki(name: str, label: str, rows: Iterable[Row]) -> str:
    """Return the page of the operator `name`."""
    lines = [_HEAD.format(name=name, label=label)]
    for key, (text, what) in BUTTONS.items():
        lines += _entry(key, text, what)
    what = "The nodes to render, such as /out/mantra1, with spaces between. Empty: those that are wired in."
    lines += _entry(rop_parms.ROPS, "ROPs", what)
    for heading, under in groups(tuple(rows)).items():
        lines += ["", f"    == {heading} =="]
        for row in under:
            lines += _entry(rop_parms.name(row), row.setting.label, row.setting.help, *_values(row))
    return "\n".join([*lines, ""])


def _entry(key: str, label: str, *paragraphs: str) -> Iterator[str]:
    yield f"    {label}:"
    yield f"        #id: {key}"
    for text in paragraphs:
        yield ""
        yield f"        {' '.join(text.split())}"


def _values(row: Row) -> Iterator[str]:
    """Yield what a row takes, where its parameter doesn't show that."""
    if row.setting.kind in (Kind.INT, Kind.FLOAT, Kind.LIST):
        yield f"Takes {row.setting.describe()}."
