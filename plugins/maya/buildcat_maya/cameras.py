"""The cameras of a scene, by the names of their transforms. Runs inside Maya."""

from __future__ import annotations

from buildcat.model.errors import SettingError, near_names
from buildcat_maya import attributes


def every() -> dict[str, str]:
    """Return each camera's transform → its shape, as short as it is unique, sorted."""
    from maya import cmds

    found = {}
    for shape in cmds.ls(cameras=True) or ():
        for transform in cmds.listRelatives(shape, parent=True, path=True) or ():
            found[transform] = shape
    return dict(sorted(found.items()))


def renderable() -> list[str]:
    """Return the transforms of those that are switched on in the current layer."""
    return [name for name, shape in every().items() if attributes.get(shape, "renderable", False)]


def wanted() -> list[str]:
    """Return the transforms of those that an artist would choose: switched on, or not one of those that Maya makes."""
    from maya import cmds

    switched_on = set(renderable())
    return [
        name
        for name, shape in every().items()
        if name in switched_on or not cmds.camera(shape, query=True, startupCamera=True)
    ]


def find(name: str | None) -> str:
    """Return the transform of that name; without one, the only one that is switched on.

    Raises:
        SettingError: there is no such camera, or none or several are switched on; names those that there are.
    """
    known = every()
    if name in known:
        return str(name)
    if name:
        raise SettingError(f"The scene has no camera {name}.{near_names(name, known)} There are: {', '.join(known)}.")
    found = renderable()
    if len(found) != 1:
        which = ", ".join(found) or f"none; switch one on, or choose one of {', '.join(known)}"
        raise SettingError(f"Name the camera to render with the setting camera. Switched on: {which}.")
    return found[0]


def choose(name: str) -> None:
    """Switch this one on, and all others off: renderers without a flag for the camera render what is on."""
    for transform, shape in every().items():
        attributes.put(shape, "renderable", transform == name)
