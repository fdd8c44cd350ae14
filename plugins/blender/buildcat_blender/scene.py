# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and applies a job's settings in a scene, one entry of a table each. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from buildcat.model.errors import SettingError, near_names
from buildcat_blender import devices
from buildcat_blender.settings import CODECS, FORMATS

if TYPE_CHECKING:
    import bpy

    Scene = bpy.types.Scene

_SAMPLES = {"CYCLES": "cycles.samples", "EEVEE": "eevee.taa_render_samples"}


@dataclass(frozen=True)
class Entry:
    """How one setting is read from a scene, and how it is put there."""

    #: Returns the scene's value, or None where the scene has none.
    read: Callable[[Scene], Any]
    apply: Callable[[Scene, Any], None]


def read(scene: Scene) -> dict[str, Any]:
    """Return the scene's own value of each setting that it has, by key."""
    values = {key: entry.read(scene) for key, entry in ENTRIES.items()}
    return {key: value for key, value in values.items() if value is not None}


def apply(scene: Scene, settings: Mapping[str, Any]) -> None:
    """Put these settings into the scene, in the table's order, whatever order they come in.

    Raises:
        SettingError: the scene or this Blender can't take a value; names those that it can.
    """
    for key, entry in ENTRIES.items():
        if key in settings:
            try:
                entry.apply(scene, settings[key])
            except TypeError as exc:  # what Blender says of a word that is not in one of its lists
                raise SettingError(_refusal(key, settings[key], str(exc))) from exc


def find(name: str | None) -> Scene:
    """Return the scene of that name, or, without a name, the one that was active when the file was saved.

    Raises:
        SettingError: there is none of that name; names the nearest.
    """
    import bpy

    if name is None:
        active: Any = bpy.context.scene
        return active  # type: ignore[no-any-return]  # the stubs think there may be none
    if name not in bpy.data.scenes:  # Blender would render the active one, and say nothing
        raise SettingError(_unknown("scene", name, "the file", bpy.data.scenes.keys()))
    return bpy.data.scenes[name]


def _attribute(path: str, words: Mapping[str, str] | None = None) -> Entry:
    """Return the entry of a setting that is one attribute; `words` maps our words to Blender's."""
    owner_path, _, name = path.rpartition(".")
    ours = {theirs: our for our, theirs in (words or {}).items()}

    def read_it(scene: Scene) -> Any:
        value = getattr(_owner(scene, owner_path), name)
        return ours.get(value) if words else value

    def apply_it(scene: Scene, value: Any) -> None:
        setattr(_owner(scene, owner_path), name, words[value] if words else value)

    return Entry(read_it, apply_it)


def _owner(scene: Scene, path: str) -> Any:
    return attrgetter(path)(scene) if path else scene


def _read_camera(scene: Scene) -> str | None:
    return scene.camera.name if scene.camera else None


def _apply_camera(scene: Scene, name: str) -> None:
    cameras = [one.name for one in scene.objects if one.type == "CAMERA"]
    if name not in cameras:
        raise SettingError(_unknown("camera", name, f"the scene {scene.name!r}", cameras))
    for marker in scene.timeline_markers:
        marker.camera = None  # else it takes over the scene's camera at its frame
    scene.camera = scene.objects[name]


def _read_view_layers(scene: Scene) -> tuple[str, ...]:
    return tuple(layer.name for layer in scene.view_layers if layer.use)


def _apply_view_layers(scene: Scene, names: tuple[str, ...]) -> None:
    known = scene.view_layers.keys()
    for name in names:
        if name not in known:
            raise SettingError(_unknown("view layer", name, f"the scene {scene.name!r}", known))
    for layer in scene.view_layers:
        layer.use = layer.name in names


def _read_engine(scene: Scene) -> str:
    engine = scene.render.engine
    ours = {"CYCLES": "cycles", "BLENDER_WORKBENCH": "workbench"}
    return "eevee" if engine.startswith("BLENDER_EEVEE") else ours.get(engine, engine)


def _apply_engine(scene: Scene, name: str) -> None:
    theirs = {"cycles": ["CYCLES"], "workbench": ["BLENDER_WORKBENCH"]}
    theirs["eevee"] = ["BLENDER_EEVEE_NEXT", "BLENDER_EEVEE"]  # the first only from 4.2 to 4.5
    for engine in theirs.get(name.lower(), [name]):
        try:
            scene.render.engine = engine  # type: ignore[assignment]  # the stubs' list is of one version
            return
        except TypeError:
            continue
    raise SettingError(_unknown("engine", name, "this Blender", [*theirs, *_addon_engines()]))


def _addon_engines() -> list[str]:
    import bpy

    engines: list[Any] = bpy.types.RenderEngine.__subclasses__()
    names = (getattr(one, "bl_idname", "") for one in engines if one.is_registered)  # Hydra's base class has no name
    return [name for name in names if name not in ("", "CYCLES")]


def _samples_path(scene: Scene) -> str | None:
    engine = scene.render.engine
    return _SAMPLES.get("EEVEE" if engine.startswith("BLENDER_EEVEE") else engine)


