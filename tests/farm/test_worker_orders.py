"""Workers as processes: they obey orders, give slots up, say what they did, and remove what has expired."""

from __future__ import annotations

import psutil
import pytest
from farms import PATIENCE_S, Farm, wait_for

from buildcat.client import control, limits, records, waiting
from buildcat.client.records import WorkerRecord
from buildcat.farm import housekeeping
from buildcat.model import paths
from buildcat.model.job import JobSpec
from buildcat.model.states import JobState


def worker(farm: Farm, label: str = "w1") -> WorkerRecord:
    """What a worker says of itself."""
    return next(one for one in records.workers(farm.connection) if one.label == label)


def order(farm: Farm, given: str, label: str = "w1") -> None:
    """Tell a worker what to do."""
    control.order_worker(farm.connection, worker(farm, label).name, given)


def test_a_paused_worker_finishes_its_task_and_takes_no_other_until_it_is_resumed(farm: Farm) -> None:
    """It stays ready, and goes on at once."""
    farm.start_worker()
    job = farm.submit(farm.scene(seconds=0.5), "1-3")
    farm.wait_running(job)

    order(farm, "pause")
    wait_for(lambda: not farm.job(job).counts.running, "the task to end")
    paused = farm.job(job).counts
    order(farm, "resume")

    assert (paused.done, paused.waiting) == (1, 2)
    assert farm.wait(job).state is JobState.DONE


def test_a_drained_worker_ends_when_its_task_is_done(farm: Farm) -> None:
    """And leaves the farm."""
    process = farm.start_worker()
    job = farm.submit(farm.scene(seconds=0.5), "1-3")
    farm.wait_running(job)

    order(farm, "drain")

    assert process.wait(PATIENCE_S) == 0
    assert (farm.job(job).counts.done, farm.job(job).counts.waiting) == (1, 2)
    assert farm.labels() == []


def test_an_idle_worker_that_is_drained_ends_at_once(farm: Farm) -> None:
    """It need not wait for work first."""
    process = farm.start_worker()

    order(farm, "drain")

    assert process.wait(PATIENCE_S) == 0


def test_a_stopped_worker_gives_its_task_back_and_ends(farm: Farm) -> None:
    """Without a try; no DCC is left."""
    process = farm.start_worker()
    job = farm.submit(farm.scene(seconds=60), "1")
    farm.wait_running(job)
    dccs = farm.dccs()

    order(farm, "stop")

    assert process.wait(PATIENCE_S) == 0
    assert farm.job(job).counts.waiting == 1
    assert records.facts(farm.connection, job, 1)[0].tries == 0
    assert not any(psutil.pid_exists(one.pid) for one in dccs)


def test_a_worker_says_what_it_did(farm: Farm) -> None:
    """Since when, how many frames, and the memory that its session holds."""
    farm.start_worker()
    farm.wait(farm.submit(farm.scene(), "1-3"))

    found = wait_for(lambda: (one := worker(farm)).done == 3 and one, "the beat after the last frame")

    assert found.memory_mb > 0
    assert found.since > 0
    assert found.execution == ""


def test_an_idle_session_gives_its_slot_up_when_others_wait(farm: Farm) -> None:
    """A warm DCC must not sit on the only licence."""
    limits.set_limit(farm.connection, "licence", 1)
    farm.start_worker(label="w1")
    first = farm.submit(farm.scene(), "1", limits=("licence",))
    farm.wait(first)
    order(farm, "pause")
    held = limits.read(farm.connection)[0].holders
    farm.start_worker(label="w2")

    second = farm.wait(farm.submit(farm.scene(), "1", limits=("licence",)))

    assert held == (worker(farm).name,)
    assert second.state is JobState.DONE
    assert limits.read(farm.connection)[0].holders == (worker(farm, "w2").name,)
    assert len(farm.dccs()) == 1


