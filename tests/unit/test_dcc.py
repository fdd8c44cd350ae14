"""The description of a DCC: what its settings take, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildcat.farm.plugins import plugin
from buildcat.model.dcc import Dcc, Kind, Launch, Setting, version_number, version_text
from buildcat.model.errors import LicenceError, RenderError, SettingError


def _setting(kind: Kind, **more: Any) -> Setting:
    return Setting(key="thing", label="Thing", kind=kind, help="A thing.", examples=(1, 2), **more)


SAMPLES = Setting("samples", "Samples", Kind.INT, "Samples of a pixel.", (1, 8), minimum=1, maximum=4096)
DENOISE = Setting("denoise", "Denoise", Kind.BOOL, "Remove noise.", (True, False))
TOY = Dcc(
    name="toy",
    label="Toy",
    extensions=(".toy",),
    settings=(SAMPLES, DENOISE),
    package="buildcat_toy",
    executables=("toy",),
    launch=Launch(("{executable}", "{loop}")),
)


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (_setting(Kind.BOOL), "yes", True),
        (_setting(Kind.BOOL), "OFF", False),
        (_setting(Kind.INT), "-3", -3),
        (_setting(Kind.FLOAT), "2", 2.0),
        (_setting(Kind.FLOAT), "1e-3", 0.001),
        (_setting(Kind.STR), "yes", "yes"),
        (_setting(Kind.CHOICE, choices=("CPU", "GPU")), "GPU", "GPU"),
        (_setting(Kind.PATH), "out/a.png", "out/a.png"),
        (_setting(Kind.LIST), "a, b,,c", ("a", "b", "c")),
        (_setting(Kind.LIST), "", ()),
    ],
)
def test_a_setting_is_read_from_the_command_line(setting: Setting, text: str, value: object) -> None:
    """The text becomes a value of the setting's own type."""
    parsed = setting.parse(text)

    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        (_setting(Kind.BOOL), "maybe"),
        (_setting(Kind.INT), "1.5"),
        (_setting(Kind.INT), ""),
        (_setting(Kind.FLOAT), "wide"),
        (_setting(Kind.FLOAT), "nan"),
        (_setting(Kind.STR), ""),
        (_setting(Kind.PATH), "a\0b"),
        (_setting(Kind.CHOICE, choices=("CPU", "GPU")), "gpu"),
        (_setting(Kind.INT, minimum=1, maximum=9), "0"),
        (_setting(Kind.INT, minimum=1, maximum=9), "10"),
        (_setting(Kind.FLOAT, maximum=1), "1.01"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(setting: Setting, text: str) -> None:
    """The error names the setting, what it takes, and what it was given."""
    with pytest.raises(SettingError) as caught:
        setting.parse(text)

    assert str(caught.value).replace("'", "") == f"thing takes {setting.describe()}, not {text!r}.".replace("'", "")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.BOOL, 1),
        (Kind.BOOL, "yes"),
        (Kind.INT, True),
        (Kind.INT, 2.0),
        (Kind.FLOAT, False),
        (Kind.FLOAT, "2"),
        (Kind.STR, 3),
        (Kind.LIST, "abc"),
        (Kind.LIST, ["a", ""]),
        (Kind.LIST, ["a", 1]),
        (Kind.PATH, None),
    ],
)
def test_a_value_of_another_type_is_refused(kind: Kind, value: object) -> None:
    """JSON from anywhere is checked: true is no number, and a number is no text."""
    with pytest.raises(SettingError, match="thing takes "):
        _setting(kind).check(value)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (_setting(Kind.BOOL), "yes or no"),
        (_setting(Kind.CHOICE, choices=("a", "b")), "one of a, b"),
        (_setting(Kind.INT, minimum=1, maximum=9), "a whole number from 1 to 9"),
        (_setting(Kind.FLOAT, minimum=0), "a number of 0 or more"),
        (_setting(Kind.FLOAT, maximum=0.5), "a number of 0.5 or less"),
        (_setting(Kind.LIST), "a list of texts"),
    ],
)
def test_a_setting_says_in_words_what_it_takes(setting: Setting, words: str) -> None:
    """Errors, help and forms show the same words."""
    assert setting.describe() == words


