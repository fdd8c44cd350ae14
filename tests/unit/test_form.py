"""The rows of a form: what there is, and what becomes of their values."""

from __future__ import annotations

from dataclasses import fields

import pytest

from buildcat.inside import form
from buildcat.model.errors import SettingError
from buildcat.model.job import JobSpec
from buildcat_houdini.dcc import DCC


def test_each_row_of_the_job_is_a_field_of_a_job_with_its_default() -> None:
    """An untouched form submits what the command line would."""
    known = {one.name for one in fields(JobSpec)}
    untouched = form.fields(DCC, {one.key: one.default for one in form.JOB})

    assert {one.key for one in form.JOB} <= known
    assert JobSpec(dcc="houdini", **untouched) == JobSpec(dcc="houdini")


def test_rows_come_under_their_headings_in_order() -> None:
    """The job first, then the settings of the DCC."""
    found = form.groups(form.rows(DCC, without=("rop",)))

    assert list(found) == ["Job", "Frames", "Farm", "Scene", "Size"]
    assert [one.key for one in found["Size"]] == ["resolution_x", "resolution_y", "percentage"]
    assert "rop" not in [one.key for one in found["Scene"]]


def test_what_is_left_alone_is_left_out() -> None:
    """None and empty texts are as in the scene."""
    found = form.fields(DCC, {"name": "", "take": None, "percentage": 50, "chunk": 4})

    assert found == {"chunk": 4, "settings": {"percentage": 50}}


@pytest.mark.parametrize(
    ("key", "value"), [("chunk", 0), ("order", "sideways"), ("percentage", "half"), ("rap", "/out")]
)
def test_what_does_not_fit_is_named(key: str, value: object) -> None:
    """In the sentence that the form shows."""
    with pytest.raises(SettingError, match=key):
        form.fields(DCC, {key: value})
