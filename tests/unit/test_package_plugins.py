"""The zip of a plugin: what is in it, and that it is the same each time."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import build_hda
import houdini_hda
import package_plugins
import pytest
from needs import require

ROOT = Path(__file__).parents[2]
PLUGINS = sorted(package_plugins.PLUGINS)
#: Pythons of the oldest and the newest Houdini and Maya that we know.
PYTHONS = ("3.9.18", "3.13.0")
#: Where a DCC's Python finds our package in the zip.
PLACES = {dcc: plugin.python for dcc, plugin in package_plugins.PLUGINS.items() if plugin.python}
#: Imports every module of the package; those that need the DCC, or its Qt, are left out and named.
_IMPORT = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
ours = importlib.import_module(sys.argv[2])
for one in pkgutil.walk_packages(ours.__path__, ours.__name__ + "."):
    try:
        importlib.import_module(one.name)
    except ModuleNotFoundError as exc:
        if exc.name.partition(".")[0] not in ("hou", "maya", "lx", "lxifc", "lxu", "PySide2", "PySide6"):
            raise
    else:
        print(one.name)
"""


@pytest.fixture(scope="module", params=PLUGINS)
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The zip of each plugin."""
    return zipfile.ZipFile(package_plugins.package(request.param, tmp_path_factory.mktemp("zip")))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """DCC → the folder that its zip is unpacked in, as its users do it."""
    folders = {dcc: tmp_path_factory.mktemp(dcc) for dcc in PLACES}
    for dcc, folder in folders.items():
        with zipfile.ZipFile(package_plugins.package(dcc, tmp_path_factory.mktemp("zip"))) as made:
            made.extractall(folder)
    return folders


@pytest.fixture(scope="module")
def houdini(unpacked: dict[str, Path]) -> Path:
    """Houdini's folder of packages, with the zip unpacked in it."""
    return unpacked["houdini"]


@pytest.fixture(scope="module")
def maya(unpacked: dict[str, Path]) -> Path:
    """Maya's folder of modules, with the zip unpacked in it."""
    return unpacked["maya"]


def test_every_plugin_has_a_place_in_the_table() -> None:
    """A plugin that can be installed can be packaged."""
    assert sorted(one.parent.name for one in (ROOT / "plugins").glob("*/install")) == PLUGINS


@pytest.mark.parametrize("dcc", PLUGINS)
def test_the_same_sources_give_the_same_zip(tmp_path: Path, dcc: str) -> None:
    """Whoever builds it can prove that it is ours."""
    first, second = (package_plugins.package(dcc, tmp_path / name).read_bytes() for name in "ab")

    assert first == second


def test_a_zip_holds_only_plain_files_below_its_top(archive: zipfile.ZipFile) -> None:
    """Unpacking writes nowhere else, makes nothing executable, and tells nothing of who packed it."""
    for one in archive.infolist():
        parts = one.filename.split("/")
        assert not one.filename.startswith("/") and ".." not in parts and not re.search(r"[\\:]", one.filename)
        assert one.external_attr >> 16 == 0o644
        assert str(ROOT).encode() not in archive.read(one)
    assert len({one.casefold() for one in archive.namelist()}) == len(archive.namelist())


def test_nothing_in_it_imports_a_top_level_module_of_ours(archive: zipfile.ZipFile) -> None:
    """All imports in the package are relative: the DCC may run beside an installed Buildcat of another version."""
    package = re.compile(r"(?:^|/)buildcat_\w+/.*\.py$")
    trees = {name: ast.parse(archive.read(name)) for name in archive.namelist() if package.search(name)}

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


@pytest.mark.parametrize("dcc", PLACES)
@pytest.mark.parametrize("version", PYTHONS)
def test_every_module_can_be_imported_by_the_dccs_pythons(unpacked: dict[str, Path], version: str, dcc: str) -> None:
    """One folder serves them all; only what needs the DCC itself is not tried."""
    python = Path.home() / f".pyenv/versions/{version}/bin/python"
    require(python.exists(), f"no Python {version}")
    top = f"buildcat_{dcc}"
    command = [str(python), "-I", "-S", "-B", "-c", _IMPORT, str(unpacked[dcc] / PLACES[dcc]), top]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    expected = {f"{top}.{one}" for one in ("dcc", "settings", "render", "vendor.buildcat.inside.form")}
    assert expected <= set(done.stdout.split())


