"""Rules 1 and 2 of a safe frame: what is not whole is refused, and what is whole is moved to its place."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pictures import FORMATS, SIZE, paint

from buildcat.farm import outputs
from buildcat.model.errors import OutputError
from buildcat.model.job import Output

Damage = Callable[[bytes], bytes]


def _cut(part: int) -> Damage:
    return lambda data: data[: len(data) * part // 20]


def _lose(count: int) -> Damage:
    return lambda data: data[:-count]


def _zero(part: int, least: int = 0) -> Damage:
    """Zero one part of so many, at least so many bytes, in the middle."""

    def zeroed(data: bytes) -> bytes:
        length = max(len(data) // part if part else 0, least)
        first = (len(data) - length) // 2
        return data[:first] + bytes(length) + data[first + length :]

    return zeroed


DAMAGES: Mapping[str, Damage] = {
    **{f"cut at {part} of 20": _cut(part) for part in range(20)},
    **{f"less the last {count}": _lose(count) for count in range(1, 7)},
    "a quarter zeroed": _zero(4),
    "64 bytes zeroed": _zero(0, 64),
}
HOLES = ("a quarter zeroed", "64 bytes zeroed")
WAYS = {"OpenImageIO": True, "stdlib": False}

NO_CHECK_SUM = "pixels that aren't packed have no check sum: zeros are black pixels"
NO_DECODER = "the standard library can't decode a JPEG's scans: zeros may be pixels"
#: What nobody can see, and why: (format, damage, way).
UNSEEN = {
    ("exr-none", "64 bytes zeroed", "OpenImageIO"): NO_CHECK_SUM,
    ("exr-none", "64 bytes zeroed", "stdlib"): NO_CHECK_SUM,
    **{("tiff-none", hole, way): NO_CHECK_SUM for hole in HOLES for way in WAYS},
    **{(name, hole, "stdlib"): NO_DECODER for hole in HOLES for name in ("jpeg-baseline", "jpeg-progressive")},
}
ALL = [(name, damage, way) for name in FORMATS for damage in DAMAGES for way in WAYS]


@pytest.fixture(scope="session")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """A good file of each format."""
    folder = tmp_path_factory.mktemp("painted")
    return {name: paint(folder / f"{name}.{form.kind}", form).read_bytes() for name, form in FORMATS.items()}


def _written(folder: Path, name: str, data: bytes) -> Output:
    kind = FORMATS[name].kind
    path = folder / f"frame_0007.{kind}"
    path.write_bytes(data)
    return Output(str(path), str(path), kind, SIZE)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_good_file_is_whole(name: str, way: str, painted: Mapping[str, bytes], tmp_path: Path) -> None:
    """A good frame is never refused: it would be rendered again for ever."""
    output = _written(tmp_path, name, painted[name])

    outputs.check(output, use_openimageio=WAYS[way])

    assert outputs.is_whole(Path(output.written), output.kind, SIZE, use_openimageio=WAYS[way])


@pytest.mark.parametrize(("name", "damage", "way"), [one for one in ALL if one not in UNSEEN])
def test_a_damaged_file_is_refused(
    name: str, damage: str, way: str, painted: Mapping[str, bytes], tmp_path: Path
) -> None:
    """A file that was cut anywhere, or has a hole, is never taken for a frame; the error names it."""
    output = _written(tmp_path, name, DAMAGES[damage](painted[name]))

    with pytest.raises(OutputError, match="frame_0007"):
        outputs.check(output, use_openimageio=WAYS[way])


@pytest.mark.parametrize("case", [pytest.param(one, id="-".join([*one, reason])) for one, reason in UNSEEN.items()])
def test_damage_that_leaves_a_legal_file_is_not_seen(
    case: tuple[str, str, str], painted: Mapping[str, bytes], tmp_path: Path
) -> None:
    """What can't be seen is known, and named with its reason; a decoder that sees more makes this test fail."""
    name, damage, way = case
    output = _written(tmp_path, name, DAMAGES[damage](painted[name]))

    assert outputs.is_whole(Path(output.written), output.kind, SIZE, use_openimageio=WAYS[way])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_another_size_is_refused(name: str, way: str, painted: Mapping[str, bytes], tmp_path: Path) -> None:
    """A frame whose width and height are not the scene's is not this frame; the error says both."""
    _written(tmp_path, name, painted[name])
    path = tmp_path / f"frame_0007.{FORMATS[name].kind}"
    swapped = Output(str(path), str(path), FORMATS[name].kind, (SIZE[1], SIZE[0]))

    with pytest.raises(OutputError, match="is 160 x 90 pixels; the scene says 90 x 160"):
        outputs.check(swapped, use_openimageio=WAYS[way])


