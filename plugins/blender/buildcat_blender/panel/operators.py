# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel's buttons do. Runs in Blender 3.4 to 5.x.

Without `from __future__ import annotations`, since Blender reads the annotations.
"""

import os
from typing import Any

import bpy

from buildcat.inside.client import Fields
from buildcat.model.errors import BuildcatError
from buildcat_blender.panel import drawing, loading, preferences, spec, test_frame
from buildcat_blender.panel.farm import FARM
from buildcat_blender.panel.submission import Submission, saved_scene

_FINISHED, _CANCELLED = {"FINISHED"}, {"CANCELLED"}
_HOW = [
    ("ASK", "Ask", "Ask when the file has unsaved changes"),
    ("SAVE", "Save the file, then submit", "Save this file, and render it"),
    ("SNAPSHOT", "Submit a copy of it as it is now", "Leave this file alone: a copy beside it is rendered"),
    ("LAST", "Submit it as last saved", "Leave the unsaved changes out"),
]


class Submit(bpy.types.Operator):
    """Render this scene on the farm"""

    bl_idname = "buildcat.submit"
    bl_label = "Submit to Farm"

    how: bpy.props.EnumProperty(name="Unsaved changes", items=_HOW, default="ASK", options={"SKIP_SAVE"})

    def invoke(self, context: Any, event: Any) -> set[str]:
        is_unsaved = bool(bpy.data.filepath) and bpy.data.is_dirty and self.how == "ASK"
        if is_unsaved:
            self.how = "SAVE"
        if is_unsaved or spec.has_no_worker(context.scene):
            return set(context.window_manager.invoke_props_dialog(self, width=420))
        return self.execute(context)

    def draw(self, context: Any) -> None:
        if spec.has_no_worker(context.scene):
            self.layout.label(text="No worker can render this now. The job will wait for one.", icon="ERROR")
            drawing.tell(self.layout, context, FARM.fit_of(context.scene)[1], "BLANK1", letters=60)
        if self.how == "ASK":
            return
        self.layout.label(text="This file has unsaved changes.", icon="ERROR")
        for name, _, _ in _HOW[1:]:
            self.layout.prop_enum(self, "how", name)

    def execute(self, context: Any) -> set[str]:
        try:
            spec.check_ready()
            fields, video = spec.make(context.scene), spec.video(context.scene)
            scene = saved_scene(self.how, fields)
        except BuildcatError as exc:
            FARM.said = (str(exc), "ERROR")
            self.report({"ERROR"}, str(exc))
            return _CANCELLED
        is_fine = context.scene.buildcat.missing_ok
        Submission(context.scene, scene, fields, is_missing_fine=is_fine, video=video).start()
        if bpy.app.background and FARM.said and FARM.said[1] == "ERROR":
            self.report({"ERROR"}, FARM.said[0])
            return _CANCELLED
        return _FINISHED


class TestServer(bpy.types.Operator):
    """Ask the server whether it is there, and who works for it"""

    bl_idname = "buildcat.test_server"
    bl_label = "Test"

    def execute(self, context: Any) -> set[str]:
        FARM.tested = ("Asking the server ...", "SORTTIME")
        FARM.ask("test", self._take, roots=preferences.roots())
        return _FINISHED

    @staticmethod
    def _take(answer: Fields) -> None:
        if "error" in answer:
            FARM.tested = (answer["error"], "ERROR")
            return
        workers, versions = answer["workers"], ", ".join(answer["versions"])
        has = f" with Blender {versions}" if versions else ", none with Blender"
        words = f"Reached in {answer['milliseconds']:g} ms. Workers: {workers}{has if workers else ''}."
        lost = "".join(f" {one} is not marked as a farm's: start a worker in it once." for one in answer["not_roots"])
        FARM.tested = (words + lost, "ERROR" if lost else "CHECKMARK")


class _OfJob(bpy.types.Operator):
    """Something that is done with a job"""

    bl_idname = "buildcat.of_job"
    bl_label = "Of a Job"

    job: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})


class Control(_OfJob):
    """Pause, resume, cancel or retry the job"""

    bl_idname = "buildcat.control"
    bl_label = "Control Job"

    verb: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    @classmethod
    def description(cls, context: Any, properties: Any) -> str:
        return {
            "pause": "Start nothing new of it; what renders is finished",
            "resume": "Go on with it",
            "cancel": "Stop it now; frames that are done stay",
            "retry": "Render the failed or cancelled frames again",
        }.get(properties.verb, "")

    def invoke(self, context: Any, event: Any) -> set[str]:
        if self.verb == "cancel":
            return set(context.window_manager.invoke_confirm(self, event))
        return self.execute(context)

    def execute(self, context: Any) -> set[str]:
        FARM.ask("control", self._take, job=self.job, verb=self.verb)
        return _FINISHED

    @staticmethod
    def _take(answer: Fields) -> None:
        if "error" in answer:
            FARM.said = (answer["error"], "ERROR")
        FARM.look()


class Choose(_OfJob):
    """Show more of the job, or less"""

    bl_idname = "buildcat.choose"
    bl_label = "Unfold Job"

    def execute(self, context: Any) -> set[str]:
        FARM.chosen = "" if FARM.chosen == self.job else self.job
        return _FINISHED


class OpenFolder(_OfJob):
    """Open the folder of the frames"""

    bl_idname = "buildcat.open_folder"
    bl_label = "Open Folder"

    def execute(self, context: Any) -> set[str]:
        job = FARM.job(self.job)
        path = os.path.dirname(os.path.join(FARM.root, job["last"])) if job else ""  # noqa: PTH118, PTH120  # text
        return self.open(path)

    def open(self, path: str) -> set[str]:
        if not path or not os.path.exists(path):  # noqa: PTH110  # as above
            self.report({"WARNING"}, f"There is no {path or 'such job'} on this machine.")
            return _CANCELLED
        bpy.ops.wm.path_open(filepath=path)
        return _FINISHED


class OpenLogs(OpenFolder):
    """Open the folder of the job's logs"""

    bl_idname = "buildcat.open_logs"
    bl_label = "Open Logs"

    def execute(self, context: Any) -> set[str]:
        return self.open(os.path.join(FARM.root, ".buildcat", "jobs", self.job, "logs"))  # noqa: PTH118  # as above


