"""The worker as a process: it renders, recovers, stops when told, and says what it does."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import psutil
import pytest
from farms import PATIENCE_S, Farm, wait_for
from rq.command import send_stop_job_command

from buildcat.client import control, records
from buildcat.farm.outputs import is_whole
from buildcat.model.states import Counts, JobState


def outputs(farm: Farm) -> list[str]:
    """Names of the rendered files."""
    return sorted(path.name for path in (farm.root / "out").glob("*"))


def leftovers(farm: Farm) -> list[Path]:
    """Temporary folders that nobody removed."""
    return list(farm.root.rglob(".bc-*"))


def test_a_job_is_rendered_to_whole_files(farm: Farm) -> None:
    """Submit to done: every frame is on disk, whole, and recorded with its pattern."""
    farm.start_worker()

    job = farm.wait(farm.submit(farm.scene(), "1-5"))

    assert job.counts == Counts(done=5)
    assert outputs(farm) == [f"toy_{frame:04}.png" for frame in range(1, 6)]
    assert all(is_whole(farm.root / "out" / name, "png", (32, 24)) for name in outputs(farm))
    assert list(records.outputs(farm.connection, job.id)) == ["out/toy_{frame:04}.png"]
    wait_for(lambda: not leftovers(farm), "the temporary folders to be removed")


def test_the_session_stays_warm_between_tasks(farm: Farm) -> None:
    """Tasks of one job go on in one DCC process."""
    farm.start_worker()

    first = farm.wait(farm.submit(farm.scene(), "1-3"))
    dcc = [one.pid for one in farm.dccs()]
    second = farm.wait(farm.submit(farm.scene("other.toy"), "1-3"))

    assert first.state is second.state is JobState.DONE
    assert len(dcc) == 1
    assert [one.pid for one in farm.dccs()] == dcc


def test_a_worker_without_a_server_waits_for_it(farm: Farm) -> None:
    """It says once that there is no server, and connects when one comes."""
    from buildcat.farm.server import Server

    late = Server(farm.root.parent / "late", port=0)
    late.start()
    address = late.address
    late.stop()
    worker = farm.start_worker("--server", address, label="early", ready=False)
    wait_for(lambda: "no server" in farm.log("early"), "the worker to say that there is no server")
    again = Server(farm.root.parent / "late", port=int(address.rsplit(":", 1)[1].split("/")[0]))
    again.start()

    try:
        wait_for(
            lambda: "early" in farm.log("early") and "ready" in farm.log("early").lower(), "the worker to be ready"
        )
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE_S)
        again.stop()

    assert farm.log("early").count("no server") == 1
    assert worker.returncode == 0


def test_a_dcc_that_dies_of_the_workers_sigterm_costs_no_try(farm: Farm) -> None:
    """A service manager ends the whole group: the unit is given back, not failed."""
    worker = farm.start_worker()
    job_id = farm.submit(farm.scene(seconds=60), "1")
    farm.wait_running(job_id)

    worker.send_signal(signal.SIGTERM)
    wait_for(lambda: "Stopping when the task is done" in farm.log(), "the worker to hear it")
    farm.dccs()[0].terminate()

    assert worker.wait(PATIENCE_S) == 0
    assert farm.job(job_id).counts == Counts(waiting=1)
    assert records.facts(farm.connection, job_id, 1)[0].tries == 0


def test_two_sigterms_give_the_task_back(farm: Farm) -> None:
    """The second signal, however soon, stops the DCC; the unit waits again and has cost no try."""
    worker = farm.start_worker()
    job_id = farm.submit(farm.scene(seconds=60), "1")
    farm.wait_running(job_id)
    dcc = farm.dccs()

    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGINT)

    worker.wait(PATIENCE_S)
    assert farm.job(job_id).counts == Counts(waiting=1)
    assert records.facts(farm.connection, job_id, 1)[0].tries == 0
    assert not any(one.is_running() for one in dcc)
    wait_for(lambda: not leftovers(farm), "the temporary folders to be removed")


def test_an_idle_worker_ends_at_once(farm: Farm) -> None:
    """A signal interrupts the wait for work."""
    worker = farm.start_worker()

    worker.send_signal(signal.SIGINT)

    assert worker.wait(4) == 0


def test_cancel_stops_the_dcc_within_a_moment(farm: Farm) -> None:
    """A cancelled job ends now: its DCC is gone, its bytes wait for a retry."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(seconds=60), "1-3")
    farm.wait_running(job_id)
    dcc = farm.dccs()

    control.cancel(farm.connection, job_id)

    wait_for(lambda: not any(one.is_running() for one in dcc), "the DCC to be gone", 5)
    assert farm.job(job_id).state is JobState.CANCELLED
    assert farm.job(job_id).counts == Counts(waiting=3)


