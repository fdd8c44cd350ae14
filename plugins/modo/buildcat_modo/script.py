# python
"""What modo_cl runs for each request: `@{script.py} {request.json}`. Runs in Modo's own Python; stdlib.

The request says what to do, and where our modules are. The answer appears whole, beside the request. Until it is known
that this Python is new enough, nothing here may need more than Python 3.7; nor may it import from `__future__`, which
has to come first: Modo imports modules of its own into a script, and its documentation doesn't say how.
"""

import json
import os
import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

_PYTHON = (3, 9)


def find_ours(request: "dict[str, Any]") -> None:
    """Let imports find our packages, and nothing else of the worker's Python."""
    if "buildcat" in sys.modules:
        return
    spec = spec_from_file_location("buildcat-loop", request["loop"])
    assert spec is not None and spec.loader is not None, "it is a file of ours"
    loop = module_from_spec(spec)
    spec.loader.exec_module(loop)
    sys.meta_path.insert(0, loop.Finder(request["folders"]))


def answer(request: "dict[str, Any]") -> "dict[str, Any]":
    """Do what is asked for, and return the answer, or what stops it in its place."""
    find_ours(request)
    from buildcat.model.dcc import function
    from buildcat.model.errors import BuildcatError

    try:
        told: dict[str, Any] = function(request["do"])(**request["given"])
        return told
    except BuildcatError as exc:
        return {"error": type(exc).__name__, "message": str(exc)}


def _told(request: "dict[str, Any]") -> "dict[str, Any]":
    if sys.version_info < _PYTHON:
        needed = ".".join(map(str, _PYTHON))
        words = f"This Modo has Python {sys.version_info[0]}.{sys.version_info[1]}, and Buildcat needs {needed}."
        return {"error": "RenderError", "message": f"{words} Render with Modo 16 or 17."}
    try:
        return answer(request)
    except Exception as exc:  # noqa: BLE001  # outermost: whatever it is, the worker must hear of it
        traceback.print_exc()
        return {"error": "", "message": f"{type(exc).__name__}: {exc}"}


def main() -> None:
    """Answer the request in the file that is the script's argument."""
    import lx  # type: ignore[import-not-found]  # Modo's, in no stubs

    place = lx.arg().strip("{} ")  # Modo gives it as it was sent. Source: scripts of its makers
    with open(place, encoding="utf-8") as file:  # noqa: PTH123  # before anything of ours is imported
        request = json.load(file)
    told = json.dumps(_told(request))
    place = request["answer"]
    with open(f"{place}.part", "w", encoding="utf-8") as file:  # noqa: PTH123  # as above
        file.write(told)
    os.replace(f"{place}.part", place)  # noqa: PTH105  # as above


if __name__ != "buildcat_modo.script":  # whatever Modo calls what it runs; imported it is by tests only
    main()
