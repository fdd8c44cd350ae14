"""The ROP that Houdini loads: what was written is what a reader finds, and all that it calls is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import build_hda
import hda_dialog
import houdini_hda
import houdinis
import pytest
from doubles.houdini.parms import TYPES
from hda_parms import BASE, BUTTONS
from hypothesis import given
from hypothesis import strategies as st

from buildcat.inside.form import Row
from buildcat.model.dcc import Kind, Setting
from buildcat_houdini import rop_parms

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "plugins/houdini/buildcat_houdini"
INSTALL = ROOT / "plugins/houdini/install/buildcat"
ROWS = rop_parms.shown()
KINDS = {
    Kind.BOOL: "toggle",
    Kind.INT: "integer",
    Kind.FLOAT: "float",
    Kind.STR: "string",
    Kind.CHOICE: "ordinal",
    Kind.PATH: "file",
    Kind.LIST: "string",
}
AWKWARD = 'say "so" \\ {not} }} {{ \\n é 猫 \t# no comment\nsecond line \\'
_BELOW = "Driver_1buildcat__rop"


@pytest.fixture(scope="module")
def hda(tmp_path_factory: pytest.TempPathFactory) -> houdini_hda.Hda:
    """The ROP, read back."""
    return houdini_hda.read(build_hda.build(tmp_path_factory.mktemp("hda")))


def written(folder: Path, *rows: Row) -> houdini_hda.Hda:
    """Return an HDA of these rows, read back."""
    for name, data in build_hda.files(rows).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return houdini_hda.read(folder)


def functions(module: Path) -> dict[str, list[str]]:
    """Return the public functions of a module with their arguments."""
    assert module.exists(), f"{module.name} is still to be written"
    found = [one for one in ast.parse(module.read_text("utf-8")).body if isinstance(one, ast.FunctionDef)]
    return {one.name: [argument.arg for argument in one.args.args] for one in found}


def imported(script: str) -> dict[str, str]:
    """Return what a script imports by `from module import name`, as name → module."""
    froms = [one for one in ast.walk(ast.parse(script)) if isinstance(one, ast.ImportFrom)]
    return {alias.name: str(one.module) for one in froms for alias in one.names}


def called(script: str) -> set[str]:
    """Return the names that a script calls."""
    calls = [one.func for one in ast.walk(ast.parse(script)) if isinstance(one, ast.Call)]
    return {one.id for one in calls if isinstance(one, ast.Name)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_row_is_a_parameter_with_all_that_the_row_says(hda: houdini_hda.Hda, row: Row) -> None:
    """Label, help, kind, tab, choices and limits are those of every other form."""
    setting = row.setting

    parm = hda.parms[rop_parms.name(row)]

    assert (parm.label, parm.help, parm.folder) == (setting.label, setting.help, setting.group)
    assert parm.kind == KINDS[setting.kind]
    assert parm.menu == list(zip(setting.choices, row.words or setting.choices, strict=True))
    limits = [end for end, is_strict in parm.range if is_strict]
    assert limits == [end for end in (setting.minimum, setting.maximum) if end is not None]


@pytest.mark.parametrize("row", [one for one in ROWS if one.default is not None], ids=lambda row: row.key)
def test_a_field_of_the_job_begins_as_in_every_form(hda: houdini_hda.Hda, row: Row) -> None:
    """What nobody touches is the same, wherever a job is submitted from."""
    parm = hda.parms[rop_parms.name(row)]

    expected = str(int(row.default)) if isinstance(row.default, bool) else str(row.default)
    assert parm.default == [expected]
    assert not parm.disabled_when


@pytest.mark.parametrize("row", [one for one in ROWS if one.default is None], ids=lambda row: row.key)
def test_a_setting_is_off_until_its_toggle_is_on(hda: houdini_hda.Hda, row: Row) -> None:
    """Left alone, a job renders the scene as it is."""
    names = list(hda.parms)

    toggle, parm = hda.parms[f"use_{row.key}"], hda.parms[rop_parms.name(row)]

    assert (toggle.kind, toggle.default, toggle.folder) == ("toggle", ["0"], row.setting.group)
    assert parm.disabled_when == f"{{ use_{row.key} == 0 }}"
    assert names.index(toggle.name) + 1 == names.index(parm.name)


def test_a_number_begins_as_one_that_its_setting_takes(hda: houdini_hda.Hda) -> None:
    """Switching it on alone gives no refused job."""
    for row in ROWS:
        if row.setting.kind in (Kind.INT, Kind.FLOAT):
            row.setting.parse(hda.parms[rop_parms.name(row)].default[0])


def test_the_tabs_are_the_groups_in_their_order(hda: houdini_hda.Hda) -> None:
    """An artist finds a setting where every other form has it."""
    assert hda.folders == list(dict.fromkeys(row.setting.group for row in ROWS))
    assert hda.folders[:3] == ["Job", "Frames", "Farm"]


def test_houdinis_own_parameters_are_there_and_hidden(hda: houdini_hda.Hda) -> None:
    """There is one place for frames and take, and no button that would render here."""
    base = {name for name, parm in hda.parms.items() if "baseparm" in parm.flags}

    assert base == set(rop_parms.BASE)
    assert all("invisible" in hda.parms[name].flags for name in base)


def test_the_nodes_to_render_are_a_list_of_out_nodes(hda: houdini_hda.Hda) -> None:
    """The chooser offers what can be rendered."""
    parm = hda.parms[rop_parms.ROPS]

    assert (parm.label, parm.kind, parm.default) == ("ROPs", "oplist", [""])
    assert parm.tags == {"opfilter": "!!ROP!!", "oprelative": "."}


def test_what_soho_asks_is_hidden_and_names_our_script(hda: houdini_hda.Hda) -> None:
    """ "Render to Disk" runs our script, with no file opened for it, once a range."""
    soho = {name: parm for name, parm in hda.parms.items() if name.startswith("soho_")}

    told = {name: (parm.kind, parm.default) for name, parm in soho.items()}

    assert told == {
        "soho_program": ("string", ["buildcat_submit.py"]),
        "soho_outputmode": ("integer", ["2"]),
        "soho_multiframe": ("toggle", ["1"]),
    }
    assert all("invisible" in parm.flags for parm in soho.values())
    assert (INSTALL / "soho" / told["soho_program"][1][0]).is_file()


def test_each_button_calls_a_function_of_the_python_module(hda: houdini_hda.Hda) -> None:
    """No button does nothing."""
    callbacks = {name: parm.tags for name, parm in hda.parms.items() if parm.kind == "button"}

    module = imported(hda.sections["PythonModule"])

    assert list(callbacks) == ["submit", "jobs", "dry_run"]
    for name, tags in callbacks.items():
        assert tags["script_callback"] == f"hou.phm().{name}(kwargs)"
        assert tags["script_callback_language"] == "python"
        assert module[name] == "buildcat_houdini.rop_node"
    assert len(hda.sections["PythonModule"].splitlines()) == 1


def test_the_functions_behind_the_buttons_exist(hda: houdini_hda.Hda) -> None:
    """What the node's Python module imports is there, and takes what a button gives."""
    found = functions(PLUGIN / "rop_node.py")

    assert {name: found.get(name) for name in imported(hda.sections["PythonModule"])} == {
        name: ["kwargs"] for name in ("submit", "jobs", "dry_run")
    }


