"""A scene of the double: a first line as Maya writes it, then JSON. Python 3.9, as all that the fake mayapy runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from doubles.maya.nodes import ALWAYS, ARNOLD_FORMATS, FORMATS, PLUGINS, REDSHIFT_FORMATS, TYPES, first
from doubles.strict import MisuseError


class Scene:
    """One open scene, with its project."""

    def __init__(self, path: str = "", content: dict[str, Any] | None = None) -> None:
        self.content = given = content or {}
        self.path = path
        self.frame = 1.0
        self.layer = given.get("layer", "defaultRenderLayer")
        self.is_modified = False
        #: Whether it can't change its layer, as where an override is broken.
        self.is_sticky: bool = given.get("sticky", False)
        #: Node → type.
        self.types: dict[str, str] = dict(ALWAYS)
        #: `node.attribute` → value.
        self.values: dict[str, Any] = {}
        #: Layer's node → `node.attribute` → value.
        self.overrides: dict[str, dict[str, Any]] = given.get("overrides", {})
        self.locked: set[str] = set(given.get("locked", ()))
        #: `node.attribute` → the plug that drives it.
        self.driven: dict[str, str] = given.get("driven", {})
        #: Nodes of a referenced file, whose locks can't be taken off.
        self.referenced: set[str] = set(given.get("referenced", ()))
        #: Render Setup's layer → its `renderLayer`.
        self.layers: dict[str, str] = {}
        self.files: list[str] = given.get("files", [])
        self.trouble: str = given.get("trouble", "")
        #: Frame → what goes wrong in it alone.
        self.troubles: dict[str, str] = given.get("troubles", {})
        self.seconds = float(given.get("seconds", 0))
        #: AOVs, each a file in a folder of its name.
        self.aovs: list[str] = given.get("aovs", [])
        #: The folder that the picture lies in beside them, with its slash; empty: where it would lie without them.
        self.beauty: str = given.get("beauty", "")
        #: A word more in the picture's name, before the number.
        self.word: str = given.get("word", "")
        #: What a script node of it prints when it runs.
        self.script: str = given.get("script", "")
        #: Nodes of layers that came with an imported scene: they belong to no manager, and are no layers.
        self.strays: list[str] = given.get("strays", [])
        self.warning: str = given.get("warning", "")
        old = dict.fromkeys((*given.get("legacy", ()), *self.strays), "renderLayer")
        for name, kind in {**old, **given.get("nodes", {})}.items():
            self.add(name, kind)
        for name, node in given.get("layers", {}).items():
            self.add_layer(name, node)
        for name in given.get("cameras", ["front_cam", "side_cam"]):
            self.add(name, "transform")
            self.add(f"{name}Shape", "camera")
        for name, value in given.get("attributes", {}).items():
            self.check(name)
            self.values[name] = value

    def add(self, name: str, kind: str) -> None:
        if kind not in TYPES:
            raise MisuseError(f"no source has a type {kind}")
        self.types[name] = kind

    def add_layer(self, name: str, node: str) -> None:
        """Add a layer of Render Setup, with its node."""
        self.add(name, "renderSetupLayer")
        self.add(node, "renderLayer")
        self.layers[name] = node

    def display(self) -> str:
        """The node by which RenderMan writes its picture; a scene may have several."""
        drivers = [name for name, kind in self.types.items() if kind.startswith("d_")]
        return self.content.get("display", drivers[0] if drivers else "")

    def open_settings(self, renderer: str) -> None:
        """Let a renderer make its nodes; loading its plug-in alone doesn't."""
        for node, kind in PLUGINS[renderer][1].items():
            if node not in self.types:
                self.add(node, kind)

    @classmethod
    def read(cls, path: str) -> Scene:
        line, _, rest = Path(path).read_text(encoding="utf-8").partition("\n")
        if not line.startswith("//Maya ASCII"):
            raise ValueError("File is not a Maya file")
        return cls(path, json.loads(rest))

    def write(self) -> None:
        """Save it as it is."""
        cameras = [name for name, kind in self.types.items() if kind == "transform"]
        content = {**self.content, "cameras": cameras, "attributes": self.values, "overrides": self.overrides}
        Path(self.path).write_text(f"//Maya ASCII 2025 scene\n{json.dumps(content)}", encoding="utf-8")
        self.is_modified = False

    def connections(self) -> list[tuple[str, str]]:
        """Return each plug that leads to another, with that one."""
        made = [(f"{node}.message", f"{name}.legacyRenderLayer") for name, node in self.layers.items()]
        layers = {name for name, kind in self.types.items() if kind == "renderLayer"} - {*self.strays, *self.referenced}
        made += [("renderLayerManager.renderLayerId", f"{name}.identification") for name in sorted(layers)]
        if "rmanDefaultDisplay" in self.types:
            made += [(f"{self.display()}.message", "rmanDefaultDisplay.displayType")]
        return made + [(source, target) for target, source in self.driven.items()]

    def has(self, name: str) -> bool:
        node, _, attribute = name.partition(".")
        if node in self.types and attribute:
            self.check(name)
        return node in self.types

    def check(self, name: str) -> str:
        """Return the kind of `node.attribute`; a name that no source has is a fault of ours."""
        node, _, attribute = name.partition(".")
        if node not in self.types:
            raise ValueError(f"No object matches name: {name}")
        if attribute not in TYPES[self.types[node]]:
            raise MisuseError(f"no source has an attribute {attribute} of {self.types[node]}")
        return TYPES[self.types[node]][attribute]

    def get(self, name: str) -> Any:
        kind = self.check(name)
        own = self.overrides.get(self.layer, {})
        return own.get(name, self.values.get(name, first(kind)))

    def put(self, name: str, value: Any, kind: str) -> None:
        wanted = self.check(name).partition(":")[0]
        if (wanted == "text") != isinstance(value, str) or (wanted == "text") != (kind == "string"):
            raise MisuseError(f"{name} is of the kind {wanted}, and is set to {value!r} of the kind {kind!r}")
        if name in self.locked or name in self.driven:
            raise RuntimeError(f"setAttr: The attribute '{name}' is locked or connected and cannot be modified.")
        (self.overrides[self.layer] if name in self.overrides.get(self.layer, {}) else self.values)[name] = value

    def run_scripts(self, part: str, *kinds: int) -> None:
        """Run that part of each script node of these types: it prints what it holds. At the end all nodes run theirs.

        Source: the page of the node `script` in Autodesk's node reference.
        """
        for name in [one for one, kind in self.types.items() if kind == "script"]:
            text = self.get(f"{name}.{part}")
            if text and (not kinds or self.get(f"{name}.scriptType") in kinds):
                print(text, flush=True)

    def cameras(self) -> list[str]:
        return [name for name, kind in self.types.items() if kind == "camera"]

    def shown_layer(self, node: str) -> str:
        names = {own: name for name, own in self.layers.items()}
        return "masterLayer" if node == "defaultRenderLayer" else names.get(node, node)

    def own_ending(self) -> str:
        """How the current renderer ends its pictures, whatever Maya's render settings say; empty: as those say."""
        renderer = self.get("defaultRenderGlobals.currentRenderer")
        if renderer == "arnold":
            return ARNOLD_FORMATS.get(self.get("defaultArnoldDriver.aiTranslator"), "")
        return REDSHIFT_FORMATS[self.get("redshiftOptions.imageFormat")] if renderer == "redshift" else ""

    def with_aovs(self, name: str) -> list[str]:
        """The picture, and its AOVs in folders beside it."""
        stem, _, rest = name.partition(".")
        return [f"{self.beauty}{stem}{self.word}.{rest}", *(f"{one}/{name}" for one in self.aovs)]

    @staticmethod
    def file_name_of(camera: str) -> str:
        """A camera, as pictures are named after it: of its path as much as is needed, and nothing odd. B"""
        return re.sub(r"[^0-9a-zA-Z_]+", "_", camera)

    def image(self, number: str, layer: str, camera: str, tokens: dict[str, str], ending: str = "") -> str:
        """The name below the folder of images, as Maya's render settings make it."""
        prefix = self.get("defaultRenderGlobals.imageFilePrefix") or "<Scene>"
        known = {"scene": Path(self.path).stem, "renderlayer": self.shown_layer(layer)}
        known["camera"] = self.file_name_of(camera)
        values = {**known, **{key.lower(): one for key, one in tokens.items()}}

        def value(match: re.Match[str]) -> str:
            return values.get(match.group(1).lower(), match.group())

        name = re.sub(r"<(\w+)>", value, prefix)
        ending = ending or FORMATS[self.get("defaultRenderGlobals.imageFormat")]
        if not self.get("defaultRenderGlobals.animation"):
            return f"{name}.{ending}"
        if not self.get("defaultRenderGlobals.putFrameBeforeExt"):
            return f"{name}.{ending}.{number}"
        return f"{name}{('', '.', '_')[self.get('defaultRenderGlobals.periodInExt')]}{number}.{ending}"
