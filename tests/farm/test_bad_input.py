"""Bad input of every kind: one clear sentence, the right exit code, and nothing half-written."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import psutil
import pytest
from commands import buildcat
from farms import Farm
from needs import require

from buildcat.cli.main import run
from buildcat.client import control, records
from buildcat.farm import plugins
from buildcat.model import paths
from buildcat.model.job import JobSpec
from buildcat.model.states import Counts, JobState
from buildcat_blender.dcc import DCC

NO_SERVER = ("--server", "redis://127.0.0.1:1/0")
SETTINGS = "Settings: camera, colour, gamma, invert, layers, percentage, texture."
#: Python's own limit of nesting is far below it.
DEEP = "[" * 100_000
BLEND = b"BLENDER-v304" + b"blocks" * 100 + b"ENDB" + bytes(20)
NEWER = b"BLENDER17-01v9902" + b"blocks" * 100 + b"ENDB" + bytes(20)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A marked root with a scene, as the current folder; a scene outside, and links that lead there."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "folder.toy").mkdir(parents=True)
    outside.mkdir()
    for path in (root / "shot.toy", outside / "a.toy"):
        path.write_text("{}")
    (root / "link.toy").symlink_to(outside / "a.toy")
    (root / "linked").symlink_to(outside)
    paths.mark_root(root)
    monkeypatch.chdir(root)
    return root


def files(folder: Path) -> list[Path]:
    """All that lies there, and how large it is, which a refused command must not change."""
    return sorted(folder.rglob("*"))


def said_once(capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence on stderr; nothing is on stdout."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("buildcat: ") and err.count("\n") == 1 and "Traceback" not in err
    assert err.rstrip().endswith((".", "?"))
    return err


@pytest.mark.parametrize(
    ("scene", "sentence"),
    [
        ("gone.toy", "There is no scene gone.toy. Check the path"),
        ("folder.toy", "folder.toy is a folder. Name the scene file in it."),
        ("../outside/a.toy", "lies outside the root"),
        ("linked/a.toy", "lies outside the root"),
        ("link.toy", "lies outside the root"),
        ("C:\\shots\\a.toy", "is a path of another system. Name the scene by its path on this machine."),
        ("\\\\server\\shots\\a.toy", "is a path of another system."),
        ("shot.toy/x.toy", "There is no scene shot.toy/x.toy."),
        ("x" * 300 + ".toy", "can't be read"),
    ],
)
def test_a_scene_that_workers_can_not_reach(
    root: Path, capsys: pytest.CaptureFixture[str], scene: str, sentence: str
) -> None:
    """Exit code 4, before the server is asked."""
    before = files(root)

    code = run(["submit", "toy", scene, "--root", str(root), *NO_SERVER])

    assert (code, files(root)) == (4, before)
    assert sentence in said_once(capsys)


@pytest.mark.parametrize("output", ["../out/a.png", "/elsewhere/a.png", "linked/a.png"])
def test_an_output_outside_the_root(root: Path, capsys: pytest.CaptureFixture[str], output: str) -> None:
    """Also behind a link."""
    code = run(["submit", "toy", "shot.toy", "--output", output, *NO_SERVER])

    assert code == 4
    assert "lies outside the root" in said_once(capsys)


@pytest.mark.parametrize(
    "frames", ["", " ", "a", "1-", "-", "1-2-3", "1--", "1...5", "1-10x", "x2", "1,,2", "1.5", "1e3", "٣", "1;2"]
)
def test_frames_that_are_none(root: Path, capsys: pytest.CaptureFixture[str], frames: str) -> None:
    """Exit code 2, and what frames look like."""
    code = run(["submit", "toy", "shot.toy", f"--frames={frames}", *NO_SERVER])

    assert code == 2
    assert "Write frames such as 1-100, 1-100x5 or 1,5,8-12." in said_once(capsys)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tay", "shot.toy"], "There is no plugin for 'tay'. Did you mean 'toy'?"),
        (["toy"], "Missing argument 'SCENE'."),
        ([], "Name a DCC and a scene."),
        (["toy", "shot.toy", "--gama", "1"], "has no option --gama. Did you mean '--gamma'"),
        (["toy", "shot.toy", "--gama", "1"], "--camera, --invert"),
        (["toy", "shot.toy", "--percentage", "half"], "percentage takes a whole number from 1 to 100, not 'half'."),
        (["toy", "shot.toy", "--invert", "maybe"], "invert takes yes or no, not 'maybe'."),
        (["toy", "shot.toy", "--colour", "pink"], "colour takes one of red, green, blue, not 'pink'."),
        (["toy", "shot.toy", "--gamma", "nan"], "gamma takes a number from 0.1 to 10, not"),
        (["toy", "shot.toy", "--frames", "1-9x0"], "has a step that leads nowhere. Use a step of 1 or more"),
        (["toy", "shot.toy", "--frames", "1-2000000"], "names more than 1,000,000 frames. Submit it as several jobs."),
        (["toy", "shot.toy", "--order", "every:0"], "The order is forward"),
        (["toy", "shot.toy", "--chunk", "0"], "chunk must be from 1"),
        (["toy", "shot.toy", "--pool", "a b"], "pool is a word of letters"),
        (["command", "--output", "a.png"], "Missing argument 'PROGRAM [ARGUMENT]...'."),
        (["command", "--", "true"], "Missing option '--output'."),
    ],
)
def test_wrong_usage(root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str) -> None:
    """Exit code 2, with near names, and the type or the values that would be right."""
    code = run(["submit", *arguments, *([] if "--" in arguments or not arguments else NO_SERVER)])

    assert code == 2
    assert sentence in said_once(capsys)


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        ("", 2, "The job is not JSON"),
        ("{", 2, "The job is not JSON"),
        (DEEP, 2, "The job is not JSON"),
        ("[]", 2, "The job must be a JSON object"),
        ("null", 2, "The job must be a JSON object"),
        ("{}", 2, "it needs at least dcc"),
        ('{"dcc": 7}', 2, "dcc must be a text, not 7."),
        ('{"dcc": "toy"}', 2, "The job names no scene"),
        ('{"dcc": "toy", "scene": "a.toy", "frames": 7}', 2, "frames must be a text, not 7."),
        ('{"dcc": "toy", "scene": "a.toy", "frames": "1-"}', 2, "'1-' is not a frame range"),
        ('{"dcc": "toy", "scene": "a.toy", "split": "tiles:0x2"}', 2, "The split is frames, whole, or tiles:CxR"),
        ('{"dcc": "toy", "scene": "a.toy", "paused": 1}', 2, "paused must be true or false, not 1."),
        ('{"dcc": "toy", "scene": "a.toy", "schema": 99}', 2, "Upgrade one of them."),
        ('{"dcc": "toy", "scene": "a.toy", "requires": "x"}', 2, "requires must be a list of texts"),
        (
            '{"dcc": "toy", "scene": "a.toy", "settings": {"gama": 1}}',
            2,
            f"Did you mean 'gamma' or 'camera'? {SETTINGS}",
        ),
        ('{"dcc": "toy", "scene": "a.toy", "settings": {"gamma": "1"}}', 2, "gamma takes a number from 0.1 to 10"),
        ('{"dcc": "toy", "scene": "a.toy", "settings": {"layers": [1]}}', 2, "layers takes a list of texts, not [1]."),
        ('{"dcc": "toy", "scene": "\\ud800.toy"}', 2, "is not text that every system can read"),
        ('{"dcc": "toy", "scene": "/a.toy"}', 4, "must be a path below the root"),
        ('{"dcc": "toy", "scene": "C:/a.toy"}', 4, "must be a path below the root"),
        ('{"dcc": "toy", "scene": "a/../../a.toy"}', 4, "must be a path below the root"),
        ('{"dcc": "toy", "scene": "a.toy", "output": "\\\\\\\\x\\\\y.png"}', 4, "must be a path below the root"),
        ('{"dcc": "toy", "scene": "a.toy", "output": "../x.png"}', 4, "must be a path below the root"),
        ('{"dcc": "toy", "scene": "nowhere.toy"}', 4, "There is no scene"),
    ],
)
@pytest.mark.usefixtures("root")
def test_json_that_is_no_job(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    code: int,
    sentence: str,
) -> None:
    """What a program sends is checked as what a person types, before the server is asked."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    ended = run(["submit", "-", *NO_SERVER])

    assert ended == code
    assert sentence in said_once(capsys)


