"""The checks of Modo that run in modo_cl's own Python."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from buildcat_modo import scene
from selfcheck.rows import Row, tried

#: Names that the plugin takes from Modo's modules. A test holds them to the table of the double.
NAMES = {
    "lx": (
        *("eval", "arg", "out", "bless", "symbol.sTYPE_STRING", "symbol.sTYPE_INTEGER", "symbol.sTYPE_BOOLEAN"),
        *("symbol.fCMDARG_OPTIONAL", "symbol.fCMD_UI", "symbol.fVALHINT_POPUPS", "result.FAILED"),
        *("service.Platform", "service.Platform.IsHeadless"),
    ),
    "lxifc": ("UIValueHints",),
    "lxu.command": (
        *("BasicCommand.dyna_Add", "BasicCommand.dyna_IsSet", "BasicCommand.dyna_String", "BasicCommand.dyna_Int"),
        *("BasicCommand.dyna_Bool", "BasicCommand.basic_SetFlags", "BasicCommand.attr_SetString"),
        "BasicCommand.attr_SetInt",
    ),
    "modo": ("dialogs.alert",),
}
#: Channel → what it is set to for the frame that is rendered.
OUTPUT = {"renderOutput$filename": "{check/shot_}", "renderOutput$format": "PNG", "textureLayer$enable": "1"}


def check(scene: str) -> dict[str, Any]:
    """Return every check, and leave a scene with one output that is written."""
    return {"rows": [asdict(one) for one in _rows(scene)]}


def _rows(path: str) -> Iterator[Row]:
    for module, names in NAMES.items():
        for name in names:
            yield tried(f"{module}.{name}", partial(_has, module, name))
    yield tried("log.toConsole", partial(_ran, "log.toConsole true"))
    yield tried("scene.new", partial(_ran, "scene.new"))
    yield tried("a new scene has no file", lambda: scene.current() == "")
    yield tried("frames of the scene", scene.frames)
    yield tried("cameras", lambda: "Camera" in scene.cameras())
    yield tried("the item with the frame's size", scene._sized)
    yield tried("files that the scene reads", lambda: str(scene.files()))
    yield tried("no render region is on", lambda: scene.oddities() == [])
    yield tried("pass groups", lambda: scene.pass_groups() == [])
    outputs = scene._items("renderOutput")
    yield tried("render outputs", lambda: str(outputs))
    for name, value in OUTPUT.items():
        yield tried(name, partial(_is_set, name, value, outputs[0]))
    yield tried("an output writes", scene.writes)
    yield tried("scene.saveAs", partial(_ran, f"!scene.saveAs {{{path}}} $LXOB false"))
    yield tried("the scene has a file", scene.current)
    yield tried("and no changes", lambda: not scene.is_changed())
    yield tried("a copy is saved", partial(_is_copied, path.replace("check", "copy")))
    yield tried("the scene keeps its name", lambda: scene.current().endswith("check.lxo"))


def _has(module: str, name: str) -> bool:
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return True


def _ran(command: str) -> bool:
    import lx  # type: ignore[import-not-found]  # Modo's, in no stubs

    lx.eval(command)
    return True


def _is_copied(path: str) -> bool:
    scene.export(path, "$LXOB")
    return os.path.isfile(path)  # noqa: PTH113  # text, as Modo takes it


def _is_set(name: str, value: str, item: str) -> bool:
    scene._put(name, value, item)
    return bool(scene._channel(name, item))
