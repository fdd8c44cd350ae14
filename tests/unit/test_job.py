"""What crosses a process as JSON: JobSpec, Unit, Output."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildcat.model.errors import PathError, UsageError
from buildcat.model.job import MAX_UNITS, SCHEMA, JobSpec, Output, Unit

SPEC = JobSpec(dcc="blender", scene="shots/a.blend")
NAMES = st.text("abc0123-_äö", min_size=1, max_size=8)
SPECS = st.builds(
    JobSpec,
    dcc=st.sampled_from(["blender", "houdini", "my-dcc"]),
    scene=NAMES,
    frames=st.text(max_size=8),
    chunk=st.integers(1, MAX_UNITS),
    settings=st.dictionaries(NAMES, st.booleans() | st.integers() | st.text() | st.lists(st.text())),
    name=st.text(),
    priority=st.integers(0, 100),
    paused=st.booleans(),
    requires=st.lists(NAMES).map(tuple),
    scene_mtime_ns=st.integers(0, 2**63 - 1),
)


@given(SPECS)
def test_a_spec_comes_back_from_json_as_it_was(spec: JobSpec) -> None:
    """What a client submits is what a worker reads."""
    assert JobSpec.from_json(spec.to_json()) == spec


def test_scene_and_dcc_are_enough() -> None:
    """All else has a default."""
    spec = JobSpec.from_json('{"dcc": "blender", "scene": "shots/a.blend"}')

    assert spec == SPEC
    assert (spec.frames, spec.pool, spec.priority, spec.schema) == ("1", "default", 50, SCHEMA)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "The job is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"scene": "a.blend"}', "needs at least dcc"),
        ('{"dcc": "blender", "scene": "a", "frame": "1-5"}', r"no field 'frame'\. Did you mean 'frames'"),
    ],
)
def test_json_that_is_no_spec_is_refused(text: str, message: str) -> None:
    """The error says what is wrong with it."""
    with pytest.raises(UsageError, match=message):
        JobSpec.from_json(text)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("schema", 2, "This job has schema 2; this Buildcat reads 1. Upgrade one of them"),
        ("frames", 5, "frames must be a text, not 5"),
        ("chunk", "3", "chunk must be a whole number, not '3'"),
        ("chunk", True, "chunk must be a whole number, not True"),
        ("chunk", 0, "chunk must be from 1 to 1000000, not 0"),
        ("paused", 1, "paused must be true or false, not 1"),
        ("skip_existing", 1, "skip_existing must be true or false, not 1"),
        ("snapshot", "yes", "snapshot must be true or false, not 'yes'"),
        ("priority", 101, "priority must be from 0 to 100, not 101"),
        ("priority", -1, "priority must be from 0 to 100, not -1"),
        ("settings", [], "settings must be an object"),
        ("requires", "scripts", "requires must be a list of texts, not 'scripts'"),
        ("requires", [1], r"requires must be a list of texts, not \[1\]"),
        ("scene_size", -1, "scene_size must be from 0"),
        ("version_min", 2**63, "version_min must be from 0"),
        ("dcc", "", "dcc is a word of letters"),
        ("pool", "a b", "pool is a word of letters"),
        ("pool", "a:b", "pool is a word of letters"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(field: str, value: Any, message: str) -> None:
    """Nothing a client sends is trusted; the error names the field."""
    data = {**json.loads(SPEC.to_json()), field: value}

    with pytest.raises(UsageError, match=message):
        JobSpec.from_json(json.dumps(data))


@pytest.mark.parametrize("field", ["scene", "output"])
@pytest.mark.parametrize("path", ["/etc/passwd", "../a", "C:\\a", "a\\b"])
def test_a_path_outside_the_root_is_refused(field: str, path: str) -> None:
    """Scene and output stay below the root on every system."""
    change: dict[str, Any] = {field: path}

    with pytest.raises(PathError, match=f"The {field} "):
        replace(SPEC, **change).checked()


@given(
    st.dictionaries(
        st.sampled_from([one.name for one in fields(JobSpec)]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
            max_leaves=4,
        ),
    )
)
def test_no_json_breaks_the_check(data: dict[str, Any]) -> None:
    """Any object is either a job or refused with a sentence; never another error."""
    try:
        spec = JobSpec.from_json(json.dumps(data))
    except (UsageError, PathError) as exc:
        assert str(exc).endswith((".", "?"))
        return

    assert JobSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("unit", "label"), [(Unit(0, 7), "7"), (Unit(0, -3), "-3"), (Unit(5, 7, 3), "7.t3"), (Unit(0, None), "all")]
)
def test_a_unit_has_a_name_for_people_and_files(unit: Unit, label: str) -> None:
    """Logs are found by it."""
    assert unit.label == label


@given(
    st.builds(
        Output,
        path=st.text(),
        written=st.text(),
        kind=NAMES,
        size=st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
        in_place=st.booleans(),
    )
)
def test_an_output_comes_back_from_json_as_it_was(output: Output) -> None:
    """What a DCC reports is what the worker checks."""
    assert Output.from_json(json.loads(json.dumps(output.to_json()))) == output