def _read_samples(scene: Scene) -> int | None:
    path = _samples_path(scene)
    return _owner(scene, path) if path else None


def _apply_samples(scene: Scene, samples: int) -> None:
    path = _samples_path(scene)
    if path is None:
        raise SettingError(
            f"The engine of the scene {scene.name!r} is {_read_engine(scene)}, which samples doesn't work on. "
            "Leave samples out, or set engine to cycles or eevee."
        )
    owner, _, name = path.rpartition(".")
    setattr(_owner(scene, owner), name, samples)


def _apply_format(scene: Scene, name: str) -> None:
    image = scene.render.image_settings
    if hasattr(image, "media_type"):  # 5.0: decides which formats there are
        image.media_type = "MULTI_LAYER_IMAGE" if name == "exr-multilayer" else "IMAGE"
    image.file_format = FORMATS[name]  # type: ignore[assignment]  # the stubs' list is of one version


def _codec_name(scene: Scene) -> str:
    return "tiff_codec" if scene.render.image_settings.file_format == "TIFF" else "exr_codec"


def _read_codec(scene: Scene) -> str | None:
    codec = getattr(scene.render.image_settings, _codec_name(scene))
    return next((our for our, theirs in CODECS.items() if theirs == codec), None)


def _apply_codec(scene: Scene, name: str) -> None:
    setattr(scene.render.image_settings, _codec_name(scene), CODECS[name])


def _read_border(scene: Scene) -> tuple[str, ...] | None:
    render = scene.render
    sides = (render.border_min_x, render.border_min_y, render.border_max_x, render.border_max_y)
    return tuple(f"{side:g}" for side in sides) if render.use_border else None


def _apply_border(scene: Scene, texts: tuple[str, ...]) -> None:
    try:
        left, bottom, right, top = (float(text) for text in texts)
    except ValueError:
        left, bottom, right, top = 0, 0, 0, 0
    if not (0 <= left < right <= 1 and 0 <= bottom < top <= 1):
        raise SettingError("border takes left, bottom, right and top, from 0 to 1, such as 0.25,0,0.75,1.")
    render = scene.render
    render.border_min_x, render.border_min_y, render.border_max_x, render.border_max_y = left, bottom, right, top
    render.use_border = True


def _apply_look(scene: Any, name: str) -> None:
    view = scene.view_settings
    try:
        view.look = name
    except TypeError:
        # 4.0 and newer: a view transform's own looks bear its name in front.
        prefixed = f"{view.view_transform} - {name}"
        view.look = prefixed


#: Each setting that belongs to a scene, in the order in which they are applied: an engine before its samples.
ENTRIES: dict[str, Entry] = {
    "camera": Entry(_read_camera, _apply_camera),
    "frame_step": _attribute("frame_step"),
    "view_layers": Entry(_read_view_layers, _apply_view_layers),
    "engine": Entry(_read_engine, _apply_engine),
    "samples": Entry(_read_samples, _apply_samples),
    "seed": _attribute("cycles.seed"),
    "denoising": _attribute("cycles.use_denoising"),
    "device": Entry(devices.read, devices.apply),
    "persistent_data": _attribute("render.use_persistent_data"),
    "motion_blur": _attribute("render.use_motion_blur"),
    "compositor": _attribute("render.use_compositing"),
    "sequencer": _attribute("render.use_sequencer"),
    "resolution_x": _attribute("render.resolution_x"),
    "resolution_y": _attribute("render.resolution_y"),
    "percentage": _attribute("render.resolution_percentage"),
    "border": Entry(_read_border, _apply_border),
    "crop": _attribute("render.use_crop_to_border"),
    "format": Entry(_attribute("render.image_settings.file_format", FORMATS).read, _apply_format),
    "color": _attribute("render.image_settings.color_mode", {"bw": "BW", "rgb": "RGB", "rgba": "RGBA"}),
    "depth": _attribute("render.image_settings.color_depth"),
    "compression": _attribute("render.image_settings.compression"),
    "quality": _attribute("render.image_settings.quality"),
    "codec": Entry(_read_codec, _apply_codec),
    "stamp": _attribute("render.use_stamp"),
    "transparent": _attribute("render.film_transparent"),
    "view_transform": _attribute("view_settings.view_transform"),
    "look": Entry(_attribute("view_settings.look").read, _apply_look),
    "exposure": _attribute("view_settings.exposure"),
    "gamma": _attribute("view_settings.gamma"),
}


def _unknown(what: str, name: str, where: str, known: list[str]) -> str:
    names = ", ".join(sorted(known)[:20]) or "none"
    return f"There is no {what} {name!r} in {where}.{near_names(name, known)} It has: {names}."


def _refusal(key: str, value: object, blender_says: str) -> str:
    import bpy

    _, _, known = blender_says.partition(" not found in ")
    names = re.findall(r"'([^']*)'", known)
    choice = f"{near_names(str(value), names)} It takes: {', '.join(names)}." if names else ""
    return f"{key}: Blender {bpy.app.version_string} can't take {value!r} in this scene.{choice}"
