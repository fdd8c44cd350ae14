"""How a worker is started, and which DCCs it then serves. The worker's side."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from buildcat.farm import command, join, plugins
from buildcat.farm.patience import Patience
from buildcat.farm.plugins import Found, Unusable
from buildcat.model.job import TILES

#: With these, NVIDIA's and AMD's libraries show only one GPU.
_GPU_VARIABLES = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker is started."""

    server: str
    root: Path
    pools: tuple[str, ...] = ("default",)
    #: What people see; the worker's own name adds a random ending.
    label: str = field(default_factory=platform.node)
    max_tasks: int | None = None
    are_scripts_allowed: bool = False
    are_commands_allowed: bool = False
    trusted: tuple[str, ...] = ()
    #: Further functions that plain RQ jobs may call, as `package.function`.
    allowed: tuple[str, ...] = ()
    #: Memory in MB above which a session is recycled between units; 0: no limit.
    memory_limit_mb: int = 0
    #: The only GPU that sessions may see; None: all.
    gpu: int | None = None
    #: How long sessions may take.
    patience: Patience = field(default_factory=Patience)
    #: DCC name → executables that the configuration names.
    executables: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def tags(self) -> tuple[str, ...]:
        """What this worker allows or has, as jobs may require it."""
        allowed = {
            "commands": self.are_commands_allowed,
            "scripts": self.are_scripts_allowed,
            "gpu": self.gpu is not None,
            TILES: join.is_possible(),
        }
        return (*(tag for tag, is_on in allowed.items() if is_on), *(f"trust:{name}" for name in self.trusted))

    @property
    def environment(self) -> dict[str, str]:
        """What sessions get besides the worker's own environment."""
        return {} if self.gpu is None else dict.fromkeys(_GPU_VARIABLES, str(self.gpu))


def _commands(options: WorkerOptions) -> Found:
    if options.are_commands_allowed:
        return Found((command.INSTALLATION,))
    return Found(unusable=(Unusable("", "runs no commands; start it with --allow-commands."),))


def find_dccs(options: WorkerOptions) -> dict[str, Found]:
    """Return what was found of each DCC that this worker may serve."""
    found = {command.DCC.name: _commands(options)}
    for name, dcc in plugins.plugins().items():
        configured = options.executables.get(name, ())
        if not dcc.are_scenes_programs or name in options.trusted:
            found[name] = plugins.installations(dcc, configured)
        elif plugins.executables(dcc, configured):
            why = f"runs no scenes of {dcc.label}, which are programs; start it with --trust {name}."
            found[name] = Found(unusable=(Unusable("", why),))
        else:
            found[name] = Found()
    return found
