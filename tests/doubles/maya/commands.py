"""`maya.cmds` of the double: each function has the name and the long flags of the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from doubles.maya.flags import need
from doubles.maya.model import Scene
from doubles.maya.session import Session
from doubles.strict import MisuseError


def commands(session: Session) -> list[Callable[..., Any]]:
    """Return the functions of scenes, nodes and renders."""
    return [*_files(session), *_nodes(session), *_renders(session)]


def _files(session: Session) -> list[Callable[..., Any]]:
    def file(*names: str, **flags: Any) -> Any:
        scene = session.scene
        if flags.pop("query", False):
            ((flag, value),) = flags.items()
            need(**{flag: value})
            answers = {"sceneName": scene.path, "list": [scene.path, *scene.files], "modified": scene.is_modified}
            if flag not in answers:
                raise MisuseError(f"the double doesn't answer file -query -{flag}")
            return answers[flag]
        if "modified" in flags:
            scene.is_modified = flags["modified"]
            return None
        if flags.get("newFile") and flags.get("force"):
            session.scene = Scene("", {"cameras": ["persp"]})
            return ""
        if flags.get("save"):
            if set(flags) - {"save", "force", "type"} or flags.get("type", "mayaAscii") != "mayaAscii":
                raise MisuseError(f"the double saves no {flags}")
            if session.is_disk_full:
                raise RuntimeError("The disk is full.\n")
            scene.write()
            return scene.path
        if "rename" in flags:
            scene.path = flags["rename"]
            return scene.path
        if not (flags.get("open") and flags.get("force")) or flags.get("prompt", True):
            raise MisuseError("cmds.file would ask whether to save, or for what is missing")
        return _open(session, names[0], bool(flags.get("executeScriptNodes", True)))

    def workspace(*names: str, **flags: Any) -> Any:
        if flags.get("openWorkspace"):
            session.set_project(names[0])
        elif "fileRuleEntry" in flags:
            return session.rules.get(flags["fileRuleEntry"], "")
        elif "expandName" in flags:
            name = flags["expandName"]
            return name if name.startswith("/") else f"{session.project}/{name}"
        elif "fileRule" in flags:
            session.rules.update([flags["fileRule"]])
        elif flags == {"query": True, "rootDirectory": True}:
            return f"{session.project}/"
        else:
            raise MisuseError(f"the double has no workspace({names}, {flags})")
        return None

    def dirmap(**flags: Any) -> Any:
        if "convertDirectory" in flags:
            path = flags["convertDirectory"]
            found = [one for one in session.mapped if session.is_mapping and path.startswith(f"{one.rstrip('/')}/")]
            return session.mapped[found[0]] + path[len(found[0]) :] if found else path
        if "enable" in flags:
            session.is_mapping = bool(flags["enable"])
        if "mapDirectory" in flags:
            folder, place = flags["mapDirectory"]
            if "\\" in folder + place or folder.endswith(":") or folder.endswith("/") != place.endswith("/"):
                raise MisuseError(
                    f"{folder!r} is no folder to map: it is absolute, with slashes; at the end of both or none"
                )
            session.mapped.update([flags["mapDirectory"]])
        if "unmapDirectory" in flags:
            del session.mapped[flags["unmapDirectory"]]
        return None

    def loadPlugin(name: str, *, quiet: bool = True) -> None:
        """Load it; one in Python by its ending, as Autodesk's documentation of the command wants it."""
        need(quiet=quiet)
        if "/" in name:
            session.load_script(Path(name))
            return
        if name not in session.installed:
            raise RuntimeError(f'Plug-in, "{name}", was not found on MAYA_PLUG_IN_PATH.')
        session.plugins.add(name)

    def unloadPlugin(name: str) -> None:
        session.unload_script(name)

    def pluginInfo(*, query: bool, listPlugins: bool) -> list[str] | None:
        need(query=query, listPlugins=listPlugins)
        return list(session.scripts) or None

    def about(**flags: bool) -> Any:
        need(**flags)
        return session.is_batch if "batch" in flags else session.version

    return [file, workspace, dirmap, loadPlugin, unloadPlugin, pluginInfo, about]


def _open(session: Session, path: str, runs_scripts: bool) -> str:
    try:
        scene = Scene.read(path)
    except ValueError as exc:
        raise RuntimeError(f"{exc}\n") from exc
    if scene.trouble == "not opened":
        return ""
    session.scene.run_scripts("after")
    session.scene = scene
    if scene.script and runs_scripts:
        print(scene.script, flush=True)
    if runs_scripts:
        scene.run_scripts("before", 1, 6)
    if scene.warning:
        raise RuntimeError(scene.warning)
    return path


