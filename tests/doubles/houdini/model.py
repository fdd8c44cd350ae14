"""A scene of the double: JSON, where Houdini has its own format. Python 3.9, as all that the fake hython runs."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

from doubles.houdini import files
from doubles.houdini.parms import CACHES, CAMERA, EXPORT, MAIN, MORE, TYPES
from doubles.strict import MisuseError

#: The networks of every scene, with the category of what is made in them.
NETWORKS = {"/obj": "Object", "/out": "Driver", "/stage": "Lop"}
_WORD = r"F\d?|SF\d?|HIPNAME|HIP|OS"
_VARIABLE = re.compile(rf"\$(?:\{{(?P<braced>{_WORD})\}}|(?P<word>{_WORD})(?!\w))|`.*?`|\\(?P<sign>[$`\\])")


class Scene:
    """One open scene."""

    def __init__(self, path: str, content: dict[str, Any]) -> None:
        self.path = path
        self.nodes = {name: Node(self, name, given) for name, given in content.get("nodes", {}).items()}
        #: Take → node → parameter → value; the main one has none of its own.
        self.takes: dict[str, dict[str, dict[str, Any]]] = {"Main": {}, **content.get("takes", {})}
        self.take = content.get("take", "Main")
        self.frame = 1.0
        self.warning = content.get("warning", "")
        #: What is printed when it is loaded.
        self.says = content.get("says", "")

        for name in NETWORKS:
            self.nodes.setdefault(name, Node(self, name, {"type": "Manager/network"}))

    def write(self, path: str) -> None:
        nodes = {one.path: {"type": one.type, "parms": one.values} for one in self.nodes.values() if one.kinds}
        Path(path).write_text(json.dumps({"nodes": nodes}), encoding="utf-8")

    def add(self, around: Node, kind: str, name: str | None) -> Node:
        """Make a node in a network, of that network's category."""
        category = NETWORKS.get(around.path) or {"Object/geo": "Sop", "Object/copnet": "Cop"}[around.type]
        path = f"{around.path}/{name or kind + str(len(self.nodes))}"
        self.nodes[path] = Node(self, path, {"type": f"{category}/{kind}"})
        return self.nodes[path]

    @classmethod
    def read(cls, path: str) -> Scene:
        return cls(path, json.loads(Path(path).read_text(encoding="utf-8")))

    def of_type(self, name: str) -> list[Node]:
        return [one for one in self.nodes.values() if one.type == name]


