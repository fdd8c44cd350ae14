"""Makes pictures of the shared Qt window, as a dark DCC shows it. Python 3.11 or newer, in the tests' environment.

    PYTHONPATH=tests QT_QPA_PLATFORM=offscreen .venv/bin/python tools/qt_shots.py [--out DIR]

With a real server and worker, and the toy as the DCC; look at each picture before it goes into `docs`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import houdinis
import mayas
from doubles.houdini import module
from doubles.maya import api
from doubles.maya import module as maya_module
from doubles.maya.model import Scene
from environment import ROOT
from PySide6 import QtGui, QtWidgets
from toy_host import ToyHost

from buildcat.client import control, records
from buildcat.client.connection import Connection, open_client
from buildcat.farm.server import Server
from buildcat.inside.host import Preferences, Target
from buildcat.inside.qt_window import Window
from buildcat.model.job import JobSpec
from buildcat_toy import scene

#: Much like Houdini's and Maya's own.
_DARK = {
    "Window": "#3a3a3a",
    "Base": "#2b2b2b",
    "AlternateBase": "#333333",
    "Button": "#4a4a4a",
    "Highlight": "#5285a6",
}
_EDGES = {"Light": "#6a6a6a", "Midlight": "#555555", "Mid": "#2a2a2a", "Dark": "#222222", "Shadow": "#111111"}
_TEXTS = ("WindowText", "Text", "ButtonText", "HighlightedText", "ToolTipText")
_PATIENCE_S = 30


def dark() -> QtGui.QPalette:
    """Return the palette of a dark DCC."""
    palette = QtGui.QPalette()
    roles, groups = QtGui.QPalette.ColorRole, QtGui.QPalette.ColorGroup
    for name, colour in {**_DARK, **_EDGES}.items():
        palette.setColor(getattr(roles, name), QtGui.QColor(colour))
    for name in _TEXTS:
        palette.setColor(getattr(roles, name), QtGui.QColor("#d8d8d8"))
        palette.setColor(groups.Disabled, getattr(roles, name), QtGui.QColor("#808080"))
    palette.setColor(roles.PlaceholderText, QtGui.QColor("#808080"))
    return palette


def wait(window: Window, condition: Callable[[], object]) -> None:
    """Let the window live until the condition holds."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("The window did not come to what was to be shown.")
        QtWidgets.QApplication.processEvents()
        time.sleep(0.02)
    QtWidgets.QApplication.processEvents()


def shoot(window: QtWidgets.QWidget, path: Path) -> None:
    """Save a picture of the window."""
    QtWidgets.QApplication.processEvents()
    window.grab().save(str(path))
    print(path)


def submit_pages(host: ToyHost, out: Path) -> None:
    """The page that submits: as it opens, with errors, with the question, without a server."""
    window = Window(host)
    window.show()
    wait(window, lambda: "1 worker" in window.submit.summary.text())
    shoot(window, out / "qt-submit.png")
    page = window.submit
    host.is_changed = True
    host.odd = [
        "Houdini warns of shot.hip: a long sentence about a node that could not be made, since its type is missing."
    ]
    host.used = [
        "/elsewhere/textures/wood_very_long_name_of_a_texture_that_goes_on.tx",
        str(host.path.with_name("gone.tx")),
    ]
    host.layers += [Target("broken", ("broken", "1-3"), problem="broken names no file to write. Set its output.")]
    page.reload()
    field: Any = page.form.widgets["camera"]
    field.toggle.setChecked(True)
    field.value.setText("")
    wait(window, lambda: "is ticked" in page.summary.text() and page.problems.text.count("\n") > 1)
    shoot(window, out / "qt-errors.png")
    field.toggle.setChecked(False)
    page.submit()
    wait(window, page.question.isVisible)
    shoot(window, out / "qt-unsaved.png")
    window.close()
    host.is_changed, host.known = False, replace(host.known, server="redis://127.0.0.1:1/0")
    window = Window(host)
    window.show()
    wait(window, lambda: window.watch.error)
    window.show_jobs()
    wait(window, lambda: window.jobs.said.text)
    shoot(window, out / "qt-no-server.png")
    window.close()


def jobs_page(host: ToyHost, out: Path) -> None:
    """The page with jobs: one that renders, one that waits, one that failed, one with a long name."""
    window = Window(host)
    window.show()
    window.show_jobs()
    wait(window, lambda: len(window.watch.jobs) >= 4 and any(one["counts"]["done"] for one in window.watch.jobs))
    window.jobs.choose(next(one["id"] for one in window.watch.jobs if one["state"] == "failed"))
    shoot(window, out / "qt-jobs.png")
    window.resize(420, 500)
    shoot(window, out / "qt-jobs-narrow.png")
    window.close()


