# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the panel from what is known already: nothing here asks or waits. Runs in Blender 3.4 to 5.x."""

from __future__ import annotations

import os
import textwrap
from typing import Any

import bpy

from buildcat.model import frames, times
from buildcat.model.errors import BuildcatError
from buildcat_blender.panel import preferences, properties, spec
from buildcat_blender.panel.farm import FARM
from buildcat_blender.panel.needs import is_movie
from buildcat_blender.panel.thumbnails import THUMBNAILS

_STATES = {
    "waiting": "SORTTIME",
    "running": "RENDER_ANIMATION",
    "paused": "PAUSE",
    "done": "CHECKMARK",
    "failed": "ERROR",
    "cancelled": "CANCEL",
}
_MOST_JOBS = 8
_MOST_FILES = 20
_POINTS_PER_LETTER = 7


class _Panel:
    bl_space_type: Any = "PROPERTIES"
    bl_region_type: Any = "WINDOW"
    bl_context = "output"


class _Part(_Panel):
    bl_parent_id = "BUILDCAT_PT_main"
    bl_options: Any = {"DEFAULT_CLOSED"}


def _split(panel: Any) -> Any:
    """Return the panel's layout, with labels at the left as in Blender's own panels."""
    panel.layout.use_property_split = True
    panel.layout.use_property_decorate = False
    return panel.layout


class Main(_Panel, bpy.types.Panel):
    bl_idname = "BUILDCAT_PT_main"
    bl_label = "Buildcat"

    def draw(self, context: Any) -> None:
        layout, scene = _split(self), context.scene
        job = scene.buildcat
        stem = os.path.splitext(os.path.basename(bpy.data.filepath))[0]  # noqa: PTH119, PTH122  # text
        hint: dict[str, Any] = {"placeholder": stem} if bpy.app.version >= (4, 1) else {}
        layout.prop(job, "name", **hint)
        row = layout.row(align=True)
        if job.is_linked:
            part = row.row(align=True)
            part.active = False
            part.prop(scene, "frame_start", text="Frames")
            part.prop(scene, "frame_end", text="")
        else:
            row.prop(job, "frames")
        row.prop(job, "is_linked", text="", icon="LINKED" if job.is_linked else "UNLINKED")
        words, is_well = spec.summary(scene)
        tell(layout, context, words, "INFO" if is_well else "ERROR")
        obstacle = FARM.fit_of(scene)[1]
        if not is_well and not FARM.error and obstacle:
            tell(layout, context, obstacle, "BLANK1")
        if spec.is_outside(scene):
            _outside(layout, context)
        row = layout.row(align=True)
        row.scale_y = 1.4
        row.operator("buildcat.submit", icon="RENDER_ANIMATION")
        row.operator("buildcat.test_frame", text="", icon="RENDER_STILL")
        if FARM.said and FARM.said[0] != FARM.error:  # which is told below
            tell(layout, context, *FARM.said)


class JobPanel(_Part, bpy.types.Panel):
    bl_idname = "BUILDCAT_PT_job"
    bl_label = "Job"

    def draw(self, context: Any) -> None:
        layout, job = _split(self), context.scene.buildcat
        part = layout.column()
        part.active = not is_movie(context.scene)
        part.prop(job, "chunk")
        part.prop(job, "order")
        row = part.row(heading="Tiles")
        row.prop(job, "has_tiles", text="")
        numbers = row.row(align=True)
        numbers.active = job.has_tiles
        numbers.use_property_split = False
        numbers.prop(job, "tile_columns")
        numbers.prop(job, "tile_rows")
        for words in spec.differences(context.scene):
            tell(layout, context, words, "INFO")
        layout.prop(job, "priority")
        layout.prop(job, "pool")
        column = layout.column(heading="Submit")
        column.prop(job, "is_paused")
        column.prop(job, "skip_existing")
        column.prop(job, "missing_ok")
        column.prop(job, "are_scripts_allowed")


class Render(_Part, bpy.types.Panel):
    bl_idname = "BUILDCAT_PT_render"
    bl_label = "Render"

    def draw(self, context: Any) -> None:
        changed = sum(getattr(context.scene.buildcat.settings, properties.toggle(one.key)) for one in properties.SHOWN)
        words = f"{changed} overridden, all else as in the scene" if changed else "All as in the scene"
        self.layout.label(text=words, icon="MODIFIER" if changed else "SCENE_DATA")


