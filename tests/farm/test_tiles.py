"""Frames split in tiles: by whomever they are rendered, the frame is joined once, when all are there."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from commands import buildcat
from farms import Farm, wait_for
from needs import require
from steps import W1, W2, Steps, Worker

from buildcat.client import control, records, submission
from buildcat.client.fitness import obstacle
from buildcat.farm import images, join, local, missing, plugins
from buildcat.farm.queue import Picked
from buildcat.farm.report import RecordsReport
from buildcat.farm.task import Answer, Bench, Task
from buildcat.farm.tiles import Tiles
from buildcat.farm.warm import WarmSession
from buildcat.model.errors import OutputError, UsageError
from buildcat.model.job import JobSpec, Output, Unit
from buildcat.model.states import Counts, JobState

SPLIT = "tiles:3x2"
TILES = 6


@pytest.fixture(autouse=True)
def openimageio(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles can't be joined without it."""
    require(join.is_possible(), "OpenImageIO is not installed")
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)


def wholes(farm: Farm, frames: str = "1-2") -> dict[str, bytes]:
    """Return the pixels of these frames, rendered whole into a folder of their own."""
    farm.wait(farm.submit(farm.scene("whole.toy"), frames, output="whole/toy_####.png"))
    return pictures(farm, "whole")


def pictures(farm: Farm, folder: str = "out") -> dict[str, bytes]:
    """Return the pixels of what lies there, once the workers' own folders are gone."""
    wait_for(lambda: not list((farm.root / folder).glob(".bc-*")), "the workers to have cleaned up")
    return {path.name: pixels(path) for path in (farm.root / folder).iterdir()}


def pixels(path: Path) -> bytes:
    """Return the pixels of a picture, with its size."""
    oiio = pytest.importorskip("OpenImageIO")
    picture = oiio.ImageInput.open(str(path)).read_image("uint8")
    return bytes(str(picture.shape), "ascii") + picture.tobytes()


def left_over(farm: Farm, job_id: str) -> list[Path]:
    """Return the tiles that still wait for others."""
    return [one for one in (farm.root / ".buildcat" / "jobs" / job_id).glob("tiles/*/*") if one.is_file()]


