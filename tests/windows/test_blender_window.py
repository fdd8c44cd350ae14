"""The panel in real windows: Debian's 3.4 and Blender 4.3 under Xvfb, with real clicks, a real server and worker."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import blender43
import package_plugins
import pytest
from farms import Farm, wait_for
from needs import IS_ALL_REQUIRED, require
from panels.window import ANSWERS, BLENDERS, PROGRAMS, SUBMIT, TEST_FRAME, Window, make_scene

from buildcat.client import records
from buildcat.client.connection import open_client
from buildcat.farm import images
from buildcat.farm.server import Server

pytestmark = pytest.mark.timeout(600)  # with Debian in a folder, when it has to be made

#: Far more than ours may take on the main thread, far less than any wait for a server.
WAIT_S = 0.5


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-on, as it is handed out."""
    return package_plugins.package("blender", tmp_path_factory.mktemp("zip"))


@pytest.fixture(params=list(BLENDERS))
def blender(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The path of one Blender that can open a window here; a scene for it is in the root."""
    path = BLENDERS[request.param]
    if IS_ALL_REQUIRED and request.param == "4.3":
        blender43.prepare()  # here, so that it goes beside the other tests: it takes 82 s, once
    lost = [one for one in PROGRAMS if not shutil.which(one)]
    require(Path(path).exists() and not lost, f"no {path}, or no {', '.join(lost) or 'display'}")
    make_scene(path, tmp_path)
    return path


@pytest.fixture
def farm(tmp_path: Path, redis_server: Server, redis_client: Any) -> Iterator[Farm]:
    """A farm with its root where the scene is."""
    farm = Farm(tmp_path / "root", open_client(redis_server.address))
    yield farm
    farm.stop()


def test_a_click_on_submit_brings_frames(blender: str, farm: Farm, tmp_path: Path, zipped: Path) -> None:
    """Installed as a user does it, the panel shows the farm; a click submits, and the bar moves to its end.

    The frames come back into Blender, as an image and as a strip.
    """
    farm.start_worker()
    window = Window(blender, farm.server, tmp_path, zipped)
    try:
        window.submit()
        window.wait(lambda known: known["said"] and known["said"][0].startswith("Submitted as"), "the submit")
        ended = window.wait(lambda known: known["jobs"] and known["jobs"][0][1] == "done", "the bar at its end")
        window.picture("done")
        window.act("image")
        window.wait(lambda known: known["said"][0].startswith("Loaded 6 frames"), "the frames in the Image Editor")
        window.act("strips")
        window.wait(lambda known: known["said"][0].startswith("Added shot_0001.png"), "the frames in the sequencer")
        window.tell("disable")
        left = window.wait(lambda known: "left" in known, "the add-on to be disabled")["left"]
    finally:
        window.close()

    assert ended["jobs"][0][2] == 6
    assert left == {"timer": False, "client": False}
    assert sorted(path.name for path in (tmp_path / "root/out").glob("*.png")) == [
        f"shot_{n:04}.png" for n in range(1, 7)
    ]


def test_unsaved_changes_are_asked_about(blender: str, farm: Farm, tmp_path: Path, zipped: Path) -> None:
    """A copy, as last saved, or saved: each answer is clicked, and is what becomes of the file and of the job."""
    farm.start_worker()
    window = Window(blender, farm.server, tmp_path, zipped)
    answers = ANSWERS[next(version for version, path in BLENDERS.items() if path == blender)]
    was_saved, are_dirty = {}, {}
    scene = tmp_path / "root/shot.blend"
    try:
        for how in ("SNAPSHOT", "LAST", "SAVE"):
            before = scene.read_bytes()
            window.act("change")
            window.act("another")
            window.scroll_down()
            window.screen.click(SUBMIT)
            time.sleep(1)  # the first one of a Blender takes a while
            window.screen.click(answers[how])
            time.sleep(0.5)
            window.picture(how.lower())
            window.screen.click(answers["OK"])
            window.wait(lambda known: known["said"] and known["said"][0].startswith("Submitted as"), how)
            time.sleep(0.5)  # 3.4 forgets that there are changes, and is told again
            are_dirty[how] = window.known()["is_dirty"]
            was_saved[how] = scene.read_bytes() != before
    finally:
        window.close()

    assert are_dirty == {"SNAPSHOT": True, "LAST": True, "SAVE": False}
    assert was_saved == {"SNAPSHOT": False, "LAST": False, "SAVE": True}
    copied, last, saved = sorted((one.spec for one in records.jobs(farm.connection)), key=lambda one: len(one.user))
    assert copied.snapshot and copied.scene.startswith(".shot.bc-")
    assert {last.scene, saved.scene} == {"shot.blend"}


def test_a_job_that_nobody_can_render_is_asked_about(blender: str, farm: Farm, tmp_path: Path, zipped: Path) -> None:
    """Why is said, in the panel and in the question; Return submits it all the same.

    A second window with a second scene tells of its own workers.
    """
    farm.start_worker()
    window = Window(blender, farm.server, tmp_path, zipped)
    try:
        window.act("elsewhere")
        began = time.monotonic()
        window.wait(lambda known: known["workers"] == 0, "the panel to know it")
        assert time.monotonic() - began < 10, "it waited for its next look at the farm"
        window.scroll_down()
        window.screen.click(SUBMIT)
        time.sleep(1)
        window.picture("nobody")
        assert not window.known()["said"]
        window.screen.do("key", "Return")
        window.wait(lambda known: known["said"] and known["said"][0].startswith("Submitted as"), "the submit")
        window.act("window")
        window.wait(lambda known: known["fits"] == {"Scene": 0, "Second": 1}, "both to be known")
        time.sleep(1)
        window.picture("two")
    finally:
        window.close()


def test_a_test_frame_comes_back_into_blender(blender: str, farm: Farm, tmp_path: Path, zipped: Path) -> None:
    """The small button beside Submit: the current frame, a quarter of its size, is loaded when it is there."""
    farm.start_worker()
    window = Window(blender, farm.server, tmp_path, zipped)
    try:
        window.scroll_down()
        window.screen.click(TEST_FRAME)
        window.wait(lambda known: known["said"] and known["said"][0].startswith("Loaded 1 frame"), "the picture")
        window.picture("test-frame")
    finally:
        window.close()

    assert images.read_size(tmp_path / "root/render/test/shot_0001.png", "png") == (40, 30)


def test_the_window_goes_on_while_no_server_answers(blender: str, tmp_path: Path, zipped: Path) -> None:
    """An address that takes connections and never answers: the click is answered by a sentence, and nothing freezes.

    Meanwhile a step is undone and a file is opened; in the end Blender is killed, and takes the client along.
    """
    (tmp_path / "root/.buildcat").mkdir()
    (tmp_path / "root/.buildcat/root.json").write_text('{"id": "test"}')
    with socket.create_server(("127.0.0.1", 0), backlog=8) as deaf:
        window = Window(blender, f"redis://127.0.0.1:{deaf.getsockname()[1]}/0", tmp_path, zipped)
        try:
            window.submit()
            window.act("undo")
            window.act("open")
            told = window.wait(lambda known: known["said"] and "There is no server" in known["said"][0], "the sentence")
            window.picture("no-server")
            client = window.kill_blender()
            wait_for(lambda: not client.is_running(), "the client to end with its Blender")
        finally:
            window.close()

    assert told["longest_s"] < WAIT_S, "our own code on the main thread waited for the server"
