"""A session with the toy: what it promises when all is well, and what is left of it when the DCC misbehaves."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from farms import wait_for
from processes import are_gone

from buildcat.farm import session as sessions
from buildcat.farm.patience import Patience
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside import loop
from buildcat.inside.messages import Order, Progress
from buildcat.model.errors import BuildcatError, PathError, RenderError, SessionError
from buildcat.model.job import Output, Unit
from buildcat_toy import scene
from buildcat_toy.dcc import DCC

HERE = Path(__file__).parent
Start = Callable[..., Session]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a session and load a toy scene of that content into it."""
    started = []

    def start(**content: Any) -> Session:
        session = new_session()
        started.append(session)
        session.start()
        session.load("e1", order(tmp_path, **content))
        return session

    yield start
    for session in started:
        session.close()


def new_session(*launch: str, executable: str = sys.executable, patience: Patience | None = None) -> Session:
    installation = Installation(executable, 1_002_000, launch or DCC.launch.arguments)
    return Session(DCC, installation, patience=patience)


def order(folder: Path, **content: Any) -> Order:
    return Order(str(scene.save(folder / "shot.toy", **content)), str(folder))


def render(session: Session, frame: int = 1, execution: str = "e1") -> Output:
    return session.render(execution, Unit(frame, frame), lambda _progress: None)[0]


def family(session: Session) -> list[psutil.Process]:
    dcc = psutil.Process(session.pid)
    return [dcc, *psutil.Process(dcc.ppid()).children(recursive=True)]


def test_a_unit_is_rendered_into_the_folder_of_its_execution(start: Start, tmp_path: Path) -> None:
    """Outputs are written beside their place, and named with place, kind and size."""
    session = start(width=40, height=30, output="out/a_##.png")

    output = render(session, 7, "e2")

    written = tmp_path / "out" / ".bc-e2" / "a_07.png"
    assert output == Output(str(tmp_path / "out" / "a_07.png"), str(written), "png", (40, 30))
    assert written.stat().st_size > 0


def test_the_next_unit_and_the_next_scene_go_to_the_same_process(start: Start, tmp_path: Path) -> None:
    """A session is warm: the DCC is started once."""
    session = start()
    pid = session.pid

    render(session, 1)
    render(session, 2)
    session.load("e2", order(tmp_path, output="other/b_##.png"))
    output = render(session, 3, "e2")

    assert output.path.endswith("b_03.png")
    assert (session.pid, session.version, session.is_alive) == (pid, "1.2.0", True)
    assert psutil.pid_exists(pid)


def test_loading_tells_the_folders_and_warnings_of_the_scene(tmp_path: Path) -> None:
    """The worker checks the folders before the first render."""
    session = new_session()
    session.start()

    loaded = session.load("e1", order(tmp_path, output="out/a_#.png", warnings=["The sky is missing."]))
    session.close()

    assert loaded.folders == (str(tmp_path / "out"),)
    assert loaded.warnings == ("The sky is missing.",)


def test_progress_arrives_while_a_unit_is_rendered(start: Start) -> None:
    """A slow frame tells how far it is, and all of it comes before the frame is done."""
    session = start(seconds=1.8)
    heard: list[Progress] = []

    session.render("e1", Unit(0, 1), heard.append)
    count = len(heard)
    time.sleep(0.7)

    assert 1 <= count == len(heard)
    fractions = [one.fraction or 0 for one in heard]
    assert 0 < fractions[0] < 1
    assert fractions == sorted(fractions)


@pytest.mark.parametrize(
    ("trouble", "words"), [("crash", "exit code 9"), ("quit", "exit code 0"), ("segfault", "SIGSEGV")]
)
def test_a_dcc_that_ends_is_reported_with_how_it_ended(start: Start, trouble: str, words: str) -> None:
    """A crash, and also a quiet end with exit code 0, fails the unit."""
    session = start(**{trouble: [2]})
    render(session, 1)

    with pytest.raises(SessionError, match=f"Toy ended while rendering frame 2, with .*{words}"):
        render(session, 2)

    assert not session.is_alive


@pytest.mark.parametrize(("trouble", "words"), [("error", "ZeroDivisionError: a fault"), ("exit", "SystemExit: 0")])
def test_an_error_in_the_dcc_is_reported_and_ends_the_session(start: Start, trouble: str, words: str) -> None:
    """After any doubt a session is killed, never used again; its traceback is in the log."""
    session = start(**{trouble: True})
    processes = family(session)

    with pytest.raises(RenderError, match=f"Toy met an error while rendering frame 1: {words}"):
        render(session)

    assert b"Traceback" in session.last_output
    assert are_gone(processes)
    with pytest.raises(SessionError, match="not running"):
        render(session)


