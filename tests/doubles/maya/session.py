"""The process of the double: what is open in it, and what its renderers write."""

from __future__ import annotations

import os
import re
import runpy
import time
from pathlib import Path
from typing import Any

from doubles.houdini import files
from doubles.maya.flags import need
from doubles.maya.model import Scene
from doubles.maya.nodes import PLUGINS
from doubles.strict import MisuseError


class Session:
    """One process."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.is_initialized = False
        self.is_disk_full = False
        #: As `MGlobal.mayaState` and `about -batch` say it; and whether the window is there yet.
        self.state, self.is_batch, self.is_window_up = 0, False, True
        #: What is shown in the window, what is to be done when Maya is idle, and what it said.
        self.menus: dict[str, list[tuple[str, Any]]] = {}
        self.shelf: dict[str, dict[str, Any]] = {}
        self.deferred: list[Any] = []
        self.said: list[tuple[str, str]] = []
        #: View → its camera; and what has the focus.
        self.views: dict[str, str] = {}
        self.focus = ""
        #: Maya's preferences.
        self.remembered: dict[str, str | int] = {}
        #: Plug-ins that are loaded and written in Python.
        self.scripts: dict[str, dict[str, Any]] = {}
        #: All commands that plug-ins have added.
        self.registry: dict[str, Any] = {}
        #: Of the command that runs.
        self.syntax: Any = None
        self.result: Any = None
        #: A pointer to the main window.
        self.main_window: Any = None
        #: Whether its preferences are those of the older layers.
        self.has_legacy_layers = False
        self.has_licence = True
        #: The modules that show it.
        self.modules: dict[str, Any] = {}
        self.scene = Scene("", {"cameras": ["persp"]})
        self.project = str(Path.cwd())
        self.rules: dict[str, str] = {}
        self.plugins: set[str] = set()
        #: Plug-ins that are installed.
        self.installed = {plugin for plugin, _ in PLUGINS.values()}
        self.mapped: dict[str, str] = {}
        self.is_mapping = False

    def load_script(self, path: Path) -> None:
        """Load a plug-in that is written in Python; one that is loaded already is left alone, as in Maya."""
        if path.stem in self.scripts:
            return
        found = runpy.run_path(str(path))
        if not found.get("maya_useNewAPI"):
            raise MisuseError(f"{path.name} doesn't say which interface it uses")
        self.scripts[path.stem] = found
        found["initializePlugin"](found)

    def unload_script(self, name: str) -> None:
        """Unload it again."""
        if name not in self.scripts:
            raise RuntimeError(f"Plug-in, '{name}', is not loaded.")
        found = self.scripts.pop(name)
        found["uninitializePlugin"](found)

    def images(self) -> str:
        rule = self.rules.get("images", "images")
        return rule if rule.startswith("/") else f"{self.project}/{rule}"

    def set_project(self, folder: str) -> None:
        """Open a project; its file names where images lie. Without a file, no source says that rules are forgotten."""
        self.project = folder
        described = Path(folder, "workspace.mel")
        if described.is_file():
            self.rules = dict(re.findall(r'workspace -fr "(\w+)" "([^"]+)";', described.read_text(encoding="utf-8")))

    def need(self, renderer: str) -> None:
        """Check what every command of a renderer needs."""
        plugin = PLUGINS[renderer][0]
        if plugin not in self.plugins:
            raise MisuseError(f"{renderer} is told to render, and its plug-in {plugin} isn't loaded")

    def common(self, frame: int, camera: str, layer: str = "", *, below: str = "", **more: str) -> list[str]:
        """Write a frame as Maya's render settings name it."""
        scene = self.scene
        number = str(frame).zfill(scene.get("defaultRenderGlobals.extensionPadding"))
        own = scene.own_ending()
        name = scene.image(number, layer or scene.layer, camera, {"RenderPass": "beauty", **more}, own)
        return self.write([f"{self.images()}/{below}{one}" for one in scene.with_aovs(name)], frame, camera)

    def write(self, paths: list[str], frame: int, camera: str, *, skips: bool = False) -> list[str]:
        """Write pictures, and meet the trouble of the scene."""
        scene = self.scene
        if f"{camera}Shape" not in scene.cameras():
            raise MisuseError(f"there is no camera {camera}")
        scene.run_scripts("before", 4, 5)
        if not scene.get("defaultRenderGlobals.renderAll"):
            raise MisuseError("only what is selected would be rendered, and nothing is")
        trouble = scene.troubles.get(str(frame), scene.trouble)
        for tenth in range(10 if scene.seconds else 0):
            print(f"[PROGRESS] {tenth * 10} percent", flush=True)
            time.sleep(scene.seconds / 10)
        if trouble == "crash":
            os._exit(139)
        if trouble == "hang":
            time.sleep(10_000)
        if trouble == "licence":
            print("error: Could not obtain a license", flush=True)
        if trouble in {"licence", "error"}:
            raise RuntimeError("Render failed")
        for path in paths:
            if trouble == "silent" or (skips and Path(path).exists()):
                continue
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            width, height = self.size()
            own = {**scene.overrides.get(scene.layer, {}), **self.lights()}
            seed = f"{camera} {scene.layer} {own} {frame} {scene.frame} {Path(path).name} {self.mapped}"
            files.write_picture(path, width, height, seed)
        if trouble == "late":
            raise RuntimeError("Render failed after its picture was written")
        return paths

    def lights(self) -> dict[str, bool]:
        """Whether the lights of the scene shine in a layer that doesn't name them: as the session had it before."""
        return {} if self.remembered.get("renderSetup_includeAllLights", 1) else {"lights": False}

    def size(self) -> tuple[int, int]:
        renderer = self.scene.get("defaultRenderGlobals.currentRenderer")
        node = "vraySettings" if renderer == "vray" else "defaultResolution"
        width, height = self.scene.get(f"{node}.width"), self.scene.get(f"{node}.height")
        pixel = 1 if renderer == "vray" else self.scene.get("defaultResolution.pixelAspect")
        aspect = self.scene.get(f"{node}.{'aspectRatio' if renderer == 'vray' else 'deviceAspectRatio'}")
        if abs(width / height * pixel - aspect) > 0.05:
            raise MisuseError(
                f"{node} is {width} x {height}, and says that its aspect is {aspect}: Maya would squeeze it"
            )
        return width, height

    def renderable_layers(self) -> list[str]:
        nodes = ["defaultRenderLayer", *self.scene.layers.values(), *self.scene.strays]
        return [one for one in nodes if self.scene.get(f"{one}.renderable")]


