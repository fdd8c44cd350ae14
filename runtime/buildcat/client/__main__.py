"""The client process of a panel: requests come in as JSON lines, each is answered by one. Python 3.9, redis-py.

A panel starts it as `python -I buildcat-client.pyz` and speaks to it through `inside/client.py`. It ends with its
standard input, so it never outlives the DCC by more than the request that it is at.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

from buildcat.client.service import Service


def main() -> None:
    """Answer until there is nothing more to read."""
    service = Service()
    with contextlib.closing(service):
        for line in sys.stdin.buffer:
            answer(service.answer(json.loads(line)))


def answer(fields: dict[str, Any]) -> None:
    """Send an answer; who asked may be gone."""
    try:
        sys.stdout.buffer.write(json.dumps(fields, separators=(",", ":")).encode() + b"\n")
        sys.stdout.buffer.flush()
    except OSError:
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
