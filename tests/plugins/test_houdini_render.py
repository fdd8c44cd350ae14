"""What the Houdini plugin does with each kind of node, on a double of `hou` that forgives nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.houdini.parms import EXPORT, MAIN, TYPES
from plugins.houdini_nodes import STAGE, Load, frame, node, refusal

from buildcat.inside.messages import Order
from buildcat.model.errors import OutputError, RenderError, SettingError
from buildcat.model.job import Unit
from buildcat_houdini.nodes import KINDS, PASSING

#: Types that show a picture and know the size of it.
SIZED = [name for name, kind in KINDS.items() if kind.size]


#: Those that render nothing, or of which nobody knows what they write.
UNKNOWN = {"Driver/buildcat_rop", "Driver/labs::bake::2.0", "Driver/subnet", "Driver/shell"}


def test_the_plugin_knows_the_types_that_the_sources_have() -> None:
    """No more and no less: a name that is misspelled is in one of the two tables only."""
    writing = {name for name in TYPES if name.partition("/")[2] in MAIN}
    silent = {name for name in TYPES if name.startswith("Driver/")} - writing

    assert set(KINDS) == writing
    assert set(PASSING) == silent - UNKNOWN
    assert {name for names in (kind.exports or {} for kind in KINDS.values()) for name in names} == set(EXPORT)


@pytest.mark.parametrize("name", sorted(set(KINDS) - {n for n, k in KINDS.items() if k.is_sequential}))
def test_a_frame_of_each_kind_is_written_beside_its_place(load: Load, tmp_path: Path, name: str) -> None:
    """Each by its own parameters; the folder of the execution is named when the scene is loaded."""
    opened = load({"/out/a": node(name), "/stage/all": STAGE})

    (output,) = frame(opened)

    assert output.path == str(tmp_path / "out/a.0003.png")
    beside = "" if KINDS[name].is_in_place else ".bc-e1/"
    assert output.written == str(tmp_path / f"out/{beside}a.0003.png")
    assert output.in_place == KINDS[name].is_in_place
    assert Path(output.written).stat().st_size > 0
    assert opened.plugin.expected(Unit(0, 3))[0].path == output.path
    assert opened.loaded.folders == (str(tmp_path / "out"),)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.is_sequential])
def test_what_depends_on_the_frame_before_is_rendered_in_one_go(load: Load, tmp_path: Path, name: str) -> None:
    """In place, all its files named; and by frames it is refused."""
    opened = load({"/out/a": node(name, **{MAIN[name.partition("/")[2]]: "$HIP/out/a.$F4.sim"})}, (1, 3))

    with pytest.raises(SettingError, match="--split whole"):
        frame(opened, 1)
    outputs = opened.plugin.render(Unit(0, None), "e1")

    if "f1" in TYPES[name]:
        assert [Path(one.path).name for one in outputs] == ["a.0001.sim", "a.0002.sim", "a.0003.sim"]
    assert all(one.in_place and one.written == one.path and one.kind == "cache" for one in outputs)
    assert all(Path(one.path).is_file() for one in outputs)


@pytest.mark.parametrize(("name", "switch"), [("Driver/geometry", "initsim"), ("Sop/rop_alembic", "initsim")])
def test_a_simulation_is_one_unit(load: Load, name: str, switch: str) -> None:
    """When the node says that its frames depend on one another."""
    words = refusal(load, {"/out/a": node(name, **{switch: 1})})

    assert words == "The frames of /out/a depend on one another. Render them in one go: --split whole."


def test_a_usd_render_of_all_frames_at_once_is_one_unit(load: Load) -> None:
    """Its pictures too."""
    opened = load({"/out/a": node("Driver/usdrender", allframesatonce=1), "/stage/all": STAGE}, (1, 3))

    outputs = opened.plugin.render(Unit(0, None), "e1")

    assert [one.size for one in outputs] == [(40, 30)] * 3
    assert opened.plugin.progress().fraction == 1


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.exports])
def test_a_node_that_exports_writes_what_it_exports(load: Load, tmp_path: Path, name: str) -> None:
    """A scene for another renderer instead of pictures."""
    ((switch, file),) = (KINDS[name].exports or {}).items()
    opened = load({"/out/a": node(name, **{switch: 1, file: "$HIP/scenes/a.$F4.ass"})})

    (output,) = frame(opened)

    assert output.path == str(tmp_path / "scenes/a.0003.ass")
    assert (output.kind, output.size) == ("cache", None)


@pytest.mark.parametrize("name", SIZED)
def test_size_is_read_and_changed(load: Load, name: str) -> None:
    """Of every renderer: its own switches and words; half of what the scene has, and both sides in pixels."""
    nodes = {"/out/a": node(name), "/stage/all": STAGE}
    own = {"resolutionx": 64, "resolutiony": 48} if "resolutionx" in TYPES[name] else {}
    nodes["/out/a"]["parms"].update(own)

    before = frame(load(nodes))[0].size
    half = frame(load(nodes, percentage=50))[0].size
    exact = frame(load(nodes, resolution_x=20, resolution_y=10, percentage=200))[0].size
    wide = frame(load(nodes, resolution_x=100))[0].size

    assert before == ((40, 30) if KINDS[name].is_usd else (64, 48))
    assert half == (before[0] // 2, before[1] // 2)
    assert (exact, wide) == ((40, 20), (100, before[1]))


def test_the_written_picture_has_the_size_that_is_named(load: Load) -> None:
    """A worker compares the two."""
    output = frame(load({"/out/a": node("Driver/ifd", override_camerares=1, res_fraction="0.5")}))[0]

    from buildcat.farm import outputs

    assert output.size == (32, 24)
    outputs.check(output)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.camera and not kind.is_usd])
def test_another_camera_is_rendered(load: Load, name: str) -> None:
    """And one that isn't there is refused, with the names of those that are."""
    nodes = {"/out/a": node(name)}
    front, side = (Path(frame(load(nodes, camera=one))[0].written).read_bytes() for one in ("/obj/front", "/obj/side"))

    assert front != side
    words = refusal(load, nodes, camera="/obj/sides")
    assert words == "The scene has no camera /obj/sides. Did you mean '/obj/side'? There are: /obj/front, /obj/side."


