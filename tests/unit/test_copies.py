"""What a copy of a scene is called, and whose copy it is."""

from __future__ import annotations

import pytest

from buildcat.model.copies import copy_name, own_name


@pytest.mark.parametrize("name", ["shot.blend", "shot.v2.hip", "shot", ".shot.ma", ".a.bc-0123456789ab.ma"])
def test_a_copy_knows_its_scene(name: str) -> None:
    """It is hidden, keeps the ending, and is another one each time."""
    first, second = copy_name(name), copy_name(name)

    assert first != second
    assert first.startswith(".")
    assert own_name(first) == own_name(second) == name
    assert first.rpartition(".")[2] == name.rpartition(".")[2] or "." not in name[1:]


@pytest.mark.parametrize("name", ["shot.blend", ".shot.bc-no.blend", "shot.bc-0123456789ab.blend", ".hidden.blend"])
def test_what_is_no_copy_has_its_own_name(name: str) -> None:
    """However alike it looks."""
    assert own_name(name) == name
