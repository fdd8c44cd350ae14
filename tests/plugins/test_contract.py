"""The contract of every plugin: each installed one is driven through a real session, each setting with two values."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest
from needs import require
from plugins.scenes import SAMPLES, Sample

from buildcat.farm import outputs, plugins
from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside.messages import Loaded, Order, Progress
from buildcat.model.dcc import Dcc, Setting, version_number, version_text
from buildcat.model.errors import BuildcatError
from buildcat.model.job import JobSpec, Output, Unit


@dataclass
class Studio:
    """One installation of one DCC, with its sample scene and, when needed, a warm session."""

    dcc: Dcc
    installation: Installation
    sample: Sample
    root: Path
    warm: Session | None = None

    @cached_property
    def scene(self) -> Path:
        """The sample scene."""
        return self.sample.make(self.installation, self.root)

    @property
    def session(self) -> Session:
        """A session that can be used."""
        if self.warm is None or not self.warm.is_alive:
            self.warm = Session(self.dcc, self.installation)
            self.warm.start()
        return self.warm

    def load(self, execution: str, **settings: Any) -> Loaded:
        """Load the sample scene with these settings."""
        return self.session.load(execution, self.order(**settings))

    def order(self, scene: str = "", output: str = "", **settings: Any) -> Order:
        """Return the order for the sample scene, or another one beside it."""
        given = self.dcc.check_settings({**self.sample.settings, **settings})
        path = self.scene.with_name(scene or self.scene.name)
        scripts = self.sample.allow_scripts
        return Order(str(path), str(self.root), given, output or self.sample.output, allow_scripts=scripts)

    def render(self, **settings: Any) -> list[Output]:
        """Load the sample scene with these settings and render frame 1."""
        execution = uuid.uuid4().hex
        self.load(execution, **settings)
        return self.session.render(execution, Unit(0, 1), lambda _progress: None)


@cache
def cases() -> list[tuple[Dcc, Installation | None]]:
    """Return each plugin with each of its installations, or with None."""
    return [
        (dcc, one) for dcc in plugins.plugins().values() for one in plugins.installations(dcc).installations or [None]
    ]


def name(value: object) -> str:
    if isinstance(value, Setting):
        return value.key
    dcc, installation = value  # type: ignore[misc]  # one of the cases
    kind = "wheel" if installation and installation.launch == dcc.wheel_launch.arguments else ""
    return f"{dcc.name}{kind}-{version_text(installation.version) if installation else 'missing'}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test with each case, and those of settings with each setting of the case."""
    if "setting" in metafunc.fixturenames:
        pairs = [(case, setting) for case in cases() for setting in case[0].settings]
        metafunc.parametrize(("studio", "setting"), pairs, ids=name, indirect=["studio"], scope="module")
    elif "studio" in metafunc.fixturenames:
        metafunc.parametrize("studio", cases(), ids=name, indirect=True, scope="module")


