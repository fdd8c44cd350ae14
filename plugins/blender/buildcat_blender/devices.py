# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device Cycles renders on. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

import os
from typing import Any

from buildcat.model.errors import SettingError
from buildcat_blender.settings import GPUS

#: Which GPUs a worker shows, as `buildcat worker --gpu` sets it for NVIDIA's and AMD's libraries.
_ONLY = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


def read(scene: Any) -> str:
    """Return `cpu` or `gpu`, as the scene says; which kind of GPU is no matter of the scene."""
    return "gpu" if scene.cycles.device == "GPU" else "cpu"


def apply(scene: Any, device: str) -> None:
    """Make the scene render on the CPU, or on a GPU of that kind, or on the first kind of GPU that there is.

    Raises:
        SettingError: this machine has no such GPU that Blender can use.
    """
    scene.cycles.device = "CPU" if device == "cpu" else "GPU"
    if device != "cpu":
        _enable([GPUS[device]] if device in GPUS else list(GPUS.values()))


def _enable(kinds: list[str]) -> None:
    """Let Cycles use the GPUs of the first of these kinds that there is; it is a preference of the process."""
    import bpy

    context: Any = bpy.context
    preferences = context.preferences.addons["cycles"].preferences
    is_known = False
    for kind in kinds:
        try:
            preferences.compute_device_type = kind
        except TypeError:
            continue  # this build of Blender doesn't know the kind
        is_known = True
        preferences.refresh_devices()
        for device in preferences.devices:
            device.use = device.type == kind
        if any(device.use for device in preferences.devices):
            return
    preferences.compute_device_type = "NONE"
    # Blender itself would render on the CPU, and say nothing.
    names = ", ".join(kind.lower() for kind in kinds)
    if not is_known:
        raise SettingError(
            f"This job wants a GPU of the kind {names}, which this Blender doesn't know. Set device to gpu or cpu."
        )
    only = next((os.environ[one] for one in _ONLY if os.environ.get(one)), "")
    which = f"none of its GPU {only}, the only one that the worker was started for, and" if only else "none"
    raise SettingError(
        f"This job wants a GPU, and on this machine Blender finds {which} of the kind {names}. "
        "Set device to cpu, or send it to workers with a GPU."
    )
