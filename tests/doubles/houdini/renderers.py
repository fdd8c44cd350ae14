"""Fake husk and mantra: `python -I -S renderers.py NAME VERSION …`. They refuse what their manuals don't have.

A scene is JSON: how many `seconds` a frame takes, and the `trouble` it meets. Python 3.9.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from doubles.houdini import files  # found by the line above

#: Option → how many values it takes. Source: "husk" and "mantra" in SideFX's documentation.
OPTIONS = {
    "husk": {
        **dict.fromkeys(("--frame", "--frame-count", "--frame-inc", "-o", "-V", "--fast-exit", "-R", "-c"), 1),
        **{"--res-scale": 1, "--make-output-path": 0, "--res": 2},
    },
    "mantra": {"-V": 1, "-j": 1, "-f": 1},
}


def parse(name: str, arguments: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return options and what stands alone; ends with 2 where the program would."""
    given, alone = {}, []
    while arguments:
        word = arguments.pop(0)
        if not word.startswith("-"):
            alone.append(word)
            continue
        if word not in OPTIONS[name]:
            sys.exit(f"{name}: unknown option {word}")
        given[word] = [arguments.pop(0) for _ in range(OPTIONS[name][word])]
    return given, alone


def main(name: str, version: str, *arguments: str) -> None:
    """Be the program."""
    if arguments == ("--version",):
        print(f"{name} Version {version} (Houdini)")
        return
    given, alone = parse(name, list(arguments))
    scene = alone[0] if name == "husk" else given["-f"][0]
    target = given["-o"][0] if name == "husk" else alone[0]
    content = json.loads(Path(scene).read_text(encoding="utf-8"))
    for tenth in range(10 if content.get("seconds") else 0):
        if given["-V"][0].endswith("a"):
            print(f"ALF_PROGRESS {tenth * 10}%", flush=True)
        time.sleep(content["seconds"] / 10)
    trouble = content.get("trouble")
    if trouble == "licence":
        print("No licenses could be found to run this application.", flush=True)
        sys.exit(3)
    if trouble == "error":
        sys.exit(1)
    if trouble == "crash":
        os.abort()
    if trouble == "silent":
        return
    scale = int(given.get("--res-scale", ["100"])[0]) / 100
    width, height = (int(int(one) * scale) for one in given.get("--res", ["40", "30"]))
    seed = str(sorted((key, value) for key, value in given.items() if key not in ("-o", "-j"))) + Path(scene).name
    files.write_picture(target, width, height, seed)
    if content.get("aov"):
        files.write_picture(target.replace(".png", ".depth.png"), width, height, seed)


main(*sys.argv[1:])