def fill(connection: Connection, root: Path) -> None:
    """Submit jobs of all kinds, and wait until one of them has failed and another renders."""
    scene.save(root / "bad.toy", error=[2])
    beauty = JobSpec(dcc="toy", user="ada", scene="shot.toy", frames="1-48", name="sq010_sh010 /out/beauty")
    matte = "sq010_sh010_a_very_long_name_of_a_job_that_nobody_shortens /out/matte"
    control.submit(connection, replace(beauty, scene="bad.toy", frames="1-4", name="sq010_sh020 sim", priority=90))
    running = control.submit(connection, beauty)
    control.submit(connection, replace(beauty, frames="1-480", name=matte))
    control.submit(connection, replace(beauty, frames="1-3", name="sq010_sh030", paused=True))
    deadline = time.monotonic() + _PATIENCE_S
    while records.job(connection, running).counts.done < 3 and time.monotonic() < deadline:
        time.sleep(0.2)


def houdini_page(server: str, root: Path, out: Path) -> None:
    """Houdini's own page, on the double of `hou`."""
    nodes = {
        "/out/smoke_sim": {"type": "Driver/geometry", "parms": {"sopoutput": "$HIP/sim/$F4.bgeo.sc", "initsim": 1}},
        "/out/beauty": houdinis.mantra(inputs=["/out/smoke_sim"]),
        "/out/matte": houdinis.mantra("ip"),
    }
    for one in nodes.values():
        one["parms"].update({"trange": 1, "f1": 1001, "f2": 1048})
    hou = sys.modules["hou"] = module.make(houdinis.stub())
    hou.hipFile.load(str(houdinis.save(root / "sh010_fx.hip", nodes)), suppress_save_prompt=True)
    hou._session.selected = ["/out/beauty"]
    from buildcat_houdini.panel.host import HoudiniHost  # which needs Houdini

    host: Any = HoudiniHost()
    host.preferences = lambda: Preferences(server, "ada", str(root), poll_s=0.3)
    host.command = lambda: [sys.executable, "-m", "buildcat.client"]
    window = Window(host)
    window.show()
    wait(window, lambda: "1 worker" in window.submit.summary.text())
    window.submit.scene.show_text("/mnt/farm/film/sq010/sh010_fx.hip")  # the real one is a temporary folder
    shoot(window, out / "houdini-submit.png")
    window.close()


def maya_pages(server: str, root: Path, out: Path) -> None:
    """Maya's own page and its settings, on the double of `maya`."""
    process = maya_module.make(mayas.stub())
    process.modules["maya.standalone"].initialize()
    sys.modules.update(process.modules)
    sys.modules.update(api.modules(process, mayas.STUBS.parents[1]))
    attributes: dict[str, Any] = {"rs_matte.renderable": False, "defaultRenderGlobals.endFrame": 48.0}
    attributes.update({"defaultRenderGlobals.currentRenderer": "arnold", "front_camShape.renderable": False})
    attributes["shot_camShape.renderable"] = True
    layers = {"beauty": "rs_beauty", "matte": "rs_matte"}
    cameras = ["front_cam", "shot_cam", "persp"]
    path = mayas.save(root / "sh010_light.ma", attributes, layers=layers, legacy=["old_light"], cameras=cameras)
    process.scene = Scene.read(str(path))
    process.set_project(str(root))
    from buildcat_maya.panel.host import MayaHost  # which needs Maya
    from buildcat_maya.panel.settings import SettingsDialog  # as above

    host: Any = MayaHost()
    host.preferences = lambda: Preferences(server, "ada", str(root), poll_s=0.3)
    host.command = lambda: [sys.executable, "-m", "buildcat.client"]
    window = Window(host)
    window.show()
    wait(window, lambda: "1 worker" in window.submit.summary.text())
    window.submit.scene.show_text("/mnt/farm/film/sq010/sh010_light.ma")  # the real one is a temporary folder
    shoot(window, out / "maya-submit.png")
    window.close()
    dialog = SettingsDialog()
    dialog.lines["server"].setText("redis://farm:6379/0")
    dialog.show()
    shoot(dialog, out / "maya-settings.png")
    dialog.close()


def main() -> None:
    """Make them all."""
    parser = argparse.ArgumentParser(description="Make pictures of the shared Qt window.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist/shots")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    application = QtWidgets.QApplication([])
    application.setStyle("Fusion")
    application.setPalette(dark())
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "projects/film/sq010"
        shot = scene.save(root / "shot.toy", seconds=1.0)
        server = Server(Path(name) / "server", port=0)
        server.start()
        worker = [sys.executable, "-m", "buildcat", "worker", "--server", server.address, "--trust", "houdini,maya"]
        dccs = {"BUILDCAT_HOUDINI": houdinis.install(Path(name)).executable}
        dccs["BUILDCAT_MAYA"] = mayas.install(Path(name)).executable
        running = subprocess.Popen(
            worker, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **dccs}
        )
        try:
            submit_pages(ToyHost(shot, server.address), out)
            houdini_page(server.address, root, out)
            maya_pages(server.address, root, out)
            fill(open_client(server.address), root)
            jobs_page(ToyHost(shot, server.address), out)
        finally:
            running.terminate()
            running.wait()
            server.stop()


if __name__ == "__main__":
    main()
