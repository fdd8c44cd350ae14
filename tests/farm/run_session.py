"""A worker reduced to its session: loads a toy scene, prints the DCC's pid, renders frame 1, prints the file."""

from __future__ import annotations

import sys
from pathlib import Path

from buildcat.farm.plugins import Installation
from buildcat.farm.session import Session
from buildcat.inside.messages import Order
from buildcat.model.job import Unit
from buildcat_toy.dcc import DCC


def main(scene: str, *launch: str) -> None:
    """Render with the toy's launch line, or another one."""
    session = Session(DCC, Installation(sys.executable, 1_002_000, launch or DCC.launch.arguments))
    session.start()
    print(session.pid, flush=True)
    session.load("e1", Order(scene=scene, root=str(Path(scene).parent)))
    print(session.render("e1", Unit(0, 1), lambda _progress: None)[0].written, flush=True)
    session.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
