"""Writes the Buildcat ROP as an expanded HDA, which Houdini loads as it is. Any Python 3.9 or newer with Buildcat.

    .venv/bin/python tools/build_hda.py [--out DIR]

Its parameters and its help come from the same rows as every other form. The same sources give the same files.

Sources: "hotl" of SideFX's documentation (expanded directories); the expanded assets of
github.com/sideeffects/SideFXLabs and github.com/aws-deadline/deadline-cloud-for-houdini (names and order of the files).
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import hda_dialog
import hda_help
import hda_parms
from environment import ROOT

from buildcat.inside.form import Row
from buildcat_houdini import rop_parms

NAME = "buildcat_rop"
LABEL = "Buildcat"
TABLE = "Driver"
INPUTS = 30
FOLDER = f"{NAME}.hda"
#: Houdini compares it with other definitions of the operator only; the same for everybody.
MODIFIED = "Thu Jan 15 12:00:00 2026"
#: Sections that are files of ours, word for word.
_FILES = {
    "CreateScript": "create_script.cmd",
    "TypePropertiesOptions": "type_properties.txt",
    "Tools.shelf": "tools.shelf",
    "IconSVG": "icon.svg",
    "PythonModule": "python_module.py",
    "OnCreated": "on_created.py",
}
#: As Houdini lists them.
_ORDER = (
    "DialogScript",
    "CreateScript",
    "TypePropertiesOptions",
    "Help",
    "Tools.shelf",
    "IconSVG",
    "PythonModule",
    "OnCreated",
    "ExtraFileOptions",
)
_SOURCES = ROOT / "plugins/houdini/hda"


def build(folder: Path) -> Path:
    """Write the HDA into the folder, instead of one that is there, and return its path."""
    target = folder / FOLDER
    if target.exists():
        shutil.rmtree(target)
    for name, data in files(rop_parms.shown()).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return target


def files(rows: Iterable[Row]) -> dict[str, bytes]:
    """Return each file of the HDA by its path in it."""
    rows = tuple(rows)
    operator = f"{TABLE}/{NAME}"
    below = encoded(operator)
    sections = {
        "DialogScript": hda_dialog.script(NAME, LABEL, INPUTS, hda_parms.parts(rows)),
        "Help": hda_help.wiki(NAME, LABEL, rows),
        "ExtraFileOptions": _options(),
        **{section: (_SOURCES / name).read_text("utf-8") for section, name in _FILES.items()},
    }
    texts = {
        "houdini.hdalibrary": "",
        encoded("INDEX_SECTION"): _index(operator),
        "Sections.list": _listed(("INDEX_SECTION", "houdini.hdalibrary", operator)),
        f"{below}/Sections.list": _listed(_ORDER),
        **{f"{below}/{encoded(section)}": sections[section] for section in _ORDER},
    }
    return {name: text.encode() for name, text in texts.items()}


def encoded(name: str) -> str:
    """Return the name of a section or operator as a file's name, with Houdini's escapes."""
    return name.replace("_", "__").replace("/", "_1").replace(":", "_8")


def _listed(names: Iterable[str]) -> str:
    return "\n".join(['""', *(f"{encoded(name)}\t{name}" for name in names), ""])


def _index(operator: str) -> str:
    """Return the one entry of the library's index; it ends with an empty line."""
    fields = {
        "Operator": NAME,
        "Label": LABEL,
        "Path": f"oplib:/{operator}?{operator}",
        "Icon": f"opdef:/{operator}?IconSVG",
        "Table": TABLE,
        "License": "",
        "Extra": "",
        "User": "",
        "Inputs": f"0 to {INPUTS}",
        # No nodes are inside, so there is no section Contents.
        "Subnet": "false",
        "Python": "false",
        "Empty": "false",
        "Modified": MODIFIED,
    }
    return "".join(f"{key + ':':14}{value}\n" for key, value in fields.items()) + "\n"


def _options() -> str:
    """Return what Houdini's editor knows of each section that is a script."""
    options: dict[str, object] = {}
    for section in ("OnCreated", "PythonModule"):
        options[f"{section}/Cursor"] = {"type": "intarray", "value": [1, 1]}
        for key, value in (("IsExpr", False), ("IsPython", True), ("IsScript", True)):
            options[f"{section}/{key}"] = {"type": "bool", "value": value}
        options[f"{section}/Source"] = {"type": "string", "value": ""}
    return json.dumps(options, indent="\t") + "\n"


def main() -> None:
    """Write it, and say where it is."""
    parser = argparse.ArgumentParser(description="Write the Buildcat ROP as an expanded HDA.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="Folder for it.")
    print(build(parser.parse_args().out))


if __name__ == "__main__":
    main()
