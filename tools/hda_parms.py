"""The parameters of the Buildcat ROP, from the rows of a form. Any Python 3.9 or newer with Buildcat.

Sources: SOHO's parameters, "SOHO: Scripted Output of Houdini Objects" of SideFX's HDK documentation; `takecontrol`,
the generated node scripts of github.com/ImageEngine/cortex, which keep buttons alive in every take.
"""

from __future__ import annotations

from collections.abc import Iterable

from hda_dialog import Folder, Parm

from buildcat.inside.form import Row, groups
from buildcat.model.dcc import Kind, Setting
from buildcat_houdini import rop_parms

#: Houdini's own parameters of an out node, all hidden: the rows say which frames and which take, and the Render
#: button would render wired inputs on this machine. "Render to Disk" of the node's menu still works.
BASE = {
    "execute": "Render to Disk",
    "renderpreview": "Render to MPlay",
    "executebackground": "Render to Disk in Background",
    "renderdialog": "Controls...",
    "trange": "Valid Frame Range",
    "f": "Start/End/Inc",
    "take": "Render with Take",
}
#: Each calls the function of its name in the node's Python module.
BUTTONS = {
    "submit": ("Submit", "Send the job to the farm."),
    "jobs": ("Jobs", "Show the jobs that are on the farm."),
    "dry_run": ("Dry run", "Show what would be submitted, and submit nothing."),
}
#: What a node list takes, and where its paths begin: at the node.
_NODES = {"opfilter": "!!ROP!!", "oprelative": "."}
_KINDS = {
    Kind.BOOL: "toggle",
    Kind.INT: "integer",
    Kind.FLOAT: "float",
    Kind.STR: "string",
    Kind.CHOICE: "ordinal",
    Kind.PATH: "file",
    Kind.LIST: "string",
}
#: How far the slider goes beyond the end that has no limit.
_OPEN = 100


def parts(rows: Iterable[Row]) -> list[Parm | Folder]:
    """Return all parameters of the ROP: Houdini's, buttons, what to render, a tab for each group of rows."""
    tabs = [
        Folder(f"rows_{place}" if place else "rows", heading, tuple(one for row in under for one in _of_row(row)))
        for place, (heading, under) in enumerate(groups(tuple(rows)).items())
    ]
    return [
        *(Parm(name, label, flags=("invisible",)) for name, label in BASE.items()),
        *_buttons(),
        Parm(
            rop_parms.ROPS,
            "ROPs",
            "oplist",
            help="The nodes to render, besides those that are wired in.",
            tags=_NODES,
        ),
        *tabs,
        *_soho(),
    ]


def _buttons() -> list[Parm]:
    last = list(BUTTONS)[-1]
    return [
        Parm(
            name,
            label,
            "button",
            "0",
            text,
            flags=() if name == last else ("joinnext",),
            tags={
                "script_callback": f"hou.phm().{name}(kwargs)",
                "script_callback_language": "python",
                "takecontrol": "always",
            },
        )
        for name, (label, text) in BUTTONS.items()
    ]


def _soho() -> list[Parm]:
    """Return what makes "Render to Disk" run our script: no file is opened for it, and it is called once a range."""
    hidden = ("invisible",)
    return [
        Parm("soho_program", "SOHO Program", "string", "buildcat_submit.py", flags=hidden),
        Parm("soho_outputmode", "SOHO Output Mode", "integer", "2", flags=hidden, range=("0!", "2!")),
        Parm("soho_multiframe", "SOHO Multi-Frame", "toggle", "1", flags=hidden),
    ]


def _of_row(row: Row) -> list[Parm]:
    setting, toggle = row.setting, rop_parms.toggle(row)
    parm = Parm(
        rop_parms.name(row),
        setting.label,
        _KINDS[setting.kind],
        _default(row),
        setting.help,
        range=_range(setting),
        menu=dict(zip(setting.choices, row.words or setting.choices)),
        disabled_when=f"{toggle} == 0" if toggle else "",
    )
    if not toggle:
        return [parm]
    text = f"Set {setting.label}; else it is as in the scene."
    return [Parm(toggle, f"Set {setting.label}", "toggle", "0", text, flags=("nolabel", "joinnext")), parm]


def _default(row: Row) -> str:
    """Return what the parameter holds at first.

    A number that is as in the scene until it is switched on begins as its last example: the least that it takes would
    be a picture of one pixel.
    """
    setting, value = row.setting, row.default
    if value is None:
        is_number = setting.kind in (Kind.INT, Kind.FLOAT)
        first = setting.choices[0] if setting.choices else ""
        value = setting.examples[-1] if is_number else False if setting.kind is Kind.BOOL else first
    if setting.kind is Kind.BOOL:
        return str(int(bool(value)))
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _range(setting: Setting) -> tuple[str, str] | None:
    """Return both ends of a number's range; those that the setting has can't be passed."""
    if setting.kind not in (Kind.INT, Kind.FLOAT):
        return None
    low, high = setting.minimum, setting.maximum
    open_low = min(0.0, (high or 0.0) - _OPEN)
    open_high = max(float(_OPEN), (low or 0.0) + _OPEN)
    return _end(open_low) if low is None else f"{_end(low)}!", _end(open_high) if high is None else f"{_end(high)}!"


def _end(number: float) -> str:
    return f"{number:.10g}"
