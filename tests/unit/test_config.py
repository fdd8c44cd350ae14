"""Where the server, the root and the user come from, and what a damaged configuration file says."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from buildcat.client import config
from buildcat.model.errors import UsageError

SERVERS = {"flag": "redis://flag:1/0", "variable": "redis://variable:2/0", "file": "redis://file:3/0"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the user's configuration file, in a folder of its own; nothing is there yet."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = config.config_file()
    path.parent.mkdir()
    return path


def test_without_a_word_the_server_is_on_this_machine(file: Path) -> None:
    """The tutorial needs no configuration."""
    found = config.load()

    assert found.server == config.Sourced("redis://127.0.0.1:6379/0", "default")
    assert found.root == config.Sourced(None, "default")
    assert found.user == config.Sourced(getpass.getuser(), "default")


@pytest.mark.parametrize("said", [["flag", "variable", "file"], ["variable", "file"], ["file"]])
def test_flag_goes_before_variable_before_file(file: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    """The nearest to the command wins, and the origin tells which it was."""
    file.write_text(f"server = '{SERVERS['file']}'\n")
    if "variable" in said:
        monkeypatch.setenv("BUILDCAT_SERVER", SERVERS["variable"])

    found = config.load(server=SERVERS["flag"] if "flag" in said else None)

    origins = {"flag": "--server", "variable": "BUILDCAT_SERVER", "file": str(file)}
    assert found.server == config.Sourced(SERVERS[said[0]], origins[said[0]])


def test_an_empty_variable_counts_as_not_set(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`BUILDCAT_SERVER= buildcat jobs` is how a shell takes a variable away."""
    monkeypatch.setenv("BUILDCAT_SERVER", "")

    assert config.load().server.origin == "default"


def test_the_root_is_absolute_and_knows_the_home_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root from anywhere can be used in any folder."""
    monkeypatch.setenv("HOME", "/home/artist")
    file.write_text("root = '~/farm'\nuser = 'ann'\n")

    found = config.load()

    assert found.root == config.Sourced(Path("/home/artist/farm"), str(file))
    assert found.user == config.Sourced("ann", str(file))
    assert config.load(root="here").root.value == Path.cwd() / "here"


def test_the_file_names_executables_by_dcc(file: Path) -> None:
    """An installation in an odd place is found by its path."""
    file.write_text("[blender]\nexecutables = ['/opt/blender-4.2/blender', 'blender-5']\n")

    found = config.load(dccs=["blender", "houdini"]).executables

    assert found == {"blender": ("/opt/blender-4.2/blender", "blender-5"), "houdini": ()}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("server = redis://x", "is not valid TOML: .*line 1"),
        ("user = 'ann'\n\nuser = 'bob'\n", "is not valid TOML: .*line 3"),
        ("sever = 'redis://x'", "unknown key 'sever'. Did you mean 'server'?"),
        ("[blendr]\n", "unknown key 'blendr'. Did you mean 'blender'?"),
        ("[blender]\nexecutable = ['x']", "unknown key 'blender.executable'. Did you mean 'executables'?"),
        ("server = 6379", "'server' in .* must be a text in quotes"),
        ("blender = '/opt/blender'", r"'blender' in .* must be a table, \[blender\]"),
        ("[blender]\nexecutables = '/opt/blender'", "'blender.executables' in .* must be a list of texts"),
        ("[blender]\nexecutables = ['']", "'blender.executables' in .* must be a list of texts"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_file_and_place(file: Path, text: str, complaint: str) -> None:
    """The artist learns which file, which line or key, and what is probably meant."""
    file.write_text(text)

    with pytest.raises(UsageError, match=complaint) as caught:
        config.load(dccs=["blender"])

    assert str(file) in str(caught.value)


@pytest.mark.parametrize("content", [b"user = 'J\xf6rg'", None])
def test_a_file_that_cannot_be_read_is_one_sentence(file: Path, content: bytes | None) -> None:
    """Another encoding, or a folder of that name."""
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)

    with pytest.raises(UsageError, match="can't be read"):
        config.load()


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    """Windows' editors write one."""
    file.write_text("user = 'Jörg'\n", encoding="utf-8-sig")

    assert config.load().user.value == "Jörg"


def test_a_client_without_plugins_leaves_the_tables_of_dccs_alone(file: Path) -> None:
    """The panel's client process can't know which plugins the workers have."""
    file.write_text("[houdini]\nexecutables = ['/opt/hfs']\n")

    assert config.load().executables == {}


def test_an_old_python_says_that_it_cannot_read_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pythons before 3.11 know no TOML: a server that is named otherwise is enough for them."""
    file.write_text("server = 'redis://file:3/0'\n")
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))

    with pytest.raises(UsageError, match=r"older than 3\.11\. Set BUILDCAT_SERVER"):
        config.load()

    assert config.load(server=SERVERS["flag"]).server.value == SERVERS["flag"]


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"XDG_CONFIG_HOME": "/x/config"}, "/x/config/buildcat"),
        ("linux", {"XDG_CONFIG_HOME": ""}, "/home/artist/.config/buildcat"),
        ("linux", {"XDG_CONFIG_HOME": "not/absolute"}, "/home/artist/.config/buildcat"),
        ("darwin", {}, "/home/artist/Library/Application Support/buildcat"),
        ("win32", {"APPDATA": "/Users/artist/Roaming"}, "/Users/artist/Roaming/buildcat"),
        ("win32", {"APPDATA": ""}, "/home/artist/AppData/Roaming/buildcat"),
    ],
)
def test_the_file_lies_where_the_system_keeps_such_files(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], folder: str
) -> None:
    """Each system has its own rule."""
    monkeypatch.setattr(sys, "platform", platform)
    for name, value in {"HOME": "/home/artist", **variables}.items():
        monkeypatch.setenv(name, value)

    assert config.config_file() == Path(folder) / "config.toml"


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://:secret@farm:6379/0", "redis://***@farm:6379/0"),
        ("rediss://ann:se/cr@e:t@farm/1", "rediss://***@farm/1"),
        ("redis//ann:secret@farm", "***@farm"),
        ("redis://farm/0?Password=se@cret&db=1", "redis://farm/0?Password=***&db=1"),
        ("unix://:secret@/run/redis.sock", "unix://***@/run/redis.sock"),
    ],
)
def test_a_password_is_never_shown(url: str, seen: str) -> None:
    """What is printed can be sent to somebody else."""
    assert config.shown(url) == seen


@given(st.from_regex(r"[^&]{6,20}", fullmatch=True), st.sampled_from(["redis://u:{}@h:1/0", "redis://h?password={}"]))
def test_no_password_whatever_it_holds_is_shown(password: str, url: str) -> None:
    """Also one with the characters of URLs, line ends or other alphabets."""
    assert password not in config.shown(url.format(password))


@pytest.mark.parametrize(("host", "seen"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("farm", "farm")])
def test_a_server_url_is_read_back_as_host_and_port(host: str, seen: str) -> None:
    """redis-py reads from it what was put in, IPv6 too."""
    url = config.server_url(host, 6380)

    assert redis.connection.parse_url(url) == {"host": seen, "port": 6380, "db": 0}
