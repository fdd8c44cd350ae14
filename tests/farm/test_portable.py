"""Nothing needs what only POSIX has: all runs where fork, killpg, SIGALRM, resource and fcntl are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
from farms import Farm, wait_for
from processes import are_gone

import buildcat
from buildcat.farm import guard
from buildcat.model.states import Counts
from buildcat_toy import scene

HERE = Path(__file__).parent
WITHOUT_POSIX = str(HERE / "without_posix.py")


def test_a_session_runs_without_posix(tmp_path: Path) -> None:
    """The worker's side and the DCC's have lost those names, and a frame is rendered."""
    path = scene.save(tmp_path / "shot.toy")
    launch = ["{executable}", "-I", "-S", WITHOUT_POSIX, "{loop}"]
    command = [sys.executable, WITHOUT_POSIX, str(HERE / "run_session.py"), str(path), *launch]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.stderr == ""
    assert done.stdout.splitlines()[1] == str(tmp_path / "renders" / ".bc-e1" / "toy_0001.png")


def test_a_worker_renders_without_posix(farm: Farm) -> None:
    """A worker process that has lost those names finds its DCCs, renders a job to its end, and is stopped."""
    main = str(Path(buildcat.__file__).with_name("__main__.py"))
    farm.worker_command = [sys.executable, WITHOUT_POSIX, main, "worker"]
    worker = farm.start_worker(label="odd")

    job = farm.wait(farm.submit(farm.scene(), "1-3"))

    assert job.counts == Counts(done=3)
    worker.terminate()
    assert worker.wait(30) == 0


def test_a_guard_ends_its_program_without_posix() -> None:
    """The guard has lost those names, and still ends the program and its children at end-of-file."""
    program = "import subprocess; subprocess.run(['sleep', '100'])"
    command = [sys.executable, "-I", "-S", WITHOUT_POSIX, guard.__file__, "0", sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as guarding:
        ours = psutil.Process(guarding.pid)
        wait_for(lambda: len(ours.children(recursive=True)) == 2, "the start of the program and its child")
        processes = ours.children(recursive=True)

    assert guarding.returncode != 0
    assert are_gone(processes)
