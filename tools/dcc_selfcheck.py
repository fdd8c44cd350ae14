"""For owners of a DCC: checks inside it that every name we rely on is there, and renders one frame. Python 3.9, stdlib.

    hython tools/dcc_selfcheck.py houdini [--json FILE]
    mayapy tools/dcc_selfcheck.py maya [--json FILE]
    BUILDCAT_MODO=/path/to/modo_cl python3 tools/dcc_selfcheck.py modo [--json FILE]

Run it by the DCC's own Python, from a checkout; for Modo, which has none to be started, by any from 3.9. It prints a
table, and with --json writes the same for a report. Nothing of the user's is changed: scenes and files are made in a
temporary folder, which is removed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: What a DCC's Python is shown of ours; the DCC's own checks lie in `selfcheck`.
_FOLDERS = ("tools", "runtime", "plugins/{dcc}")


def main(arguments: list[str]) -> int:
    """Check, print and return 0 when nothing is wrong; what isn't installed is no fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dcc", choices=["houdini", "maya", "modo"])
    parser.add_argument("--json", type=Path, help="Write the result there too.")
    given = parser.parse_args(arguments)
    sys.path[:0] = [str(ROOT / one.format(dcc=given.dcc)) for one in _FOLDERS]
    check = importlib.import_module(f"selfcheck.{given.dcc}")
    with tempfile.TemporaryDirectory() as folder:
        rows = list(check.rows(Path(folder)))
    for one in rows:
        print(f"{one.verdict:8} {one.name:60} {one.detail}".rstrip())
    counts = Counter(one.verdict for one in rows)
    print(f"\n{check.version()}: " + ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())))
    if given.json:
        report = {"dcc": given.dcc, "version": check.version(), "rows": [asdict(one) for one in rows]}
        given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 1 if counts["WRONG"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