@pytest.mark.parametrize("dcc", PLACES)
@pytest.mark.parametrize("version", PYTHONS)
def test_the_client_starts_in_the_dccs_pythons(unpacked: dict[str, Path], version: str, dcc: str) -> None:
    """The archive beside the package is whole: it reads its input to the end, and goes."""
    python = Path.home() / f".pyenv/versions/{version}/bin/python"
    require(python.exists(), f"no Python {version}")
    (client,) = unpacked[dcc].rglob(package_plugins.CLIENT)

    done = subprocess.run([str(python), "-I", "-B", str(client)], input="", capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert client.parent == unpacked[dcc] / PLACES[dcc] / f"buildcat_{dcc}"


def test_modos_kit_is_whole(unpacked: dict[str, Path]) -> None:
    """A folder for Modo's own folder of kits, with all that its index leads to."""
    kit = unpacked["modo"]

    assert {one.name for one in kit.iterdir()} == {"buildcat"}
    inside = {one.name for one in (kit / "buildcat").iterdir()}
    assert inside == {"README.txt", "configs", "index.cfg", "lxserv", "python"}
    assert (kit / "buildcat/python/buildcat_modo/panel").is_dir()


def test_modos_lpk_says_where_each_file_goes(tmp_path: Path) -> None:
    """It holds the same files as the zip, and no other; it is the same each time."""
    made = package_plugins.package("modo", tmp_path / "a")
    package_plugins.package("modo", tmp_path / "b")

    with zipfile.ZipFile(made) as folder, zipfile.ZipFile(made.with_suffix(".lpk")) as lpk:
        index = ET.fromstring(lpk.read("index.xml"))
        sources = {one.text or "": one.attrib["target"] for one in index.iter("source")}
        assert sources == {name: name for name in folder.namelist()}
        assert set(lpk.namelist()) == {"index.xml", *folder.namelist()}
        assert all(lpk.read(name) == folder.read(name) for name in folder.namelist())

    assert [one.tag for one in index] == ["kit", "message"]
    assert made.with_suffix(".lpk").read_bytes() == (tmp_path / "b/buildcat-modo.lpk").read_bytes()


def test_houdinis_package_file_leads_to_what_is_there(houdini: Path) -> None:
    """It names no place but its own, so the folder can lie anywhere."""
    told = json.loads((houdini / "buildcat.json").read_text("utf-8"))
    variables = {"HOUDINI_PACKAGE_PATH": str(houdini)}

    for (name, value), *more in (list(one.items()) for one in told["env"]):
        assert not more
        variables[name] = re.sub(r"\$(\w+)", lambda match: variables[match[1]], value)
    path = Path(re.sub(r"\$(\w+)", lambda match: variables[match[1]], told["hpath"]))

    assert set(told) == {"enable", "load_package_once", "env", "hpath"}
    assert told["enable"] == "houdini_version >= '19.5'"
    assert path == houdini / "buildcat"
    assert {one.name for one in houdini.iterdir()} == {"buildcat.json", "buildcat"}
    assert {one.name for one in path.iterdir()} == {"README.txt", "config", "otls", "scripts", "soho", "toolbar"}


def test_the_rop_in_it_is_the_one_that_is_built(houdini: Path, tmp_path: Path) -> None:
    """Built by another process, it is the same, and it can be read."""
    built = build_hda.build(tmp_path)
    packed = houdini / "buildcat/otls/buildcat_rop.hda"

    assert houdini_hda.read(packed) == houdini_hda.read(built)


def test_the_shelf_has_its_icon(houdini: Path) -> None:
    """Houdini looks for icons in `config/Icons` of each folder of its path."""
    shelf = (houdini / "buildcat/toolbar/buildcat.shelf").read_text("utf-8")

    names = set(re.findall(r'icon="(\w+)"', shelf))

    assert names == {one.stem for one in (houdini / "buildcat/config/Icons").iterdir()} == {"buildcat"}


def test_mayas_module_leads_to_what_is_there(maya: Path) -> None:
    """For each Maya that we know, and for no older one; it names no place but its own.

    Nothing else lies beside it: Maya reads every file there as a module. The folders have the names that it looks for.
    """
    lines = (maya / "buildcat.mod").read_text("utf-8").splitlines()

    entries = [re.fullmatch(r"\+ MAYAVERSION:(20\d\d) Buildcat ([\d.]+) \./buildcat", one) for one in lines[::2]]

    assert [one[1] for one in entries if one] == ["2023", "2024", "2025", "2026", "2027"]
    assert set(lines[1::2]) == {"PYTHONPATH+:=python"}
    assert (maya / "buildcat/python/buildcat_maya/panel").is_dir()
    assert {one.name for one in maya.iterdir()} == {"buildcat.mod", "buildcat"}
    inside = {one.name for one in (maya / "buildcat").iterdir()}
    assert inside == {"README.txt", "icons", "plug-ins", "python", "scripts"}


def test_mayas_module_and_plug_in_have_our_version(maya: Path) -> None:
    """Maya shows the one in its list of modules, the other in its Plug-in Manager."""
    version = re.search(r'^version = "([\d.]+?)(?:\.dev\d+)?"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    plugin = (maya / "buildcat/plug-ins/buildcatPlugin.py").read_text("utf-8")

    assert version
    assert set(re.findall(r"Buildcat ([\d.]+) ", (maya / "buildcat.mod").read_text("utf-8"))) == {version[1]}
    assert re.findall(r'MFnPlugin\(plugin, "Buildcat", "(.+?)"\)', plugin) == [version[1]]


def test_mayas_shelf_button_has_its_icon(maya: Path) -> None:
    """Maya looks for icons in `icons` of each module."""
    menu = (maya / "buildcat/python/buildcat_maya/panel/menu.py").read_text("utf-8")

    named = set(re.findall(r'"([\w.]+\.(?:png|svg))"', menu))

    assert named == {one.name for one in (maya / "buildcat/icons").iterdir()} == {"buildcat.png"}