def test_a_camera_of_a_stage_is_checked_on_the_stage(load: Load) -> None:
    """Its path is one of USD's."""
    nodes = {"/out/a": node("Driver/usdrender"), "/stage/all": STAGE}

    assert frame(load(nodes, camera="/cameras/main"))
    assert refusal(load, nodes, camera="/cam") == "The stage has no camera /cam. There are: /cameras/main."


def test_a_take_is_rendered(load: Load, tmp_path: Path) -> None:
    """With what it changes, the output's path among it; then other settings hold in it as well."""
    takes = {"night": {"/out/a": {"vm_picture": "$HIP/night/$F4.png"}}}

    output = frame(load({"/out/a": node("Driver/ifd")}, content={"takes": takes}, take="night", percentage=50))[0]

    assert output.path == str(tmp_path / "night/0003.png")
    assert output.size == (32, 24)
    words = refusal(load, {"/out/a": node("Driver/ifd")}, content={"takes": takes}, take="nihgt")
    assert words == "The scene has no take 'nihgt'. Did you mean 'night'? There are: Main, night."


def test_the_nodes_own_take_counts(load: Load, tmp_path: Path) -> None:
    """As in Houdini's window; the take that was current when it was saved doesn't."""
    takes = {"night": {"/out/a": {"vm_picture": "$HIP/night/$F4.png"}}, "day": {}}

    output = frame(load({"/out/a": node("Driver/ifd", take="night")}, content={"takes": takes, "take": "day"}))[0]

    assert output.path == str(tmp_path / "night/0003.png")


def test_expressions_and_locks_do_not_stand_in_the_way(load: Load, tmp_path: Path) -> None:
    """A path that is an expression leads to the frame's place, in each frame anew."""
    nodes = {"/out/a": {**node("Driver/ifd"), "keys": {"vm_picture": "$HIP/key/$F4.png", "f1": "$F"}, "locked": ["f2"]}}
    opened = load(nodes)

    paths = [frame(opened, number, f"e{number}")[0].path for number in (2, 7)]

    assert paths == [str(tmp_path / "key/0002.png"), str(tmp_path / "key/0007.png")]


