"""`buildcat submit` and `run`, as a person types them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from commands import Running, ask, buildcat, on_terminal
from farms import Farm, wait_for
from needs import require

from buildcat.client import control
from buildcat.model import paths
from buildcat.model.job import JobSpec


@pytest.fixture(autouse=True)
def marked_farm(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has been here once, and commands find the server."""
    paths.mark_root(farm.root)
    monkeypatch.setenv("BUILDCAT_SERVER", farm.server)


def test_a_submission_says_the_id_and_what_to_type_next(farm: Farm) -> None:
    """And why nothing renders yet."""
    farm.scene()

    done = buildcat("submit", "toy", "shot.toy", "--frames", "1-24", cwd=farm.root)

    job_id = done.stdout.partition(" as ")[2].partition(":")[0]
    assert done.returncode == 0
    assert done.stdout.startswith(f"Submitted shot as {job_id}: 24 frames.\nThere is no worker.")
    assert f"  buildcat show {job_id} " in done.stdout
    assert farm.job(job_id).counts.waiting == 24


def test_options_and_settings_become_the_job(farm: Farm) -> None:
    """What is typed is what is stored, in its own type; the scene is relative to the root."""
    (farm.root / "shots").mkdir()
    farm.scene("shots/a.toy")
    options = "--frames 1-9x2 --chunk 3 --order reverse --priority 70 --pool gpu --name fox --output out/x_{frame}.png"
    settings = "--colour red --invert yes --gamma 2 --layers sky,ground"

    answer = ask("submit", "toy", "a.toy", *options.split(), *settings.split(), "--paused", cwd=farm.root / "shots")

    spec = farm.job(answer["id"]).spec
    assert answer["units"] == 5
    assert (spec.scene, spec.output) == ("shots/a.toy", "shots/out/x_{frame}.png")
    assert (spec.frames, spec.chunk, spec.order, spec.priority) == ("1-9x2", 3, "reverse", 70)
    assert (spec.pool, spec.name, spec.paused) == ("gpu", "fox", True)
    assert spec.settings == {"colour": "red", "invert": True, "gamma": 2.0, "layers": ["sky", "ground"]}


def test_a_movie_is_one_part_for_a_version(farm: Farm) -> None:
    """One worker renders all its frames, with a version that an artist may ask for."""
    farm.scene()

    answer = ask(
        *("submit", "toy", "shot.toy", "--frames", "1-24", "--split", "whole", "--version-min", "1.9"), cwd=farm.root
    )

    assert answer["units"] == 1
    assert farm.job(answer["id"]).spec.version_min == 1_009_000


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["toy", "shot.toy", "--split", "half"], 2, "The split is frames, whole"),
        (["toy", "shot.toy", "--split", "whole", "--frames", "1,5"], 2, "one range such as 1-100"),
        (["toy", "shot.toy", "--version-min", "new"], 2, "'new' is not a version. Write one such as 4.5"),
        (["toy", "gone.toy"], 4, "There is no scene gone.toy."),
        (["toy", "shot.blend"], 4, "shot.blend is no Toy scene"),
        (["toy", "../elsewhere.toy"], 4, "no folder above it is marked as a root"),
        (["toy", "shot.toy", "--frames", "1-"], 2, "'1-' is not a frame range"),
        (["toy", "shot.toy", "--order", "sideways"], 2, "The order is forward"),
        (["toy", "shot.toy", "--priority", "200"], 2, "priority must be from 0 to 100"),
        (["toy", "shot.toy", "--percentage", "0"], 2, "percentage takes a whole number from 1 to 100"),
    ],
)
def test_a_job_that_can_not_be_is_refused_before_the_server_is_asked(
    farm: Farm, arguments: list[str], code: int, sentence: str
) -> None:
    """One sentence, also where there is no server."""
    farm.scene()
    (farm.root / "shot.blend").touch()
    (farm.root.parent / "elsewhere.toy").write_text("{}")

    done = buildcat("submit", *arguments, "--port", "1", "--server", "", cwd=farm.root)

    assert done.returncode == code
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_job_comes_as_json_on_standard_input(farm: Farm) -> None:
    """For programs that write it themselves."""
    spec = JobSpec(dcc="toy", scene=farm.scene(), frames="1-3", name="piped")

    done = buildcat("submit", "-", "--json", cwd=farm.root, stdin=spec.to_json())

    assert done.returncode == 0, done.stderr
    assert ask("jobs", cwd=farm.root)[0]["name"] == "piped"


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        ("frames 1-3", 2, "The job is not JSON"),
        ('{"dcc": "toy", "scene": "a.toy", "frame": "1"}', 2, "A job has no field 'frame'. Did you mean 'frames'"),
        ('{"dcc": "tay", "scene": "a.toy"}', 2, "There is no plugin for 'tay'. Did you mean 'toy'?"),
        ('{"dcc": "toy", "scene": "a.toy", "settings": {"gama": 1}}', 2, "Toy has no setting 'gama'"),
        ('{"dcc": "toy", "scene": "../a.toy"}', 4, "must be a path below the root"),
    ],
)
def test_json_that_is_no_job_is_refused(farm: Farm, text: str, code: int, sentence: str) -> None:
    """In the same words as options."""
    done = buildcat("submit", "-", cwd=farm.root, stdin=text)

    assert done.returncode == code
    assert sentence in done.stderr


