"""Which GPU Cycles gets, on a double of its preferences: no machine of ours has one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from buildcat.model.errors import SettingError
from buildcat_blender import devices


@dataclass
class Device:
    """One row of Cycles' list of devices: the CPU is in the list of each kind."""

    __slots__ = ("name", "type", "use")
    name: str
    type: str
    use: bool


@dataclass
class Preferences:
    """Cycles' preferences as `intern/cycles/blender/addon/properties.py` has them; an unknown name is an error."""

    #: Kinds that this build knows, and the GPUs that are there.
    known: tuple[str, ...]
    gpus: tuple[tuple[str, str], ...]
    devices: list[Device] = field(default_factory=list)
    kind: str = "NONE"

    def __setattr__(self, name: str, value: object) -> None:
        if name == "compute_device_type":
            if value not in ("NONE", *self.known):
                raise TypeError(f'bpy_struct: item.attr = val: enum "{value}" not found in {self.known}')
            object.__setattr__(self, "kind", value)
        elif name in ("known", "gpus", "devices", "kind"):
            object.__setattr__(self, name, value)
        else:
            raise AttributeError(f"CyclesPreferences has no {name}")

    def refresh_devices(self) -> None:
        """List what there is of the kind that was chosen; all are used at first but the CPU."""
        found = [Device(name, kind, use=True) for kind, name in self.gpus if kind == self.kind]
        self.devices = [*found, Device("Some CPU", "CPU", use=True)]


Make = Callable[..., Preferences]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make preferences, and a Blender that has them."""
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)

    def make(*gpus: tuple[str, str], known: tuple[str, ...] = ("CUDA", "OPTIX", "HIP", "ONEAPI")) -> Preferences:
        made = Preferences(known, gpus)
        addons = {"cycles": SimpleNamespace(preferences=made)}
        context = SimpleNamespace(preferences=SimpleNamespace(addons=addons))
        monkeypatch.setitem(sys.modules, "bpy", SimpleNamespace(context=context))
        return made

    return make


def scene() -> SimpleNamespace:
    """A scene that was saved for the CPU."""
    return SimpleNamespace(cycles=SimpleNamespace(device="CPU"))


def used(preferences: Preferences) -> list[str]:
    """Names of the devices that render."""
    return [one.name for one in preferences.devices if one.use]


def test_gpu_takes_the_first_kind_that_there_is(make: Make) -> None:
    """All GPUs of it, and not the CPU beside them."""
    preferences = make(("CUDA", "A"), ("CUDA", "B"), ("HIP", "C"))
    chosen = scene()

    devices.apply(chosen, "gpu")

    assert (preferences.kind, used(preferences), chosen.cycles.device) == ("CUDA", ["A", "B"], "GPU")


def test_a_kind_that_is_named_is_taken(make: Make) -> None:
    """Though another would come first."""
    preferences = make(("OPTIX", "A"), ("CUDA", "A"))

    devices.apply(scene(), "cuda")

    assert (preferences.kind, used(preferences)) == ("CUDA", ["A"])


def test_the_cpu_needs_no_preferences(make: Make) -> None:
    """They stay as they are."""
    preferences = make(("CUDA", "A"))
    chosen = scene()

    devices.apply(chosen, "cpu")

    assert (preferences.kind, chosen.cycles.device) == ("NONE", "CPU")


def test_without_a_gpu_the_job_is_told_and_nothing_is_enabled(make: Make) -> None:
    """Blender would render on the CPU and say nothing."""
    preferences = make()

    with pytest.raises(SettingError, match=r"wants a GPU, and .* none of the kind optix, cuda, .*Set device to cpu"):
        devices.apply(scene(), "gpu")

    assert preferences.kind == "NONE"


def test_a_kind_that_this_build_does_not_know_is_named(make: Make) -> None:
    """Metal is of another system: no worker of this one will ever have it."""
    make(("CUDA", "A"))

    with pytest.raises(SettingError, match=r"of the kind metal, which this Blender doesn't know"):
        devices.apply(scene(), "metal")


def test_a_worker_with_a_gpu_that_is_not_there_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """`worker --gpu 7` hides all others, so none is found."""
    make()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")

    with pytest.raises(SettingError, match=r"finds none of its GPU 7, the only one that the worker was started for"):
        devices.apply(scene(), "cuda")