@pytest.mark.parametrize("way", WAYS)
def test_a_size_is_not_asked_for_when_it_is_unknown(way: str, painted: Mapping[str, bytes], tmp_path: Path) -> None:
    """Commands and caches have no size in pixels: then decodable is enough."""
    output = _written(tmp_path, "png-8", painted["png-8"])

    assert outputs.is_whole(Path(output.written), "png", None, use_openimageio=WAYS[way])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["png", "exr", "jpeg", "tiff"])
@pytest.mark.parametrize("data", [b"", b"Traceback (most recent call last):\n" * 99, bytes(9999)])
def test_what_is_no_picture_is_refused(data: bytes, kind: str, way: str, tmp_path: Path) -> None:
    """An empty file, a text or a file of zeros is not a frame, whatever its name."""
    path = tmp_path / f"frame.{kind}"
    path.write_bytes(data)

    assert not outputs.is_whole(path, kind, None, use_openimageio=WAYS[way])


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_of_another_kind_is_refused(way: str, painted: Mapping[str, bytes], tmp_path: Path) -> None:
    """A PNG under the name of an EXR is not what was asked for."""
    output = _written(tmp_path, "exr-zip", painted["png-8"])

    with pytest.raises(OutputError, match="not an EXR"):
        outputs.check(output, use_openimageio=WAYS[way])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A DCC that says it wrote a file that isn't there has not rendered; the error names the final path."""
    output = Output(str(tmp_path / "a.png"), str(tmp_path / ".bc-1" / "a.png"), "png", SIZE)

    with pytest.raises(OutputError, match=r"a\.png was not written"):
        outputs.check(output)