def test_the_soho_script_calls_what_exists() -> None:
    """ "Render to Disk" ends in the same code as the Submit button."""
    script = (INSTALL / "soho/buildcat_submit.py").read_text("utf-8")

    assert imported(script)["render_from_soho"] == "buildcat_houdini.rop_node"
    assert called(script) == {"render_from_soho"}
    assert functions(PLUGIN / "rop_node.py").get("render_from_soho") == []


def test_the_tools_of_the_shelf_call_what_exists() -> None:
    """The shelf works without a node."""
    shelf = ElementTree.parse(INSTALL / "toolbar/buildcat.shelf").getroot()
    scripts = {one.get("name"): one.findtext("script", "") for one in shelf.findall("tool")}
    members = [one.get("name") for one in shelf.findall("toolshelf/memberTool")]

    assert members == list(scripts) == ["buildcat_submit", "buildcat_jobs"]
    for name, script in zip(("submit", "jobs"), scripts.values(), strict=True):
        assert imported(script) == {name: "buildcat_houdini.shelf"}
        assert called(script) == {name}
        assert functions(PLUGIN / "shelf.py").get(name) == []


def test_a_new_node_is_told_only_what_houdini_knows(hda: houdini_hda.Hda) -> None:
    """The event script is plain Python, and calls a method that Houdini's nodes have."""
    (method,) = [one.attr for one in ast.walk(ast.parse(hda.sections["OnCreated"])) if isinstance(one, ast.Attribute)]

    assert houdinis.stub().method("Node", method)


def test_the_tab_menu_has_a_tool_for_it(hda: houdini_hda.Hda) -> None:
    """An artist finds it under Buildcat."""
    (tool,) = ElementTree.fromstring(hda.sections["Tools.shelf"]).findall("tool")

    assert tool.get("name") == "$HDA_DEFAULT_TOOL"
    assert tool.findtext("toolMenuContext/contextOpType") == "$HDA_TABLE_AND_NAME"
    assert tool.findtext("toolSubmenu") == "Buildcat"
    assert "genericTool(kwargs, '$HDA_NAME')" in tool.findtext("script", "")