def test_waiting_ends_with_the_outputs(farm: Farm) -> None:
    """Exit code 0, a line now and then, and where the frames are."""
    farm.scene()
    farm.start_worker()

    done = buildcat("submit", "toy", "shot.toy", "--frames", "1-5", "--wait", cwd=farm.root)

    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert lines[-2].startswith("Done: 5 frames in ")
    assert lines[-1] == f"  {farm.root / 'out' / 'toy_{frame:04}.png'}"


def test_waiting_for_a_job_that_fails_ends_with_1(farm: Farm) -> None:
    """It says which frame failed and why, once, and what to type."""
    farm.scene(error=[2])
    farm.start_worker()

    done = buildcat("submit", "toy", "shot.toy", "--frames", "1-3", "--wait", cwd=farm.root)

    assert done.returncode == 1
    assert done.stdout.count("frame 2 failed on w1: ") == 1
    assert "Failed: 2 of 3 frames done in " in done.stdout
    assert "buildcat retry" in done.stdout


def test_waiting_for_a_cancelled_job_ends_with_1(farm: Farm) -> None:
    """It was not rendered."""
    farm.scene()

    with Running("submit", "toy", "shot.toy", "--frames", "1-3", "--wait", cwd=farm.root) as waiting:
        waiting.wait_said("There is no worker.")
        control.cancel(farm.connection, farm_job(farm))
        code = waiting.wait_end()

    assert code == 1
    waiting.wait_said("Cancelled: 0 of 3 frames done.")


def test_ctrl_c_leaves_the_job_to_the_farm(farm: Farm) -> None:
    """And says so, and how to end it."""
    farm.scene()

    with Running("submit", "toy", "shot.toy", "--wait", cwd=farm.root) as waiting:
        waiting.wait_said("There is no worker.")
        code = waiting.interrupt()

    job_id = farm_job(farm)
    assert code == 130
    waiting.wait_said(f"The job goes on. `buildcat show {job_id}` shows how, `buildcat cancel {job_id}` ends it.")
    assert farm.job(job_id).state.value == "waiting"


def test_waiting_as_json_says_one_thing_at_the_end(farm: Farm) -> None:
    """A script reads the job as it ended."""
    farm.scene()
    farm.start_worker()

    answer = ask("submit", "toy", "shot.toy", "--frames", "1-2", "--wait", cwd=farm.root)

    assert answer["state"] == "done"
    assert answer["outputs"] == ["out/toy_{frame:04}.png"]


def test_a_terminal_shows_a_bar_that_fits(farm: Farm) -> None:
    """Frames done, what renders and how far it is; then the bar gives way to the result."""
    require(sys.platform != "win32", "a terminal to draw on")
    farm.scene(seconds=2.5)
    farm.start_worker()

    code, drawn = on_terminal("submit", "toy", "shot.toy", "--frames", "1-2", "--wait", cwd=farm.root)

    assert code == 0
    assert "━" in drawn
    assert "1/2" in drawn and "frames/min" in drawn
    assert "frame 2  w1" in drawn
    assert "of 2.5 s" in drawn
    assert "Done: 2 frames in " in drawn


def test_run_renders_without_a_server(farm: Farm, tmp_path: Path) -> None:
    """The same frames, here and now, also outside any shared storage."""
    (tmp_path / "alone").mkdir()
    scene = tmp_path / "alone" / "a.toy"
    scene.write_text("{}")

    done = buildcat("run", "toy", "a.toy", "--frames", "1-3", "--colour", "red", cwd=scene.parent)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"  {scene.parent / 'renders' / 'toy_{frame:04}.png'}"
    assert "Done: 3 of 3 frames in " in done.stdout
    assert len(list(scene.parent.glob("renders/*.png"))) == 3


def test_run_ends_with_1_when_a_frame_fails(farm: Farm) -> None:
    """The others are rendered all the same; the failure is said once."""
    farm.scene(error=[2])

    done = buildcat("run", "toy", "shot.toy", "--frames", "1-3", cwd=farm.root)

    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("frame 2 failed: ") == 1
    assert "Failed: 2 of 3 frames done in " in done.stdout
    assert done.stderr == ""


def test_ctrl_c_stops_a_run(farm: Farm) -> None:
    """The toy is gone too, and nothing unfinished is left."""
    farm.scene(seconds=30)

    with Running("run", "toy", "shot.toy", cwd=farm.root) as running:
        wait_for(lambda: list(farm.root.rglob("*.log")), "the toy to be at work")
        code = running.interrupt()

    assert code == 130
    running.wait_said("Stopped: 0 of 1 frame done.")
    assert list(farm.root.rglob(".bc-*")) == []


def farm_job(farm: Farm) -> str:
    """The id of the only job."""
    return str(ask("jobs", cwd=farm.root)[0]["id"])
