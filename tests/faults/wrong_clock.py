"""A worker whose clock is wrong by so many seconds: `wrong_clock.py SECONDS worker …`.

Not libfaketime: with its 0.9.10, a wait with a limit never ends in Python 3.11.
"""

from __future__ import annotations

import datetime
import sys
import time


class _Wrong(datetime.datetime):
    """As the class that it replaces, with another now."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]  # of its base
        return _now(tz) + datetime.timedelta(seconds=_offset_s)


if __name__ == "__main__":
    _offset_s = float(sys.argv.pop(1))
    _now, _time = datetime.datetime.now, time.time
    time.time = lambda: _time() + _offset_s
    datetime.datetime = _Wrong  # type: ignore[misc]  # before RQ imports it

    from buildcat.cli.main import main

    main()