@pytest.fixture(scope="module")
def studio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The DCC of the case; skipped, or failed in CI, where it is not installed."""
    dcc, installation = request.param
    require(dcc.name in SAMPLES, f"there is no sample scene for {dcc.label}")
    sample = SAMPLES[dcc.name]
    if not installation and sample.stand_in:
        installation = sample.stand_in(tmp_path_factory.mktemp("opt"))
    require(installation, f"{dcc.label} is not installed here")
    studio = Studio(dcc, installation, sample, tmp_path_factory.mktemp(dcc.name))
    yield studio
    if studio.warm:
        studio.warm.close()


def looks(path: Path) -> tuple[object, ...]:
    """Return all that can be seen of a picture: no file dates and other metadata."""
    import OpenImageIO

    image = OpenImageIO.ImageInput.open(str(path))
    spec = image.spec()
    return path.suffix, spec.width, spec.height, spec.nchannels, str(spec.format), image.read_image().tobytes()


def are_different(first: Path, second: Path) -> bool:
    """Whether the pictures look different, or one file is clearly larger."""
    small, large = sorted((first.stat().st_size, second.stat().st_size))
    return looks(first) != looks(second) or large > 1.05 * small


def test_the_sample_has_a_plugin() -> None:
    """Both plugins of this test are installed; a missing entry point must not pass for success."""
    assert set(SAMPLES) <= set(plugins.plugins())


def test_no_setting_is_named_as_a_field_of_a_job() -> None:
    """On the command line and in forms both stand side by side."""
    taken = {one.name for one in fields(JobSpec)}

    keys = {(dcc.name, one.key) for dcc in plugins.plugins().values() for one in dcc.settings}

    assert keys
    assert not {key for _, key in keys} & taken
    assert len(keys) == sum(len(dcc.settings) for dcc in plugins.plugins().values())


def test_both_values_of_a_setting_render_and_differ(studio: Studio, setting: Setting) -> None:
    """A setting that has no effect on a worker is worse than none."""
    companions = studio.sample.companions.get(setting.key, {})
    written = []

    for value in setting.examples:
        try:
            (output, *_) = studio.render(**companions, **{setting.key: value})
        except BuildcatError as exc:
            assert setting.key in studio.sample.refusable, exc
            assert str(exc).endswith(".")
            continue
        outputs.check(output)
        written.append(Path(output.written))

    assert written
    if len(written) == 2 and setting.key not in studio.sample.invisible:
        assert are_different(*written)


def test_settings_of_the_last_job_are_forgotten(studio: Studio) -> None:
    """The scene is loaded again for each job: what is left out is as in the scene."""
    seen = [one for one in studio.dcc.settings if one.key not in studio.sample.invisible]
    one = next((one for one in seen if one.key == "percentage"), None)
    before = studio.render()
    half = studio.render(percentage=50) if one else before
    after = studio.render()

    assert one or not seen, "a DCC with settings that can be seen has percentage"
    assert looks(Path(before[0].written)) == looks(Path(after[0].written))
    assert (looks(Path(half[0].written)) != looks(Path(after[0].written))) is bool(one)


def test_outputs_are_written_into_the_folder_of_the_execution(studio: Studio) -> None:
    """Half a file never stands where an artist looks; loading has named the folder."""
    loaded = studio.load("e1")

    rendered = studio.session.render("e1", Unit(0, 1), lambda _progress: None)

    assert rendered
    for output in rendered:
        path = Path(output.path)
        assert Path(output.written) == (path if output.in_place else path.parent / ".bc-e1" / path.name)
        assert str(path.parent) in loaded.folders
        assert output.in_place or not path.exists()
        outputs.check(output)


def test_what_a_unit_will_write_is_known_before(studio: Studio) -> None:
    """So that frames that are there can be skipped: same place, kind and size, and nothing is written for it."""
    studio.load("e1")

    expected = studio.session.expected("e1", Unit(0, 1))
    are_there = [Path(one.path).exists() for one in expected]
    rendered = studio.session.render("e1", Unit(0, 1), lambda _progress: None)

    assert [one.written for one in expected] == [one.path for one in expected]
    assert are_there == [False] * len(expected)
    found = [(one.path, one.kind, one.size) for one in rendered]
    assert [(one.path, one.kind, one.size) for one in expected] == found[: len(expected)] != []


def test_the_order_says_where_outputs_go(studio: Studio) -> None:
    """An output pattern is relative to the root, and has the frame in it."""
    studio.session.load("e1", studio.order(output="elsewhere/picture_####.png"))

    (output, *_) = studio.session.render("e1", Unit(0, 7), lambda _progress: None)

    assert output.path == str(studio.root / "elsewhere" / "picture_0007.png")
    assert outputs.pattern("elsewhere/picture_0007.png", Unit(0, 7)) == "elsewhere/picture_{frame:04}.png"


def test_the_next_unit_is_rendered_by_the_same_process(studio: Studio) -> None:
    """The second frame of a job doesn't start anything."""
    studio.load("e1")
    first = studio.session.render("e1", Unit(0, 1), lambda _progress: None)
    pid = studio.session.pid

    second = studio.session.render("e2", Unit(1, 2), lambda _progress: None)

    assert studio.session.pid == pid
    assert psutil.pid_exists(pid)
    assert first[0].path != second[0].path
    assert ".bc-e2" in second[0].written


def test_a_slow_frame_tells_how_far_it_is(studio: Studio) -> None:
    """Progress arrives at least once a second, so a worker can tell a long frame from a hung one."""
    studio.session.load("e1", studio.order(studio.sample.slow_scene, **studio.sample.slow))
    heard: list[Progress] = []
    started = time.monotonic()

    studio.session.render("e1", Unit(0, 1), heard.append)

    seconds = time.monotonic() - started
    assert heard, f"the sample's slow frame took only {seconds:.1f} s"
    assert len(heard) >= int(seconds) - 1
    assert all(one.fraction is None or 0 <= one.fraction <= 1 for one in heard)


def test_a_missing_scene_is_answered_with_a_sentence(studio: Studio) -> None:
    """An artist reads what is missing and what to do."""
    gone = studio.root / f"gone{studio.dcc.extensions[0]}"

    with pytest.raises(BuildcatError, match=gone.name) as caught:
        studio.session.load("e1", Order(str(gone), str(studio.root)))

    assert str(caught.value).endswith(".")
    assert "Traceback" not in str(caught.value)


def test_the_version_is_the_one_that_was_found(studio: Studio) -> None:
    """A job that needs a version gets it."""
    assert version_number(studio.session.version) == studio.installation.version