def test_json_that_is_no_text(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are no UTF-8."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"dcc": "\xff"}')))

    code = run(["submit", "-", *NO_SERVER])

    assert code == 2
    assert "The job is not UTF-8" in said_once(capsys)


@pytest.mark.parametrize(
    "arguments", [["submit", "toy", "shot.toy"], ["jobs"], ["show", "last"], ["retry", "last"], ["delete", "last"]]
)
def test_no_server(root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Exit code 3, and how to start one."""
    before = files(root)

    code = run([*arguments, *NO_SERVER])

    assert (code, files(root)) == (3, before)
    assert "There is no server at redis://127.0.0.1:1/0. Start one with `buildcat server`" in said_once(capsys)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty. Save it again in Blender."),
        (b"no scene at all", "is not a Blender file, whatever its name says."),
        (BLEND[:200], "is cut short: its end is missing."),
        (gzip.compress(BLEND)[:20], "is cut short: its end is missing."),
    ],
)
def test_a_blend_file_that_is_none(
    root: Path, capsys: pytest.CaptureFixture[str], content: bytes, sentence: str
) -> None:
    """Found by its bytes, without Blender and without a server."""
    (root / "a.blend").write_bytes(content)

    code = run(["submit", "blender", "a.blend", *NO_SERVER])

    assert code == 4
    assert sentence in said_once(capsys)


def test_a_compressed_blend_file_is_fine(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the server is missing; half of it is refused."""
    zstandard = pytest.importorskip("zstandard", exc_type=ImportError)
    packed = zstandard.ZstdCompressor().compress(BLEND)
    codes = []
    for content in (packed, packed[:20]):
        (root / "a.blend").write_bytes(content)
        codes.append(run(["submit", "blender", "a.blend", *NO_SERVER]))

    said = capsys.readouterr().err.splitlines()

    assert codes == [3, 4]
    assert "is cut short" in said[1]


def test_a_newer_blend_file_waits_for_a_newer_blender(farm: Farm) -> None:
    """The farm says which version the scene needs; here and now it is refused."""
    require(plugins.installations(DCC).installations, "Blender is not installed")
    farm.start_worker()
    (farm.root / "new.blend").write_bytes(NEWER)

    done = buildcat("submit", "blender", "new.blend", "--server", farm.server, cwd=farm.root)
    here = buildcat("run", "blender", "new.blend", cwd=farm.root)

    assert (done.returncode, here.returncode) == (0, 4)
    assert "; the scene needs 99.2.0." in done.stdout
    assert here.stderr.startswith("buildcat: new.blend needs Blender 99.2.0; here is ")
    assert not list(farm.root.rglob("*.png"))


def test_a_dcc_that_no_worker_has(farm: Farm) -> None:
    """The job waits, and it is said why."""
    farm.start_worker()
    job_id = control.submit(farm.connection, JobSpec(dcc="nowhere", scene="a.x"))

    done = buildcat("show", job_id, "--server", farm.server, cwd=farm.root)

    assert "render it: w1 has no nowhere." in " ".join(done.stdout.split())


def test_a_crashing_dcc_is_told_in_a_sentence(farm: Farm) -> None:
    """Exit code 1; no file, nothing half-written, and the frames around it are rendered."""
    farm.start_worker()
    farm.scene(crash=[2])

    done = buildcat("submit", "toy", "shot.toy", "--frames", "1-3", "--wait", "--server", farm.server, cwd=farm.root)

    assert done.returncode == 1
    assert "Toy ended while rendering frame 2, with exit code 9. The log has its last words." in done.stdout
    assert sorted(one.name for one in (farm.root / "out").glob("*.png")) == ["toy_0001.png", "toy_0003.png"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"scene": "gone.toy"}, "There is no scene gone.toy in "),
        ({"scene": "link.toy"}, "The scene "),
        ({"scene": "folder.toy"}, "There is no scene folder.toy in "),
        ({"scene": "bad.toy"}, "bad.toy is no toy scene"),
        ({"output": "file/x_####.png"}, "can't be written: Not a directory."),
        ({"output": "link/x_####.png"}, "leads outside the root"),
        ({"settings": {"colour": "pink"}}, "colour takes one of red, green, blue, not 'pink'."),
        ({"settings": {"texture": "gone.txt"}}, "There is no texture gone.txt below the root."),
    ],
)
def test_what_only_a_worker_can_see_fails_the_job(farm: Farm, given: dict[str, object], sentence: str) -> None:
    """The worker trusts no record; nothing is written, and it goes on with the next job."""
    outside = farm.root.parent / "outside"
    outside.mkdir()
    (outside / "a.toy").write_text("{}")
    (farm.root / "link.toy").symlink_to(outside / "a.toy")
    (farm.root / "link").symlink_to(outside)
    (farm.root / "folder.toy").mkdir()
    (farm.root / "file").touch()
    (farm.root / "bad.toy").write_text("no JSON")
    farm.start_worker()

    job = farm.wait(farm.submit(**{"scene": farm.scene(), "frames": "1-2", **given}))

    assert job.counts == Counts(failed=2)
    assert sentence in records.failures(farm.connection, job.id)[0].message
    assert not list(farm.root.rglob("*.png")) and len(list(outside.iterdir())) == 1
    assert farm.wait(farm.submit(farm.scene("fine.toy"))).state is JobState.DONE


def test_a_full_disk_fails_the_frame(farm: Farm) -> None:
    """No file grows beyond a limit, which is what a full disk looks like to a DCC; nothing half-written stays."""
    require(hasattr(psutil.Process, "rlimit"), "a limit for the size of files")
    worker = farm.start_worker()
    psutil.Process(worker.pid).rlimit(psutil.RLIMIT_FSIZE, (20_000, 20_000))

    job = farm.wait(farm.submit(farm.scene(width=1500, height=1500, colour=[1, 77, 201]), "1"))

    assert job.state is JobState.FAILED
    assert "can't be written: File too large. Check the disk" in records.failures(farm.connection, job.id)[0].message
    assert not list(farm.root.rglob("*.png"))
