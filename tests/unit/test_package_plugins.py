"""The zip of a plugin: what is in it, and that it is the same each time."""

from __future__ import annotations

import ast
import re
import zipfile
from pathlib import Path

import package_plugins

ROOT = Path(__file__).parents[2]


def test_the_same_sources_give_the_same_zip(tmp_path: Path) -> None:
    """Whoever builds it can prove that it is ours."""
    first, second = (package_plugins.package("blender", tmp_path / name).read_bytes() for name in "ab")

    assert first == second


def test_nothing_in_it_imports_a_top_level_module_of_ours(tmp_path: Path) -> None:
    """All imports are relative: Blender may run beside an installed Buildcat of another version."""
    with zipfile.ZipFile(package_plugins.package("blender", tmp_path)) as archive:
        trees = {name: ast.parse(archive.read(name)) for name in archive.namelist() if name.endswith(".py")}

    absolute = [
        (name, node.lineno)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not node.level and re.match(r"buildcat|fileseq", node.module or "")
    ]

    # The session's loop runs on workers, from the installed package.
    assert [one for one in absolute if not one[0].endswith("inside/loop.py")] == []
    assert len(trees) > 20


def test_the_manifest_has_our_version() -> None:
    """Blender wants a semantic version."""
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    manifest = (ROOT / "plugins/blender/install/buildcat_blender/blender_manifest.toml").read_text()

    assert version
    assert f'version = "{version[1].replace(".dev", "-dev.")}"' in manifest
