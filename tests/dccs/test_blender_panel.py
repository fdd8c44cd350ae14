"""The panel in each Blender that is installed here, without a window: as scripts and render wranglers use it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import package_plugins
import pytest
from dccs import blenders
from farms import Farm
from needs import require

from buildcat.client import records
from buildcat.client.connection import open_client
from buildcat.farm.plugins import Installation
from buildcat.farm.server import Server

_SCENE = """
import bpy, sys
bpy.context.scene.frame_end = 2
bpy.context.scene.render.filepath = "//out/shot_####.png"
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1])
"""


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")


@pytest.fixture(params=blenders.FOUND or [None], ids=blenders.name)
def happened(
    request: pytest.FixtureRequest, tmp_path: Path, redis_server: Server, redis_client: Any
) -> Iterator[tuple[dict[str, Any], Farm]]:
    """What a script saw that went through the panel's life in one Blender, and the farm that it spoke to."""
    blender: Installation | None = request.param
    require(blender, "Blender is not installed")
    assert blender
    root = tmp_path / "root"
    (root / ".buildcat").mkdir(parents=True)
    (root / ".buildcat/root.json").write_text('{"id": "test"}')
    (root / "wood.png").write_bytes(_png())
    (tmp_path / "make.py").write_text(_SCENE)
    scene = str(root / "shot.blend")
    program = _program(blender)
    subprocess.run([*program, "--python", str(tmp_path / "make.py"), "--", scene], check=True, capture_output=True)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")},
        "BLENDER_USER_RESOURCES": str(tmp_path / "user"),
        "PANEL_ZIP": str(package_plugins.package("blender", tmp_path)),
        "PANEL_SERVER": redis_server.address,
        "PANEL_SCENE": scene,
    }
    script = shutil.copy(Path(__file__).with_name("panel_background.py"), tmp_path)
    done = subprocess.run(
        [*program, "--python", script], env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("PANEL ")]
    assert lines, done.stdout + done.stderr
    yield json.loads(lines[0].partition(" ")[2]), Farm(root, open_client(redis_server.address))


def _program(blender: Installation) -> list[str]:
    if blenders.is_wheel(blender):
        return [blender.executable, str(Path(__file__).parents[1] / "wheel_as_blender.py"), "-b"]
    return [blender.executable, "-b"]


def test_scripts_submit_and_nothing_is_left(happened: tuple[dict[str, Any], Farm]) -> None:
    """Every way to submit, every refusal in a sentence, and after the add-on is disabled nothing of it."""
    said, farm = happened
    words = {
        "unsaved": "never saved",
        "dirty": "unsaved changes. Say how",
        "last": "Submitted as",
        "gaps": "without gaps",
        "video": ", then the video",
        "snapshot": "Submitted as",
        "tested": "Workers: 0.",
        "loaded": "Nothing of it is there yet.",
        "frames": "not a frame range",
        "outside": "outside the root",
        "missing": "wood.png is missing",
        "missing is fine": "Submitted as",
        "camera": "no active camera",
    }
    if "offline" in said:
        words.update({"offline": "may not go online", "loopback is no network": "Submitted as"})

    assert {key: said[key] for key, word in words.items() if word not in said[key]} == {}
    assert said["own percentage"] == 100
    assert said["file is left alone"]
    assert not any(said["left"].values()), said["left"]
    check_tiles(said)
    assert said["no worker"] == [0, "There is no worker. Start one with `buildcat worker` in the storage."]
    assert (said["absolute"], said["relative"]) == ([str(farm.root / "wood.png")], [])
    assert said["roots"][:2] == [True, True] and said["roots"][3] == []
    assert " /elsewhere is not marked as a farm's" in said["roots"][2] and str(farm.root) not in said["roots"][2]
    assert said["monitor"][0] == "https://farm.example/jobs/abc"
    assert "begins with http:// or https://, not as 'file:///etc/passwd' does" in said["monitor"][1]
    assert said["strip"][0].startswith("Added 3.png to the sequencer")
    assert said["strip"][1:] == [["3.png", "4.png", "4.png", "4.png", "7.png"], 3, 8]
    jobs = {one.spec.name: one for one in records.jobs(farm.connection)}
    assert "Submitted as" in said["two scenes"][0] and said["two scenes"][1] == [0, 0]
    assert (jobs["second"].spec.settings["scene_name"], jobs["second"].pool) == ("Second", "fast")
    assert jobs["second"].spec.frames == "5-6"
    advice = "Save it elsewhere, or submit it as last saved."
    assert all("Permission denied" in one and advice in one for one in said["read only"][:2]), said["read only"]
    assert said["read only"][2:] == [True, ["shot.blend"]]
    assert (jobs["tiled"].spec.split, jobs["tiled"].counts.total) == ("tiles:3x2", 12)
    film = jobs["filmed video"].spec
    assert (film.after, film.batch) == ((jobs["filmed"].id,), jobs["filmed"].spec.batch)
    assert "out/shot_%04d.png" in film.settings["command"]
    assert film.output == "out/shot.mp4"
    half = jobs["half"]
    assert (half.spec.frames, half.spec.settings["percentage"], half.priority) == ("2-3", 50, 70)
    assert half.paused_why == "paused by ada"
    assert half.spec.snapshot
    assert (farm.root / half.spec.scene).is_file()
    assert half.spec.user == "ada"
    assert jobs["shot"].spec.version_min > 3_000_000


def check_tiles(said: dict[str, Any]) -> None:
    """Check what is said of them: how many units, what is not exact, what can't be joined."""
    summary, submitted, difference = said["tiles"]
    assert "2 frames · 12 units" in summary
    assert "Submitted as" in submitted
    assert difference == "Denoising sees one tile at a time: seams may show. Set denoising to no."
    assert "stamp would be burnt into each of them" in said["tiles with a stamp"]
