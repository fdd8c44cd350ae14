"""`buildcat submit command` and `run command`: real programs, each checked by what it writes."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
from commands import ask, buildcat
from farms import Farm, wait_for
from processes import are_gone

from buildcat.client import control, records
from buildcat.model import paths
from buildcat.model.states import Counts, JobState
from buildcat_toy import picture

#: Writes the picture that lies beside the farm: an argument list, as any program's.
COPY = (sys.executable, "-c", "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])")
#: Writes its arguments, one a line, into the last of them.
ECHO = (sys.executable, "-c", "import sys; open(sys.argv[-1], 'w').write('\\n'.join(sys.argv[1:]))")
HOSTILE = (
    "; touch hacked",
    "$(touch hacked)",
    "`touch hacked`",
    "| cat",
    "a b",
    "*",
    "{frame:>99}",
    "{output.__class__}",
)


@pytest.fixture(autouse=True)
def marked_farm(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has been here once, and commands find the server."""
    paths.mark_root(farm.root)
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)


def submit(farm: Farm, *arguments: str) -> str:
    """Submit a command from the root and return the job's id."""
    return str(ask("submit", "command", "--json", *arguments, cwd=farm.root)["id"])


def paint(farm: Farm) -> str:
    """Write a whole picture and return its name relative to the root."""
    (farm.root / "source.png").write_bytes(picture.png([b"\0\0\0" * 8] * 8))
    return "source.png"


def message(farm: Farm, job_id: str) -> str:
    """Why the job failed."""
    return records.failures(farm.connection, job_id)[0].message


def test_a_program_runs_for_each_frame(farm: Farm) -> None:
    """Its outputs are checked, moved and recorded as a DCC's are."""
    farm.start_worker("--allow-commands")
    options = ("--frames", "1-3", "--output", "out/{frame:04}.png", "--scene", paint(farm))

    job = farm.wait(submit(farm, *options, "--", *COPY, "{scene}", "{output}"))

    assert job.counts == Counts(done=3)
    assert sorted(one.name for one in (farm.root / "out").iterdir() if one.is_file()) == [
        f"{frame:04}.png" for frame in (1, 2, 3)
    ]
    assert list(records.outputs(farm.connection, job.id)) == ["out/{frame:04}.png"]


def test_without_frames_it_runs_once(farm: Farm) -> None:
    """The job is one unit."""
    farm.start_worker("--allow-commands")

    job = farm.wait(submit(farm, "--output", "still.png", "--", *COPY, paint(farm), "{output}"))

    assert job.counts == Counts(done=1)
    assert (farm.root / "still.png").is_file()


def test_hostile_arguments_stay_literal(farm: Farm) -> None:
    """No shell reads them, and only the fixed placeholders are filled in."""
    farm.start_worker("--allow-commands")

    job = farm.wait(submit(farm, "--frames", "7", "--output", "a_{frame}.txt", "--", *ECHO, *HOSTILE, "{output}"))

    lines = (farm.root / "a_7.txt").read_text().splitlines()
    assert job.state is JobState.DONE
    assert lines[:-1] == list(HOSTILE)
    assert not (farm.root / "hacked").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            (sys.executable, "-c", "import sys; print('oh dear'); sys.exit(3)"),
            "ended with exit code 3. Look at its log.",
        ),
        (("no-such-program",), "no-such-program can't be started here. Install it"),
        ((sys.executable, "-c", "pass"), "out.png was not written"),
        ((*ECHO, "no picture", "{output}"), "out.png is not whole"),
        (("echo", "{frame}"), "asks for a frame, but the job is one unit. Submit it with --frames."),
    ],
)
def test_a_program_that_fails_fails_the_unit(farm: Farm, arguments: tuple[str, ...], sentence: str) -> None:
    """With a sentence; nothing stands under the output's name."""
    farm.start_worker("--allow-commands")

    job = farm.wait(submit(farm, "--output", "out.png", "--", *arguments))

    assert job.state is JobState.FAILED
    assert sentence in message(farm, job.id)
    assert not (farm.root / "out.png").exists()


def test_the_log_is_what_the_program_said(farm: Farm) -> None:
    """Word for word, as a DCC's."""
    farm.start_worker("--allow-commands")
    code = "print('oh dear'); raise SystemExit(3)"

    job = farm.wait(submit(farm, "--output", "out.png", "--", sys.executable, "-c", code))

    assert "oh dear" in buildcat("log", job.id, cwd=farm.root).stdout
    assert "oh dear" in records.failures(farm.connection, job.id)[0].log


def test_a_stop_ends_the_program_and_all_it_has_started(farm: Farm) -> None:
    """Cancel leaves no process behind."""
    worker = farm.start_worker("--allow-commands")
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(999)'])"
    job_id = submit(farm, "--output", "out.png", "--", sys.executable, "-c", code)
    started = psutil.Process(worker.pid)
    tree = wait_for(lambda: (found := started.children(recursive=True)) and len(found) >= 3 and found, "the program")

    control.cancel(farm.connection, job_id)

    wait_for(lambda: are_gone(tree), "the program to be gone", 10)
    assert farm.job(job_id).counts == Counts(waiting=1)


def test_a_worker_without_permission_leaves_it_alone(farm: Farm) -> None:
    """And `show` says what to do."""
    farm.start_worker()
    job_id = submit(farm, "--output", "out.png", "--", *COPY, paint(farm), "{output}")

    shown = buildcat("show", job_id, cwd=farm.root).stdout

    assert "w1 runs no commands; start it with --allow-commands." in " ".join(shown.split())
    other = farm.submit(farm.scene())
    assert farm.wait(other).state is JobState.DONE
    assert farm.job(job_id).state is JobState.WAITING


def test_a_job_that_forgets_what_it_requires_is_not_run_either(farm: Farm) -> None:
    """Whoever writes the JSON gains nothing: the worker has no commands to offer."""
    farm.start_worker()
    job = '{"dcc": "command", "output": "a.txt", "settings": {"command": ["touch", "hacked"]}}'

    done = buildcat("submit", "-", cwd=farm.root, stdin=job)

    assert done.returncode == 0, done.stderr
    assert farm.wait(farm.submit(farm.scene())).state is JobState.DONE
    assert not (farm.root / "hacked").exists()


def test_an_output_outside_the_root_is_refused(farm: Farm) -> None:
    """Before the server is asked."""
    done = buildcat("submit", "command", "--output", "../a.png", "--", "true", cwd=farm.root)

    assert done.returncode == 4
    assert "outside the root" in done.stderr


def test_run_command_needs_no_farm(tmp_path: Path) -> None:
    """The same here and now: the current folder is the root."""
    (tmp_path / "alone").mkdir()

    done = buildcat(
        "run", "command", "--frames", "1-2", "--output", "{frame}.txt", "--", *ECHO, "{output}", cwd=tmp_path / "alone"
    )

    assert done.returncode == 0, done.stderr
    assert sorted(one.name for one in (tmp_path / "alone").glob("*.txt")) == ["1.txt", "2.txt"]
