# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons that a job names. Runs inside Blender 3.4 to 5.x."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from buildcat.model.errors import SettingError, near_names


class Addons:
    """The add-ons that were enabled for a job, disabled again for the next one."""

    def __init__(self) -> None:
        """None are enabled but Blender's own."""
        self._enabled: tuple[str, ...] = ()

    def use(self, names: Sequence[str]) -> None:
        """Enable these and disable the last job's; called before the scene is opened, which may need them.

        Raises:
            SettingError: one isn't installed here, or can't be enabled; names the nearest.
        """
        addon_utils: Any = import_module("addon_utils")  # the stubs know none of its results

        for name in self._enabled:
            addon_utils.disable(name)
        self._enabled = ()
        known = [module.__name__ for module in addon_utils.modules()] if names else []
        for name in names:
            if name not in known:
                raise SettingError(
                    f"Blender has no add-on {name!r} on this machine.{near_names(name, known)} Install it there."
                )
            _, is_enabled = addon_utils.check(name)
            if not is_enabled:
                if addon_utils.enable(name) is None:
                    raise SettingError(f"The add-on {name!r} can't be enabled. Blender's log says why.")
                self._enabled += (name,)