def test_a_limit_of_the_dccs_description_holds_for_all_its_jobs(farm: Farm) -> None:
    """Also for those that don't name it; where nobody has set it, it holds nothing back."""
    limits.set_limit(farm.connection, "toy-licence", 1)
    for label in ("w1", "w2"):
        farm.start_worker(label=label)
    first = farm.submit(farm.scene("a.toy", seconds=60), "1")
    farm.wait_running(first)
    second = farm.job(farm.submit(farm.scene("b.toy"), "1"))

    sentence = waiting.why(farm.connection, second)
    limits.lift(farm.connection, "toy-licence")

    assert sentence.startswith("The limit toy-licence is full: its slots (1) are taken, by w")
    assert farm.wait(second.id).state is JobState.DONE


def test_a_session_that_was_killed_gives_its_slot_up(farm: Farm) -> None:
    """There is nothing left that could use it."""
    limits.set_limit(farm.connection, "licence", 1)
    farm.start_worker()
    job = farm.submit(farm.scene(seconds=60), "1", limits=("licence",))
    farm.wait_running(job)

    control.cancel(farm.connection, job)

    wait_for(lambda: not limits.read(farm.connection)[0].holders, "the slot to be given up")


def test_files_of_an_expired_job_are_removed(farm: Farm) -> None:
    """Its logs and the copy of its scene; what it rendered stays."""
    farm.start_worker()
    farm.scene(".shot.bc-0123456789ab.toy")
    job = farm.submit(".shot.bc-0123456789ab.toy", "1", snapshot=True)
    farm.wait(job)
    folder = paths.job_folder(farm.root, job)
    had_log = folder.exists()
    farm.connection.redis.zadd("bc:ended", {job: 1})

    housekeeping.keep_history(farm.connection, 30)

    wait_for(lambda: not folder.exists(), "the job's folder to be removed")
    wait_for(lambda: not (farm.root / ".shot.bc-0123456789ab.toy").exists(), "the snapshot to be removed")
    assert had_log
    assert records.job_ids(farm.connection) == []
    assert (farm.root / "out" / "toy_0001.png").exists()


def test_trash_that_leads_elsewhere_is_left(farm: Farm) -> None:
    """Whoever reaches the server can have nothing removed but a job's own files."""
    precious = farm.root / "precious.toy"
    precious.write_text("mine")
    spec = JobSpec(dcc="toy", scene="precious.toy", snapshot=True).to_json()
    for job_id in ("../../precious", "..", "good"):
        farm.connection.redis.lpush("bc:trash", f'{{"id": "{job_id}", "spec": {housekeeping.json.dumps(spec)}}}')

    housekeeping.empty_trash(farm.connection, farm.root)

    assert farm.connection.redis.llen("bc:trash") == 0
    assert precious.read_text() == "mine"


@pytest.mark.parametrize(("folder", "execution"), [("..", "0123456789ab"), (".", "../0123456789ab"), ("/", "x")])
def test_what_a_dead_worker_left_is_removed_only_below_the_root(farm: Farm, folder: str, execution: str) -> None:
    """Nor can a note in the job's folder, or whoever reaches the server, name another place."""
    precious = farm.root.parent / ".bc-0123456789ab"
    precious.mkdir()
    note = paths.job_folder(farm.root, "good") / "folders"
    note.parent.mkdir(parents=True)
    note.write_text(f"{folder}\n")
    farm.connection.redis.lpush("bc:trash", f'{{"id": "good", "execution": "{execution}"}}')

    housekeeping.empty_trash(farm.connection, farm.root)

    assert farm.connection.redis.llen("bc:trash") == 0
    assert precious.exists()


def test_history_stays_as_it_was_set(farm: Farm) -> None:
    """A server that is started again without the option changes nothing."""
    days = [housekeeping.keep_history(farm.connection, given) for given in (None, 30, None, 0, None)]

    assert days == [90, 30, 30, 0, 0]