def test_both_scripts_are_marked_as_python(hda: houdini_hda.Hda) -> None:
    """Houdini would take them for its own script language."""
    for section in ("OnCreated", "PythonModule"):
        assert hda.options[f"{section}/IsPython"] is True
        assert hda.options[f"{section}/IsScript"] is True
        assert hda.options[f"{section}/IsExpr"] is False


def test_options_of_the_type_are_switches(hda: houdini_hda.Hda) -> None:
    """Each line is one, and the parameters are those of the dialog script."""
    lines = hda.sections["TypePropertiesOptions"].splitlines()

    assert all(re.fullmatch(r"[A-Z]\w+ := [01];", line) for line in lines)
    assert "UseDSParms := 1;" in lines


def test_the_help_tells_of_each_row_and_button(hda: houdini_hda.Hda) -> None:
    """F1 on a parameter shows what it is."""
    text = hda.sections["Help"]
    assert text.startswith("= Buildcat =\n\n#type: node\n#context: out\n#internal: buildcat_rop\n")

    for row in ROWS:
        entry = f"    {row.setting.label}:\n        #id: {rop_parms.name(row)}\n\n        {row.setting.help}\n"
        assert entry in text
        assert not re.search(r"[*`\[\]|\\]|__|~~|^[#=:]", row.setting.help), "would be markup in the help"
    assert all(f"#id: {name}\n" in text for name in ("submit", "jobs", "dry_run", "rops"))
    assert [one for one in text.splitlines() if len(one) > 125 or "\t" in one] == []


def test_the_date_is_a_real_one_as_houdini_writes_it(hda: houdini_hda.Hda) -> None:
    """Its day of the week is right too."""
    date = datetime.strptime(hda.index["Modified"], "%a %b %d %H:%M:%S %Y")

    assert f"{date:%a %b %d %H:%M:%S %Y}" == hda.index["Modified"]


def test_awkward_texts_survive(tmp_path: Path) -> None:
    """Quotes, backslashes, braces, other scripts and line breaks come back as they were."""
    choices = ("a", 'b "c"', "é")
    setting = Setting("odd", AWKWARD, Kind.CHOICE, AWKWARD, ("a", "é"), choices=choices, group=AWKWARD)

    found = written(tmp_path, Row(setting, default="é", words=(AWKWARD, "{", "}")))

    parm = found.parms["odd"]
    assert (parm.label, parm.help, parm.folder, parm.default) == (AWKWARD, AWKWARD, AWKWARD, ["é"])
    assert parm.menu == list(zip(choices, (AWKWARD, "{", "}"), strict=True))
    assert " ".join(AWKWARD.split()) in found.sections["Help"]


def test_each_kind_of_setting_has_a_parameter(tmp_path: Path) -> None:
    """Also those that no setting of Houdini has yet."""
    examples = {Kind.BOOL: (False, True), Kind.INT: (1, 2), Kind.FLOAT: (0.5, 1.5), Kind.LIST: (("a",), ("b",))}
    rows = [Row(Setting(kind.value, kind.value, kind, "", examples.get(kind, ("a", "b")), ("a",))) for kind in Kind]

    found = written(tmp_path, *rows)

    assert {kind: found.parms[kind.value].kind for kind in Kind} == KINDS
    assert found.parms["float"].default == ["1.5"]


def test_an_open_end_of_a_range_can_be_passed(tmp_path: Path) -> None:
    """The slider ends somewhere, the value doesn't."""
    rows = [
        Row(Setting("low", "", Kind.INT, "", (500, 501), minimum=500)),
        Row(Setting("high", "", Kind.FLOAT, "", (-500.0, -501.0), maximum=-500)),
    ]

    parms = written(tmp_path, *rows).parms

    assert parms["low"].range == [(500, True), (600, False)]
    assert parms["high"].range == [(-600, False), (-500, True)]


@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")))
def test_any_text_survives_in_a_dialog(text: str) -> None:
    """Whatever a studio writes into a label, the script stays whole."""
    parm = hda_dialog.Parm("one", text, "string", text, help=text)

    head, parms, _ = houdini_hda.dialog(hda_dialog.script("op", text, 1, [parm]))

    assert head["label"] == [text]
    assert (parms["one"].label, parms["one"].default) == (text, [text])
    assert parms["one"].help == text


