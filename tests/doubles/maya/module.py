"""Makes the modules that a script finds as `maya`, from the type stubs and what is programmed here."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Mapping
from typing import Any

from doubles import strict
from doubles.maya import ui
from doubles.maya.commands import commands
from doubles.maya.nodes import PLUGINS, REDSHIFT_FORMATS, RENDERMAN_FORMATS
from doubles.maya.session import Session, engines
from doubles.strict import MisuseError
from doubles.stubs import Stub

#: MEL with which a renderer makes its nodes. Sources: public pipelines.
_OPENS = {
    "vrayCreateVRaySettingsNode": "vray",
    "redshiftRegisterRenderer(); redshiftGetRedshiftOptionsNode(true);": "redshift",
}


def make(stub: Stub, version: str = "2025") -> Session:
    """Return a new process; `install` puts its modules where imports find them."""
    session = Session(version)
    session.modules = modules(stub, session)
    session.modules["maya"].session = session  # for tests
    return session


def modules(stub: Stub, session: Session) -> dict[str, types.ModuleType]:
    """Return each module by its name; they are empty of commands until Maya was initialized."""
    cmds = strict.module(stub, [*commands(session), *ui.commands(session)])
    known = cmds.__getattr__
    plugged = engines(session)

    def find(name: str) -> Any:
        if name in plugged and name not in stub.functions:
            return plugged[name]
        return known(name)

    cmds.__getattr__ = find  # type: ignore[method-assign]  # PEP 562
    maya, standalone, mel = (types.ModuleType(one) for one in ("maya", "maya.standalone", "maya.mel"))

    def initialize(name: str = "python") -> None:
        if name != "python":
            raise MisuseError(f"mayapy is no {name}")
        if not session.has_licence:
            raise RuntimeError("Error encountered when initializing Maya")
        session.is_initialized = True
        session.registry = plugged
        maya.cmds, maya.mel = cmds, mel  # type: ignore[attr-defined]  # as the real one gets them
        sys.modules.update({"maya.cmds": cmds, "maya.mel": mel})

    standalone.initialize = initialize  # type: ignore[attr-defined]  # a module
    mel.eval = lambda text: _evaluate(session, text)  # type: ignore[attr-defined]  # as above
    maya.standalone = standalone  # type: ignore[attr-defined]  # as above
    return {"maya": maya, "maya.standalone": standalone, **_renderman(session), **_arnold(session), **_setup(session)}


def _evaluate(session: Session, text: str) -> Any:
    """Do what a line of MEL says; one that the scene brings prints itself, unless it fails."""
    if text == "$buildcat = $gShelfTopLevel":
        return "Shelves"
    asked = re.fullmatch(r"redshiftGetImageExtension\((\d+)\)", text)
    if asked:
        if PLUGINS["redshift"][0] not in session.plugins:
            raise RuntimeError('Cannot find procedure "redshiftGetImageExtension".\n')
        return REDSHIFT_FORMATS.get(int(asked.group(1)), "")
    if text in session.scene.values.values():
        if text == "fails":
            raise RuntimeError("Cannot find procedure.\n")
        print(text, flush=True)
        return None
    if text not in _OPENS or PLUGINS[_OPENS[text]][0] not in session.plugins:
        raise MisuseError(f"the double has no MEL {text!r}")
    session.scene.open_settings(_OPENS[text])
    return None


def install(session: Session, into: Mapping[str, Any]) -> None:
    """Put the modules where imports find them."""
    into.update(session.modules)  # type: ignore[attr-defined]  # sys.modules, or a test's own


def _arnold(session: Session) -> dict[str, types.ModuleType]:
    """Return Arnold's module, which makes its nodes."""
    mtoa, core = types.ModuleType("mtoa"), types.ModuleType("mtoa.core")

    def open_settings() -> None:
        session.need("arnold")
        session.scene.open_settings("arnold")

    mtoa.core, core.createOptions = core, open_settings  # type: ignore[attr-defined]  # modules
    return {"mtoa": mtoa, "mtoa.core": core}


def _setup(session: Session) -> dict[str, types.ModuleType]:
    """Return the module of Render Setup, by which layers are made."""
    names = ("maya.app", "maya.app.renderSetup", "maya.app.renderSetup.model", "maya.app.renderSetup.model.renderSetup")
    made = {name: types.ModuleType(name) for name in names}
    for outer, inner in zip(names, names[1:]):
        setattr(made[outer], inner.rpartition(".")[2], made[inner])

    def create(name: str) -> object:
        session.scene.add_layer(name, f"rs_{name}")
        return types.SimpleNamespace(name=lambda: name)

    made[names[-1]].instance = lambda: types.SimpleNamespace(createRenderLayer=create)  # type: ignore[attr-defined]  # a module
    return made


def _renderman(session: Session) -> dict[str, types.ModuleType]:
    """Return RenderMan's modules, which refuse calls out of their order."""
    rfm2, render = types.ModuleType("rfm2"), types.ModuleType("rfm2.render")
    done: list[str] = []

    def frame(options: str) -> None:
        session.need("renderman")
        if done != ["batch", "rendered", "start"]:
            raise MisuseError(f"RenderMan renders a frame after {done}")
        words = options.split()
        given = dict(zip(words[::2], words[1::2]))
        if given.get("-s") != given.get("-e") or not {"-layer", "-numThreads"} <= set(given):
            raise MisuseError(f"RenderMan is told {options!r}")
        scene = session.scene
        ons = [one.removesuffix("Shape") for one in scene.cameras() if scene.get(f"{one}.renderable")]
        number = int(given["-s"])
        scene.layer = given["-layer"]
        name, folder = (scene.get(f"rmanGlobals.{one}") for one in ("imageFileFormat", "imageOutputDir"))
        ending = RENDERMAN_FORMATS[scene.types[scene.display()]]
        for key, value in {
            "aov": "beauty",
            "aovdir": "beauty",
            "f4": f"{number:04}",
            "frame": str(number),
            "ext": ending,
        }.items():
            name = name.replace(f"<{key}>", value)
        if "<" in name + folder:
            raise MisuseError(f"no source says what RenderMan makes of {folder}/{name}")
        for camera in ons:
            session.write([f"{folder}/{one}" for one in scene.with_aovs(name)], number, camera)

    steps = types.SimpleNamespace(set_render_type=done.append, start=lambda: done.append("start"), stop=done.clear)
    render.RNDR, render.RT_BATCH, render.frame = steps, "batch", frame  # type: ignore[attr-defined]  # a module

    def open_settings() -> None:
        session.need("renderman")
        session.scene.open_settings("renderman")

    def expand_string(text: str) -> str:
        return {"<version>": "001", "<take>": "01", "<f4>": "0001", "<ext>": ""}.get(text, text)

    api, nodes, strings = (types.ModuleType(f"rfm2.api{one}") for one in ("", ".nodes", ".strings"))
    nodes.rman_globals, strings.expand_string = open_settings, expand_string  # type: ignore[attr-defined]  # as above
    rfm2.render, rfm2.api, api.nodes, api.strings = render, api, nodes, strings  # type: ignore[attr-defined]  # as above
    rfm2.render_with_renderman = lambda: done.append("rendered")  # type: ignore[attr-defined]  # as above
    return {"rfm2": rfm2, "rfm2.api": api, "rfm2.api.nodes": nodes, "rfm2.api.strings": strings}
