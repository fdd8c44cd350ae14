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
from buildcat.client.records import JobRecord
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

    check_words(said)
    check_tiles(said)
    check_places(said, farm.root)
    check_jobs({one.spec.name: one for one in records.jobs(farm.connection)}, farm.root)
    assert said["own percentage"] == 100
    assert said["file is left alone"]
    assert said["no worker"] == [0, "There is no worker. Start one with `buildcat worker` in the storage."]
    assert "Submitted as" in said["two scenes"][0] and said["two scenes"][1] == [0, 0]
    assert said["strip"][0].startswith("Added 3.png to the sequencer")
    assert said["strip"][1:] == [["3.png", "4.png", "4.png", "4.png", "7.png"], 3, 8]
    assert not any(said["left"].values()), said["left"]


def check_words(said: dict[str, Any]) -> None:
    """Check what is answered to each submit."""
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


def check_tiles(said: dict[str, Any]) -> None:
    """Check what is said of them: how many units, what is not exact, what can't be joined; a test frame has none."""
    summary, submitted, difference = said["tiles"]
    assert "2 frames · 12 units" in summary
    assert "Submitted as" in submitted
    assert difference == "Denoising sees one tile at a time: seams may show. Set denoising to no."
    assert "stamp would be burnt into each of them" in said["tiles with a stamp"]
    assert said["test frame"][0] == "FINISHED" and "Submitted as" in said["test frame"][1]


def check_places(said: dict[str, Any], root: Path) -> None:
    """Check what is known of storages, paths, the monitor, and a folder that can't be written."""
    advice = "Save it elsewhere, or submit it as last saved."
    are_named, is_chosen, tested, only, of_two, left = said["roots"]
    assert (are_named, is_chosen, only, of_two, left) == (True, True, "/elsewhere", "", [])
    assert " /elsewhere is not marked as a farm's" in tested and str(root) not in tested
    assert (said["absolute"], said["relative"]) == ([str(root / "wood.png")], [])
    assert said["monitor"][0] == "https://farm.example/jobs/abc"
    assert "begins with http:// or https://, not as 'file:///etc/passwd' does" in said["monitor"][1]
    assert all("Permission denied" in one and advice in one for one in said["read only"][:2]), said["read only"]
    assert said["read only"][2:] == [True, ["shot.blend"]]


def check_jobs(jobs: dict[str, JobRecord], root: Path) -> None:
    """Check what has come to the farm."""
    film, half, second = jobs["filmed video"].spec, jobs["half"], jobs["second"]
    assert (film.after, film.batch) == ((jobs["filmed"].id,), jobs["filmed"].spec.batch)
    assert "out/shot_%04d.png" in film.settings["command"]
    assert film.output == "out/shot.mp4"
    assert (half.spec.frames, half.spec.settings["percentage"], half.priority) == ("2-3", 50, 70)
    assert (half.paused_why, half.spec.user, half.spec.snapshot) == ("paused by ada", "ada", True)
    assert (root / half.spec.scene).is_file()
    assert (second.spec.settings["scene_name"], second.pool, second.spec.frames) == ("Second", "fast", "5-6")
    assert (jobs["tiled"].spec.split, jobs["tiled"].counts.total) == ("tiles:3x2", 12)
    assert jobs["shot"].spec.version_min > 3_000_000