def test_a_buildcat_error_arrives_as_what_it_was(tmp_path: Path) -> None:
    """What a plugin says for artists is passed on word for word, and ends the session."""
    session = new_session()
    session.start()

    with pytest.raises(PathError, match=r"There is no scene .*gone\.toy\. Save it"):
        session.load("e1", Order(str(tmp_path / "gone.toy"), str(tmp_path)))

    assert not session.is_alive


def test_an_error_of_the_caller_ends_the_session_too(start: Start) -> None:
    """Ctrl-C or a fault in the middle of a unit leaves no session that would answer the wrong question."""
    session = start(seconds=5)
    processes = family(session)

    def fail(_progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.render("e1", Unit(0, 1), fail)

    assert are_gone(processes)


@pytest.mark.parametrize("trouble", ["hang", "stuck", "freeze"])
def test_kill_ends_a_dcc_that_hangs_and_the_call_that_waits(start: Start, trouble: str) -> None:
    """A stop works at once, even when no other thread of the DCC gets a turn, or all of it is stopped."""
    session = start(**{trouble: True, "children": True})
    errors: list[BuildcatError] = []
    waiting = threading.Thread(target=lambda: errors.append(failure(lambda: render(session))))
    waiting.start()
    time.sleep(0.5)

    processes = family(session)
    killed = time.monotonic()
    session.kill()
    waiting.join(10)

    assert time.monotonic() - killed < 1
    assert str(errors[0]) == "Toy was stopped while rendering frame 1."
    assert are_gone(processes)


@pytest.mark.parametrize("end", [Session.kill, Session.close, lambda session: failure(lambda: render(session, 2))])
def test_nothing_that_the_dcc_started_outlives_it(start: Start, end: Callable[[Session], object]) -> None:
    """Children, those in a session of their own and orphans end with the DCC: killed, closed or crashed."""
    session = start(children=[1], crash=[2])
    render(session, 1)
    processes = family(session)

    end(session)

    assert len(processes) >= 4
    wait_for(lambda: are_gone(processes), "the end of all processes", 5)


def failure(work: Callable[[], object]) -> BuildcatError:
    with pytest.raises(BuildcatError) as caught:
        work()
    return caught.value


def test_kill_may_come_before_the_start_and_twice() -> None:
    """A stop that comes early is not lost, and one that comes late does no harm."""
    session = new_session()

    session.kill()
    session.kill()

    with pytest.raises(SessionError, match="was stopped"):
        session.start()
    assert not session.is_alive


def test_the_end_of_the_guard_ends_the_session(start: Start) -> None:
    """Somebody kills the guard alone: the session notices and the DCC is not left behind."""
    session = start(seconds=60)
    processes = family(session)
    waiting = threading.Timer(0.5, psutil.Process(session.pid).parent().kill)  # type: ignore[union-attr]  # it lives
    waiting.start()

    with pytest.raises(SessionError, match="SIGKILL"):
        render(session)

    wait_for(lambda: are_gone(processes), "the end of the DCC", 5)


@pytest.mark.parametrize("trouble", ["stuck", "freeze"])
def test_the_dcc_ends_when_its_worker_is_killed(tmp_path: Path, trouble: str) -> None:
    """kill -9 of the worker leaves no DCC, even one that answers to nothing."""
    path = scene.save(tmp_path / "shot.toy", **{trouble: True})
    command = [sys.executable, str(HERE / "run_session.py"), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        dcc = psutil.Process(int(worker.stdout.readline()))
        time.sleep(0.5)

        worker.kill()

    wait_for(lambda: are_gone([dcc]), "the end of the DCC", 2)


def test_a_flood_of_output_is_capped_and_harms_nothing(start: Start, tmp_path: Path) -> None:
    """20 MB printed in one frame: the frame is done, the log stops at 16 MB and says so."""
    session = start(flood=[1])
    session.log_to(tmp_path / "flood.log")

    output = render(session)
    session.log_to(None)

    log = (tmp_path / "flood.log").read_bytes()
    assert Path(output.written).exists()
    assert 16 * 2**20 < len(log) < 16 * 2**20 + 200
    assert b"longer than 16 MB" in log[-200:]


def test_output_is_kept_byte_for_byte(start: Start, tmp_path: Path) -> None:
    """What is no UTF-8, or looks like a mark, is nobody's business."""
    session = start(garbage=[1])
    session.log_to(tmp_path / "new" / "garbage.log")

    output = render(session)

    expected = bytes(range(128, 256)) + b"\x1e\xff\xfe\0\n" + f"painted {output.path}\n".encode()
    assert (tmp_path / "new" / "garbage.log").read_bytes() == expected
    assert session.last_output == expected


def test_each_unit_has_all_of_its_output_in_its_own_log(start: Start, tmp_path: Path) -> None:
    """What was printed before a unit is done is in that unit's log, from C too, and in no other."""
    session = start(mutter=True)

    outputs = []
    for frame in range(100):
        session.log_to(tmp_path / f"{frame}.log")
        outputs.append(render(session, frame))

    for frame, output in enumerate(outputs):
        assert (tmp_path / f"{frame}.log").read_text() == f"painted {output.path}\nmuttered in C\n"


def test_a_log_is_made_when_something_is_printed(start: Start, tmp_path: Path) -> None:
    """No empty logs; a second try of a unit goes to the end of the first one's."""
    session = start()
    log = tmp_path / "1.log"
    session.log_to(log)
    assert not log.exists()

    render(session, 1)
    session.log_to(log)
    render(session, 1)

    assert log.read_text().count("painted") == 2


def test_a_dcc_that_does_not_get_ready_is_given_up() -> None:
    """The start has a limit, and leaves nothing behind."""
    session = new_session(
        "{executable}", "-I", "-S", "-c", "import time; time.sleep(60)", patience=Patience(start_s=0.5)
    )

    with pytest.raises(
        SessionError, match=r"Toy was starting for 0\.5 s, as long as the worker's --start-limit allows"
    ):
        session.start()

    assert not session.is_alive
    assert session.memory_bytes() == 0


@pytest.mark.parametrize(
    ("launch", "executable", "words"),
    [
        ((), "/no/such/dcc", r"Toy could not be started: /no/such/dcc can't be started: .*No such file"),
        ((), str(HERE), r"Toy could not be started: .* can't be started: .*ermission"),
        (("{executable}", "-c", "pass"), sys.executable, r"Toy could not be started: exit code 0"),
        (("{executable}", "-c", "1/0"), sys.executable, r"Toy could not be started: ZeroDivisionError"),
    ],
)
def test_a_wrong_executable_is_reported(launch: tuple[str, ...], executable: str, words: str) -> None:
    """The sentence has the system's reason, or the program's last words."""
    session = new_session(*launch, executable=executable)

    with pytest.raises(SessionError, match=words):
        session.start()


def test_messages_of_other_executions_and_strangers_are_ignored(tmp_path: Path) -> None:
    """A left-over `done` is never taken for the next unit's; who doesn't know the token is sent away."""
    session = new_session("{executable}", "-I", "-S", str(HERE / "odd_loop.py"))
    session.start()

    loaded = session.load("e1", order(tmp_path))
    output = render(session)
    session.close()

    assert session.version == "stranger saw b''"
    assert loaded.folders == ("/new",)
    assert output.path == "/new"


def test_two_sessions_run_side_by_side(start: Start) -> None:
    """The end of one is no business of the other."""
    first, second = start(crash=[2]), start()

    render(first, 1)
    failure(lambda: render(first, 2))

    assert render(second, 3).path.endswith("toy_0003.png")
    assert (first.is_alive, second.is_alive) == (False, True)


def test_the_memory_of_all_its_processes_is_known(start: Start) -> None:
    """A leak of 128 MB shows."""
    session = start(leak=[1])
    before = session.memory_bytes()

    render(session)

    assert before > 2**20
    assert session.memory_bytes() - before > 100 * 2**20


def test_close_lets_the_dcc_end_by_itself(start: Start) -> None:
    """A polite end takes no three seconds."""
    session = start()
    processes = family(session)
    started = time.monotonic()

    session.close()

    assert are_gone(processes)
    assert time.monotonic() - started < 2


def test_the_dcc_sees_only_what_it_may() -> None:
    """Model, inside, fileseq and the plugin can be imported there; nothing else of ours or of the worker's."""
    names = ["buildcat", "buildcat.model.job", "buildcat.inside.messages", "fileseq", "buildcat_toy.scene"]
    hidden = ["buildcat.client", "buildcat.farm.guard", "buildcat.cli", "redis", "rq", "psutil"]
    folders = json.dumps(sessions.shown_folders("buildcat_toy"))
    command = [sys.executable, "-I", "-S", str(HERE / "run_finder.py"), loop.__file__, folders, *names, *hidden]

    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.split() == names
