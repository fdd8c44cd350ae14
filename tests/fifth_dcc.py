"""The DCC that docs/adding-a-dcc.md builds: its files as the page has them, installed as a reader would."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/adding-a-dcc.md"
TEXT = PAGE.read_text(encoding="utf-8")
#: A line with a file's name alone, then its block.
_FILE = re.compile(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SAMPLE = "tests/plugins/scenes.py"


def files() -> dict[str, str]:
    """Return the files of the package by their paths."""
    return {name: text for name, text in _FILE.findall(TEXT) if name != _SAMPLE}


def sample() -> str:
    """Return what the page adds to the samples of the contract test."""
    return dict(_FILE.findall(TEXT))[_SAMPLE]


def scene() -> str:
    """Return the page's scene."""
    (found,) = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


def command(start: str) -> list[str]:
    """Return the words of the page's command that begins like this, without `buildcat`."""
    (found,) = re.findall(rf"^buildcat ({re.escape(start)}.*)$", TEXT, re.MULTILINE)
    return str(found).split()


def program() -> Path:
    """Return where OpenImageIO's wheel puts its program."""
    return Path(sys.executable).with_name("oiiotool.exe" if sys.platform == "win32" else "oiiotool")


def install(source: Path, place: Path) -> Path:
    """Write the package to one folder, let pip install it into another, without the network, and return that."""
    for name, text in files().items():
        path = source / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(place), str(source)], check=True)
    return place


def pixels(path: Path) -> bytes:
    """Return what can be seen of a frame; oiiotool writes its command line, with the text, into the file as well."""
    import OpenImageIO

    return bytes(OpenImageIO.ImageBuf(str(path)).get_pixels(OpenImageIO.UINT8).tobytes())