@given(st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.none() | st.lists(st.text(max_size=3)))
def test_a_checked_value_stays_as_it_is(value: object) -> None:
    """A value that was taken once is taken again, unchanged: panels, clients and workers all check."""
    for kind in (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.STR, Kind.PATH, Kind.LIST):
        try:
            checked = _setting(kind).check(value)
        except SettingError:
            continue
        assert _setting(kind).check(checked) == checked


def test_an_unknown_setting_names_the_nearest() -> None:
    """A slip of a finger is put right by the error."""
    with pytest.raises(SettingError, match=r"Toy has no setting 'sample'\. Did you mean 'samples'\? Settings: denoise"):
        TOY.setting("sample")


def test_settings_are_checked_together() -> None:
    """What a job asks for comes back in its own types; one bad value refuses all."""
    assert TOY.check_settings({"samples": 8, "denoise": False}) == {"samples": 8, "denoise": False}
    with pytest.raises(SettingError, match="samples takes a whole number from 1 to 4096, not 0"):
        TOY.check_settings({"denoise": True, "samples": 0})


def test_a_dcc_is_found_by_an_environment_variable() -> None:
    """Its name follows from the DCC's."""
    assert TOY.environment == "BUILDCAT_TOY"


@pytest.mark.parametrize(
    ("text", "number"),
    [("4.2.1", 4_002_001), ("3.4", 3_004_000), ("20.5.332", 20_005_332), ("5", 5_000_000), ("4.2.0 LTS", 4_002_000)],
)
def test_a_version_becomes_a_number(text: str, number: int) -> None:
    """Numbers compare as versions do."""
    assert version_number(text) == number


@given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999))
def test_a_version_number_becomes_text_again(major: int, minor: int, patch: int) -> None:
    """Nothing is lost on the way."""
    assert version_text(version_number(f"{major}.{minor}.{patch}")) == f"{major}.{minor}.{patch}"


@pytest.mark.parametrize("text", ["", "Blender", "v4.2"])
def test_what_is_no_version_is_refused(text: str) -> None:
    """The error shows the text."""
    with pytest.raises(ValueError, match=f"{text!r} is not a version"):
        version_number(text)


@pytest.mark.parametrize(
    ("name", "splits"),
    [
        ("blender", ["frames", "tiles:2x2", "whole"]),
        ("houdini", ["frames", "whole"]),
        ("husk", ["frames"]),
        ("mantra", ["frames"]),
        ("maya", ["frames"]),
        ("mayarender", ["frames"]),
        ("modo", ["frames"]),
    ],
)
def test_a_dcc_says_how_its_jobs_can_be_split(name: str, splits: list[str]) -> None:
    """All else is refused, with what to do."""
    dcc = plugin(name)
    refused = {"tiles:2x2": "s of .* can't be split in tiles", "whole": "^Each frame of .* is a file of its own"}

    for split in splits:
        dcc.check_split(split)
    for split in refused.keys() - set(splits):
        with pytest.raises(SettingError, match=rf"{refused[split]}\. Leave --split out\.$"):
            dcc.check_split(split)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("houdini", "Failed to acquire a license\nfor Karma."),
        ("maya", "Error encountered when initializing Maya."),
        ("modo", "No valid license."),
    ],
)
def test_a_failure_is_told_from_a_licence_that_is_not_free(name: str, said: str) -> None:
    """In one line, with one full stop."""
    dcc = plugin(name)

    with pytest.raises(LicenceError, match=rf"^No licence of {dcc.label} is free\.$"):
        raise dcc.failure("It failed", said)
    with pytest.raises(RenderError, match=r"^It failed: the disk is full\.$") as caught:
        raise dcc.failure("It failed", "the disk\nis  full. ")
    assert not isinstance(caught.value, LicenceError)