def test_more_files_of_a_frame_go_the_same_way(load: Load, tmp_path: Path) -> None:
    """Planes in files of their own, in another folder; the picture comes first."""
    planes = {"vm_usefile_plane1": 1, "vm_filename_plane1": "$HIP/planes/depth.$F4.png"}

    opened = load({"/out/a": node("Driver/ifd", **planes)})
    outputs = frame(opened)

    assert [one.path for one in outputs] == [str(tmp_path / "out/a.0003.png"), str(tmp_path / "planes/depth.0003.png")]
    assert all(".bc-e1" in one.written for one in outputs)
    assert opened.loaded.folders == (str(tmp_path / "out"), str(tmp_path / "planes"))


@pytest.mark.parametrize(
    ("name", "more"), [("Driver/Redshift_ROP", "RS_aovCustomPrefix_2"), ("Driver/ris", "ri_display_1_name")]
)
def test_numbered_files_are_found(load: Load, tmp_path: Path, name: str, more: str) -> None:
    """Counted from 0 or from 1."""
    outputs = frame(load({"/out/a": node(name, **{more: "$HIP/out/more.$F4.png"})}))

    assert [Path(one.path).name for one in outputs] == ["a.0003.png", "more.0003.png"]


@pytest.mark.parametrize("name", ["Driver/usdrender", "Lop/usdrender_rop"])
def test_a_picture_that_the_stage_names_is_found(load: Load, tmp_path: Path, name: str) -> None:
    """One is sent to its temporary folder; several are written in place, after the old ones are gone."""
    empty = node(name, outputimage="")
    one, two = f"{tmp_path}/usd/a.$F4.png", f"{tmp_path}/usd/b.$F4.png"
    stage = {**STAGE["stage"], "products": [one]}
    single = frame(load({"/out/a": empty, "/stage/all": {**STAGE, "stage": stage}}))
    old = tmp_path / "usd/b.0003.png"
    old.parent.mkdir(exist_ok=True)
    old.write_text("old")
    stage = {**STAGE["stage"], "products": [one, two]}

    both = frame(load({"/out/a": empty, "/stage/all": {**STAGE, "stage": stage}}))

    assert [(Path(one.path).name, one.in_place) for one in single] == [("a.0003.png", False)]
    assert [(Path(one.path).name, one.in_place) for one in both] == [("a.0003.png", True), ("b.0003.png", True)]
    assert old.read_bytes().startswith(b"\x89PNG")


def test_husks_own_token_is_the_frame(load: Load, tmp_path: Path) -> None:
    """`<F4>` is what husk replaces, not Houdini."""
    opened = load({"/out/a": node("Driver/usdrender", outputimage="$HIP/out/a.<F4>.png"), "/stage/all": STAGE})

    assert frame(opened)[0].path == str(tmp_path / "out/a.0003.png")


def test_a_single_file_is_written_in_one_go(load: Load, tmp_path: Path) -> None:
    """In place, and not on top of an older one; each Nth frame when asked."""
    (tmp_path / "a.abc").write_text("old")
    opened = load({"/out/a": node("Driver/alembic", filename="$HIP/a.abc")}, (1, 10), frame_step=3)

    (output,) = opened.plugin.render(Unit(0, None), "e1")

    assert output.in_place
    assert Path(output.path).read_text().splitlines() == [f"/out/a frame {n}" for n in (1, 4, 7, 10)]


def test_pictures_are_not_rendered_in_one_go(load: Load) -> None:
    """Each is a unit: several workers can render them."""
    with pytest.raises(SettingError, match=r"file of its own\. Leave --split out"):
        load({"/out/a": node("Driver/ifd")}).plugin.render(Unit(0, None), "e1")


def test_a_still_needs_no_frame_in_its_name(load: Load, tmp_path: Path) -> None:
    """Of one frame there is one file."""
    assert frame(load({"/out/a": node("Driver/ifd", vm_picture="$HIP/a.png")}, (3, 3)))[0].path == str(
        tmp_path / "a.png"
    )


@pytest.mark.parametrize("pattern", ["render/b_####.png", "render/b_{frame:04}.png"])
def test_the_job_names_the_output(load: Load, tmp_path: Path, pattern: str) -> None:
    """Instead of the scene, below the root."""
    opened = load({"/out/a": node("Driver/ifd")}, output=pattern)

    assert frame(opened, 12)[0].path == str(tmp_path / "render/b_0012.png")