def _group_panel(group: str) -> Any:
    """Return the panel of one heading of the description."""
    chosen = [one for one in properties.SHOWN if one.group == group]

    def draw(self: Any, context: Any) -> None:
        values = context.scene.buildcat.settings
        for one in chosen:
            _draw_setting(self.layout, context.scene, values, one.key, one.label)

    idname = f"BUILDCAT_PT_{group.lower()}"
    fields = {"bl_idname": idname, "bl_label": group, "bl_parent_id": Render.bl_idname, "draw": draw}
    return type(idname, (_Panel, bpy.types.Panel), {**fields, "bl_options": {"DEFAULT_CLOSED"}})


def _draw_setting(layout: Any, scene: Any, values: Any, key: str, label: str) -> None:
    split = layout.split(factor=0.4)
    name = split.row()
    name.alignment = "RIGHT"
    name.label(text=label)
    row = split.row(align=True)
    is_used = getattr(values, properties.toggle(key))
    row.prop(values, properties.toggle(key), text="")
    if is_used:
        row.prop(values, key, text="")
    else:
        own = row.row()
        own.active = False
        own.label(text=_words(properties.own_value(scene, key)))


def _words(value: Any) -> str:
    if value is None:
        return "as in the scene"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class Output(_Part, bpy.types.Panel):
    bl_idname = "BUILDCAT_PT_output"
    bl_label = "Output"

    def draw(self, context: Any) -> None:
        layout, scene = _split(self), context.scene
        job = scene.buildcat
        row = layout.row(heading="Own Path")
        row.prop(job, "use_output", text="")
        part = row.row()
        part.active = job.use_output
        part.prop(job, "output", text="")
        part = layout.column()
        part.active = not is_movie(scene)
        part.prop(job, "has_video")
        try:
            known = frames.expand(spec.frame_range(scene))
        except BuildcatError as exc:
            tell(layout, context, str(exc), "ERROR")
            return
        ends = [spec.example(scene, one) for one in dict.fromkeys((min(known), max(known)))]
        layout.label(text=" ... ".join(ends), icon="FILE_MOVIE" if is_movie(scene) else "FILE_IMAGE")
        tell(layout, context, f"in {spec.output_place(scene)}", "FILE_FOLDER")
        if spec.is_outside(scene):
            _outside(layout, context)
        if is_movie(scene):
            tell(layout, context, "A movie is rendered by one worker. Override File format to spread it.", "INFO")


class Assets(_Part, bpy.types.Panel):
    bl_idname = "BUILDCAT_PT_assets"
    bl_label = "Assets"

    def draw(self, context: Any) -> None:
        layout = self.layout
        row = layout.row(align=True)
        row.operator("buildcat.find_files", icon="VIEWZOOM")
        row.operator("buildcat.make_relative", icon="FILE_REFRESH")
        if FARM.files is None:
            layout.label(text="Not looked for yet", icon="QUESTION")
            return
        lost = {path: why for path, why in FARM.files.items() if why}
        if not lost:
            known = f"All {len(FARM.files)} files" if len(FARM.files) > 1 else "Its one file"
            words = f"{known}: where workers see them" if FARM.files else "This file uses no others"
            layout.label(text=words, icon="CHECKMARK")
        where = {"missing": "is missing", "outside": "lies outside the storage"}
        _list(layout, context, [f"{FARM.names.get(path, path)} {where[why]}" for path, why in lost.items()], "ERROR")
        absolute = sorted(FARM.absolute - lost.keys())
        if absolute:
            tell(layout, context, "Absolute: lost on workers where the storage has another path", "INFO")
        _list(layout, context, [FARM.names.get(path, path) for path in absolute], "DOT")


def _list(layout: Any, context: Any, lines: list[str], icon: str) -> None:
    for line in lines[:_MOST_FILES]:
        tell(layout, context, line, icon)
    if len(lines) > _MOST_FILES:
        layout.label(text=f"and {len(lines) - _MOST_FILES:,} more", icon="BLANK1")


class Jobs(_Panel, bpy.types.Panel):
    bl_idname = "BUILDCAT_PT_farm"
    bl_label = "Farm"
    bl_parent_id = "BUILDCAT_PT_main"

    def draw(self, context: Any) -> None:
        layout = self.layout
        if FARM.error:
            tell(layout, context, FARM.error, "ERROR")
        elif not FARM.jobs:
            layout.label(text=f"{preferences.user()} has no jobs yet", icon="INFO")
        for job in FARM.jobs[:_MOST_JOBS]:
            _draw_job(layout, context, job)


