"""Every kind of event that the function library makes is documented, and told in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from buildcat.cli import telling
from buildcat.client.connection import library

DOCUMENT = Path(__file__).parents[2] / "docs" / "events.md"


def made() -> Mapping[str, set[str]]:
    """Return the kinds that the library makes, each with the names of its details."""
    source = library()
    found = {}
    for kind, details in re.findall(r"\bevent\(([^,]*'[a-z-]+'),[^{]*\{(.*?)\}\)", source, re.DOTALL):
        names = set(re.findall(r"(\w+) = ", details))
        # `reason == 'lost' and 'lost' or 'given-back'` makes two kinds.
        found.update(dict.fromkeys(re.findall(r"'([a-z-]+)'", kind), names))
    verbs = re.findall(r"^function control\.(\w+)", source, re.MULTILINE)
    return {**found, **{verb: {"by"} for verb in verbs}}


def documented() -> Mapping[str, str]:
    """Return the last cell of each kind's row in the table."""
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| (.*) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


def test_the_library_is_read_right() -> None:
    """The other tests look for what is there."""
    kinds = made()

    assert {"submitted", "picked", "done", "failed", "lost", "given-back", "ended", "pause", "worker"} <= kinds.keys()
    assert kinds["picked"] == {"execution", "worker", "first", "count"}


def test_every_kind_is_documented_and_no_other() -> None:
    """The table is what a program relies on."""
    assert documented().keys() == made().keys()


def test_the_details_of_every_kind_are_documented() -> None:
    """By the names they have in the JSON."""
    rows = documented()

    missing = {
        kind: lacking
        for kind, names in made().items()
        if (lacking := {one for one in names if f"`{one}`" not in rows[kind]})
    }

    assert missing == {}


def test_every_kind_is_told_in_words() -> None:
    """`buildcat events` never prints the bare name of a kind."""
    told = {*telling.KINDS, *telling.VERBS}

    assert made().keys() == told
