"""Makes Debian 13 in a folder, with its Blender 4.3 and a window for it, for tests. Any Python 3, stdlib, as root.

    python3 tools/blender43.py

Afterwards `.venv/blender43/blender` starts it. It sees `/tmp`, this project and the network of the host; its mounts
are its own and end with it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT, VENV, SetupError

FOLDER = VENV / "blender43"
LAUNCHER = FOLDER / "blender"
SUITE = "trixie"
PACKAGES = ("blender", "libgl1-mesa-dri", "libegl1")
_TREE = FOLDER / SUITE
_DEFAULT_MIRROR = "http://deb.debian.org/debian"
#: Of the host, at the same places inside.
_SHARED = ("/proc", "/dev", "/tmp", str(ROOT))


def prepare() -> Path:
    """Make the folder if it isn't there, and return the launcher.

    Raises:
        SetupError: this user may not, debootstrap isn't installed, or a step failed.
    """
    if LAUNCHER.exists():  # written last, so that half a folder is made again
        return LAUNCHER
    if os.geteuid() != 0:
        raise SetupError(f"Debian in a folder can only be made as root. Type: sudo {sys.executable} {sys.argv[0]}")
    if not shutil.which("debootstrap"):
        raise SetupError("debootstrap isn't installed. Type: sudo apt-get install debootstrap")
    print(f"Making Debian {SUITE} with Blender 4.3 in {FOLDER} (once) ...", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    _TREE.mkdir(parents=True)
    _run(["debootstrap", "--variant=minbase", SUITE, str(_TREE), mirror()])
    install = ["apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends", *PACKAGES]
    _run([*inside(), "env", "DEBIAN_FRONTEND=noninteractive", *install])
    LAUNCHER.write_text(f'#!/bin/sh\nexec {shlex.join(inside())} blender "$@"\n', encoding="utf-8")
    LAUNCHER.chmod(0o755)
    return LAUNCHER


def inside() -> list[str]:
    """Return the command line that runs what follows it in the folder, with mounts of its own."""
    tree = shlex.quote(str(_TREE))
    binds = [f"mkdir -p {tree}{shlex.quote(one)} && mount --rbind {shlex.quote(one)} {tree}{one}" for one in _SHARED]
    script = " && ".join([*binds, f'exec chroot {tree} "$@"'])
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


def mirror() -> str:
    """Return the mirror that this machine's own packages come from."""
    places = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    for place in places:
        if not place.is_file():
            continue
        text = place.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(https?://\S+/debian)/?\s", text, re.MULTILINE):
            return found[1]
    return _DEFAULT_MIRROR


def _run(command: list[str]) -> None:
    code = subprocess.run(command, check=False).returncode
    if code:
        raise SetupError(f"This ended with exit code {code}, see above: {shlex.join(command)}")


if __name__ == "__main__":
    try:
        print(prepare())
    except SetupError as exc:
        print(exc, file=sys.stderr)
        raise SystemExit(2) from None
