"""Opens a scene, tells of it and renders a frame, by Modo's commands. Runs in Modo's own Python.

Sources of the commands: scripts for Modo in public repositories; `tests/doubles/modo/table.py` names them. Nothing is
kept between two requests: whether a script's modules stay is not known. Nothing is selected: in a window that would be
seen, and could be undone.
"""

from __future__ import annotations

import glob
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
#: Type of an item → its channel with a file that it reads; the last three are no clips. Source: `consolidate.py` of The
#: Foundry, with which Modo collects them.
_READS = {
    **{"videoStill": "filename", "videoSequence": "pattern"},
    **{"photometryLight": "filename", "deformMDD": "file", "deformMDD2": "file"},
}
_READERS = ("photometryLight", "deformMDD", "deformMDD2")
#: A name for a folder, with which a path may begin; no drive is longer than a letter.
_ALIAS = re.compile(r"\w{2,}:")
#: What stands for many files, as farms read it: a frame's number, or a tile's.
_MANY = re.compile(r"<F+>|<UDIM>|\[?#+\]?|%\d*d")
#: So many files that aren't there are named.
_MOST_NAMED = 3
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
    if not _is_open(path):
        raise RenderError(f"Modo didn't open {path}, and didn't say why. Open it in Modo's window.")
    if "camera" in settings:
        _run("render.camera", _quoted(_find("camera", settings["camera"])))
    group = _find("group", settings["passes"]) if "passes" in settings else ""
    size = _resize(settings)
    found = list(_outputs())
    if not found:
        raise RefusedError("No render output of the scene is switched on and names a file. Set one in the Shader Tree.")
    pattern = _pattern()
    warnings = _missing()
    if group and "<pass>" not in pattern:
        warnings.append("The output pattern has no <pass>: passes may overwrite each other's files.")
    return {"outputs": found, "pattern": pattern, "group": group, "size": size, "warnings": warnings}


def _is_open(path: str) -> bool:
    try:
        return os.path.samefile(current(), path)  # noqa: PTH121  # text; Modo may spell it otherwise
    except OSError:  # there is none, or it was never saved
        return False


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


def files() -> list[str]:
    """Return the files that the scene reads, absolute: pictures, data of lights and points, other scenes."""
    clips = range(int(_run("query", "layerservice", "clip.N", "?", "all") or 0))
    items = [str(_run("query", "layerservice", "clip.id", "?", str(place))) for place in clips]
    items += [one for kind in _READERS for one in _items(kind)]
    channels = [(_READS.get(str(_ask("item", "type", _quoted(one)))), one) for one in items]
    named = [_channel(channel, one) for channel, one in channels if channel]
    named += [_ask("item", "refPath", str(place)) for place in range(int(_ask("item", "N") or 0))]
    folder = os.path.dirname(current())  # noqa: PTH120  # text
    return sorted({_place(str(one), folder) for one in named if one} - {current()})


def _place(path: str, folder: str) -> str:
    """Return where a file is that the scene names; of many, such as a sequence's, the first that is there."""
    path = os.path.normpath(os.path.join(folder, _resolved(path)))  # noqa: PTH118  # text
    every = "*".join(glob.escape(part) for part in _MANY.split(path))
    found = [] if os.path.exists(path) else sorted(glob.glob(every))  # noqa: PTH110, PTH207  # as above
    return found[0] if found else path


def _resolved(path: str) -> str:
    """Return the path with the folder itself, where it begins with a name for one."""
    return str(_run("query", "platformservice", "alias", "?", _quoted(path)) or path) if _ALIAS.match(path) else path


def _missing() -> list[str]:
    try:
        lost = [one for one in files() if not os.path.exists(one)]  # noqa: PTH110  # text
    except RenderError:  # the frames are worth more than a warning
        return []
    if not lost:
        return []
    more = f" and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
    return [f"Files that the scene names are not there: {', '.join(lost[:_MOST_NAMED])}{more}."]


def oddities() -> list[str]:
    """Return what is odd about the scene and would not stop a render, as sentences."""
    is_region = _channel("region", _render_item())
    return ["A render region is on: only that part of each frame is rendered."] if is_region else []


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
    """Yield each render output that writes a file: its id, its name, its filename and its format."""
    for item in _items("renderOutput"):
        filename = str(_channel(_FILENAME, item) or "")
        if filename and _is_on(item):
            name, form = str(_ask("item", "name", _quoted(item))), str(_channel(_FORMAT, item))
            yield {"id": item, "name": name, "filename": _resolved(filename).replace("\\", "/"), "format": form}


def _is_on(item: str) -> bool:
    """Whether a layer of the Shader Tree and all above it are switched on, up to the render item."""
    while item and _ask("item", "type", _quoted(item)) != _RENDER:
        if not _channel(_ENABLE, item):
            return False
        item = str(_ask("item", "parent", _quoted(item)) or "")
    return bool(item)


def _pattern() -> str:
    """Return the pattern of the files' names; an empty one becomes the frame's number, as Deadline's worker has it."""
    item = _render_item()
    if not _channel("outPat", item):
        _put("outPat", _quoted("<FFFF>"), item)
    return str(_channel("outPat", item))


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
    items = [one for one in _items(kind) if kind != "group" or _is_of_passes(one)]
    return {str(_ask("item", "name", _quoted(one))): one for one in items}


def _is_of_passes(group: str) -> bool:
    tags = _ask("render", "tags", _quoted(group))
    return "render" in (tags if isinstance(tags, (tuple, list)) else [tags])  # of several Modo makes a tuple


def _items(kind: str) -> list[str]:
    """Return the ids of all items of a type."""
    _look_at_current()
    count = int(_ask(kind, "N") or 0)
    return [str(_ask(kind, "id", str(place))) for place in range(count)]


def _ask(what: str, attribute: str, *words: str) -> Any:
    """Return what the scene service says of the scene, an item, or all items of a type."""
    return _run("query", "sceneservice", f"{what}.{attribute}", "?", *words)


def _look_at_current() -> None:
    """Let all that is asked next be of the scene in front. Else it would be of the one that was asked for last."""
    _ask("scene", "index", "current")


def _render_item() -> str:
    """Return the id of the item that has frames and size."""
    _look_at_current()
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
