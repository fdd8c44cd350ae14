"""Who may import what: the layers, the kept libraries, the DCCs, and what an import costs. (ruff forbids `print`.)"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What each layer may import of ours, besides itself: cli → farm → client → model ← inside ← plugins.
LAYERS = {
    "runtime/buildcat/model": set[str](),
    "runtime/buildcat/inside": {"model"},
    "runtime/buildcat/client": {"model"},
    # Of inside, farm and cli take what a worker and a session tell each other.
    "runtime/buildcat/farm": {"client", "inside", "model"},
    "runtime/buildcat/cli": {"farm", "client", "inside", "model"},
    "plugins": {"inside", "model"},
    "tools": {"farm", "client", "inside", "model"},
}
#: Where runtime and plugins may import what is neither ours nor of the standard library.
LIBRARIES = {
    "redis": ("runtime/buildcat/client", "runtime/buildcat/farm"),
    "rq": ("runtime/buildcat/farm",),
    "psutil": ("runtime/buildcat/farm",),
    "OpenImageIO": ("runtime/buildcat/farm/images.py",),
    "numpy": ("runtime/buildcat/farm/join.py",),  # what OpenImageIO hands pixels over in
    "fileseq": ("runtime/buildcat/model/frames.py",),
    "click": ("runtime/buildcat/cli",),
    "rich": ("runtime/buildcat/cli",),
    "PySide6": ("runtime/buildcat/inside/qt.py",),
    "PySide2": ("runtime/buildcat/inside/qt.py",),
    "bpy": ("plugins/blender",),
    "hou": ("plugins/houdini",),
    "maya": ("plugins/maya",),
    "mtoa": ("plugins/maya",),
    "rfm2": ("plugins/maya",),
    "lx": ("plugins/modo",),
    "lxu": ("plugins/modo",),
    "lxifc": ("plugins/modo",),
    "modo": ("plugins/modo",),
    "zstandard": ("plugins/blender",),
    "compression": ("plugins/blender",),  # Python 3.14's own zstd
}
#: Imported inside functions only: they cost time, or are not there.
LATE = {"OpenImageIO", "numpy", "fileseq", "bpy", "hou", "maya", "mtoa", "rfm2", "lx", "zstandard", "compression"}
#: Nothing imports these outside their DCC, so they may import it at once.
PANELS = ("panel.py", "panel/", "install/")
#: What goes into a plugin's zip.
VENDORED = ("runtime/buildcat/model", "runtime/buildcat/inside", "runtime/buildcat/client", "plugins")
LONGEST_MODULE = 400


@dataclass(frozen=True)
class Import:
    """One import of a module."""

    path: str
    line: int
    module: str
    #: Done when a function is called, or by a type checker, not when its module is imported.
    is_late: bool

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


def sources(*folders: str) -> list[Path]:
    """Return the Python files below the folders."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(*folders: str) -> Iterator[Import]:
    """Yield every import in the folders' files; `from a import b` counts as `a.b`."""
    for path in sources(*folders):
        name = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        late = {id(node) for block in ast.walk(tree) if is_late(block) for node in ast.walk(block)}
        for node in ast.walk(tree):
            for module in modules(node):
                yield Import(name, node.lineno, module, id(node) in late)


def is_late(node: ast.AST) -> bool:
    """Whether the block is not run when the module is imported."""
    is_for_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return is_for_types or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def modules(node: ast.AST) -> list[str]:
    """Return the modules that an import statement names; none for any other node."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return []


@pytest.mark.parametrize("folder", LAYERS)
def test_a_layer_is_never_climbed(folder: str) -> None:
    """A module imports its own layer and those below it."""
    allowed = {f"buildcat.{layer}" for layer in {*LAYERS[folder], Path(folder).name}}

    climbing = [
        one.place
        for one in imports(folder)
        if one.module.startswith("buildcat.") and ".".join(one.module.split(".")[:2]) not in allowed
    ]

    assert climbing == []


def test_each_library_is_imported_where_it_belongs() -> None:
    """A kept library has few homes, and no other is used."""
    ours = {"buildcat", *(path.name for path in (ROOT / "plugins").glob("*/buildcat_*"))}

    astray = []
    for one in imports("runtime", "plugins"):
        library = one.module.split(".")[0]
        if library not in sys.stdlib_module_names | ours and not one.path.startswith(LIBRARIES.get(library, ())):
            astray.append(one.place)

    assert astray == []


def test_costly_and_missing_libraries_are_imported_inside_functions() -> None:
    """A module can be imported where they are slow or not installed; a panel runs in its DCC alone."""
    early = [
        one.place
        for one in imports("runtime", "plugins")
        if one.module.split(".")[0] in LATE and not one.is_late and not any(part in one.path for part in PANELS)
    ]

    assert early == []


def test_modules_for_dccs_import_ours_by_from() -> None:
    """The packager of plugins rewrites `from buildcat.x import y`, and no other form."""
    otherwise = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(*VENDORED)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(name.startswith("buildcat") for name in modules(node)))
        or (isinstance(node, ast.ImportFrom) and node.level)
    ]

    assert otherwise == []


def test_no_module_is_too_long() -> None:
    """What grows beyond 400 lines is more than one noun."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources("runtime", "plugins", "tools", "tests")
    }

    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_importing_the_model_brings_in_nothing_but_the_standard_library() -> None:
    """A DCC's Python can import it, whatever else is installed there."""
    names = [f"buildcat.model.{path.stem}" for path in sources("runtime/buildcat/model") if path.stem != "__init__"]
    script = f"import sys; before = set(sys.modules); import {', '.join(names)}; print(*set(sys.modules) - before)"

    brought = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    foreign = {name.split(".")[0] for name in brought} - sys.stdlib_module_names - {"buildcat"}
    assert "buildcat.model.job" in brought
    assert foreign == set()
