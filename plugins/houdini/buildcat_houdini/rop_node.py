"""What the buttons of the Buildcat ROP do, and its "Render to Disk". Runs inside Houdini 19.5 to 22, also in hython."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from buildcat.inside import form
from buildcat.inside.form import Row
from buildcat.inside.host import HOW_WORDS, How, check_saved
from buildcat.model.dcc import Kind
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat_houdini import parms, rop_parms
from buildcat_houdini.dcc import DCC

if TYPE_CHECKING:
    import hou

#: "Render to Disk" of a range may run the script once for each frame; calls so near to one another are one render.
_SAME_RENDER_S = 2.0
#: By node, the batch that was submitted last, and when that was over.
_last_call: dict[str, tuple[str, float]] = {}


def submit(kwargs: Mapping[str, Any]) -> None:
    """Submit what the node lists and what is wired into it; asks about unsaved changes. Called by its button."""
    import hou

    from buildcat_houdini.panel import sender

    try:
        _submit(kwargs["node"], is_asking=hou.isUIAvailable())
    except BuildcatError as exc:
        sender.tell(str(exc), is_error=True)


def jobs(kwargs: Mapping[str, Any]) -> None:
    """Show my jobs. Called by the node's button."""
    from buildcat_houdini.panel import window

    window.show(jobs=True)


def dry_run(kwargs: Mapping[str, Any]) -> None:
    """Show what would be submitted. Called by the node's button."""
    import hou

    from buildcat_houdini.panel import sender

    try:
        text = sender.table(planned(kwargs["node"]))
    except BuildcatError as exc:
        text = str(exc)
    if hou.isUIAvailable():
        hou.ui.displayMessage(text, title="Buildcat: dry run")
    else:
        sender.tell(text)


def render_from_soho() -> None:
    """Submit, as "Render to Disk" and scripts that render the node ask for it. Never asks anything.

    Raises:
        hou.NodeError: it can't be submitted; says why.
    """
    import hou

    node: Any = hou.pwd()
    try:
        if any(node.inputs()):
            raise RefusedError(
                "Houdini has rendered on this machine what is wired into this node. Press Submit instead, or list the "
                "nodes under ROPs and wire nothing."
            )
        _submit_once(node)
    except BuildcatError as exc:
        raise hou.NodeError(str(exc)) from exc


def _submit_once(node: hou.OpNode) -> None:
    """Submit, unless this very batch was submitted a moment ago: then it is another frame of the same render."""
    asked = json.dumps(planned(node), sort_keys=True)
    before, when = _last_call.get(node.path(), ("", 0.0))
    is_same = asked == before and time.monotonic() - when < _SAME_RENDER_S
    try:
        if not is_same:
            _submit(node, is_asking=False)
    finally:
        _last_call[node.path()] = (asked, time.monotonic())


def planned(node: hou.OpNode) -> list[dict[str, Any]]:
    """Return the jobs of the node as it stands.

    Raises:
        BuildcatError: a value doesn't fit, or a ROP can't be rendered.
    """
    from buildcat_houdini.panel import batch
    from buildcat_houdini.panel.host import HoudiniHost

    values = {row.key: value(node, row) for row in rop_parms.shown()}
    listed = [_absolute(node, path) for path in parms.text(node, rop_parms.ROPS).split()]
    wired = [one.path() for one in batch.feeding(node)]
    return HoudiniHost().jobs(list(dict.fromkeys((*listed, *wired))), form.fields(DCC, values))


def value(node: hou.OpNode, row: Row) -> Any:
    """Return what the node holds of a row; None where it is as in the scene."""
    toggle = rop_parms.toggle(row)
    if toggle and not parms.number(node, toggle):
        return None
    name, kind = rop_parms.name(row), row.setting.kind
    if kind is Kind.BOOL:
        return bool(parms.number(node, name))
    if kind in (Kind.INT, Kind.FLOAT):
        number = parms.number(node, name)
        return int(number) if kind is Kind.INT else number
    text = parms.text(node, name)
    return tuple(one.strip() for one in text.split(",") if one.strip()) if kind is Kind.LIST else text


def _absolute(node: hou.OpNode, path: str) -> str:
    found = node.node(path)
    return found.path() if found else path


def _submit(node: hou.OpNode, *, is_asking: bool) -> None:
    from buildcat_houdini.panel.host import HoudiniHost
    from buildcat_houdini.panel.sender import Sender

    host = HoudiniHost()
    check_saved(host)
    found = planned(node)
    how: How | None = How.LAST
    if host.has_changes():
        if not is_asking:
            raise RefusedError("This file has unsaved changes. Save it, or press the node's Submit button.")
        how = _ask()
    if how:
        Sender(host).send(found, how)


def _ask() -> How | None:
    """Ask how a file with unsaved changes is to be submitted; None: not at all."""
    import hou

    answers = [words for words, _ in HOW_WORDS.values()]
    chosen = hou.ui.displayMessage(
        "This file has unsaved changes.",
        buttons=(*answers, "Cancel"),
        severity=hou.severityType.Warning,
        close_choice=len(answers),
        title="Buildcat",
    )
    return list(HOW_WORDS)[chosen] if chosen < len(answers) else None
