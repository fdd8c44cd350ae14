"""The client process of a panel: the packaged file, run by each Python that a DCC may bring, against a real server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import package_plugins
import pytest
from farms import Farm, wait_for
from needs import require

from buildcat.client import records
from buildcat.farm import images
from buildcat.inside import client
from buildcat.inside.client import Client

#: Where pyenv keeps other Pythons; a machine without them has its own.
_OTHERS = [one for pattern in ("3.9.*", "3.1?.*") for one in Path.home().glob(f".pyenv/versions/{pattern}/bin/python")]
PYTHONS = [*_OTHERS, Path(sys.executable)]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The client as it is in the zips."""
    path = tmp_path_factory.mktemp("client") / package_plugins.CLIENT
    path.write_bytes(package_plugins.client())
    return str(path)


class Panel:
    """What stands for a panel: asks, and delivers until there is an answer."""

    def __init__(self, command: list[str], server: str) -> None:
        self.client = Client(command)
        self.server = server

    def ask(self, do: str, **given: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        found: list[dict[str, Any]] = []
        self.client.ask(do, found.append, **{"server": self.server, "user": "ada", "dcc": "toy", **given})
        wait_for(lambda: (self.client.deliver(), found)[1], f"an answer to {do}")  # others may come before it
        return found[0]

    def submit(self, farm: Farm, scene: str, **fields: Any) -> dict[str, Any]:
        """Submit a toy scene."""
        spec = {"dcc": "toy", "user": "ada", **fields}
        return self.ask("submit", scene=str(farm.root / scene), root=str(farm.root), spec=spec)


@pytest.fixture
def panel(archive: str, farm: Farm) -> Iterator[Panel]:
    """A panel whose client runs in our own Python."""
    panel = Panel(client.command(archive), farm.server)
    yield panel
    panel.client.close()


@pytest.mark.parametrize("python", PYTHONS, ids=lambda one: one.parents[1].name)
def test_each_python_of_a_dcc_can_run_it(python: Path, archive: str, farm: Farm) -> None:
    """Submit, look, control and test work from the one file, with nothing else installed."""
    panel = Panel(client.command(archive, str(python)), farm.server)
    scene = farm.scene()

    submitted = panel.submit(farm, scene, frames="1-3", name="walk")
    looked = panel.ask("look", specs=[{"dcc": "toy"}])
    paused = panel.ask("control", job=submitted["job"], verb="pause")

    assert submitted["units"] == 3
    assert [(one["id"], one["name"], one["state"]) for one in looked["jobs"]] == [(submitted["job"], "walk", "waiting")]
    assert "no worker" in looked["jobs"][0]["why"]
    assert paused == {"has_changed": True}
    assert records.job(farm.connection, submitted["job"]).paused_why == "paused by ada"
    panel.client.close()


def test_it_finds_workers_frames_and_files(panel: Panel, farm: Farm) -> None:
    """What the panel shows of the farm: who could render, what is there, what a scene misses."""
    farm.start_worker()
    scene = farm.scene()

    submitted = panel.submit(farm, scene, frames="1-2")
    farm.wait(submitted["job"])
    found = panel.ask("outputs", job=submitted["job"], scene=str(farm.root / scene), root=str(farm.root))
    looked = panel.ask("look", specs=[{"dcc": "toy", "version_min": 99_000_000}, {"dcc": "toy"}])
    tested = panel.ask("test", roots=[str(farm.root), "/etc"])
    asked = [str(farm.root / scene), str(farm.root / "gone.png"), "/etc/hostname"]
    files = panel.ask("files", scene=asked[0], root=str(farm.root), files=asked)

    assert [Path(one["path"]).name for one in found["files"]] == ["toy_0001.png", "toy_0002.png"]
    assert (looked["workers"], [one["able"] for one in looked["fits"]]) == (1, [0, 1])
    assert looked["fits"][0]["obstacle"].startswith("w1 has toy")
    assert (tested["workers"], tested["not_roots"]) == (1, ["/etc"])
    assert list(files["files"].values()) == ["", "missing", "outside"]


def test_an_error_is_a_sentence_and_the_client_goes_on(panel: Panel, farm: Farm) -> None:
    """Outside the root, a wrong field, a wrong verb, no such job: each is told, and the next request is answered."""
    scene = farm.scene()

    answers = [
        panel.ask("submit", scene="/etc/hostname", root=str(farm.root), spec={"dcc": "toy"}),
        panel.submit(farm, scene, frames="1-x"),
        panel.ask("control", job="nothere", verb="cancel"),
        panel.ask("control", job="nothere", verb="delete"),
    ]

    words = ("outside the root", "not a frame range", "There is no job", "can't delete")
    assert all(word in one["error"] for word, one in zip(words, answers, strict=True)), answers
    assert panel.submit(farm, scene)["units"] == 1


def test_a_server_that_answers_nothing_is_told_in_seconds(archive: str) -> None:
    """The address takes connections and never answers, or isn't there: the panel hears of it, and isn't held up."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as deaf:
        panel = Panel(client.command(archive), f"redis://ada:secret@127.0.0.1:{deaf.getsockname()[1]}/0")
        panel.client.ask("look", lambda answer: None, server="redis://127.0.0.1:1/0", user="ada")
        began = time.monotonic()
        panel.client.deliver()
        assert time.monotonic() - began < 0.05

    answer = panel.ask("look")

    assert "There is no server" in answer["error"]
    assert "secret" not in answer["error"]
    panel.client.close()


def test_it_ends_with_the_dcc(archive: str, tmp_path: Path) -> None:
    """A DCC that is killed takes it along, at the latest after the request that it is at."""
    process = subprocess.Popen(client.command(archive), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    process.stdin.close()

    assert process.wait(10) == 0


def test_a_client_that_dies_is_told_and_started_again(archive: str, farm: Farm, tmp_path: Path) -> None:
    """A broken file or interpreter gives a sentence to whoever waits, not silence."""
    copy = tmp_path / "client.pyz"
    copy.write_text("import sys; sys.exit('broken')")
    panel = Panel(client.command(str(copy)), farm.server)

    assert "ended with exit code 1. broken" in panel.ask("look")["error"]
    shutil.copyfile(archive, copy)
    assert panel.ask("look")["jobs"] == []
    assert "can't be started" in Panel(["/no/python"], farm.server).ask("look")["error"]
    panel.client.close()


def test_a_snapshot_goes_when_its_job_is_refused(panel: Panel, farm: Farm) -> None:
    """The panel saved a copy for this job alone."""
    copy = farm.root / farm.scene(".shot.bc-0123456789ab.toy")

    panel.submit(farm, copy.name, frames="1-x", snapshot=True)

    assert not copy.exists()


def test_a_snapshot_goes_when_its_job_never_comes(panel: Panel, farm: Farm) -> None:
    """The DCC was closed between saving the copy and submitting it. A copy that was submitted stays."""
    lost, kept = (farm.root / farm.scene(f".shot.bc-{digit * 12}.toy") for digit in "01")
    for one in (lost, kept):
        panel.ask("files", scene=str(one), root=str(farm.root), files=[], snapshot=str(one))
    panel.submit(farm, kept.name, snapshot=True)

    panel.client.close()

    wait_for(lambda: not lost.exists(), "the removal of the copy")
    assert kept.exists()


def test_tiles_have_one_picture_for_the_panel(panel: Panel, farm: Farm) -> None:
    """Whichever tile is asked about, the file is the frame's."""
    require(find_spec("OpenImageIO"), "OpenImageIO is not installed")
    farm.start_worker()
    scene = farm.scene(are_joined=True)
    job_id = panel.submit(farm, scene, frames="1-2", split="tiles:2x1")["job"]
    farm.wait(job_id)

    found = panel.ask("outputs", job=job_id, scene=str(farm.root / scene), root=str(farm.root))["files"]

    assert [(one["frame"], Path(one["path"]).name) for one in found] == [(1, "toy_0001.png"), (2, "toy_0002.png")]


def test_the_last_frame_has_a_small_picture(panel: Panel, farm: Farm) -> None:
    """The worker keeps one beside the job's logs, and the panel is told where; it goes with the job."""
    require(find_spec("OpenImageIO"), "OpenImageIO is not installed")
    farm.start_worker()
    job_id = panel.submit(farm, farm.scene(), frames="1-2")["job"]
    farm.wait(job_id)

    def thumb() -> list[Any]:
        return list(panel.ask("look", root=str(farm.root))["jobs"][0]["thumb"])

    path, _ = wait_for(thumb, "a thumbnail")

    assert images.read_size(Path(path), "jpeg") == (320, 240)


def test_a_video_is_made_of_the_frames_when_they_are_done(panel: Panel, farm: Farm) -> None:
    """It is a job of its own, in one batch with theirs, and runs ffmpeg where commands are allowed."""
    require(shutil.which("ffmpeg"), "ffmpeg is not installed")
    farm.start_worker("--allow-commands")
    scene = farm.root / farm.scene(width=33)
    out = farm.root / "out"
    made = {"frames": str(out / "toy_%04d.png"), "start": 3, "rate": 24 / 1.001, "output": str(out / "toy.mp4")}

    panel.ask("submit", scene=str(scene), spec={"dcc": "toy", "frames": "3-8", "name": "walk"}, video=made)
    looked = panel.ask("look")["jobs"] or wait_for(lambda: panel.ask("look")["jobs"], "jobs")
    film = next(one for one in records.jobs(farm.connection) if one.spec.name == "walk video")
    farm.wait(film.id)

    assert {one["batch"] for one in looked} <= {film.spec.batch}
    ask = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=width,nb_read_frames", "-of", "csv=p=0"]
    assert subprocess.check_output([*ask, str(out / "toy.mp4")], text=True).strip() == "32,6"


def test_a_snapshot_stays_when_only_its_video_is_refused(panel: Panel, farm: Farm) -> None:
    """The frames' job needs it; the artist is told which of the two there is."""
    copy = farm.root / farm.scene(".shot.bc-0123456789ab.toy")
    elsewhere = {"frames": "/elsewhere/a_%04d.png", "start": 1, "rate": 24, "output": "/elsewhere/a.mp4"}
    spec = {"dcc": "toy", "snapshot": True}

    answer = panel.ask("submit", scene=str(copy), root=str(farm.root), spec=spec, video=elsewhere)

    assert "The frames were submitted as" in answer["error"] and "outside the root" in answer["error"]
    assert copy.exists()


def test_a_batch_is_submitted_in_its_order(panel: Panel, farm: Farm) -> None:
    """Its jobs wait for one another, share one scene and one name, and render in that order."""
    scene = farm.scene()
    spec = {"dcc": "toy", "frames": "1-2"}
    jobs = [{"spec": {**spec, "name": "a"}}, {"spec": {**spec, "name": "b"}, "after": [0]}]

    answer = panel.ask("submit", scene=str(farm.root / scene), root=str(farm.root), jobs=jobs)

    first, second = (records.job(farm.connection, one) for one in answer["jobs"])
    assert (answer["job"], answer["units"]) == (second.id, 4)
    assert second.spec.after == (first.id,)
    assert first.spec.batch == second.spec.batch != ""
    farm.start_worker()
    assert farm.wait(second.id).counts.done == 2


def test_a_batch_comes_to_be_whole_or_not_at_all(panel: Panel, farm: Farm) -> None:
    """When one of its jobs is refused, those before it are deleted, and the copy of the scene goes."""
    (farm.root / farm.scene()).rename(farm.root / ".shot.bc-0123456789ab.toy")
    copy = farm.root / ".shot.bc-0123456789ab.toy"
    fine = {"dcc": "toy", "snapshot": True}
    jobs = [{"spec": fine}, {"spec": {**fine, "limits": ["nobody-set-it"]}, "after": [0]}]

    answer = panel.ask("submit", scene=str(copy), root=str(farm.root), jobs=jobs)

    assert "nobody-set-it" in answer["error"]
    assert panel.ask("look")["jobs"] == []
    assert not copy.exists()


def test_a_copy_that_a_batch_shares_goes_with_its_last_job(panel: Panel, farm: Farm) -> None:
    """Deleting one job must not take the scene from the others."""
    copy = farm.root / ".shot.bc-0123456789ab.toy"
    (farm.root / farm.scene()).rename(copy)
    jobs = [{"spec": {"dcc": "toy", "snapshot": True}}] * 2
    first, second = panel.ask("submit", scene=str(copy), root=str(farm.root), jobs=jobs)["jobs"]
    delete = [sys.executable, "-m", "buildcat", "delete", "--server", farm.server, "--root", str(farm.root)]

    subprocess.run([*delete, first], check=True, capture_output=True)
    is_kept = copy.exists()
    subprocess.run([*delete, second], check=True, capture_output=True)

    assert is_kept
    assert not copy.exists()
