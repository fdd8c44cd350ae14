"""What "Render to Disk" of a Buildcat ROP runs, once a call. Runs inside Houdini 19.5 to 22."""

from __future__ import annotations

from buildcat_houdini.rop_node import render_from_soho

render_from_soho()
