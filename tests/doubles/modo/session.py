"""The process of the double: a scene in JSON, and what `lx` does with it. Python 3.9.

What `table.py` hasn't is an error.
"""

from __future__ import annotations

import json
import os
import re
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from doubles.houdini import files
from doubles.modo.table import CHANNELS, CLIPS, COMMANDS, FORMATS, QUERIES
from doubles.strict import MisuseError

_WORD = re.compile(r"(\w+:)?(?:\{([^{}]*)\}|\"([^\"]*)\"|([^\s{}\"]+))(?=\s|$)")
_FIRST = {
    **{"first": 1, "last": 10, "step": 1, "frmRange": "...", "region": 0, "resX": 64, "resY": 48},
    "outPat": "[<pass>][<output>][<LR>]<FFFF>",
}


class Session:
    """One process."""

    def __init__(self, version: int = 1611) -> None:
        self.version = version
        self.path = ""
        self.is_changed = False
        #: Whether queries are of this scene; else they would be of the one before.
        self.is_asked = False
        #: What is wrong with the disk: `full` is told, `silent` isn't.
        self.disk = ""
        self.is_headless = False
        #: Commands that were made known; what was printed, and shown.
        self.blessed: dict[str, type] = {}
        self.printed: list[str] = []
        self.alerts: list[tuple[str, str, str]] = []
        self.content: dict[str, Any] = {}
        self.render: dict[str, Any] = dict(_FIRST)
        self.camera = ""
        #: Id → type.
        self.items: dict[str, str] = {}
        self.outputs: dict[str, dict[str, Any]] = {}
        #: Of each camera, which may override the render item's.
        self.sizes: dict[str, dict[str, int]] = {}
        self.argument = ""
        #: Of each item that reads a file: its channels. And items that come from another scene, with its file.
        self.readers: dict[str, dict[str, str]] = {}
        self.references: dict[str, str] = {}
        #: Names for folders, which paths may begin with.
        self.aliases: dict[str, str] = {}

    def lx(self) -> types.ModuleType:
        """Return the module `lx`, with two functions."""
        module = types.ModuleType("lx")
        module.eval = self.eval  # type: ignore[attr-defined]  # a module
        module.arg = lambda: self.argument  # type: ignore[attr-defined]  # as above

        def missing(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            raise MisuseError(f"lx.{name} is not programmed in this double")

        module.__getattr__ = missing  # type: ignore[method-assign]  # PEP 562
        return module

    def eval(self, command: str) -> Any:
        """Run a command; one that the table hasn't is a fault of ours."""
        name, _, rest = command.strip().partition(" ")
        handlers: dict[str, Callable[..., Any]] = {
            "log.toConsole": self._log,
            "log.toConsoleRolling": self._log,
            "!scene.open": self._open,
            "!scene.close": self._close,
            "!scene.save": self._save,
            "scene.new": self._new,
            "!scene.saveAs": self._save_as,
            "query": self._query,
            "render.camera": self._camera,
            "item.channel": self._channel,
            "!render.animation": self._animation,
        }
        if name not in COMMANDS:
            raise MisuseError(f"no source has a command {name}")
        if name == "!render.animation" and "group:{" in rest:  # CN
            raise MisuseError("Modo finds no group by an id in braces")
        return handlers[name](**bound(name, parse(rest)))

    @staticmethod
    def _log(value: str) -> None:
        if value not in {"true", "false"}:
            raise MisuseError(f"a log is true or false, not {value}")

    def _open(self, filename: str, mode: str) -> None:
        if mode != "normal":
            raise MisuseError(f"scene.open has no mode {mode}")
        if self.is_headless and self.path:
            raise MisuseError(f"{self.path} is open still, and stays in memory")
        try:
            content = json.loads(Path(filename).read_text(encoding="utf-8"))
        except ValueError as exc:
            raise RuntimeError("Failed to open scene file") from exc
        if content.get("trouble") == "not opened":
            return
        self._fill(filename, content)

    def _close(self) -> None:
        if not self.path:
            raise MisuseError("there is no scene to close")
        self.path, self.content, self.items, self.outputs = "", {}, {}, {}
        self.is_asked = False

    def _new(self) -> None:
        """As in Modo, two outputs that write nothing."""
        names = ("Final Color Output", "Alpha Output")
        self._fill("", {"outputs": [{"filename": "", "format": "", "enable": 1, "name": one} for one in names]})

    def _fill(self, path: str, content: dict[str, Any]) -> None:
        self.is_asked = False
        # Modo may tell it in other words than it was told.
        self.path, self.content = os.path.realpath(path) if path else "", content
        self.render = {**_FIRST, **content.get("render", {})}
        self.outputs = {f"output{place}": dict(one) for place, one in enumerate(content["outputs"])}
        self.camera = "camera0"
        self.items = {"render": "polyRender", "mask0": "mask", **dict.fromkeys(self.outputs, "renderOutput")}
        for kind, names in self._named().items():
            self.items.update({f"{kind}{place}": kind for place in range(len(names))})
        self._fill_files(content.get("reads", []), content.get("references", []))
        own = content.get("sizes", {})
        self.sizes = {
            f"camera{place}": own.get(name, {"resOverride": 0, "resX": 720, "resY": 480})
            for place, name in enumerate(self._named()["camera"])
        }

    def _fill_files(self, reads: list[tuple[str, str]], references: list[str]) -> None:
        self.readers = {
            f"{kind}{place}": {next(iter(CHANNELS[kind])): path} for place, (kind, path) in enumerate(reads)
        }
        self.references = {f"mesh{place}": path for place, path in enumerate(references)}
        self.items.update(dict.fromkeys(self.references, "mesh"))
        self.items.update({f"{kind}{place}": kind for place, (kind, _) in enumerate(reads)})

    def _save(self) -> None:
        self._write_scene(self.path)
        self.is_changed = False

    def _save_as(self, filename: str, format: str, export: str) -> None:
        if format != "$LXOB" or export not in {"true", "false"}:
            raise MisuseError(f"scene.saveAs writes no {format}, or doesn't know {export}")
        self._write_scene(filename)
        if export == "false":
            self.path, self.is_changed = filename, False

    def _write_scene(self, path: str) -> None:
        if self.disk == "full":
            raise RuntimeError("The disk is full")
        if self.disk != "silent":
            content = {**self.content, "render": self.render, "outputs": list(self.outputs.values())}
            Path(path).write_text(json.dumps(content), encoding="utf-8")

    def _named(self) -> dict[str, list[str]]:
        return {
            "camera": self.content.get("cameras", ["Camera", "Side"]),
            "group": [*self.content.get("passes", {}), *self.content.get("assemblies", [])],
        }

    def _query(self, service: str, attribute: str, value: str, selector: str = "") -> Any:
        if value != "?":
            raise MisuseError(f"a query asks with ?, not with {value}")
        if service == "platformservice" and (attribute, selector) == ("appversion", ""):
            return self.version
        if (service, attribute) == ("platformservice", "alias"):
            name, _, rest = selector.partition(":")
            return f"{self.aliases[name]}/{rest}"
        if service == "layerservice" and attribute in CLIPS:
            clips = [one for one, kind in self.items.items() if kind.startswith("video")]
            return len(clips) if (attribute, selector) == ("clip.N", "all") else clips[int(selector)]
        if service != "sceneservice" or attribute not in QUERIES:
            raise MisuseError(f"no source has a query {service} {attribute}")
        return self._of_scene(attribute, selector)

    def _of_scene(self, attribute: str, selector: str) -> Any:
        if QUERIES[attribute] in {"current", ""} and selector != QUERIES[attribute]:
            raise MisuseError(f"{attribute} is asked of {QUERIES[attribute] or 'nothing'}, not of {selector}")
        if selector == "current":
            self.is_asked = True
            return {"index": 0, "file": self.path or None, "changed": int(self.is_changed)}[attribute[len("scene.") :]]
        if not self.is_asked:
            raise MisuseError(f"{attribute} would be asked of another scene")
        kind, _, what = attribute.partition(".")
        if QUERIES[attribute] == "id":
            return self._of_item(attribute, selector)
        known = [one for one, own in self.items.items() if kind in {own, "item"}]
        if what == "refPath":
            return self.references.get(known[int(selector)])
        return len(known) if what == "N" else known[int(selector)]

    def _of_item(self, attribute: str, item: str) -> Any:
        if item not in self.items:
            raise RuntimeError(f"There is no item {item}")
        kind = self.items[item]
        if attribute == "item.type":
            return kind
        if (attribute, kind) == ("item.name", "renderOutput"):
            return self.outputs[item].get("name", "")
        if attribute == "item.parent":
            above = self.outputs[item].get("mask") if kind == "renderOutput" else None
            return {"mask": "render", "renderOutput": "mask0" if above else "render"}.get(kind)
        if attribute == "render.tags":
            name = self._named()[kind][int(item[len(kind) :])]
            tags = ("render" if name in self.content.get("passes", {}) else "assembly", *self.content.get("tags", ()))
            return tags if tags[1:] else tags[0]  # RR: one value is bare, several are a tuple
        return self._named()[kind][int(item[len(kind) :])]

    def _camera(self, camera: str) -> str | None:
        if camera == "?":
            return self.camera or None
        if self.items.get(camera) != "camera":
            raise RuntimeError(f"There is no camera {camera}")
        self.camera = camera
        return None

    def _channel(self, name: str, value: str, item: str) -> Any:
        if item not in self.items:
            raise RuntimeError(f"There is no item {item}")
        kind = self.items[item]
        if name not in CHANNELS.get(kind, {}):
            raise MisuseError(f"no source has a channel {name} of {kind}")
        of_mask = {"enable": self.content.get("mask", 1)}
        own = {"polyRender": self.render, "mask": of_mask}.get(kind) or self.outputs.get(item)
        own = own or self.readers.get(item) or self.sizes[item]
        short = name.partition("$")[2] or name
        if value == "?":
            return own.get(short)
        own[short] = CHANNELS[kind][name](value)
        return None

    def _animation(self, filename: str, group: str = "") -> None:
        if filename != "*":
            raise MisuseError(f"render.animation would write all to {filename}")
        passes = [""]
        if group:
            if self.items.get(group) != "group":
                raise RuntimeError(f"There is no group {group}")
            passes = list(self.content["passes"].values())[int(group[len("group") :])]
        for frame in self._frames():
            self._frame(frame, passes)

    def _frames(self) -> list[int]:
        """Return the render item's frames: all between two, or those of its own list."""
        if self.render["frmRange"] != "...":
            parts = [one.partition("-") for one in self.render["frmRange"].split(",")]
            return [number for low, _, high in parts for number in range(int(low), int(high or low) + 1)]
        first, last, step = (self.render[one] for one in ("first", "last", "step"))
        return list(range(first, last + 1, step))

    def _frame(self, frame: int, passes: list[str]) -> None:
        trouble = self.content.get("troubles", {}).get(str(frame), self.content.get("trouble", ""))
        for tenth in range(10 if self.content.get("seconds") else 0):
            # DL; how the "rolling" log ends its lines isn't said, so here it is in the way that is harder to read.
            print(f"sceneProgress: {tenth * 10:.1f}", end="\r", flush=True)
            time.sleep(self.content["seconds"] / 10)
        if trouble == "crash":
            os._exit(139)
        if trouble == "hang":
            time.sleep(10_000)
        if trouble == "licence":
            print("No valid license was found", flush=True)
        if trouble in {"licence", "error"}:
            raise RuntimeError("Rendering failed")
        for render_pass in passes:
            for one in self.outputs.values():
                is_on = one.get("enable", 1) and (self.content.get("mask", 1) or not one.get("mask"))
                if is_on and one["filename"] and trouble != "silent" and render_pass not in one.get("not in", ()):
                    self._write(one, frame, render_pass)
        if trouble == "late":
            raise RuntimeError("Rendering failed after a picture was written")

    def _write(self, output: dict[str, Any], frame: int, render_pass: str) -> None:
        added = self.render["outPat"]
        for token, value in {"pass": render_pass, "output": output.get("name", ""), "LR": ""}.items():
            added = re.sub(rf"\[([^\[\]<]*)<{token}>([^\[\]]*)\]", rf"\g<1>{value}\2" if value else "", added)
            added = added.replace(f"<{token}>", value)
        added = re.sub(r"<(F+)>", lambda match: str(frame).zfill(len(match.group(1))), added)
        path = Path(self.path).parent / f"{output['filename']}{added}.{FORMATS[output['format']]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = f"{frame} {self.camera} {render_pass} {output.get('name')}"
        of_camera = self.sizes[self.camera]
        size = of_camera if of_camera["resOverride"] else self.render
        files.write_picture(str(path), size["resX"], size["resY"], seed)


def bound(command: str, given: list[tuple[str, str]]) -> dict[str, str]:
    """Return a command's arguments by their names; those without one are in order."""
    names = COMMANDS[command]
    found: dict[str, str] = {}
    for place, (name, value) in enumerate(given):
        key = name or (names[place] if place < len(names) else "")
        if key not in names or key in found:
            raise MisuseError(f"{command} has no argument {key or place}, or has it twice")
        found[key] = value
    return found


def parse(text: str) -> list[tuple[str, str]]:
    """Return the arguments of a command, each with its name or "": words, or texts in braces or quotes."""
    found, place = [], 0
    while place < len(text):
        match = _WORD.match(text, place)
        if not match:
            raise MisuseError(f"Modo can't read {text[place:]!r}")
        name, *values = match.groups()
        found.append(((name or "").rstrip(":"), next(one for one in values if one is not None)))
        place = match.end()
        while place < len(text) and text[place] == " ":
            place += 1
    return found