def test_a_cancelled_job_can_be_retried(farm: Farm) -> None:
    """Retry lifts the cancellation, and the job runs to its end."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(), "1-3", paused=True)
    control.cancel(farm.connection, job_id)

    control.retry(farm.connection, job_id)
    control.resume(farm.connection, job_id)

    assert farm.wait(job_id).state is JobState.DONE


def test_rqs_stop_job_gives_the_units_back_without_a_try(farm: Farm) -> None:
    """RQ's own tools may stop a task; it starts again."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(seconds=2), "1")
    farm.wait_running(job_id)
    execution = records.executions(farm.connection)[0].id

    send_stop_job_command(farm.connection.redis, execution)

    wait_for(lambda: execution not in [one.id for one in records.executions(farm.connection)], "the stop")
    assert farm.wait(job_id).counts == Counts(done=1)
    assert records.facts(farm.connection, job_id, 1)[0].tries == 0


def test_a_crashing_scene_fails_after_three_tries(farm: Farm) -> None:
    """Each try starts a new DCC; then the unit has failed with its reason and last words, and the worker goes on."""
    farm.start_worker()

    job = farm.wait(farm.submit(farm.scene(crash=[1]), "1"))
    fine = farm.wait(farm.submit(farm.scene("fine.toy"), "1"))

    failures = records.failures(farm.connection, job.id)
    assert job.state is JobState.FAILED
    assert [one.try_number for one in failures] == [3, 2, 1]
    assert all(one.kind == "SessionError" and one.worker.startswith("w1.") for one in failures)
    assert fine.state is JobState.DONE


def test_a_setting_that_no_worker_can_apply_stops_the_job_at_once(farm: Farm) -> None:
    """Three tries for each of a thousand frames would only waste the night."""
    farm.start_worker()

    job = farm.wait(farm.submit(farm.scene(), "1-50", settings={"colour": "no such"}))

    assert job.counts == Counts(failed=50)
    assert "colour" in job.stopped_why
    assert len(records.failures(farm.connection, job.id)) == 1


def test_a_changed_scene_pauses_the_job(farm: Farm) -> None:
    """What is rendered is what was submitted; a saved-over scene is asked about."""
    from buildcat.client import submission
    from buildcat.farm import plugins
    from buildcat.model.job import JobSpec

    farm.start_worker()
    scene = farm.root / farm.scene()
    spec = submission.prepare(JobSpec(dcc="toy", scene="x"), plugins.plugin("toy"), scene, farm.root)
    scene.write_text(json.dumps({"width": 8, "height": 8, "output": "out/toy_####.png"}))

    job_id = control.submit(farm.connection, spec)

    wait_for(lambda: farm.job(job_id).is_paused, "the job to pause")
    assert "changed" in farm.job(job_id).paused_why
    fresh = submission.prepare(JobSpec(dcc="toy", scene="x"), plugins.plugin("toy"), scene, farm.root)
    control.resume(farm.connection, job_id, spec=fresh)
    assert farm.wait(job_id).counts == Counts(done=1)


@pytest.mark.parametrize("escape", ["../outside/x_####.png", "link/x_####.png"])
def test_a_scene_that_writes_outside_the_root_fails(farm: Farm, escape: str) -> None:
    """Outputs stay under the root, also behind a symlink."""
    outside = farm.root.parent / "outside"
    outside.mkdir()
    (farm.root / "link").symlink_to(outside)
    farm.start_worker()

    job = farm.wait(farm.submit(farm.scene(output=escape), "1"))

    assert job.state is JobState.FAILED
    assert "outside the root" in records.failures(farm.connection, job.id)[0].message
    assert list(outside.iterdir()) == []


