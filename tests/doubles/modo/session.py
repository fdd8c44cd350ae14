"""The process of the double: a scene in JSON, and what `lx` does with it. What no source has is an error. Python 3.9.

Sources of commands and channels: scripts for Modo in public repositories; The Foundry's documentation of
`render.animation` and of the output pattern.
"""

from __future__ import annotations

import json
import os
import re
import time
import types
from pathlib import Path
from typing import Any

from doubles.houdini import files
from doubles.strict import MisuseError

_WORD = re.compile(r"(\w+:)?(?:\{([^{}]*)\}|\"([^\"]*)\"|([^\s{}\"]+))(?=\s|$)")
#: Channel → its kind, by the type of the item.
CHANNELS = {
    "polyRender": {**dict.fromkeys(("first", "last", "step", "resX", "resY"), int), "outPat": str},
    "renderOutput": {"renderOutput$filename": str, "renderOutput$format": str, "textureLayer$enable": int},
}
#: Format → ending.
FORMATS = {"PNG": "png", "openexr": "exr", "JPG": "jpg"}
_FIRST = {"first": 1, "last": 10, "step": 1, "resX": 64, "resY": 48, "outPat": "[<pass>][<output>][<LR>]<FFFF>"}


class Session:
    """One process."""

    def __init__(self, version: int = 1611) -> None:
        self.version = version
        self.path = ""
        self.is_changed = False
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
        self.selected = ""
        #: Id → type.
        self.items: dict[str, str] = {}
        self.outputs: dict[str, dict[str, Any]] = {}
        self.arguments: list[str] = []

    def lx(self) -> types.ModuleType:
        """Return the module `lx`, with two functions."""
        module = types.ModuleType("lx")
        module.eval = self.eval  # type: ignore[attr-defined]  # a module
        module.args = lambda: list(self.arguments)  # type: ignore[attr-defined]  # as above

        def missing(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            raise MisuseError(f"lx.{name} is not programmed in this double")

        module.__getattr__ = missing  # type: ignore[method-assign]  # PEP 562
        return module

    def eval(self, command: str) -> Any:
        """Run a command; one that the table hasn't is a fault of ours."""
        name, _, rest = command.strip().partition(" ")
        words = parse(rest)
        known = {
            "log.toConsole": self._log,
            "log.toConsoleRolling": self._log,
            "!scene.open": self._open,
            "!scene.save": self._save,
            "!scene.saveAs": self._save_as,
            "query": self._query,
            "render.camera": self._camera,
            "select.item": self._select,
            "select.itemType": self._select_type,
            "item.channel": self._channel,
            "!render.animation": self._animation,
        }
        if name not in known:
            raise MisuseError(f"no source has a command {name}")
        return known[name](*words)

    @staticmethod
    def _log(value: str) -> None:
        if value not in {"true", "false"}:
            raise MisuseError(f"a log is true or false, not {value}")

    def _open(self, path: str, mode: str) -> None:
        if mode != "normal":
            raise MisuseError(f"scene.open has no mode {mode}")
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except ValueError as exc:
            raise RuntimeError("Failed to open scene file") from exc
        if content.get("trouble") == "not opened":
            return
        self.path, self.content, self.selected = path, content, ""
        self.render = {**_FIRST, **content.get("render", {})}
        self.outputs = {f"output{place}": dict(one) for place, one in enumerate(content["outputs"])}
        self.camera = "camera0"
        self.items = {"render": "polyRender", **dict.fromkeys(self.outputs, "renderOutput")}
        for kind, names in self._named().items():
            self.items.update({f"{kind}{place}": kind for place in range(len(names))})

    def _save(self) -> None:
        self._write_scene(self.path)
        self.is_changed = False

    def _save_as(self, path: str, saver: str, is_export: str) -> None:
        if (saver, is_export) != ("$LXOB", "true"):  # U
            raise MisuseError(f"scene.saveAs would change the scene's name, or its format: {saver} {is_export}")
        self._write_scene(path)

    def _write_scene(self, path: str) -> None:
        if self.disk == "full":
            raise RuntimeError("The disk is full")
        if self.disk != "silent":
            Path(path).write_text(json.dumps({**self.content, "render": self.render}), encoding="utf-8")

    def _named(self) -> dict[str, list[str]]:
        return {
            "camera": self.content.get("cameras", ["Camera", "Side"]),
            "group": list(self.content.get("passes", {})),
        }

    def _query(self, service: str, what: str, mark: str, *words: str) -> Any:
        if mark != "?":
            raise MisuseError(f"a query asks with ?, not with {mark}")
        if (service, what) == ("platformservice", "appversion"):
            return self.version
        if service != "sceneservice":
            raise MisuseError(f"no source has a service {service}")
        kind, _, attribute = what.partition(".")
        if (what, words) == ("scene.file", ("current",)):
            return self.path or None
        if (what, words) == ("scene.changed", ("current",)):  # U
            return int(self.is_changed)
        if what == "item.name":
            kind = self.items[words[0]]
            return self._named()[kind][int(words[0][len(kind) :])]
        known = [one for one, own in self.items.items() if own == kind]
        if kind not in {"camera", "group", "renderOutput"} or attribute not in {"N", "id"}:
            raise MisuseError(f"no source has a query {what}")
        return len(known) if attribute == "N" else known[int(words[0])]

    def _camera(self, item: str) -> None:
        if self.items.get(item) != "camera":
            raise RuntimeError(f"There is no camera {item}")
        self.camera = item

    def _select(self, item: str, mode: str) -> None:
        if item not in self.items or mode != "set":
            raise MisuseError(f"select.item can't select {item} by {mode}")
        self.selected = item

    def _select_type(self, kind: str) -> None:
        if kind != "polyRender":
            raise MisuseError(f"no source selects items of the type {kind}")
        self.selected = "render"

    def _channel(self, name: str, *value: str) -> Any:
        kind = self.items[self.selected]
        if name not in CHANNELS[kind]:
            raise MisuseError(f"no source has a channel {name} of {kind}")
        own = self.render if kind == "polyRender" else self.outputs[self.selected]
        if value == ("?",):
            return own.get(name.partition("$")[2] or name)
        own[name.partition("$")[2] or name] = CHANNELS[kind][name](value[0])
        return None

    def _animation(self, target: str, group: str = "") -> None:
        if target != "*" or (group and not group.startswith("group:")):
            raise MisuseError(f"render.animation takes {{*}} and a group, not {target} {group}")
        passes = [""]
        if group:
            place = int(group.partition("group:group")[2])
            passes = list(self.content["passes"].values())[place]
        first, last, step = (self.render[one] for one in ("first", "last", "step"))
        for frame in range(first, last + 1, step):
            self._frame(frame, passes)

    def _frame(self, frame: int, passes: list[str]) -> None:
        trouble = self.content.get("troubles", {}).get(str(frame), self.content.get("trouble", ""))
        for tenth in range(10 if self.content.get("seconds") else 0):
            print(f"{tenth * 10}% complete", flush=True)
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
                if one.get("enable", 1) and one["filename"] and trouble != "silent":
                    self._write(one, frame, render_pass)
        if trouble == "late":
            raise RuntimeError("Rendering failed after a picture was written")

    def _write(self, output: dict[str, Any], frame: int, render_pass: str) -> None:
        added = self.render["outPat"]
        for token, value in {"pass": render_pass, "output": output.get("name", ""), "LR": ""}.items():
            added = re.sub(rf"\[([^\[\]<]*)<{token}>([^\[\]]*)\]", rf"\g<1>{value}\2" if value else "", added)
        added = re.sub(r"<(F+)>", lambda match: str(frame).zfill(len(match.group(1))), added)
        path = Path(self.path).parent / f"{output['filename']}{added}.{FORMATS[output['format']]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = f"{frame} {self.camera} {render_pass} {output.get('name')}"
        files.write_picture(str(path), self.render["resX"], self.render["resY"], seed)


def parse(text: str) -> list[str]:
    """Return the arguments of a command: words, or texts in braces or quotes, with a name before a colon."""
    found, place = [], 0
    while place < len(text):
        match = _WORD.match(text, place)
        if not match:
            raise MisuseError(f"Modo can't read {text[place:]!r}")
        name, *values = match.groups()
        found.append((name or "") + next(one for one in values if one is not None))
        place = match.end()
        while place < len(text) and text[place] == " ":
            place += 1
    return found
