"""A Qt application without a screen, and a farm for the windows in it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from farms import Farm
from toy_host import ToyHost

from buildcat.client.connection import open_client
from buildcat.farm.server import Server

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
PATIENCE_S = 30

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def application() -> Any:
    """The one application of this process."""
    from PySide6 import QtWidgets

    return QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


@pytest.fixture
def farm(tmp_path: Path, redis_server: Server, redis_client: redis.Redis) -> Iterator[Farm]:
    """A farm with an empty server and no worker."""
    root = tmp_path / "root"
    (root / ".buildcat").mkdir(parents=True)
    farm = Farm(root, open_client(redis_server.address))
    yield farm
    farm.stop()


@pytest.fixture
def host(farm: Farm) -> ToyHost:
    """A DCC with a scene open."""
    return ToyHost(farm.root / farm.scene(), farm.server)


@pytest.fixture
def live(application: Any) -> Callable[[Callable[[], Any], str], Any]:
    """Let all windows live until a condition holds, and return what it returned."""

    def live(condition: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            application.processEvents()
            if found := condition():
                return found
            time.sleep(0.01)
        raise AssertionError(f"{what} did not happen within {PATIENCE_S} s")

    return live


@pytest.fixture
def window(application: Any, host: ToyHost) -> Iterator[Any]:
    """The window of that DCC; it stays after it was closed, so that a test can look at it."""
    from PySide6 import QtCore

    from buildcat.inside.qt_window import Window

    made = Window(host)
    made.setAttribute(QtCore.Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.show()
    yield made
    made.close()
