"""`python -m buildcat` is the command `buildcat`. Python 3.11 or newer."""

from __future__ import annotations

from buildcat.cli.main import main

main()
