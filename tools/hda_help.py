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

List the nodes to render under __ROPs__, choose the frames, and press __Submit__. __Jobs__ shows what the farm does with
them. __Dry run__ shows what would be submitted.

"Render to Disk" in this node's menu, and scripts that render this node, submit as __Submit__ does.

:warning:
    Nodes that are wired into this one are for __Submit__ alone: with "Render to Disk", Houdini would render them on
    this machine first, and nothing is submitted then.

:tip:
    What stays switched off under the render settings is as in the scene.

@parameters
'''


def wiki(name: str, label: str, rows: Iterable[Row]) -> str:
    """Return the page of the operator `name`."""
    lines = [_HEAD.format(name=name, label=label)]
    for key, (text, what) in BUTTONS.items():
        lines += _entry(key, text, what)
    what = "The nodes to render, besides those that are wired in: paths such as /out/mantra1, with spaces between."
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