class OpenMonitor(_OfJob):
    """Show the farm's web page, which the preferences name, in the browser"""

    bl_idname = "buildcat.open_monitor"
    bl_label = "Open Monitor"

    def execute(self, context: Any) -> set[str]:
        address = preferences.get().monitor
        if not address.lower().startswith(("http://", "https://")):  # Blender would open a file, and run a program
            self.report({"ERROR"}, f"The monitor's address begins with http:// or https://, not as {address!r} does.")
            return _CANCELLED
        bpy.ops.wm.url_open(url=address.replace("{job}", self.job))
        return _FINISHED


class Load(_OfJob):
    """Load the frames that are done"""

    bl_idname = "buildcat.load"
    bl_label = "Load Rendered Frames"

    into: bpy.props.EnumProperty(
        items=[
            ("IMAGE", "Image Editor", "As an image sequence"),
            ("STRIPS", "Sequencer", "As a strip of this scene's sequencer"),
        ],
        options={"SKIP_SAVE"},
    )

    def execute(self, context: Any) -> set[str]:
        scene, into = context.scene.name, self.into

        def take(answer: Fields) -> None:
            words = answer.get("error") or loading.load(answer["files"], into, scene)
            FARM.said = (words, "ERROR" if "error" in answer else "CHECKMARK")

        FARM.ask("outputs", take, job=self.job)
        return _FINISHED


class TestFrame(bpy.types.Operator):
    """Render the current frame on the farm at a quarter of its size, and show it in the Image Editor"""

    bl_idname = "buildcat.test_frame"
    bl_label = "Render Test Frame"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return bool(bpy.data.filepath)

    def execute(self, context: Any) -> set[str]:
        try:
            spec.check_ready()
            fields = test_frame.fields(context.scene)
            scene = saved_scene("SNAPSHOT", fields)  # never what was last saved, never saved without being told
        except BuildcatError as exc:
            self.report({"ERROR"}, str(exc))
            return _CANCELLED
        submission = Submission(context.scene, scene, fields, is_missing_fine=context.scene.buildcat.missing_ok)
        submission.output = test_frame.output()
        submission.on_job = test_frame.watch
        submission.start()
        return _FINISHED


class UseFolder(bpy.types.Operator):
    """Let the job write to a folder beside this file; the scene's own path stays as it is"""

    bl_idname = "buildcat.use_folder"
    bl_label = "Write beside This File"

    def execute(self, context: Any) -> set[str]:
        job = context.scene.buildcat
        stem = os.path.splitext(os.path.basename(bpy.data.filepath))[0] or "frame"  # noqa: PTH119, PTH122  # text
        ending = context.scene.render.file_extension
        job.output = f"//render/{stem}_####{ending}"
        job.use_output = True
        FARM.said = None
        return _FINISHED


class FindFiles(bpy.types.Operator):
    """Look whether every worker can see what this file uses"""

    bl_idname = "buildcat.find_files"
    bl_label = "Check Files"

    def execute(self, context: Any) -> set[str]:
        Submission.find_files(lambda answer: None)
        return _FINISHED


class MakeRelative(bpy.types.Operator):
    """Make all paths in this file relative to it, where that is possible"""

    bl_idname = "buildcat.make_relative"
    bl_label = "Make Relative"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        return bool(bpy.data.filepath)

    def execute(self, context: Any) -> set[str]:
        bpy.ops.file.make_paths_relative()
        Submission.find_files(lambda answer: None)
        return _FINISHED


class AddRoot(bpy.types.Operator):
    """Name another storage"""

    bl_idname = "buildcat.add_root"
    bl_label = "Add Storage"

    def execute(self, context: Any) -> set[str]:
        preferences.get().named_roots.add()
        context.preferences.is_dirty = True
        return _FINISHED


class RemoveRoot(bpy.types.Operator):
    """Forget this storage; nothing in it is touched"""

    bl_idname = "buildcat.remove_root"
    bl_label = "Forget Storage"

    place: bpy.props.IntProperty(options={"SKIP_SAVE", "HIDDEN"})

    def execute(self, context: Any) -> set[str]:
        preferences.get().named_roots.remove(self.place)
        context.preferences.is_dirty = True
        return _FINISHED


CLASSES = (
    *(Submit, TestServer, Control, Choose, OpenFolder, OpenLogs, OpenMonitor, Load),
    *(TestFrame, UseFolder, FindFiles, MakeRelative, AddRoot, RemoveRoot),
)
