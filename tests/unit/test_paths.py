"""The root, and paths that stay below it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildcat.model import paths
from buildcat.model.errors import PathError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A marked root."""
    folder = tmp_path / "show"
    folder.mkdir()
    paths.mark_root(folder)
    return folder


def test_the_root_is_found_from_any_folder_below_it(root: Path) -> None:
    """A client finds the root by walking up from the scene."""
    deep = root / "shots" / "sh010"
    deep.mkdir(parents=True)

    assert paths.find_root(deep) == root
    assert paths.find_root(root) == root


def test_the_nearest_root_is_taken(root: Path) -> None:
    """A root inside a root is a farm of its own."""
    inner = root / "inner"
    inner.mkdir()
    paths.mark_root(inner)

    assert paths.find_root(inner / "missing" / "scene.blend") == inner


def test_there_may_be_no_root(tmp_path: Path) -> None:
    """Outside every root there is none."""
    assert paths.find_root(tmp_path) is None


def test_a_root_keeps_its_id(root: Path) -> None:
    """Marking again changes nothing: workers compare the id."""
    first = paths.root_id(root)

    assert paths.mark_root(root) == first
    assert len(first) == 32


def test_workers_that_mark_a_root_at_once_agree(tmp_path: Path) -> None:
    """However many start together, one marker is written, whole, and nothing else is left."""
    threads = [threading.Thread(target=paths.mark_root, args=(tmp_path,)) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [path.name for path in (tmp_path / paths.FARM_FOLDER).iterdir()] == [paths.MARKER]
    assert paths.root_id(tmp_path) == paths.mark_root(tmp_path)


@pytest.mark.parametrize("folder", [Path.home(), Path(Path.home().anchor)])
def test_a_home_or_the_top_of_a_drive_is_no_root(folder: Path) -> None:
    """A worker started in the wrong place must not make everything reachable."""
    with pytest.raises(PathError, match="can't be the root"):
        paths.mark_root(folder)

    assert not (folder / paths.FARM_FOLDER / paths.MARKER).exists()


def test_a_missing_folder_is_no_root(tmp_path: Path) -> None:
    """The folder is not made: it may be storage that isn't mounted."""
    with pytest.raises(PathError, match="There is no folder"):
        paths.mark_root(tmp_path / "unmounted")

    assert not (tmp_path / "unmounted").exists()


@pytest.mark.parametrize("text", ["", "not json", "[]", "{}"])
def test_a_damaged_marker_is_an_error(text: str, root: Path) -> None:
    """A half-written marker is never taken for another root; the error says what to do."""
    (root / paths.FARM_FOLDER / paths.MARKER).write_text(text)

    with pytest.raises(PathError, match="missing or damaged"):
        paths.root_id(root)


@pytest.mark.parametrize("text", ["/x", "C:\\x", "C:/x", "c:x", "\\\\server\\share", "\\x", "//server/x"])
def test_absolute_paths_of_every_system_are_known(text: str) -> None:
    """A job from Windows is refused on Linux too, and the other way round."""
    assert paths.is_absolute_elsewhere(text)


@pytest.mark.parametrize("text", ["x", "x/y", "./x", "../x", "dir.c/x"])
def test_relative_paths_are_not_taken_for_absolute(text: str) -> None:
    """Everything else is relative."""
    assert not paths.is_absolute_elsewhere(text)


@pytest.mark.parametrize("text", ["", "/a", "C:/a", "..", "../a", "a/../../b", "a/..", "a\\b", "a\0b", "//s/a"])
def test_a_path_that_may_leave_the_root_is_refused(text: str) -> None:
    """Records hold relative paths with forward slashes only."""
    with pytest.raises(PathError, match="must be a path below the root"):
        paths.check_relative(text, "scene")


@pytest.mark.parametrize("text", ["a", "a/b.blend", "a b/c.png", "..a/b..", ".hidden/x", "a/./b"])
def test_a_path_below_the_root_is_taken(text: str, root: Path) -> None:
    """It is resolved against this host's root."""
    assert paths.check_relative(text, "scene") == text
    assert paths.resolve(root, text, "scene") == root / text


@given(st.text("ab./\\:~$%*-", max_size=12))
def test_no_text_leads_out_of_the_root(text: str) -> None:
    """Whatever a client sends either lies below the root or is refused."""
    root = Path("/no/such/root")

    try:
        resolved = paths.resolve(root, text, "output")
    except PathError:
        return

    assert resolved.resolve().is_relative_to(root)


def test_a_symlink_that_leads_out_of_the_root_is_refused(root: Path, tmp_path: Path) -> None:
    """Symlinks are followed before a path is trusted."""
    (root / "out").symlink_to(tmp_path, target_is_directory=True)

    with pytest.raises(PathError, match="leads outside the root"):
        paths.resolve(root, "out/a.png", "output")


def test_a_symlink_to_an_allowed_folder_is_taken(root: Path, tmp_path: Path) -> None:
    """`--also-root` allows the storage that a link below the root leads to."""
    storage = tmp_path / "storage"
    storage.mkdir()
    (root / "out").symlink_to(storage, target_is_directory=True)

    path = paths.resolve(root, "out/a.png", "output", also=[storage])

    assert path == root / "out" / "a.png"


def test_a_path_is_stored_relative_to_the_root(root: Path) -> None:
    """With forward slashes, so that another system's worker finds it."""
    assert paths.below_root(root, root / "shots" / "a.blend") == "shots/a.blend"


def test_a_path_through_another_name_of_the_root_is_stored_alike(root: Path, tmp_path: Path) -> None:
    """A symlink to the root is the root."""
    (tmp_path / "alias").symlink_to(root, target_is_directory=True)

    assert paths.below_root(root, tmp_path / "alias" / "a.blend") == "a.blend"


def test_a_link_below_the_root_keeps_its_name(root: Path) -> None:
    """`latest/a.blend` stays what the artist chose, not the version it points to today."""
    (root / "v001").mkdir()
    (root / "latest").symlink_to(root / "v001", target_is_directory=True)

    assert paths.below_root(root, root / "latest" / "a.blend") == "latest/a.blend"


def test_a_path_outside_the_root_is_not_stored(root: Path, tmp_path: Path) -> None:
    """The error names both and says what to do."""
    with pytest.raises(PathError, match="Choose a place below it"):
        paths.below_root(root, tmp_path / "a.blend")


def test_a_folder_whose_name_begins_like_the_root_is_outside(root: Path) -> None:
    """`show2` is not below `show`."""
    with pytest.raises(PathError, match="outside the root"):
        paths.check_inside(root, root.with_name(root.name + "2") / "a.png", "output")


def test_a_root_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A file where our folder should be is told as what it is: a root that can't be written."""
    (tmp_path / paths.FARM_FOLDER).write_text("a file")

    with pytest.raises(PathError, match=f"{tmp_path.name} can't be written"):
        paths.mark_root(tmp_path)


def test_a_jobs_files_lie_in_our_folder(root: Path) -> None:
    """Logs, thumbnails and snapshots are kept apart from the studio's files."""
    assert paths.job_folder(root, "ab12") == root / ".buildcat" / "jobs" / "ab12"
    assert json.loads((root / ".buildcat" / "root.json").read_text()).keys() == {"id"}


@pytest.mark.parametrize("job_id", ["", ".", "..", "../x", "a/b", "a\\b", "C:x"])
def test_a_jobs_folder_is_below_ours_whatever_its_id(tmp_path: Path, job_id: str) -> None:
    """Ids come from the server, and the folder is written to and deleted."""
    with pytest.raises(PathError, match="is no id of a job"):
        paths.job_folder(tmp_path, job_id)

    assert paths.job_folder(tmp_path, "3f2a91bc") == tmp_path / ".buildcat" / "jobs" / "3f2a91bc"
