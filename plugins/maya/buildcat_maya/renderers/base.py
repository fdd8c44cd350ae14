"""Maya Software, and what all other renderers share: names as Maya's own render settings make them.

Sources of the names: Autodesk's command reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from buildcat.model.errors import RefusedError
from buildcat.model.frames import text
from buildcat_maya import attributes, paths, project
from buildcat_maya.layers import Layer

GLOBALS = "defaultRenderGlobals"
#: How a name tells the layer, and the camera: Maya's tokens, and the older ones that it still takes.
_LAYER, _CAMERA = re.compile(r"<(?:render)?layer>|%/?l", re.IGNORECASE), re.compile(r"<camera>|%/?c", re.IGNORECASE)


class Renderer:
    """Maya Software; the others change what is theirs."""

    #: The plug-in that it lies in; empty: it is part of Maya.
    plugin = ""
    #: Folders that its picture may lie in, where AOVs have files of their own, or words in its name; lower case.
    beauty: tuple[str, ...] = ()
    #: Whether it renders a single frame only as an animation.
    is_animation = False
    #: Node and attribute with the picture's name; the node with its size, and that one's aspect.
    prefix = (GLOBALS, "imageFilePrefix")
    #: What an empty name means, and what its names call layer and camera.
    name, tokens = "<Scene>", ("<RenderLayer>", "<Camera>")
    #: Nodes and attributes with scripts that the scene brings for it, beside those of all renderers.
    scripts: tuple[tuple[str, str], ...] = ()
    size = "defaultResolution"
    aspect = "deviceAspectRatio"

    def frames(self) -> str:
        """Return the scene's own frames, as a job has them."""
        return own_frames(is_animation=bool(attributes.get(GLOBALS, "animation")))

    def prepare(self) -> None:
        """Set what a farm needs and no job chooses."""

    def base(self) -> str:
        """Return the folder that its names are relative to; an absolute name becomes a relative one."""
        name = str(attributes.get(*self.prefix, "")).replace("\\", "/")
        if not paths.is_absolute(name):
            return project.images()
        fixed = name[: name.index("<")] if "<" in name else name
        folder = fixed[: fixed.rindex("/") + 1] if "/" in fixed else fixed
        attributes.put(*self.prefix, name[len(folder) :])
        return paths.clean(folder)

    def send(self, folder: str) -> None:
        """Let its names be relative to this folder."""
        project.send_images(folder)

    def keep_apart(self, *, layer: bool, camera: bool) -> None:
        """Let names tell the layer, and the camera; where they don't, folders do, as Maya makes them.

        Maya adds them where it renders several; a job renders one, and must not write over another job's pictures.
        """
        name = str(attributes.get(*self.prefix, self.name))
        wanted = zip((layer, camera), self.tokens, (_LAYER, _CAMERA))
        lacks = [token for is_wanted, token, known in wanted if is_wanted and not known.search(name)]
        if lacks:
            attributes.put(*self.prefix, "/".join([*lacks, name]))

    def ending(self) -> str:
        """Return how its pictures end, where its own node says so; empty: as Maya's render settings say."""
        return ""

    def image(self, frame: int, layer: Layer, camera: str) -> str:
        """Return the picture of that frame, absolute, in the folder that names are relative to."""
        from maya import cmds

        number = str(frame).zfill(int(attributes.get(GLOBALS, "extensionPadding", 1)))
        found = cmds.renderSettings(
            genericFrameImageName=number,
            fullPath=True,
            layer=layer.node,
            camera=camera,
            customTokenString="RenderPass=beauty",
        )
        path, ending = paths.clean(found[0]), self.ending()
        return f"{path.rpartition('.')[0]}.{ending}" if ending else path

    def render(self, frame: int, layer: Layer, camera: str) -> None:
        """Render one frame; the scene is at it.

        Maya's own renderers write to `tmp` among the images, as for a test, unless they run from the command line.
        """
        from maya import cmds

        cmds.render(camera, layer=layer.node)


def command(name: str) -> Any:
    """Return a command of a plug-in, which is in no stubs."""
    from maya import cmds

    return getattr(cmds, name)


def named(text: str, layer: Layer | None, camera: str, other: Callable[[str], str] = lambda _: "") -> str:
    """Return a name with the tokens replaced that V-Ray and RenderMan share with Maya; all others as `other` does.

    Raises:
        RefusedError: it has a token that stays empty.
    """
    from maya import cmds

    for old, token in (("%s", "<scene>"), ("%l", "<layer>"), ("%c", "<camera>")):
        text = text.replace(old, token)
    scene = paths.name(cmds.file(query=True, sceneName=True)).rpartition(".")[0]
    values: dict[str, str] = {
        "scene": scene,
        "camera": re.sub(r"[^0-9a-zA-Z_]+", "_", camera),  # as public farms have it of Maya's own tokens
        "ws": cmds.workspace(query=True, rootDirectory=True).rstrip("/"),
    }
    if layer is not None:
        values.update(layer=layer.name, renderlayer=layer.name)

    def value(match: re.Match[str]) -> str:
        word = match.group(1).lower()
        found = values.get(word) or other(match.group())
        if not found:
            raise RefusedError(f"The name {text!r} has {match.group()}, which Buildcat can't replace. Leave it out.")
        return found

    return re.sub(r"<(\w+)>", value, text)


def own_frames(*, is_animation: bool) -> str:
    """Return the range in Maya's render settings, as a job has it; the current frame where there is no animation."""
    if not is_animation:
        return str(now())
    first, last, step = (int(attributes.get(GLOBALS, name)) for name in ("startFrame", "endFrame", "byFrameStep"))
    return text(range(first, max(first, last) + 1, max(1, step)))


def now() -> int:
    """Return the current frame."""
    from maya import cmds

    return int(cmds.currentTime(query=True))
