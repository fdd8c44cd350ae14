"""What a copy of a scene that was made to be submitted is called. Runs on any Python, ours or a DCC's."""

from __future__ import annotations

import os
import re
import uuid

_COPY = re.compile(r"\.(?P<stem>.+)\.bc-[0-9a-f]{12}(?P<ending>(?:\.\w+)?)")


def copy_name(name: str) -> str:
    """Return the name of a new copy of a file of that name: hidden, and beside no other."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122  # text
    return f".{stem}.bc-{uuid.uuid4().hex[:12]}{ending}"


def own_name(name: str) -> str:
    """Return the name of the scene that a copy was made of; of a file that is none, its own."""
    return "".join(found.groups()) if (found := _COPY.fullmatch(name)) else name