def engines(session: Session) -> dict[str, Any]:
    """Return the commands that plug-ins add to `maya.cmds`; each refuses what its publisher doesn't document."""

    def arnoldRender(*, batch: bool, seq: str, camera: str) -> None:
        session.need("arnold")
        need(batch=batch)
        options = "defaultArnoldRenderOptions"
        scene = session.scene
        if scene.get(f"{options}.renderType") != 0:
            return  # it exports
        if scene.get("defaultArnoldDriver.prefix"):
            raise MisuseError("the driver's own name counts, which Maya's render settings don't know")
        if scene.trouble == "licence" and not scene.get(f"{options}.abortOnLicenseFail"):
            scene.trouble = ""  # a picture with a watermark
        print(f"| {50:3}% done - 10 rays/pixel", flush=True)
        session.common(int(seq), camera)

    def rsRender(*, render: bool, batch: bool, animation: bool, camera: str) -> None:
        session.need("redshift")
        need(render=render, batch=batch, animation=animation)
        scene = session.scene
        if not scene.get("defaultRenderGlobals.animation"):
            raise MisuseError("Redshift renders an animation, and the scene has none")
        if scene.get("redshiftOptions.imageFilePrefix") != scene.get("defaultRenderGlobals.imageFilePrefix"):
            raise MisuseError("it depends on Redshift's version which of two names counts, and they differ")
        if scene.trouble == "licence" and not scene.get("redshiftOptions.abortOnLicenseFail"):
            scene.trouble = ""  # a picture with a watermark
        if scene.get("redshiftOptions.noSaveImage"):
            return
        for layer in session.renderable_layers():
            for frame in range(*_span(scene)):
                session.common(frame, camera, layer)

    def vrend(*, camera: str) -> None:
        session.need("vray")
        if {"VRAY_TERMINATE_ON_FRAME_END", "VRAY_TERMINATE_ON_SEQUENCE_END"} & set(os.environ):
            raise SystemExit("V-Ray ends the process, as its documentation of these variables says")
        scene = session.scene
        wanted = {"animType": 2, "animBatchOnly": False, "vrscene_on": False, "vrscene_render_on": True}
        wanted.update(dontSaveImage=False, dontSaveRgbChannel=False)
        if any(scene.get(f"vraySettings.{key}") != value for key, value in wanted.items()):
            return
        if scene.get("vraySettings.sys_distributed_rendering_on"):
            raise MisuseError("V-Ray would send buckets to other hosts")
        frame = int(scene.get("vraySettings.animFrames"))
        number = str(frame).zfill(scene.get("vraySettings.fileNamePadding"))
        prefix = scene.get("vraySettings.fileNamePrefix") or Path(scene.path).stem
        layer = scene.shown_layer(scene.layer)
        if len(scene.layers) > 0 and "<layer>" not in prefix.lower():  # whatever is switched on
            prefix = f"<Layer>/{prefix}"
        for token, value in {
            "<Scene>": Path(scene.path).stem,
            "<Layer>": layer,
            "<Camera>": scene.file_name_of(camera),
        }.items():
            prefix = prefix.replace(token, value)
        ending = (scene.get("vraySettings.imageFormatStr") or "png").split()[0]
        names = scene.with_aovs(f"{prefix}.{number}.{ending}")
        session.write([f"{session.images()}/{one}" for one in names], frame, camera)

    return {"arnoldRender": arnoldRender, "rsRender": rsRender, "vrend": vrend}


def _span(scene: Scene) -> tuple[int, int]:
    first, last = (int(scene.get(f"defaultRenderGlobals.{one}")) for one in ("startFrame", "endFrame"))
    return first, last + 1
