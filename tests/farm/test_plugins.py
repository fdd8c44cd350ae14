"""Plugins are found through entry points, and DCCs where people put them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from needs import require

from buildcat.farm import plugins
from buildcat.farm.plugins import Found, Installation
from buildcat.model.dcc import Dcc, Launch
from buildcat.model.errors import UsageError

LAUNCH = Launch(("{executable}", "--run", "{loop}"))


@pytest.fixture(autouse=True)
def plugins_are_looked_for_again() -> Iterator[None]:
    """A process looks for its plugins once; these tests add some."""
    plugins.plugins.cache_clear()
    yield
    plugins.plugins.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for executables, on an otherwise empty PATH."""
    require(sys.platform != "win32", "the executables of this test are shell scripts")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    monkeypatch.setenv("PATH", str(bin_folder))
    monkeypatch.delenv("BUILDCAT_PAINTER", raising=False)
    return bin_folder


def painter(**changes: object) -> Dcc:
    return Dcc(
        **{
            **dict(name="painter", label="Painter", extensions=(".paint",), settings=(), package="buildcat_painter"),
            **dict(executables=("painter",), launch=LAUNCH),
            **changes,
        }  # type: ignore[arg-type]  # the values of a table
    )


def program(path: Path, says: str = "Painter 4.2.1 of 2024") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says if says.startswith('exec') else f'echo {says!r}'}\n")
    path.chmod(0o755)
    return str(path)


def add_plugin(site: Path, name: str, target: str) -> None:
    """Write what an installer writes for a package with an entry point."""
    info = site / f"studio_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: studio-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[buildcat.plugins]\n{name} = {target}\n")


def test_a_fifth_dcc_is_one_package_of_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with an entry point is all that a new DCC needs."""
    (tmp_path / "studio_paint.py").write_text(
        "from buildcat.model.dcc import Dcc, Launch\nDCC = Dcc('paint', 'Paint', ('.p',), (), 'x', (), Launch(()))\n"
    )
    add_plugin(tmp_path, "paint", "studio_paint:DCC")
    monkeypatch.syspath_prepend(tmp_path)

    assert plugins.plugin("paint").label == "Paint"
    assert plugins.plugins()["paint"] == plugins.plugin("paint")


@pytest.mark.parametrize("target", ["studio_gone:DCC", "json:dumps"])
def test_a_broken_plugin_is_logged_and_left_out(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It must not take the others down with it; the log has its traceback."""
    add_plugin(tmp_path, "broken", target)
    monkeypatch.syspath_prepend(tmp_path)

    with caplog.at_level(logging.ERROR):
        found = plugins.plugins()

    assert "broken" not in found
    assert f"The plugin broken ({target}) can't be loaded." in caplog.text
    assert "Traceback" in caplog.text


def test_an_unknown_dcc_is_answered_with_the_known_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip of the hand is seen at once."""
    add_plugin(tmp_path, "ok", "buildcat_toy.dcc:DCC")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(UsageError, match=r"no plugin for 'tooy'\. Did you mean 'toy'\? Installed plugins: .*toy"):
        plugins.plugin("tooy")


def test_installations_are_sorted_by_version_and_named_ones_come_first(folder: Path, tmp_path: Path) -> None:
    """The lowest version that fits renders; of equal ones the one that a person named."""
    old = program(tmp_path / "opt" / "painter-3.6" / "painter", "Painter 3.6")
    on_path = program(folder / "painter")
    named = program(tmp_path / "named", "Painter 4.2.1")
    dcc = painter(places={sys.platform: (str(tmp_path / "opt" / "painter-*" / "painter"),)})

    found = plugins.installations(dcc, [named])

    assert found == Found(
        (
            Installation(old, 3_006_000, LAUNCH.arguments),
            Installation(named, 4_002_001, LAUNCH.arguments),
            Installation(on_path, 4_002_001, LAUNCH.arguments),
        )
    )


def test_the_environment_lists_executables_as_path_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`BUILDCAT_PAINTER=/a:name`: paths, and names that are on PATH."""
    first, second = program(tmp_path / "a"), program(folder / "other", "Painter 5.0")
    monkeypatch.setenv("BUILDCAT_PAINTER", f"{first}:other")

    found = plugins.installations(painter())

    assert [one.executable for one in found.installations] == [first, second]


def test_an_executable_with_two_names_counts_once(folder: Path, tmp_path: Path) -> None:
    """/usr/bin and /opt often hold the same program; the name that was found first is kept."""
    real = program(tmp_path / "opt" / "painter")
    (folder / "painter").symlink_to(real)

    found = plugins.installations(painter(), [real])

    assert [one.executable for one in found.installations] == [real]


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (None, "There is no such file."),
        ("Sculptor", "It told no version, but: 'Sculptor'."),
        ("exec /bin/sleep 60", "It did not tell its version within 0.5 s."),
    ],
)
def test_an_executable_that_can_not_be_used_is_reported_with_the_reason(
    says: str | None, reason: str, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person has named and can't be used is never left out without a word, and leaves no process."""
    monkeypatch.setattr(plugins, "_VERSION_LIMIT_S", 0.5)
    named = str(tmp_path / "named") if says is None else program(tmp_path / "named", says)
    before = psutil.Process().children()

    found = plugins.installations(painter(), [named])

    assert found.installations == ()
    assert [one.executable for one in found.unusable] == [named]
    assert found.unusable[0].reason.startswith(reason)
    assert psutil.Process().children() == before


def test_a_file_that_is_no_program_is_reported(tmp_path: Path, folder: Path) -> None:
    """The system's own words say why."""
    (tmp_path / "text").write_text("no program")

    found = plugins.installations(painter(), [str(tmp_path / "text")])

    assert "can't be started: Permission denied." in found.unusable[0].reason


def test_a_dcc_may_be_a_wheel(folder: Path) -> None:
    """A distribution in our own Python is an installation, started by our Python; none is no fault."""
    wheel_launch = Launch(("{executable}", "{loop}"))

    found = plugins.installations(painter(wheel="pytest", wheel_launch=wheel_launch))
    none = plugins.installations(painter(wheel="no-such-distribution"))

    assert [(one.executable, one.launch) for one in found.installations] == [(sys.executable, wheel_launch.arguments)]
    assert found.installations[0].version >= 8_000_000
    assert none == Found()