def _draw_job(layout: Any, context: Any, job: dict[str, Any]) -> None:
    counts = job["counts"]
    finished = counts["done"] + counts["skipped"]
    is_chosen = FARM.chosen == job["id"]
    box = layout.box().column()
    row = box.row()
    icon = "DISCLOSURE_TRI_DOWN" if is_chosen else "DISCLOSURE_TRI_RIGHT"
    row.operator("buildcat.choose", text="", icon=icon, emboss=False).job = job["id"]
    row.label(text=job["name"] or job["id"], icon=_STATES[job["state"]])
    text = f"{finished:,} of {counts['total']:,}" + (f", {counts['failed']:,} failed" if counts["failed"] else "")
    if hasattr(row, "progress"):  # 4.0 and newer
        row.progress(factor=finished / max(1, counts["total"]), text=text)
    else:
        row.label(text=f"{_bar(finished, counts['total'])} {text}")
    _draw_buttons(row.row(align=True), job)
    if is_chosen:
        _draw_details(box, context, job)


def _bar(finished: int, total: int) -> str:
    full = finished * 10 // max(1, total)
    return "█" * full + "░" * (10 - full)


def _draw_buttons(row: Any, job: dict[str, Any]) -> None:
    is_paused, has_ended = job["state"] == "paused", job["state"] in ("done", "failed", "cancelled")
    verbs = []
    if not has_ended:
        verbs += [("resume", "PLAY") if is_paused else ("pause", "PAUSE"), ("cancel", "X")]
    if job["counts"]["failed"] or job["state"] == "cancelled":
        verbs.append(("retry", "FILE_REFRESH"))
    for verb, icon in verbs:
        button = row.operator("buildcat.control", text="", icon=icon)
        button.job, button.verb = job["id"], verb


def _draw_details(box: Any, context: Any, job: dict[str, Any]) -> None:
    eta = job["eta"]
    ends = f", done in {times.estimate(eta['middle_s'], eta['low_s'], eta['high_s'])}" if eta else ""
    box.label(text=f"{job['id']}: {job['state']}{ends}")
    for words in (job["why"], job["stopped_why"] or job["failure"]):
        if words:
            tell(box, context, words, "INFO" if words == job["why"] else "ERROR")
    row = box.row(align=True)
    for operator, text, icon in (
        ("buildcat.open_folder", "Folder", "FILE_FOLDER"),
        ("buildcat.open_logs", "Logs", "TEXT"),
    ):
        part = row.row(align=True)
        part.enabled = bool(job["last"]) or operator == "buildcat.open_logs"
        part.operator(operator, text=text, icon=icon).job = job["id"]
    if preferences.get().monitor:
        row.operator("buildcat.open_monitor", text="Monitor", icon="URL").job = job["id"]
    for into, text, icon in (("IMAGE", "View", "IMAGE_DATA"), ("STRIPS", "To Sequencer", "SEQUENCE")):
        part = row.row(align=True)
        part.enabled = bool(job["last"])
        button = part.operator("buildcat.load", text=text, icon=icon)
        button.job, button.into = job["id"], into
    if job["thumb"]:
        box.template_icon(icon_value=THUMBNAILS.icon(*job["thumb"]), scale=7)
    if job["last"]:
        box.label(text=os.path.basename(job["last"]), icon="FILE_IMAGE")  # noqa: PTH119  # text, as Blender's paths


def _outside(layout: Any, context: Any) -> None:
    if not FARM.said or FARM.said[1] != "ERROR":  # which says it too
        column = layout.column()
        column.alert = True
        place = spec.output_place(context.scene)
        tell(column, context, f"The output {place} lies outside the farm's storage.", "ERROR")
    layout.operator("buildcat.use_folder", icon="FILE_FOLDER")


def tell(layout: Any, context: Any, words: str, icon: str, letters: int = 0) -> None:
    """Draw a sentence in lines of so many letters; else in as many lines as the panel's width takes."""
    scale = context.preferences.system.ui_scale
    width = max(24, int(context.region.width / scale / _POINTS_PER_LETTER) - 6) if context.region else 60
    width = letters or width
    column = layout.column(align=True)
    column.scale_y = 0.8
    for place, line in enumerate(textwrap.wrap(words, width, break_on_hyphens=False) or [""]):
        column.label(text=line, icon="BLANK1" if place else icon)


def draw_menu(self: Any, context: Any) -> None:
    """Draw the entry of Blender's Render menu."""
    self.layout.separator()
    self.layout.operator("buildcat.submit", icon="RENDER_ANIMATION")


_GROUPS = tuple(_group_panel(one) for one in dict.fromkeys(setting.group for setting in properties.SHOWN))
CLASSES = (Main, JobPanel, Render, *_GROUPS, Output, Assets, Jobs)