def test_a_worker_serves_several_pools(farm: Farm) -> None:
    """Jobs of each of its pools are rendered, and jobs of others wait."""
    farm.start_worker("gpu", "default")
    scene = farm.scene()

    gpu, usual, other = (farm.submit(scene, "1", pool=pool) for pool in ("gpu", "default", "elsewhere"))

    assert farm.wait(gpu).state is farm.wait(usual).state is JobState.DONE
    assert farm.job(other).state is JobState.WAITING


def test_count_starts_workers_and_replaces_one_that_died(farm: Farm) -> None:
    """`--count 2` keeps two workers alive, and SIGTERM ends them all."""
    parent = farm.start_worker("--count", "2", label="pair", ready=False)
    wait_for(lambda: len(farm.labels()) == 2, "two workers")
    first = next(one for one in records.workers(farm.connection) if one.label == "pair-1")

    os.kill(first.pid, signal.SIGKILL)

    wait_for(
        lambda: {one.pid for one in records.workers(farm.connection) if one.label == "pair-1"} - {first.pid}, "a new"
    )
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(PATIENCE_S) == 0
    assert not any(psutil.pid_exists(one.pid) for one in records.workers(farm.connection) if one.label == "pair-2")


def test_progress_inside_a_frame_reaches_the_records(farm: Farm) -> None:
    """A person sees a slow frame move."""
    farm.start_worker()
    job_id = farm.submit(farm.scene(seconds=5), "1")

    wait_for(lambda: any(one.fraction for one in records.executions(farm.connection)), "progress")

    first = records.executions(farm.connection)[0].fraction or 0
    wait_for(lambda: (records.executions(farm.connection) or [None])[0].fraction > first, "more progress", 10)
    assert farm.wait(job_id).counts == Counts(done=1)


def test_a_worker_with_one_gpu_shows_its_dcc_only_that_one(farm: Farm) -> None:
    """Also when it is one of several under one command."""
    farm.start_worker("--count", "2", "--gpu", "1", label="pair", ready=False)
    wait_for(lambda: len(farm.labels()) == 2, "two workers")
    job_id = farm.submit(farm.scene(seconds=30), "1", requires=("gpu",))

    farm.wait_running(job_id)

    (dcc,) = farm.dccs()
    assert dcc.environ()["CUDA_VISIBLE_DEVICES"] == dcc.environ()["HIP_VISIBLE_DEVICES"] == "1"
    control.cancel(farm.connection, job_id)


@pytest.mark.parametrize(
    "spec", ['{"dcc": "toy", "scene": "a.toy", "schema": 2}', '{"dcc": "toy", "frames": "1-x"}', "?"]
)
def test_a_job_that_can_not_be_read_fails_with_its_reason(farm: Farm, spec: str) -> None:
    """A spec of another version, or a damaged one, stops its job at once; its units don't hang."""
    job_id = farm.submit(farm.scene(), "1-3", paused=True)
    farm.connection.redis.hset(records.job_key(job_id), "spec", spec)
    farm.start_worker()

    control.resume(farm.connection, job_id)

    wait_for(lambda: records.unit_bytes(farm.connection, job_id) == "fff", "the job to fail")
    assert "can't be read" in records.failures(farm.connection, job_id)[0].message


def test_a_scene_that_writes_elsewhere_is_told_the_way_out(farm: Farm) -> None:
    """Blender's own default output lies outside every root, so this is an artist's first mistake."""
    farm.start_worker()

    job = farm.wait(farm.submit(farm.scene(output="/elsewhere/x_####.png"), "1-5"))

    assert "Pass --output" in job.stopped_why
    assert job.counts == Counts(failed=5)


def test_a_failing_unit_in_the_middle_of_a_chunk_costs_only_itself(farm: Farm) -> None:
    """The units before it stay done, those behind it are rendered in a new session."""
    farm.start_worker()

    job = farm.wait(farm.submit(farm.scene(crash=[3]), "1-5", chunk=5))

    assert records.unit_bytes(farm.connection, job.id) == "ddfdd"
    assert [one.unit for one in records.failures(farm.connection, job.id)] == [2, 2, 2]
