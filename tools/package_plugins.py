"""Makes the zip of a plugin, with all it needs inside a DCC. Any Python 3.9 or newer with pip.

    python3 tools/package_plugins.py blender|houdini|maya|modo [--out DIR]

What runs inside the DCC goes to `vendor/`, and its imports are rewritten to that place, so that nothing of ours is a
top-level module there. What talks to the server goes into one file, `buildcat-client.pyz`. The same sources give the
same zip, byte for byte. For Modo there is an .lpk beside it.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from environment import ROOT, VENV

CLIENT = "buildcat-client.pyz"
#: What the client holds besides ours: exactly what was tried, on Python 3.9 and newer.
WHEELS = {
    "redis": ("7.0.1", "4977af3c7d67f8f0eb8b6fec0dafc9605db9343142f634041fb0235f67c0588a"),
    "async-timeout": ("5.0.1", "39e3809566ff85354557ec2398b55e096c8364bacac9405a7a1fa429e77fe76c"),
    "fileseq": ("3.4.0", "f3462c6f3b88446b43bfe5c03eefb96da137829bdccf75fcd5f6f597b5a6bab4"),
}
#: All that a frame range needs; its other modules import much more.
FILESEQ_MODULES = ("constants.py", "exceptions.py", "frameset.py", "utils.py")
_MAIN = b"from buildcat.client.__main__ import main\n\nmain()\n"
_CACHE = VENV / "wheels"
_RUNTIME = ROOT / "runtime/buildcat"
_OURS = re.compile(r"^(\s*)from (buildcat|fileseq|buildcat_\w+)((?:\.\w+)*) import ", re.MULTILINE)
#: Long ago, and the same for everybody.
_TIME = (1980, 1, 1, 0, 0, 0)
Files = dict[str, bytes]


@dataclass(frozen=True)
class Plugin:
    """What the zip of one plugin has besides its package and its folder `install`."""

    #: Folder in the zip where the DCC looks for Python packages, with a slash at its end; empty: the zip's top.
    python: str = ""
    #: Makes files that are in no source, by their names in the zip.
    made: Callable[[], Files] = dict
    #: Makes of these files the content of a second archive, and its ending; empty: there is none.
    also: Callable[[Files], Files] = lambda _files: {}
    also_ending: str = ""


def package(dcc: str, folder: Path) -> Path:
    """Make the zip of this DCC's plugin in the folder, and return its path."""
    plugin = ROOT / "plugins" / dcc
    top = f"buildcat_{dcc}"
    place = PLUGINS[dcc].python + top
    files = {f"{place}/{name}": data for name, data in inside(plugin / top).items()}
    files[f"{place}/{CLIENT}"] = client()
    files[f"{place}/LICENSE"] = (plugin / "LICENSE").read_bytes()
    files.update(PLUGINS[dcc].made())
    for path in _files(plugin / "install"):
        files[path.relative_to(plugin / "install").as_posix()] = path.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"buildcat-{dcc}.zip"
    target.write_bytes(zipped(files))
    if ending := PLUGINS[dcc].also_ending:
        target.with_suffix(ending).write_bytes(zipped(PLUGINS[dcc].also(files)))
    return target


def inside(plugin: Path) -> Files:
    """Return what runs inside the DCC, with its imports rewritten to where it will be."""
    sources = {path.relative_to(plugin.parent).as_posix(): path.read_text("utf-8") for path in _files(plugin)}
    top = plugin.name
    for path in (*_files(_RUNTIME / "model"), *_files(_RUNTIME / "inside")):
        sources[f"{top}/vendor/buildcat/{path.relative_to(_RUNTIME).as_posix()}"] = path.read_text("utf-8")
    for name, data in _fileseq().items():
        sources[f"{top}/vendor/{name}"] = data.decode()
    for name in (f"{top}/vendor/__init__.py", f"{top}/vendor/buildcat/__init__.py"):
        sources[name] = ""
    return {
        name[len(top) + 1 :]: (rewritten(text, name, top) if name.endswith(".py") else text).encode()
        for name, text in sources.items()
    }


def rewritten(text: str, name: str, top: str) -> str:
    """Return a module's text with imports of ours relative to its place; `name` is its path, from `top` on."""
    up = "." * name.count("/")

    def place(match: re.Match[str]) -> str:
        indent, package, rest = match.groups()
        if package == top:
            return f"{indent}from {up}{rest[1:]} import "
        return f"{indent}from {up}vendor.{package}{rest} import "

    return _OURS.sub(place, text)