class Node:
    """One node: what it holds, and what it does when it renders."""

    def __init__(self, scene: Scene, path: str, given: dict[str, Any]) -> None:
        self.scene, self.path, self.type = scene, path, given["type"]
        if self.type not in TYPES:
            raise MisuseError(f"no source has a type {self.type}")
        self.kinds = TYPES[self.type]
        for name in given.get("parms", {}):
            if name not in self.kinds:
                raise MisuseError(f"no source has a parameter {name} of {self.type}")
        self.values = {name: _first(kind) for name, kind in self.kinds.items()}
        self.values.update(given.get("parms", {}))
        self.keys: dict[str, str] = dict(given.get("keys", {}))
        self.locked = set(given.get("locked", ()))
        self.inputs: list[str] = given.get("inputs", [])
        self.is_bypassed = bool(given.get("bypass"))
        #: The file of the asset that it is; empty: it is none.
        self.asset: str = given.get("asset", "")
        self.is_inside_asset = bool(given.get("inside_asset"))
        self.stage: dict[str, Any] = given.get("stage", {})
        self.seconds = float(given.get("seconds", 0))
        #: What it meets in each frame, or in some of them.
        self.trouble: str = given.get("trouble", "")
        self.troubles: dict[str, str] = given.get("troubles", {})
        #: What it adds to the names of its files, as V-Ray adds the frame.
        self.addition: str = given.get("addition", "")
        self.errors: tuple[str, ...] = ()
        self.callbacks: list[Any] = []

    @property
    def base(self) -> str:
        parts = self.type.partition("/")[2].split("::")
        return str(parts[1] if len(parts) == 3 else parts[0])

    def raw(self, name: str) -> Any:
        """The value as typed, in the take of the moment; an expression counts before it."""
        if name in self.keys:
            return self.keys[name]
        own = self.scene.takes[self.scene.take].get(self.path, {})
        return own.get(name, self.values[name])

    def text(self, name: str, frame: float | None = None) -> str:
        value, kind = self.raw(name), self.kinds[name]
        if kind.startswith("menu"):
            return str(kind.partition(":")[2].split()[value] if isinstance(value, int) else value)
        if kind.startswith("toggle"):
            return "on" if value else "off"
        if value == "BROKEN":
            raise ValueError("Unable to evaluate expression")
        return self.expanded(str(value), self.scene.frame if frame is None else frame)

    def expanded(self, text: str, frame: float) -> str:
        hip = Path(self.scene.path)
        names = {"HIP": str(hip.parent), "HIPNAME": hip.stem, "OS": self.path.rpartition("/")[2]}

        def value(match: re.Match[str]) -> str:
            word = match.group("braced") or match.group("word")
            if match.group("sign"):
                return match.group("sign")
            if not word:
                raise MisuseError(f"the double reads no expressions in backticks: {text!r}")
            return names.get(word) or str(int(frame)).zfill(int(word[-1]) if word[-1].isdigit() else 0)

        return _VARIABLE.sub(value, text)

    def number(self, name: str) -> float:
        value = self.raw(name)
        if isinstance(value, str):
            if not self.kinds[name].startswith("menu"):
                raise TypeError(f"{name} is a text")
            return float(self.kinds[name].partition(":")[2].split().index(value))
        return float(value)

    def size(self) -> tuple[int, int]:
        """Width and height as documented for each renderer."""
        if "resolutionx" in self.kinds:
            return self._pixels("resolutionx", "resolutiony")
        if "override_res" in self.kinds:
            is_own = self.text("override_res") == "specific"
            return self._pixels("res_user1", "res_user2") if is_own else self._stage_size()
        camera = self.scene.nodes.get(self.camera())
        size = camera._pixels("resx", "resy") if camera else (32, 24)
        if self.is_on("override_camerares"):
            mode = self.text("res_fraction")
            is_own = mode == "specific"
            return self._pixels("res_overridex", "res_overridey") if is_own else _scaled(size, float(mode))
        if self.is_on("RS_overrideCameraRes"):
            is_own = self.text("RS_overrideResScale") == "user"
            return self._pixels("RS_overrideRes1", "RS_overrideRes2") if is_own else _scaled(size, 0.5)
        return size

    def _pixels(self, width: str, height: str) -> tuple[int, int]:
        return int(self.number(width)), int(self.number(height))

    def _stage_size(self) -> tuple[int, int]:
        width, height = self.stage_node().stage.get("resolution", [32, 24])
        return width, height

    def is_on(self, name: str) -> bool:
        return name in self.kinds and bool(self.number(name))

    def camera(self) -> str:
        return next((self.text(name) for name in CAMERA if name in self.kinds), "")

    def stage_node(self) -> Node:
        path = self.text("loppath") or next(iter(self.inputs), "")
        return self.scene.nodes[path]

    def written(self, frame: float) -> list[str]:
        """The files of a frame, as the switches are set."""
        for switch, file in EXPORT.items():
            if self.is_on(switch):
                return [self.text(file, frame)]
        main = self.text(MAIN[self.base], frame)
        if not main and "outputimage" in self.kinds:
            return [self.expanded(one, frame) for one in self.stage_node().stage.get("products", [])]
        more = [name for name in MORE if name in self.kinds and (not MORE[name] or self.number(MORE[name]))]
        return [main, *filter(None, (self.text(name, frame) for name in more))]

    def render(self, frames: list[int], *, is_told: bool) -> None:
        """Write the files of these frames; `is_told`: with Alfred's progress."""
        if "soho_foreground" in self.kinds and not self.number("soho_foreground"):
            return  # it would go on beside us, and the caller wouldn't know
        self.errors = ()
        for frame in frames:
            self.scene.frame = float(frame)
            trouble = self.troubles.get(str(frame), self.trouble)
            self._meet(trouble)
            self._work(is_told)
            if trouble != "silent":
                self._write(frame)
            if trouble == "late":
                self.errors = ("Bad exit status",)
            for callback in self.callbacks:
                callback(frame)

    def _work(self, is_told: bool) -> None:
        speaks = self.is_on("alfprogress") or self.is_on("vm_alfprogress")
        for tenth in range(10 if self.seconds else 0):
            if is_told and speaks:
                print(f"ALF_PROGRESS {tenth * 10}%", flush=True)
            time.sleep(self.seconds / 10)

    def _meet(self, trouble: str) -> None:
        if trouble == "crash":
            os._exit(139)
        if trouble == "hang":
            time.sleep(10_000)
        if trouble == "licence":
            print("No licenses could be found to run this application.", flush=True)
            is_marked = "ar_abort_on_license_fail" in self.kinds and not self.is_on("ar_abort_on_license_fail")
            self.errors = () if is_marked else ("mantra: Bad exit status",)
        if trouble == "error":
            self.errors = ("Unable to evaluate expression (Undefined variable (/obj/geo1/x)).",)

    def _write(self, frame: float) -> None:
        if self.errors:
            return
        width, height = self.size() if self.base not in CACHES else (0, 0)
        for named in self.written(frame):
            path = re.sub(r"(\.\w+)$", rf"{self.addition}\1", named)
            is_picture = self.base not in CACHES and path.endswith((".png", ".exr", ".jpg"))
            if is_picture:
                own = self.scene.takes[self.scene.take]
                seed = f"{self.path} {self.camera()} {self.scene.take} {own} {frame} {os.path.basename(path)}"  # noqa: PTH119
                files.write_picture(path, width, height, seed)
            else:
                files.write_cache(path, f"{self.path} frame {frame}")


def _scaled(size: tuple[int, int], factor: float) -> tuple[int, int]:
    return int(size[0] * factor), int(size[1] * factor)


def _first(kind: str) -> Any:
    """What a parameter holds in a new node."""
    name, _, first = kind.partition(":")
    if name in ("int", "toggle", "ordinal"):
        return int(first or 0)
    if name == "float":
        return float(first or 0)
    return first.split()[0] if name == "menu" else first