def test_a_movie_of_many_gigabytes_is_checked_without_reading_it(tmp_path: Path) -> None:
    """A worker's memory is for rendering."""
    movie = tmp_path / "shot.mkv"
    with movie.open("wb") as file:
        file.truncate(8 * 2**30)
    tracemalloc.start()

    try:
        assert outputs.is_whole(movie, "mkv", None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2**20


@pytest.mark.parametrize("way", WAYS)
def test_a_kind_that_nobody_decodes_must_only_not_be_empty(way: str, tmp_path: Path) -> None:
    """A cache of an unknown kind is taken when it holds anything."""
    (tmp_path / "full.vdb").write_bytes(b"x")
    (tmp_path / "empty.vdb").touch()

    full, empty = (
        outputs.is_whole(tmp_path / name, "vdb", None, use_openimageio=WAYS[way]) for name in ("full.vdb", "empty.vdb")
    )

    assert (full, empty) == (True, False)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_read_anew_each_time(way: str, painted: Mapping[str, bytes], tmp_path: Path) -> None:
    """A good file that was replaced by half of it, in the same second, is refused: nothing is remembered."""
    good = _written(tmp_path, "tiff-lzw", painted["tiff-lzw"])
    outputs.check(good, use_openimageio=WAYS[way])

    half = _written(tmp_path, "tiff-lzw", _cut(10)(painted["tiff-lzw"]))

    assert not outputs.is_whole(Path(half.written), half.kind, SIZE, use_openimageio=WAYS[way])


def test_openimageio_is_imported_only_for_a_picture(tmp_path: Path) -> None:
    """A worker without pictures to check doesn't pay for OpenImageIO."""
    script = "import sys; from buildcat.farm import outputs; print('OpenImageIO' in sys.modules)"

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert result.stdout.strip() == "False"


def _redirected(folder: Path, name: str, execution: str = "1") -> Output:
    written = folder / f".bc-{execution}" / name
    written.parent.mkdir(exist_ok=True)
    written.write_text("new")
    return Output(str(folder / name), str(written), "txt")


def test_outputs_are_moved_to_their_places(tmp_path: Path) -> None:
    """All outputs of a unit end under their final names, older files of these names are replaced."""
    (tmp_path / "a.txt").write_text("old")
    found = [_redirected(tmp_path, "a.txt"), _redirected(tmp_path, "b.txt")]

    outputs.move(found)

    assert [Path(one.path).read_text() for one in found] == ["new", "new"]
    assert not any(Path(one.written).exists() for one in found)


def test_an_output_that_was_written_in_place_stays(tmp_path: Path) -> None:
    """What is in its place already is not touched."""
    path = tmp_path / "cache.vdb"
    path.write_text("new")

    outputs.move([Output(str(path), str(path), "vdb", in_place=True)])

    assert path.read_text() == "new"


@pytest.fixture
def folder_of_a_user() -> Iterator[Path]:
    """A folder of an ordinary user, as whom the test goes on: root may write what nobody may."""
    is_root = os.name != "nt" and os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:  # tmp_path lies in a folder of root's
        if is_root:
            os.chown(folder, 65534, -1)
            os.seteuid(65534)
        yield Path(folder)
        if is_root:
            os.seteuid(0)


def _hold(path: Path) -> Callable[[], None]:
    """Keep a file from being replaced until the function that is returned is called."""
    if os.name == "nt":
        return path.open().close
    path.parent.chmod(0o500)
    return lambda: path.parent.chmod(0o700)


def test_a_file_that_a_viewer_holds_is_replaced_when_it_lets_go(folder_of_a_user: Path) -> None:
    """An artist who looks at the old frame doesn't cost the new one."""
    output = _redirected(folder_of_a_user, "a.txt")
    Path(output.path).write_text("old")
    threading.Timer(0.2, _hold(Path(output.path))).start()

    outputs.move([output], patience_s=60)

    assert Path(output.path).read_text() == "new"


def test_a_file_that_is_held_for_ever_is_an_error(folder_of_a_user: Path) -> None:
    """The wait ends, the old file is still there, and the error names it and what to do."""
    output = _redirected(folder_of_a_user, "a.txt")
    Path(output.path).write_text("old")
    release = _hold(Path(output.path))

    with pytest.raises(OutputError, match=r"a\.txt can't be replaced.*Close what shows the file"):
        outputs.move([output], patience_s=0.2)

    release()
    assert Path(output.path).read_text() == "old"


def test_a_folder_that_an_output_brings_is_made(tmp_path: Path) -> None:
    """As a folder for each AOV; but none outside the folder that was written beside."""
    written = tmp_path / "images/.bc-1/depth/a.png"
    written.parent.mkdir(parents=True)
    written.write_text("new")

    with pytest.raises(OutputError, match="can't be written: No such file"):
        outputs.move([Output(str(tmp_path / "elsewhere/depth/a.png"), str(written), "png")])
    outputs.move([Output(str(tmp_path / "images/depth/a.png"), str(written), "png")])

    assert (tmp_path / "images/depth/a.png").read_text() == "new"


def test_an_output_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """A file that vanished between check and move is no done frame."""
    output = Output(str(tmp_path / "a.png"), str(tmp_path / ".bc-1" / "a.png"), "png")

    with pytest.raises(OutputError, match=r"a\.png can't be written"):
        outputs.move([output])


def test_only_this_executions_folders_are_removed(tmp_path: Path) -> None:
    """Another execution's half-written files, and everybody's frames, stay."""
    left = _redirected(tmp_path, "a.txt", execution="other")
    _redirected(tmp_path, "a.txt", execution="mine")
    (tmp_path / "a.txt").write_text("frame")

    outputs.clean([tmp_path, tmp_path / "never-made"], "mine")

    assert sorted(path.name for path in tmp_path.iterdir()) == [".bc-other", "a.txt"]
    assert Path(left.written).exists()


def test_a_folder_that_cannot_be_removed_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Cleaning up never costs a frame; the log names the execution and the folder."""
    (tmp_path / ".bc-mine").write_text("a file where a folder was")

    outputs.clean([tmp_path], "mine")

    assert "Execution mine" in caplog.text
    assert str(tmp_path) in caplog.text
