"""A USD stage of the double, as OpenUSD's documentation has it."""

from __future__ import annotations

import types
from typing import Any

from doubles.strict import MisuseError


class _Prim:
    """A prim of a USD stage, as OpenUSD's documentation has it."""

    def __init__(self, path: str, kind: str, values: dict[str, Any]) -> None:
        self._path, self._kind, self._values = path, kind, values

    def GetPath(self) -> str:
        return self._path

    def GetTypeName(self) -> str:
        return self._kind

    def GetAttribute(self, name: str) -> Any:
        if name not in self._values:
            raise MisuseError(f"a {self._kind} has no attribute {name}")
        value = self._values[name]
        return types.SimpleNamespace(Get=lambda frame=None: value)


class Stage:
    """A USD stage with what renders, cooked at one frame: it holds the values of that frame only."""

    def __init__(self, content: dict[str, Any], frame: float) -> None:
        self._content, self._frame = content, frame

    def Traverse(self) -> list[_Prim]:
        found = [_Prim(path, "Camera", {}) for path in self._content.get("cameras", [])]
        if "resolution" in self._content:
            found.append(_Prim("/Render/rendersettings", "RenderSettings", {"resolution": self._content["resolution"]}))
        for place, name in enumerate(self._content.get("products", [])):
            value = name.replace("$F4", str(int(self._frame)).zfill(4))
            found.append(_Prim(f"/Render/Products/p{place}", "RenderProduct", {"productName": value}))
        return found