def reported(steps: Steps, units: int, tiles: int) -> tuple[str, list[int], list[bool]]:
    """Let two workers report a job's units as tiles, in some order; returns which were last, and if it ended then."""
    job_id = steps.submit(units)
    picked = [steps.must_pick(worker) for _ in range(units // 2) for worker in (W1, W2)]
    random.Random(units).shuffle(picked)
    last, has_ended = [], []
    for one in picked:
        if steps.done(one, tiles=tiles).get("is_last_tile"):
            last.append(one.first)
            has_ended.append(records.job(steps.connection, job_id).state.has_ended)
            steps.done(one)
    return job_id, last, has_ended


@pytest.mark.parametrize(("units", "tiles"), [(8, 4), (8, 2), (12, 6), (6, 1)])
def test_each_frame_has_one_last_tile(steps: Steps, units: int, tiles: int) -> None:
    """Whatever the order; before it is joined, the job has not ended."""
    job_id, last, has_ended = reported(steps, units, tiles)

    assert sorted(one // tiles for one in last) == list(range(units // tiles))
    assert not any(has_ended)
    assert records.job(steps.connection, job_id).state is JobState.DONE


def test_a_last_tile_that_is_told_twice_is_last_twice(steps: Steps) -> None:
    """The answer may have been lost. Once it is joined, telling it again changes nothing."""
    job_id = steps.submit(2)
    one, other = steps.must_pick(), steps.must_pick(W2)
    steps.done(one, tiles=2)

    assert [steps.done(other, tiles=2)["is_last_tile"] for _ in range(2)] == [True, True]
    steps.done(other)

    assert steps.done(other, tiles=2) == {"counted": 0, "go": False}
    assert steps.done(one, tiles=2) == {"counted": 0, "go": False}
    assert records.job(steps.connection, job_id).counts == Counts(done=2)


def test_tiles_of_a_job_that_was_retried_join_nothing(steps: Steps) -> None:
    """They are of an older rendering."""
    job_id = steps.submit(2)
    one, other = steps.must_pick(), steps.must_pick(W2)
    steps.done(one, tiles=2)
    control.retry(steps.connection, job_id, which="all")

    assert steps.done(other, tiles=2) == {"counted": 0, "go": False}


def test_a_frame_in_tiles_is_the_frame(farm: Farm) -> None:
    """Two workers, two frames: joined, each is as it is when it is rendered whole; no tile is left."""
    farm.start_worker()
    farm.start_worker(label="w2")
    expected = wholes(farm)

    job = farm.wait(farm.submit(farm.scene(are_joined=True), "1-2", split=SPLIT))

    assert job.counts == Counts(done=2 * TILES)
    assert pictures(farm) == expected
    assert list(records.outputs(farm.connection, job.id)) == ["out/toy_{frame:04}.png"]
    wait_for(lambda: not left_over(farm, job.id), "the removal of the tiles")


def test_tiles_that_are_files_of_their_own_stay_so(farm: Farm) -> None:
    """A DCC may write them as it likes."""
    farm.start_worker()

    farm.wait(farm.submit(farm.scene(), "7", split="tiles:2x1"))

    assert sorted(pictures(farm)) == ["toy_0007.t0.png", "toy_0007.t1.png"]


def test_a_tile_that_failed_is_joined_after_its_next_try(farm: Farm) -> None:
    """The others are not rendered again."""
    farm.start_worker()
    expected = wholes(farm, "1")

    job = farm.wait(farm.submit(farm.scene(are_joined=True, half=[1], once=True), "1", split=SPLIT, chunk=TILES))

    assert job.counts == Counts(done=TILES)
    assert sum(one.tries for one in records.facts(farm.connection, job.id, TILES)) == 1
    assert pictures(farm) == expected


def test_a_tile_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """It says what helps: a retry of the frame renders all its tiles."""
    tiles = Tiles(tmp_path, "abc", JobSpec("toy"), 7, (2, 1))
    written = tmp_path / "written.png"
    outputs = [Output(str(tmp_path / "a_7.png"), str(written), "png", (64, 48), tile_size=(32, 48))]
    written.write_bytes(b"not looked at yet")
    tiles.keep(Unit(1, 7, 1), outputs)

    with pytest.raises(
        OutputError, match=r"A tile of .*a_7\.png is gone: .*0-a_7\.png\. Type .buildcat retry JOB --missing"
    ):
        tiles.join(outputs, lambda: False)


def test_a_digest_leads_nowhere(tmp_path: Path) -> None:
    """Whoever submits may write what he likes there."""
    tiles = Tiles(tmp_path, "abc", JobSpec("toy", scene_hash="/../../x"), 7, (2, 1))
    job_folder = tmp_path / ".buildcat" / "jobs" / "abc"
    (job_folder / "tiles" / "7-0-").mkdir(parents=True)
    (job_folder / "x").mkdir()

    tiles.remove()

    assert (job_folder / "x").is_dir()


def test_retry_missing_renders_all_tiles_of_a_frame(farm: Farm) -> None:
    """Its file is gone, and so are its tiles."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(are_joined=True), "1-2", split=SPLIT)
    farm.wait(job_id)
    expected = pictures(farm)
    (farm.root / "out" / "toy_0002.png").unlink()
    written = (farm.root / "out" / "toy_0001.png").stat().st_mtime_ns

    done = buildcat("retry", job_id, "--missing", cwd=farm.root)

    assert done.returncode == 0, done.stderr
    assert farm.wait(job_id).counts == Counts(done=2 * TILES)
    assert pictures(farm) == expected
    assert (farm.root / "out" / "toy_0001.png").stat().st_mtime_ns == written


def test_retry_missing_takes_failed_tiles_too(farm: Farm) -> None:
    """Their frame is whole with all of them only."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(are_joined=True), "1-2", split="tiles:2x1")
    farm.wait(job_id)
    (farm.root / "out" / "toy_0001.png").unlink()
    farm.connection.redis.setrange(f"bc:job:{job_id}:units", 1, "f")

    assert missing.missing_units(farm.connection, farm.job(job_id), farm.root) == [0, 1]


def test_tiles_of_the_old_scene_are_rendered_again(farm: Farm) -> None:
    """A scene that has changed is accepted in the middle of a frame: no frame is joined of both."""
    farm.start_worker()
    path = farm.root / farm.scene(are_joined=True, seconds=0.5)
    spec = submission.with_file(JobSpec("toy", split=SPLIT, user="ann"), path, farm.root)
    job_id = control.submit(farm.connection, spec)
    wait_for(lambda: farm.job(job_id).counts.done >= 2, "two tiles")
    farm.scene(are_joined=True, colour=[10, 200, 30])
    wait_for(lambda: farm.job(job_id).state is JobState.PAUSED, "the change to be seen")

    done = buildcat("resume", job_id, "--accept-scene", cwd=farm.root)

    assert done.returncode == 0, done.stderr
    assert farm.wait(job_id).counts == Counts(done=TILES)
    found = pictures(farm)
    farm.wait(farm.submit("shot.toy", output="whole/toy_####.png"))
    assert found == pictures(farm, "whole")


def test_unfinished_frames_wait_again_with_a_new_scene(steps: Steps) -> None:
    """Also what is rendered at this moment; a frame that is whole stays."""
    spec = JobSpec("toy", "a.toy", frames="1-3", split="tiles:2x1", user="ann")
    worker = Worker(tags=("tiles",))
    job_id = control.submit(steps.connection, spec)
    for _ in range(3):
        steps.done(steps.must_pick(worker), worker=worker)
    running = steps.must_pick(worker)

    control.resume(steps.connection, job_id, spec=replace(spec, scene_hash="00ff"))

    assert records.unit_bytes(steps.connection, job_id) == "ddwwww"
    assert records.job(steps.connection, job_id).counts == Counts(waiting=4, done=2)
    assert steps.done(running, tiles=2) == {"counted": 0, "go": False}
    assert [steps.must_pick(worker).first for _ in range(4)] == [2, 3, 4, 5]


def test_a_join_is_stopped_as_a_frame_is(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is moved, no try is counted: the tile is given back."""
    spec = JobSpec("toy", farm.scene(are_joined=True), split="tiles:1x2")
    installations = plugins.installations(plugins.plugin("toy")).installations
    report = Mock(spec=RecordsReport)
    report.done.side_effect = [Answer(go=True), Answer(go=True, is_last_tile=True)]
    session = WarmSession(farm.root)
    picked = Picked("0123456789ab", "abc", 0, 2, 1, 0, "default")
    task = Task(Bench(farm.root, session, {"toy": installations}), picked, spec, report)
    monkeypatch.setattr(Tiles, "join", lambda *_: task.stop("the worker is stopping"))

    task.run()
    session.close()

    assert not list((farm.root / "out").glob("*.png"))
    report.failed.assert_not_called()
    report.give_back.assert_called_once_with("the worker is stopping")


def test_frames_that_are_there_are_skipped(farm: Farm) -> None:
    """A whole file means that none of its tiles is rendered."""
    farm.start_worker()
    scene = farm.scene(are_joined=True)
    farm.wait(farm.submit(scene, "1", split=SPLIT))

    job = farm.wait(farm.submit(scene, "1-2", split=SPLIT, skip_existing=True))

    assert job.counts == Counts(done=TILES, skipped=TILES)
    assert sorted(pictures(farm)) == ["toy_0001.png", "toy_0002.png"]


def test_tiles_are_joined_without_a_farm_too(farm: Farm) -> None:
    """`buildcat run` renders them one after the other."""
    farm.scene(are_joined=True)
    command = ("run", "toy", "shot.toy", "--frames", "1-2", "--root", ".")
    assert buildcat(*command, "--output", "whole/toy_####.png", cwd=farm.root).returncode == 0

    done = buildcat(*command, "--split", SPLIT, cwd=farm.root)

    assert "Done: 12 of 12 tiles" in done.stdout, done.stderr
    assert list(farm.root.glob(".buildcat/jobs/*/tiles")) == []
    assert pictures(farm) == pictures(farm, "whole")


def test_without_openimageio_no_tile_is_rendered_in_vain(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """`buildcat run` says what is missing before it begins."""
    monkeypatch.setattr(images, "openimageio", lambda: None)

    with pytest.raises(OutputError, match="OpenImageIO, which isn't installed"):
        local.render(farm.root, JobSpec("toy", farm.scene(), split=SPLIT), {}, Mock(spec=local.Watch))

    assert not (farm.root / "out").exists()


def test_a_worker_that_cannot_join_gets_no_tiles(steps: Steps) -> None:
    """It has no OpenImageIO; why is said, and other jobs are its own."""
    spec = JobSpec(dcc="toy", scene="a.toy", split=SPLIT)
    assert spec.tags == ("tiles",)
    job_id = control.submit(steps.connection, spec)

    assert steps.pick(W1) is None
    job = records.job(steps.connection, job_id)
    assert obstacle(job, W1.record()) == "can't join tiles: OpenImageIO is not installed there"


def test_a_tile_waits_for_no_other_tile(farm: Farm) -> None:
    """The frame that it would need is there with its last tile only."""
    first = farm.submit(farm.scene(), "1-2", split=SPLIT)

    with pytest.raises(UsageError, match="a frame is whole with its last tile"):
        farm.submit(farm.scene(), "1-2", split=SPLIT, after=(first,), per_frame=True)
