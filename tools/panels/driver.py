"""Runs in a Blender with a window: installs the zip as a user does, opens a file, and writes down what the panel knows.

Clicks come from outside, by xdotool. Environment: PANEL_ZIP, PANEL_SERVER, PANEL_SCENE, PANEL_REPORT.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import bpy as blender

#: The stubs are of one version, and this runs in several.
bpy: Any = blender

REPORT = Path(os.environ["PANEL_REPORT"])


class Watch:
    """A 10 ms timer that knows its largest gap, and another that reports."""

    def __init__(self, name: str) -> None:
        self.name = name
        #: Largest gap since the click, which has Blender's own redraws in it; that of redraws alone; and the longest
        #: call of our own code.
        self.gap_s = self.redraw_s = self.longest_s = 0.0
        self.last = time.monotonic()
        #: What it was told to do, and did.
        self.acts: list[str] = []

    def tick(self) -> float:
        now = time.monotonic()
        gap_s, self.last = now - self.last, now
        if Path(f"{REPORT}.measure").exists():
            self.gap_s = max(self.gap_s, gap_s)
        elif Path(f"{REPORT}.redraw").exists():
            self.redraw_s = max(self.redraw_s, gap_s)
            for area in bpy.context.window_manager.windows[0].screen.areas:
                area.tag_redraw()
        return 0.01

    def timed(self, function: Any, *arguments: Any) -> Any:
        """Call a function of ours."""
        began = time.monotonic()
        try:
            return function(*arguments)
        finally:
            self.longest_s = max(self.longest_s, time.monotonic() - began)

    def time_method(self, owner: Any, name: str) -> None:
        """Let this method of Blender's classes be timed; Blender counts its arguments."""
        function = getattr(owner, name)
        setattr(owner, name, lambda itself, context: self.timed(function, itself, context))

    def time_all(self) -> None:
        """Time all of ours that runs on the main thread."""
        panel = {name: sys.modules[f"{self.name}.panel.{name}"] for name in ("farm", "operators", "drawing")}
        self.time_method(panel["operators"].Submit, "execute")
        for one in panel["drawing"].CLASSES:
            self.time_method(one, "draw")
        farm, turn = panel["farm"].FARM, panel["farm"].FARM.turn
        farm.close()
        farm.timer = lambda: self.timed(turn)
        farm.open()

    def report(self) -> float | None:
        farm = sys.modules[f"{self.name}.panel.farm"].FARM
        if Path(f"{REPORT}.disable").exists():
            bpy.ops.preferences.addon_disable(module=self.name)
            left = {"timer": bpy.app.timers.is_registered(farm.timer), "client": farm._client._process is not None}
            write({"left": left})
            return None
        for name, act in ACTS.items():
            if Path(f"{REPORT}.{name}").exists():
                Path(f"{REPORT}.{name}").unlink()
                with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
                    act(farm)
                self.acts.append(name)
        known = {
            "acts": self.acts,
            "is_dirty": bpy.data.is_dirty,
            "fits": {one.name: farm.fit_of(one)[0] for one in bpy.data.scenes},
            "gap_s": self.gap_s,
            "redraw_s": self.redraw_s,
            "longest_s": self.longest_s,
            "said": farm.said,
            "error": farm.error,
            "workers": farm.fit_of(bpy.context.window_manager.windows[0].scene)[0],
            "jobs": [[one["id"], one["state"], one["counts"]["done"]] for one in farm.jobs],
        }
        write(known)
        return 0.1


def write(known: dict[str, Any]) -> None:
    """Replace the report at once: it may be read at any moment."""
    part = REPORT.with_suffix(".part")
    part.write_text(json.dumps(known))
    part.replace(REPORT)


def change(_farm: Any) -> None:
    """Make a change that is not saved."""
    bpy.context.scene.frame_end += 1
    bpy.ops.ed.undo_push(message="a change")


def undo(_farm: Any) -> None:
    """Make a change and take it back."""
    change(_farm)
    bpy.ops.ed.undo()


def open_again(_farm: Any) -> None:
    """Open the file anew."""
    bpy.ops.wm.open_mainfile(filepath=os.environ["PANEL_SCENE"], load_ui=False)


def be_another(farm: Any) -> None:
    """Be a user without jobs, so that the panel is as it was."""
    OURS.user += "a"
    farm.said, farm.jobs = None, []


def go_elsewhere(_farm: Any) -> None:
    """Want the workers of a pool that nobody serves."""
    OURS.poll_s = 60  # what is new is asked about at once
    bpy.context.scene.buildcat.pool = "nobody"


def load_image(farm: Any) -> None:
    """Load the newest job's frames into the Image Editor."""
    bpy.ops.buildcat.load(job=farm.jobs[0]["id"], into="IMAGE")


def load_strips(farm: Any) -> None:
    """Load them into the sequencer."""
    bpy.ops.buildcat.load(job=farm.jobs[0]["id"], into="STRIPS")


def open_window(_farm: Any) -> None:
    """Open a second window, with the panel of a second scene."""
    bpy.ops.wm.window_new_main()  # the other sort shows its parent's scene
    window = bpy.context.window_manager.windows[-1]
    window.scene = bpy.data.scenes.new("Second")
    show(window)


#: What can be asked for by a file beside the report.
ACTS = {
    "change": change,
    "undo": undo,
    "open": open_again,
    "another": be_another,
    "elsewhere": go_elsewhere,
    "image": load_image,
    "strips": load_strips,
    "window": open_window,
}


def install() -> str:
    """Install and enable the add-on, and return its module's name."""
    zipped = os.environ["PANEL_ZIP"]
    if bpy.app.version >= (4, 2):
        bpy.ops.extensions.package_install_files(filepath=zipped, repo="user_default")
        return "bl_ext.user_default.buildcat"
    bpy.ops.preferences.addon_install(filepath=zipped, overwrite=True)
    bpy.ops.preferences.addon_enable(module="buildcat_blender")
    return "buildcat_blender"


def show(window: Any) -> None:
    """Make the largest area one with the Output properties."""
    area = max(window.screen.areas, key=lambda one: one.width * one.height)
    area.type = "PROPERTIES"
    bpy.app.timers.register(lambda: setattr(area.spaces[0], "context", "OUTPUT"), first_interval=0.3)


def begin() -> None:
    """Open the file, then watch."""
    bpy.ops.wm.open_mainfile(filepath=os.environ["PANEL_SCENE"], load_ui=False)
    show(bpy.context.window_manager.windows[0])
    bpy.app.timers.register(WATCH.tick, persistent=True)
    bpy.app.timers.register(WATCH.report, first_interval=1, persistent=True)


bpy.context.preferences.view.show_splash = False
NAME = install()
OURS = bpy.context.preferences.addons[NAME].preferences
OURS.server, OURS.user, OURS.poll_s = os.environ["PANEL_SERVER"], "ada", 0.5
WATCH = Watch(NAME)
WATCH.time_all()
bpy.app.timers.register(begin, first_interval=0.5)