def test_names_of_files_are_read_back() -> None:
    """The escapes are Houdini's."""
    assert build_hda.encoded("Driver/buildcat_rop") == _BELOW
    assert build_hda.encoded("labs::Driver/x_y::1.0") == "labs_8_8Driver_1x__y_8_81.0"
    assert houdini_hda.real_name("labs_8_8Driver_1x__y_8_81.0") == "labs::Driver/x_y::1.0"


def test_two_builds_are_the_same(tmp_path: Path) -> None:
    """Whoever builds it can prove that it is ours; what an older build left is gone."""
    first, second = (build_hda.build(tmp_path / name) for name in "ab")
    (second / "stray").write_text("old")
    second = build_hda.build(tmp_path / "b")

    contents = [
        {one.relative_to(folder): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
        for folder in (first, second)
    ]

    assert contents[0] == contents[1]
    assert not [one for one, data in contents[0].items() if b"\r" in data]


def changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Return what replaces a text in one file."""

    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda folder: (folder / _BELOW / "Help").unlink(), id="a section is gone"),
        pytest.param(lambda folder: (folder / _BELOW / "Other").write_text(""), id="a section is not listed"),
        pytest.param(lambda folder: (folder / "houdini.hdalibrary").unlink(), id="no marker"),
        pytest.param(changed(f"{_BELOW}/Sections.list", "Help\tHelp\n", ""), id="a row is gone"),
        pytest.param(changed(f"{_BELOW}/Sections.list", "Help\tHelp", "Help    Help"), id="spaces for a tab"),
        pytest.param(changed("Sections.list", "rop\tDriver", "rop Driver"), id="a space for a tab"),
        pytest.param(changed("Sections.list", '""\n', ""), id="no first line"),
        pytest.param(changed("Sections.list", "1buildcat__rop\t", "1buildcat_rop\t"), id="an underscore less"),
        pytest.param(changed("INDEX__SECTION", "Label:        ", "Label:       "), id="a column less"),
        pytest.param(changed("INDEX__SECTION", "License:      \n", "License:\n"), id="no padding"),
        pytest.param(changed("INDEX__SECTION", "Table:        Driver\n", ""), id="a key is gone"),
        pytest.param(changed("INDEX__SECTION", "2026\n\n", "2026\n"), id="no empty line at the end"),
        pytest.param(changed("INDEX__SECTION", "0 to 30", "0 to 31"), id="an input without a label"),
        pytest.param(changed(f"{_BELOW}/DialogScript", "    }\n", ""), id="a brace is not closed"),
        pytest.param(changed(f"{_BELOW}/DialogScript", "    parm {\n", "    }\n    parm {\n"), id="a brace too many"),
        pytest.param(changed(f"{_BELOW}/DialogScript", 'label\t"Buildcat"', 'label\t"Buildcat'), id="an open string"),
        pytest.param(changed(f"{_BELOW}/DialogScript", '"Higher', '"\\Higher'), id="an unknown escape"),
        pytest.param(changed(f"{_BELOW}/DialogScript", '"use_take"', '"use_taken"'), id="a condition on nothing"),
        pytest.param(changed(f"{_BELOW}/DialogScript", '"bc_take"', '"take"'), id="a name twice"),
        pytest.param(changed(f"{_BELOW}/DialogScript", "type    oplist", "type    nodes"), id="an unknown type"),
        pytest.param(changed(f"{_BELOW}/DialogScript", '{ "forward" }', '{ "up" }'), id="a default of no menu"),
        pytest.param(changed(f"{_BELOW}/ExtraFileOptions", '"bool"', '"string"'), id="an option of another type"),
    ],
)
def test_a_spoilt_one_is_refused(tmp_path: Path, change: Callable[[Path], object]) -> None:
    """The reader is no better than what it refuses."""
    folder = build_hda.build(tmp_path)
    houdini_hda.read(folder)

    change(folder)

    with pytest.raises(houdini_hda.UnreadableError):
        houdini_hda.read(folder)


def test_the_double_of_houdini_has_the_parameters_that_are_written(hda: houdini_hda.Hda) -> None:
    """Else the tests of the node's buttons would read what isn't there."""
    rows = {rop_parms.name(row) for row in ROWS} | {rop_parms.toggle(row) for row in ROWS} - {""}

    assert set(TYPES["Driver/buildcat_rop"]) == rows | {rop_parms.ROPS, *BUTTONS, "soho_program"}
    assert set(TYPES["Driver/buildcat_rop"]) <= set(hda.parms)


def test_the_names_that_each_out_node_has_are_those_that_are_hidden() -> None:
    """A row of such a name gets a prefix; what is hidden and what is avoided must be the same."""
    assert set(BASE) == set(rop_parms.BASE)
