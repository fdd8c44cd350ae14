"""The header of .blend files, read without Blender: both forms, three ways to compress, and what is no scene."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from buildcat.model.errors import PathError, RefusedError
from buildcat_blender.header import needed_version

OLD, NEW = b"BLENDER-v405", b"BLENDER17-01v0502"
BODY = b"blocks" * 100 + b"ENDB" + bytes(20)


@pytest.mark.parametrize(
    ("header", "version"),
    [(OLD, 4005000), (b"BLENDER_v279", 2079000), (b"BLENDER-v304", 3004000), (NEW, 5002000)],
)
def test_both_forms_tell_the_version(tmp_path: Path, header: bytes, version: int) -> None:
    """The form changed with 5.0; the integer compares with that of an installed Blender."""
    path = tmp_path / "scene.blend"
    path.write_bytes(header + BODY)

    assert needed_version(path) == version


def test_gzip_is_read_through(tmp_path: Path) -> None:
    """Blender 2.x compressed with gzip."""
    path = tmp_path / "scene.blend"
    path.write_bytes(gzip.compress(OLD + BODY))

    assert needed_version(path) == 4005000


def test_zstd_is_read_through_where_python_has_it(tmp_path: Path) -> None:
    """Blender 3.0 and newer compress with zstd; it comes with the bpy wheel."""
    zstandard = pytest.importorskip("zstandard", exc_type=ImportError)
    path = tmp_path / "scene.blend"
    path.write_bytes(zstandard.ZstdCompressor().compress(NEW + BODY))

    assert needed_version(path) == 5002000


def test_zstd_tells_nothing_where_python_lacks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is then unknown, which is no reason to refuse the scene."""
    for name in ("zstandard", "compression", "compression.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "scene.blend"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(40))

    assert needed_version(path) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (OLD[:5], "cut short"),
        (OLD, "cut short"),
        (OLD + BODY[:-30], "cut short"),
        (NEW + BODY[: len(BODY) // 2], "cut short"),
        (gzip.compress(OLD + BODY)[:12], "cut short"),
        (b"\x28\xb5\x2f\xfd" + bytes(3), "cut short"),
        (b"\x89PNG\r\n\x1a\n" + BODY, "not a Blender file"),
        (gzip.compress(b"not a scene"), "not a Blender file"),
    ],
)
def test_what_is_no_whole_scene_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    """One sentence, before any Blender is started for it."""
    if content.startswith(b"\x28\xb5"):
        pytest.importorskip("zstandard", exc_type=ImportError)
    path = tmp_path / "scene.blend"
    path.write_bytes(content)

    with pytest.raises(RefusedError, match=says) as caught:
        needed_version(path)

    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    """The path is what is wrong then, not the scene."""
    with pytest.raises(PathError, match=r"no file .*gone\.blend"):
        needed_version(tmp_path / "gone.blend")
    with pytest.raises(PathError, match="directory"):
        needed_version(tmp_path)
