"""`buildcat doctor`: what is wrong on this machine, and how to fix it. Python 3.11 or newer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from buildcat.cli import terminal
from buildcat.cli.call import ROOT, Call, Command
from buildcat.farm.doctor import Finding, Verdict, examine

_EXAMPLES = """\
buildcat doctor
buildcat doctor --root /mnt/farm --server redis://aurora:6379/0
"""
_SIGNS = {Verdict.FINE: ("✓", "green"), Verdict.NOTE: ("·", "dim"), Verdict.WRONG: ("✗", "bold red")}


@click.command(cls=Command, examples=_EXAMPLES)
@ROOT
def doctor(call: Call, root: Path | None) -> int:
    """Ends with 1 when something needs to be fixed."""
    findings = []
    for one in examine(call.config(root)):
        findings.append(one)
        if not call.is_json:
            _print(one)
    if call.is_json:
        terminal.answer([asdict(one) for one in findings])
    return 1 if any(one.verdict is Verdict.WRONG for one in findings) else 0


def _print(finding: Finding) -> None:
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(width=1)
    row.add_column(width=9)
    row.add_column(overflow="fold")
    row.add_row(Text(*_SIGNS[finding.verdict]), finding.subject, finding.text)
    if finding.fix:
        row.add_row("", "", Text(f"→ {finding.fix}", style="cyan"))
    terminal.draw(row)
