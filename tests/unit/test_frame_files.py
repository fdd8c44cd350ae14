"""What integrations share: names of a frame, and the empty folder that it is written into."""

from __future__ import annotations

from pathlib import Path

import pytest

from buildcat.inside import frame_files
from buildcat.model.errors import OutputError


@pytest.mark.parametrize(
    ("pattern", "frame", "name"),
    [
        ("a.####.exr", 7, "a.0007.exr"),
        ("a_{frame:03}.exr", 7, "a_007.exr"),
        ("{frame}/a.##.exr", 123, "123/a.123.exr"),
        ("a.####.exr", -7, "a.-0007.exr"),
        ("still.exr", 7, "still.exr"),
        ("", 7, ""),
    ],
)
def test_a_jobs_output_has_its_frame(pattern: str, frame: int, name: str) -> None:
    """Written either way."""
    assert frame_files.numbered(pattern, frame) == name
    assert frame_files.has_number(pattern) == (name not in ("still.exr", ""))


@pytest.mark.parametrize(("path", "kind"), [("a.JPG", "jpeg"), ("a.b/c.tif", "tiff"), ("a.exr", "exr"), ("a", "")])
def test_the_kind_is_the_word_that_workers_know(path: str, kind: str) -> None:
    """By the ending."""
    assert frame_files.kind_of(path) == kind


def test_the_folder_of_an_execution_is_empty(tmp_path: Path) -> None:
    """Whatever a frame before has left; what is written there later is found, with its place."""
    left = Path(frame_files.emptied(str(tmp_path), "e1"), "aov/old.exr")
    left.parent.mkdir()
    left.write_text("old")

    folder = frame_files.emptied(str(tmp_path), "e1")
    before = list(frame_files.written(folder))
    new = Path(folder, "aov/new.exr")
    new.parent.mkdir()
    new.write_text("new")

    assert Path(folder) == tmp_path / ".bc-e1"
    assert before == []
    assert list(frame_files.written(folder)) == [(str(tmp_path / "aov/new.exr"), str(new))]


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    """With the reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match=r"file can't be written: Not a directory\. Check its permissions"):
        frame_files.emptied(str(tmp_path / "file"), "e1")
