"""The command `buildcatSubmit`: without flags the same as the menu's entry, with flags for scripts.

    cmds.buildcatSubmit()
    ids = cmds.buildcatSubmit(layer=["beauty", "matte"], camera="shot_cam", frames="1-100", priority=70, wait=True)

Each row of the form is a flag of its name: `skip_existing` is `-skipExisting`, short `-se`. Layers and cameras that
aren't named are those that are switched on. Runs inside Maya 2023 to 2027, also without a window.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from maya import cmds
from maya.api import OpenMaya

from buildcat.inside import form
from buildcat.inside.host import How, check_saved
from buildcat.model.dcc import Kind, Setting
from buildcat.model.errors import BuildcatError, RefusedError
from buildcat_maya import cameras, layers
from buildcat_maya.dcc import DCC
from buildcat_maya.panel import batch
from buildcat_maya.panel.host import MayaHost
from buildcat_maya.panel.sender import Sender

NAME = "buildcatSubmit"


def _own(key: str, kind: Kind, text: str, **more: Any) -> Setting:
    return Setting(key, key, kind, text, ("", ""), **more)


#: What the command takes besides the rows of the form.
_OWN = (
    _own("unsaved", Kind.CHOICE, "What becomes of unsaved changes.", choices=tuple(one.value for one in How)),
    _own("wait", Kind.BOOL, "Wait for the farm, and return the ids of the jobs."),
    _own("dry_run", Kind.BOOL, "Submit nothing: return what each job would be."),
    _own("allow_scripts", Kind.BOOL, "Let script nodes run, on workers that do."),
)
_MANY = ("layer", "camera")
_TYPES = {
    Kind.BOOL: OpenMaya.MSyntax.kBoolean,
    Kind.INT: OpenMaya.MSyntax.kLong,
    Kind.FLOAT: OpenMaya.MSyntax.kDouble,
}


class Flag(NamedTuple):
    """One flag of the command."""

    setting: Setting

    @property
    def short(self) -> str:
        """The first letters of its words; of a single word the first three."""
        first, *more = self.setting.key.split("_")
        return f"-{first[0]}{''.join(one[0] for one in more)}" if more else f"-{first[:3]}"

    @property
    def long(self) -> str:
        """Its key, as Maya writes names."""
        first, *more = self.setting.key.split("_")
        return f"-{first}{''.join(one.capitalize() for one in more)}"

    @property
    def is_many(self) -> bool:
        """Whether it may be given several times."""
        return self.setting.kind is Kind.LIST or self.setting.key in _MANY

    def read(self, given: Any) -> Any:
        """Return its value; None where it isn't given."""
        if not given.isFlagSet(self.short):
            return None
        if self.is_many:
            uses = range(given.numberOfFlagUses(self.short))
            return [given.getFlagArgumentList(self.short, one).asString(0) for one in uses]
        readers = {
            Kind.BOOL: given.flagArgumentBool,
            Kind.INT: given.flagArgumentInt,
            Kind.FLOAT: given.flagArgumentDouble,
        }
        return readers.get(self.setting.kind, given.flagArgumentString)(self.short, 0)


FLAGS = tuple(Flag(one) for one in (*(row.setting for row in form.rows(DCC)), *_OWN))


class Submit(OpenMaya.MPxCommand):
    """The command."""

    def doIt(self, arguments: Any) -> None:  # noqa: N802  # Maya's name
        """Submit; the result are the ids of the jobs, if they were waited for.

        Raises:
            RuntimeError: it can't be submitted; says why.
        """
        given = OpenMaya.MArgParser(self.syntax(), arguments)
        values = {one.setting.key: one.read(given) for one in FLAGS}
        try:
            result = run({key: value for key, value in values.items() if value is not None})
        except BuildcatError as exc:
            raise RuntimeError(f"Buildcat: {exc}") from exc
        if result:
            self.setResult(result)


def create() -> Submit:
    """Return a new command, as Maya asks for it."""
    return Submit()


def syntax() -> Any:
    """Return its flags."""
    made = OpenMaya.MSyntax()
    for one in FLAGS:
        made.addFlag(one.short, one.long, _TYPES.get(one.setting.kind, OpenMaya.MSyntax.kString))
        if one.is_many:
            made.makeFlagMultiUse(one.short)
    return made


def has_window() -> bool:
    """Whether this Maya has a window; else it is a batch render, or mayapy, of which some say that they had one."""
    states = (OpenMaya.MGlobal.kInteractive, OpenMaya.MGlobal.kBaseUIMode)
    return OpenMaya.MGlobal.mayaState() in states and not cmds.about(batch=True)


def run(values: Mapping[str, Any]) -> list[str]:
    """Do what the flags say, and return the ids of the jobs, as far as they are known.

    Raises:
        BuildcatError: the scene can't be submitted; says why.
    """
    if not values and has_window():
        from buildcat_maya.panel import menu

        menu.submit()
        return []
    own = {one.key: one.check(values[one.key]) for one in _OWN if one.key in values}
    host = MayaHost()
    check_saved(host)
    rest = {key: value for key, value in values.items() if key not in (*own, *_MANY)}
    fields = form.fields(DCC, rest)
    if own.get("allow_scripts"):
        fields["requires"] = ["scripts"]
    jobs = host.jobs(_chosen(host, values), fields)
    if own.get("dry_run"):
        return [_line(one["spec"]) for one in jobs]
    sender = Sender(host, jobs, _how(host, own.get("unsaved")))
    if own.get("wait", not has_window()):
        return sender.wait()
    sender.tell()
    return []


def _chosen(host: MayaHost, values: Mapping[str, Any]) -> list[str]:
    """Return the keys of the named layers, as the named cameras see them; of those that are on where none is named."""
    if not any(values.get(one) for one in _MANY):
        return [one.key for one in host.targets() if one.is_chosen]
    names = [layers.find(one).name for one in values.get("layer", ())]
    names = names or [one.name for one in layers.every() if one.is_renderable]
    seen = [cameras.find(one) for one in values.get("camera", ())] or cameras.renderable()
    return [batch.key(layer, camera) for layer in names for camera in seen]


def _how(host: MayaHost, unsaved: object) -> How:
    if unsaved or not host.has_changes():
        return How(unsaved or How.LAST)
    raise RefusedError(f"The scene has unsaved changes. Say what becomes of them by unsaved: {', '.join(How)}.")


def _line(spec: Mapping[str, Any]) -> str:
    settings = spec["settings"]
    return f"{settings['layer']} seen by {settings['camera']}: frames {spec['frames']}, {spec['name']}"
