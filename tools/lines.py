"""Counts lines of code by folder and holds the runtime to its limit. Any Python from 3.11, stdlib only."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = "runtime/buildcat"
RUNTIME_LIMIT = 10_400
_NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def count(path: Path) -> int:
    """Return the file's lines of code: no blank lines, no comments, no docstrings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".lua":
        lines = (line.strip() for line in text.splitlines())
        return sum(1 for line in lines if line and not line.startswith("--"))
    return len(_code_lines(text) - _docstring_lines(text))


def _code_lines(text: str) -> set[int]:
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            found.update(range(token.start[0], token.end[0] + 1))
    return found


def _docstring_lines(text: str) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, owners) and ast.get_docstring(node, clean=False) is not None:
            found.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return found


def by_folder() -> Counter[str]:
    """Return the lines of code of each folder of ours: those of the runtime and the tests singly."""
    counts: Counter[str] = Counter()
    for path in _sources():
        parts = path.relative_to(ROOT).parts
        depth = {"runtime": 3, "plugins": 2, "tests": 2}.get(parts[0], 1)
        counts["/".join(parts[: min(depth, len(parts) - 1)])] += count(path)
    return counts


def _sources() -> Iterator[Path]:
    for folder in ("runtime", "plugins", "tools", "tests"):
        yield from sorted((ROOT / folder).rglob("*.py"))
        yield from sorted((ROOT / folder).rglob("*.lua"))


def main() -> int:
    """Print the table; return 1 when the runtime is over its limit."""
    counts = by_folder()
    for folder, lines in sorted(counts.items()):
        print(f"{lines:7,}  {folder}")
    runtime = sum(lines for folder, lines in counts.items() if folder.startswith(RUNTIME))
    verdict = "PASS" if runtime <= RUNTIME_LIMIT else "FAIL"
    print(f"{runtime:7,}  {RUNTIME} in all, limit {RUNTIME_LIMIT:,}: {verdict}")
    return 0 if verdict == "PASS" else 1


if __name__ == "__main__":
    raise SystemExit(main())
