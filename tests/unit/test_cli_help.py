"""The command line without a farm: its help, its usage errors, and what it doesn't import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from buildcat.cli.main import commands, run

NAMES = [name for name in commands.list_commands(click.Context(commands))]
SAY_IMPORTED = """
import sys
from pathlib import Path
from buildcat.cli import main
main.run(["--help"])
print("imported:", *sorted({"redis", "rq", "rich", "psutil", "fileseq"} & set(sys.modules)))
"""


def test_all_commands_of_the_design_are_there() -> None:
    """The interface that was promised."""
    promised = "server worker worker-info blender-info submit run jobs show log pause resume cancel retry "
    promised += "delete doctor config units eta status events workers limits priority change"

    assert set(promised.split()) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_every_command_begins_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What to type comes before what it means."""
    code = run([name, "--help"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0] == "Examples:"
    assert all(f"buildcat {name}" in line for line in lines[1 : lines.index("")])


def test_the_help_fits_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """No line of any help is wider than 80 columns."""
    for name in NAMES:
        run([name, "--help"])
    run(["submit", "blender", "--help"])
    run(["--help"])

    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []


def test_the_help_imports_nothing_heavy() -> None:
    """`buildcat --help` answers at once."""
    done = subprocess.run([sys.executable, "-c", SAY_IMPORTED], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "imported:"


def test_the_help_of_a_dcc_lists_its_settings_under_their_headings(capsys: pytest.CaptureFixture[str]) -> None:
    """They come from the DCC's description, with what they take."""
    run(["submit", "toy", "--help"])

    said = capsys.readouterr().out
    assert "Render (left out: as in the scene):" in said
    assert "--colour red|green|blue" in said
    assert "--invert YES|NO" in said
    assert "--pool NAME" in said


def test_run_has_no_options_of_the_queue(capsys: pytest.CaptureFixture[str]) -> None:
    """What only a farm understands is not offered without one."""
    run(["run", "toy", "--help"])

    said = capsys.readouterr().out
    assert "--frames" in said
    assert all(option not in said for option in ("--pool", "--priority", "--server", "--wait"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["jbos"], "There is no command 'jbos'. Did you mean 'jobs'?"),
        (["jobs", "--mots", "3"], "There is no option --mots. Did you mean '--most' or '--port'?"),
        (["jobs", "--most", "x"], "'x' is not a valid integer"),
        (["show"], "Missing argument 'JOB'"),
        (["submit"], "Name a DCC and a scene. DCCs: blender, houdini, husk, mantra, maya, mayarender, modo, toy, -"),
        (["submit", "bledner", "a.blend"], "There is no plugin for 'bledner'. Did you mean 'blender'?"),
        (["submit", "toy", "a.toy", "--colur", "red"], "has no option --colur. Did you mean '--colour'"),
        (["submit", "toy", "a.toy", "--colur", "red"], "Settings of Toy: --colour, --percentage, --camera"),
        (["submit", "toy", "a.toy", "--colour", "pink"], "colour takes one of red, green, blue, not 'pink'."),
        (["jobs", "--server", "redis://a", "--host", "b"], "Pass --server, or --host and --port, not both."),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with what to do, and nothing else."""
    code = run(arguments)

    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.startswith("buildcat: ")
    assert said.err.count("\n") == 1
    assert sentence in said.err


def test_an_error_is_an_object_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads the same sentence, and the exit code."""
    code = run(["jobs", "--server", "redis://127.0.0.1:1", "--json"])

    said = json.loads(capsys.readouterr().err)
    assert code == said["exit_code"] == 3
    assert said["error"].startswith("There is no server at redis://127.0.0.1:1.")


def test_no_server_is_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    """And says how to start one."""
    code = run(["jobs", "--port", "1"])

    assert code == 3
    assert "Start one with `buildcat server`" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`buildcat --version`."""
    import buildcat

    run(["--version"])

    assert capsys.readouterr().out == f"buildcat {buildcat.__version__}\n"


def test_another_distribution_adds_a_command(tmp_path: Path) -> None:
    """Through the entry points `buildcat.commands`: it is listed, and runs, with our options."""
    (tmp_path / "tea.py").write_text(
        "import click\n"
        "from buildcat.cli.call import Call, Command\n"
        '@click.command(cls=Command, short_help="Make tea.")\n'
        'def tea(call: Call) -> None: click.echo(f"tea, json {call.is_json}")\n'
    )
    information = tmp_path / "tea-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: tea\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[buildcat.commands]\ntea = tea:tea\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}

    listed, ran = (
        subprocess.check_output([sys.executable, "-m", "buildcat", *arguments], env=environment, text=True)
        for arguments in (["--help"], ["tea", "--json"])
    )

    assert "Make tea." in listed
    assert ran == "tea, json True\n"
