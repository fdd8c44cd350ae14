"""Opens a scene, tells of it and renders a frame, by Modo's commands. Runs in Modo's own Python.

Sources of the commands: scripts for Modo in public repositories; `tests/doubles/modo/table.py` names them. Nothing is
kept between two requests: whether a script's modules stay is not known. Nothing is selected: in a window that would be
seen, and could be undone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from buildcat.model.errors import PathError, RefusedError, RenderError, SettingError, near_names

#: Signs that end a text in braces, or a command.
_SIGNS = "{}\r\n"
_RENDER = "polyRender"
#: All frames between the first and the last; else a list, such as `1-5,9`, which holds in their place. Source: "Render
#: Item: Frame" of The Foundry's documentation of Modo 16.
_EVERY_FRAME, _LIST = "...", re.compile(r"\d+(-\d+)?(,\d+(-\d+)?)*")
_FILENAME, _FORMAT, _ENABLE = "renderOutput$filename", "renderOutput$format", "textureLayer$enable"


def about() -> dict[str, Any]:
    """Return Modo's version, such as `1611`."""
    return {"version": str(_run("query", "platformservice", "appversion", "?"))}


def load(path: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Open the scene, apply the settings, and return what it writes.

    Raises:
        RenderError: there is no such scene, or Modo can't open it.
        SettingError: a setting doesn't fit this scene.
        RefusedError: nothing would be written.
    """
    if not os.path.isfile(path):  # noqa: PTH113  # text, as Modo takes it
        raise RenderError(f"There is no scene {path}. Save it where the workers can reach it.")
    if current():  # else it stays in memory, beside the new one
        _run("!scene.close", failure="Modo can't close the scene before")
    _run("!scene.open", _quoted(path), "normal", failure=f"Modo can't open {os.path.basename(path)}")  # noqa: PTH119
    if os.path.normpath(current()) != os.path.normpath(path):
        raise RenderError(f"Modo didn't open {path}, and didn't say why. Open it in Modo's window.")
    if "camera" in settings:
        _run("render.camera", _quoted(_find("camera", settings["camera"])))
    group = _find("group", settings["passes"]) if "passes" in settings else ""
    size = _resize(settings)
    found = list(_outputs())
    if not found:
        raise RefusedError("No render output of the scene is switched on and names a file. Set one in the Shader Tree.")
    pattern = str(_channel("outPat", _render_item()) or "")
    return {"outputs": found, "pattern": pattern, "group": group, "size": size}


def current() -> str:
    """Return the open file; empty when it was never saved."""
    return str(_ask("scene", "file", "current") or "")


def is_changed() -> bool:
    """Whether the open scene has changes that aren't saved."""
    return bool(_ask("scene", "changed", "current"))


def frames() -> str:
    """Return the scene's own frames, as a job has them; of its own list, if Buildcat can read it."""
    item = _render_item()
    listed = str(_channel("frmRange", item)).replace(" ", "")
    if _LIST.fullmatch(listed):
        return listed
    first, last, step = (int(_channel(one, item)) for one in ("first", "last", "step"))
    backwards = range(first, last - 1, -abs(step) or -1)[::-1]
    found = backwards if last < first else range(first, last + 1, max(1, step))
    if len(found) == 1:
        return str(first)
    return f"{found[0]}-{found[-1]}" + (f"x{found.step}" if found.step > 1 else "")


def cameras() -> list[str]:
    """Return the names of the cameras, sorted."""
    return sorted(_named("camera"))


def pass_groups() -> list[str]:
    """Return the names of the pass groups, sorted."""
    return sorted(_named("group"))


def writes() -> bool:
    """Whether a render output is switched on and names a file."""
    return any(_outputs())


def save() -> None:
    """Save the open scene.

    Raises:
        RenderError: Modo can't.
    """
    _run("!scene.save", failure="Modo can't save here")


def export(path: str, saver: str) -> None:
    """Write the open scene to another file; it keeps its own name.

    Raises:
        RenderError: Modo can't.
    """
    _run("!scene.saveAs", _quoted(path), saver, "true", failure="Modo can't save a copy here")


def _sized() -> str:
    """Return the id of the item that has the frame's size: the camera, where it overrides the render item's."""
    camera = str(_run("render.camera", "?") or "")
    return camera if camera and _channel("resOverride", camera) else _render_item()


def _resize(settings: dict[str, Any]) -> list[int]:
    item = _sized()
    share = settings.get("percentage", 100) / 100
    size = []
    for key, name in (("resolution_x", "resX"), ("resolution_y", "resY")):
        own = settings.get(key, int(_channel(name, item)))
        size.append(max(1, round(own * share)))
        if {"resolution_x", "resolution_y", "percentage"} & set(settings):
            _put(name, str(size[-1]), item)
    return size


def _outputs() -> Iterator[dict[str, str]]:
    """Yield each render output that writes a file: its id, its filename and its format."""
    for item in _items("renderOutput"):
        filename = str(_channel(_FILENAME, item) or "")
        if filename and _is_on(item):
            yield {"id": item, "filename": filename.replace("\\", "/"), "format": str(_channel(_FORMAT, item))}


def _is_on(item: str) -> bool:
    """Whether a layer of the Shader Tree and all above it are switched on, up to the render item."""
    while item and _ask("item", "type", _quoted(item)) != _RENDER:
        if not _channel(_ENABLE, item):
            return False
        item = str(_ask("item", "parent", _quoted(item)) or "")
    return bool(item)


def render(outputs: list[dict[str, str]], group: str, frame: int) -> dict[str, Any]:
    """Render one frame to these filenames.

    Raises:
        RenderError: Modo can't render it.
    """
    for one in outputs:
        _put(_FILENAME, _quoted(one["filename"]), one["id"])
    item = _render_item()
    for name, value in (("first", frame), ("last", frame), ("step", 1)):
        _put(name, str(value), item)
    if _channel("frmRange", item) != _EVERY_FRAME:
        _put("frmRange", _quoted(_EVERY_FRAME), item)
    # In braces Modo finds no group by its id. Source: Conductor's render script.
    passes = [f"group:{group}"] if group else []
    _run("!render.animation", "{*}", *passes, failure=f"Frame {frame} can't be rendered")
    return {}


def _find(kind: str, name: str) -> str:
    """Return the id of the item of that type and name.

    Raises:
        SettingError: there is none; names those that there are.
    """
    by_name = _named(kind)
    if name in by_name:
        return by_name[name]
    word = {"camera": "camera", "group": "pass group"}[kind]
    there = f"There are: {', '.join(sorted(by_name))}." if by_name else "There is none."
    raise SettingError(f"The scene has no {word} {name!r}.{near_names(name, by_name)} {there}")


def _named(kind: str) -> dict[str, str]:
    """Return the names of all items of a type, with their ids; of groups only those of passes."""
    items = [one for one in _items(kind) if kind != "group" or _ask("render", "tags", _quoted(one)) == "render"]
    return {str(_ask("item", "name", _quoted(one))): one for one in items}


def _items(kind: str) -> list[str]:
    """Return the ids of all items of a type."""
    count = int(_ask(kind, "N") or 0)
    return [str(_ask(kind, "id", str(place))) for place in range(count)]


def _ask(what: str, attribute: str, *words: str) -> Any:
    """Return what the scene service says of the scene, an item, or all items of a type."""
    return _run("query", "sceneservice", f"{what}.{attribute}", "?", *words)


def _render_item() -> str:
    """Return the id of the item that has frames and size."""
    return str(_ask(_RENDER, "id", "0"))


def _channel(name: str, item: str) -> Any:
    """Return the value of an item's channel."""
    return _run("item.channel", name, "?", f"item:{_quoted(item)}")


def _put(name: str, value: str, item: str) -> None:
    """Set a channel of an item."""
    _run("item.channel", name, value, f"item:{_quoted(item)}")


def _quoted(text: str) -> str:
    """Return the text as one argument of a command.

    Raises:
        PathError: it has a sign that would end it.
    """
    if any(sign in text for sign in _SIGNS):
        raise PathError(f"{text!r} has a brace or a line break in it, which Modo's commands can't hold. Rename it.")
    return f"{{{text}}}"


def _run(*words: str, failure: str = "") -> Any:
    """Run a command of Modo's, and return its value; a failure is told in these words.

    Raises:
        RenderError: it failed.
    """
    import lx  # type: ignore[import-not-found]  # Modo's, in no stubs

    command = " ".join(words)
    try:
        return lx.eval(command)
    except RuntimeError as exc:
        said = " ".join(str(exc).split()).rstrip(".")
        raise RenderError(f"{failure or f'Modo refuses {command}'}: {said}.") from exc