def _nodes(session: Session) -> list[Callable[..., Any]]:
    def referenceQuery(name: str, *, isNodeReferenced: bool) -> bool:
        need(isNodeReferenced=isNodeReferenced)
        return name in session.scene.referenced

    def createNode(kind: str, *, name: str) -> str:
        session.scene.add(name, kind)
        return name

    def nodeType(name: str) -> str:
        return session.scene.types[name]

    def objExists(name: str) -> bool:
        return session.scene.has(name)

    def getAttr(name: str, *, lock: bool | None = None) -> Any:
        session.scene.check(name)
        if lock is None:
            return session.scene.get(name)
        need(lock=lock)
        return name in session.scene.locked

    def setAttr(name: str, *values: Any, lock: bool | None = None, type: str = "") -> None:
        if lock is not None:
            if name.partition(".")[0] in session.scene.referenced:
                raise RuntimeError(f"setAttr: '{name}' is from a referenced file, and its lock can't be changed.")
            (session.scene.locked.add if lock else session.scene.locked.discard)(name)
        else:
            (value,) = values
            session.scene.put(name, value, type)

    def disconnectAttr(source: str, target: str) -> None:
        if session.scene.driven.get(target) != source:
            raise RuntimeError(f"disconnectAttr: There is no connection from '{source}' to '{target}'")
        del session.scene.driven[target]

    def listConnections(
        name: str, *, source: bool = True, destination: bool = True, plugs: bool = False, type: str = ""
    ) -> list[str] | None:
        scene = session.scene
        scene.check(name)
        found = [one for one, target in scene.connections() if source and target == name]
        found += [target for one, target in scene.connections() if destination and one == name]
        nodes = {one: one.partition(".")[0] for one in found}
        wanted = [one for one, node in nodes.items() if not type or scene.types.get(node) == type]
        return [one if plugs else nodes[one] for one in wanted] or None

    def ls(*, type: str = "", cameras: bool = False) -> list[str]:
        wanted = "camera" if cameras else type
        return [name for name, kind in session.scene.types.items() if kind == wanted]

    def listRelatives(name: str, *, parent: bool, path: bool = False) -> list[str] | None:
        if session.scene.types.get(name) != "camera":
            raise ValueError(f"No object matches name: {name}")
        need(parent=parent)
        found = name.removesuffix("Shape")
        return [found if path else found.rpartition("|")[2]]  # without `path` as short as it can be, be it of several

    return [
        referenceQuery,
        createNode,
        nodeType,
        objExists,
        getAttr,
        setAttr,
        disconnectAttr,
        listConnections,
        ls,
        listRelatives,
    ]


def _renders(session: Session) -> list[Callable[..., Any]]:
    def currentTime(*frames: float, edit: bool = False, query: bool = False) -> float:
        if edit:
            (frame,) = frames
            session.scene.frame = float(frame)
            session.scene.run_scripts("before", 7)
        else:
            need(query=query)
        return session.scene.frame

    def camera(shape: str, *, query: bool, startupCamera: bool) -> bool:
        need(query=query, startupCamera=startupCamera)
        if session.scene.types.get(shape) != "camera":
            raise RuntimeError(f"Object not found: {shape}")
        return shape in {"perspShape", "topShape", "frontShape", "sideShape"}

    def mayaHasRenderSetup() -> bool:
        return not session.has_legacy_layers

    def editRenderLayerGlobals(*, currentRenderLayer: Any, query: bool = False) -> Any:
        if query:
            need(currentRenderLayer=currentRenderLayer)
            return session.scene.layer
        if session.scene.types.get(currentRenderLayer) != "renderLayer":
            raise RuntimeError(f"No render layer found: {currentRenderLayer}")
        if not session.scene.is_sticky:
            session.scene.layer = currentRenderLayer
        return None

    def renderSettings(
        *, genericFrameImageName: str, fullPath: bool, layer: str, camera: str, customTokenString: str
    ) -> list[str]:
        need(fullPath=fullPath)
        key, _, value = customTokenString.partition("=")
        name = session.scene.image(genericFrameImageName, layer, camera, {key: value})
        return [name if name.startswith("/") else f"{session.images()}/{name}"]

    def render(camera: str, *, layer: str) -> str:
        scene = session.scene
        return session.common(int(scene.frame), camera, layer, below="tmp/")[0]

    def ogsRender(*, camera: str, frame: float, layer: str, noRenderView: bool) -> bool:
        """Write to `tmp` (U), with the layer's name in the file's (D), and return that it went well (D)."""
        need(noRenderView=noRenderView)
        session.common(int(frame), camera, layer, below=f"tmp/{session.scene.shown_layer(layer)}_")
        return True

    return [currentTime, camera, mayaHasRenderSetup, editRenderLayerGlobals, renderSettings, render, ogsRender]