def client() -> bytes:
    """Return the client process as one file that Python runs."""
    files: Files = {
        "__main__.py": b"from buildcat.client.__main__ import main\n\nmain()\n",
        "buildcat/__init__.py": b"",
    }
    for layer in ("model", "client"):
        for path in _files(_RUNTIME / layer):
            files[f"buildcat/{path.relative_to(_RUNTIME).as_posix()}"] = path.read_bytes()
    for name in ("redis", "async-timeout"):
        files.update(_of_wheel(name))
    files.update(_fileseq())
    return zipped(files)


def _fileseq() -> Files:
    wheel = _of_wheel("fileseq")
    kept = {name: data for name, data in wheel.items() if name.rpartition("/")[2] in FILESEQ_MODULES}
    licence = {f"fileseq/{name.rpartition('/')[2]}": data for name, data in wheel.items() if "LICENSE" in name}
    return {**kept, **licence, "fileseq/__init__.py": b""}


def _of_wheel(name: str) -> Files:
    """Return what a wheel holds; it is downloaded once, and pip checks that it is the one we know."""
    version, digest = WHEELS[name]
    found = list(_CACHE.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
    if not found:
        _CACHE.mkdir(parents=True, exist_ok=True)
        wanted = _CACHE / f"{name}.txt"
        wanted.write_text(f"{name}=={version} --hash=sha256:{digest}\n", encoding="utf-8")
        options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--quiet", "--dest", str(_CACHE)]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        subprocess.run([*pip, *options, "-r", str(wanted)], check=True)
        found = list(_CACHE.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
    with zipfile.ZipFile(found[0]) as wheel:
        return {one: wheel.read(one) for one in sorted(wheel.namelist()) if not one.endswith("/")}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files, which is the same whenever and wherever it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return made.getvalue()


def _of_houdini() -> Files:
    """Return the ROP, which Houdini loads from a folder `otls`, and its icon, for the shelf.

    It is built by a process of its own: this one may be a Python without Buildcat.
    """
    sources = os.pathsep.join(str(ROOT / one) for one in ("runtime", "plugins/houdini"))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "tools/build_hda.py"), "--out", folder]
        environment = {**os.environ, "PYTHONPATH": sources}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        made = {f"buildcat/otls/{one.relative_to(folder).as_posix()}": one.read_bytes() for one in _files(Path(folder))}
    made["buildcat/config/Icons/buildcat.svg"] = (ROOT / "plugins/houdini/hda/icon.svg").read_bytes()
    return made


def _lpk_of_modo(files: Files) -> Files:
    """Return what is in an .lpk, which is dropped into Modo's window: the files, and where each of them goes.

    Source: `LpkIndexCreator` of The Foundry's wiki of Modo's SDK, and kits in public repositories that build theirs.
    """
    package = ET.Element("package", version="1600")
    kit = ET.SubElement(package, "kit", name="BUILDCAT", restart="YES")
    for name in sorted(files):
        ET.SubElement(kit, "source", target=name).text = name
    ET.SubElement(package, "message", button="Help").text = "Buildcat is installed. Start Modo again."
    ET.indent(package)
    return {**files, "index.xml": ET.tostring(package, encoding="utf-8", xml_declaration=True)}


#: Each plugin by its DCC. Houdini looks for modules in `scripts/python` below each folder of HOUDINI_PATH, whatever its
#: Python, and in `pythonX.Ylibs`. Sources: "Python script locations" of SideFX's documentation of Houdini 20.5, and
#: github.com/ynput/ayon-houdini/pull/410, which put all into that one folder when Houdini 22 was out.
#: Maya adds to its Python's path what the module's file names as PYTHONPATH. Source: "Module description files" of
#: Autodesk's developer help of Maya 2025.
PLUGINS = {
    "blender": Plugin(),
    "houdini": Plugin("buildcat/scripts/python/", _of_houdini),
    "maya": Plugin("buildcat/python/"),
    "modo": Plugin("buildcat/python/", also=_lpk_of_modo, also_ending=".lpk"),
}


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(one for one in folder.rglob("*") if one.is_file() and "__pycache__" not in one.parts)


def main() -> None:
    """Make what is asked for, and say where it is."""
    parser = argparse.ArgumentParser(description="Make the zip of a plugin.")
    parser.add_argument("dcc", choices=sorted(PLUGINS))
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="Folder for it.")
    given = parser.parse_args()
    print(package(given.dcc, given.out))


if __name__ == "__main__":
    main()