@pytest.mark.parametrize(
    ("trouble", "kind", "says"),
    [
        ("error", RenderError, "/out/a failed: Unable to evaluate expression (Undefined variable (/obj/geo1/x))."),
        ("silent", OutputError, "/out/a rendered and didn't write"),
    ],
)
def test_what_fails_is_said_with_houdinis_words(load: Load, trouble: str, kind: type[Exception], says: str) -> None:
    """A render that returns without a word may have failed all the same."""
    opened = load({"/out/a": {**node("Driver/ifd"), "trouble": trouble}})

    with pytest.raises(kind) as caught:
        frame(opened)

    assert str(caught.value).startswith(says)


def test_a_whole_range_that_lacks_a_file_is_not_done(load: Load) -> None:
    """All files of it are looked for."""
    opened = load({"/out/a": {**node("Driver/dop", dopoutput="$HIP/a.$SF4.sim"), "trouble": "silent"}}, (1, 3))

    with pytest.raises(OutputError, match=r"didn't write .*a\.0001\.sim and 2 more"):
        opened.plugin.render(Unit(0, None), "e1")


def test_what_houdini_warns_of_is_passed_on(load: Load) -> None:
    """The scene is loaded all the same; files that aren't there are named; so is what is wired in."""
    nodes = {
        "/out/sim": node("Driver/geometry"),
        "/out/a": {**node("Driver/ifd"), "inputs": ["/out/sim"]},
        "/obj/g/in": {"type": "Sop/file", "parms": {"file": "$HIP/gone.$F4.bgeo"}},
    }

    opened = load(nodes, rop="/out/a", content={"warning": "Bad parameter reference: x"})

    warnings = opened.loaded.warnings
    assert warnings[0] == "Houdini warns of shot.hip: Bad parameter reference: x."
    assert warnings[1].startswith("Files that the scene names are not there: ")
    assert warnings[1].endswith("gone.0001.bgeo.")
    assert warnings[2] == "What is wired into /out/a is not rendered with it: those are jobs of their own."
    frame(opened)
    assert not Path(opened.loaded.folders[0], "sim.0003.png").exists()


def test_what_is_there_is_not_warned_of(load: Load, tmp_path: Path) -> None:
    """Files, tiles of a texture, parts of the scene, and the outputs of nodes."""
    for name in ("a.bgeo", "t.1001.exr"):
        (tmp_path / name).write_text("")
    reads = [
        "$HIP/a.bgeo",
        "$HIP/t.<UDIM>.exr",
        "$HIP/t.%(UDIM)d.exr",
        "op:/obj/x",
        "opdef:/Sop/x?y",
        "temp:a",
        "oplib:b",
        "BROKEN",
    ]
    nodes = {f"/obj/g/in{n}": {"type": "Sop/file", "parms": {"file": path}} for n, path in enumerate(reads)}

    opened = load({**nodes, "/out/a": node("Driver/ifd"), "/out/b": node("Driver/Redshift_ROP")}, rop="/out/a")

    assert opened.loaded.warnings == ()


def test_a_scene_that_is_none_is_said(load: Load, tmp_path: Path) -> None:
    """With Houdini's words; and after it nothing of the scene before is rendered."""
    opened = load({"/out/a": node("Driver/ifd")})
    (tmp_path / "bad.hip").write_text("not a scene")

    with pytest.raises(RenderError, match=r"Houdini can't open bad\.hip: Bad scene file"):
        opened.plugin.load(Order(str(tmp_path / "bad.hip"), str(tmp_path)))
    with pytest.raises(RenderError, match="No scene is loaded"):
        frame(opened)


@pytest.mark.parametrize(
    ("ending", "kind"), [("jpg", "jpeg"), ("JPEG", "jpeg"), ("tif", "tiff"), ("exr", "exr"), ("pic", "pic")]
)
def test_the_kind_of_a_picture_is_the_word_that_workers_know(load: Load, ending: str, kind: str) -> None:
    """By which they choose how to decode it."""
    opened = load({"/out/a": node("Driver/ifd", vm_picture=f"$HIP/a.$F4.{ending}")})

    assert opened.plugin.expected(Unit(0, 3))[0].kind == kind


def test_an_error_that_houdini_raises_is_said(load: Load) -> None:
    """Of the render, not only of the node."""
    opened = load({"/out/a": {**node("Driver/ifd"), "trouble": "raise"}})

    with pytest.raises(RenderError, match=r"^/out/a can't be rendered: The attempted operation failed\.$"):
        frame(opened)
