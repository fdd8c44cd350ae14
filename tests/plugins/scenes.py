"""What the contract test needs of each plugin: a scene in which every setting matters."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import houdinis
import mayas
import modos

from buildcat.farm.plugins import Installation
from buildcat_toy import scene as toy_scene

BLENDER_SCENE = Path(__file__).with_name("blender_scene.py")


@dataclass(frozen=True)
class Sample:
    """One plugin's scene and what is to be known of it."""

    #: Writes the scene, and all it needs, into an empty root; returns its path.
    make: Callable[[Installation, Path], Path]
    #: Settings without which the scene is not rendered.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Output of orders that name none; empty: as in the scene.
    output: str = ""
    #: Puts a double of the DCC into a folder, for hosts without a real one; None: only the real one will do.
    stand_in: Callable[[Path], Installation] | None = None
    #: Settings with which a frame takes at least two seconds, and in which scene, if not in that one.
    slow: Mapping[str, Any] = field(default_factory=dict)
    slow_scene: str = ""
    #: Setting → others without which its two values look the same.
    companions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Setting → why its two values may write the same file.
    invisible: Mapping[str, str] = field(default_factory=dict)
    #: Whether the DCC renders only where scripts of the scene may run.
    allow_scripts: bool = False
    #: Setting → why this host may refuse one of its values, with a sentence.
    refusable: Mapping[str, str] = field(default_factory=dict)


def _make_toy(_installation: Installation, root: Path) -> Path:
    for name in ("wood", "stone"):
        (root / "textures").mkdir(exist_ok=True)
        (root / "textures" / f"{name}.txt").write_text(name)
    toy_scene.save(root / "slow.toy", seconds=3)
    return toy_scene.save(root / "shot.toy", width=64, height=48, colour=[90, 160, 220])


def _make_blender(installation: Installation, root: Path) -> Path:
    """Let the same Blender write the scene, so that an old one can read it."""
    path = root / "shot.blend"
    options = ("-b", "--factory-startup", "--python-exit-code", "3", "--python")
    is_blender = "--python" in installation.launch
    command = [installation.executable, *(options if is_blender else ()), str(BLENDER_SCENE), "--", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert path.is_file(), done.stdout + done.stderr
    return path


def _make_houdini(_installation: Installation, root: Path) -> Path:
    matte = houdinis.mantra(parms={"camera": "/obj/side"})
    houdinis.save(root / "slow.hip", {"/out/beauty": houdinis.mantra(seconds=3)})
    nodes = {"/out/beauty": houdinis.mantra(), "/out/matte": matte}
    return houdinis.save(root / "shot.hip", nodes, takes={"night": {"/out/beauty": {"camera": "/obj/side"}}})


def _make_maya(_installation: Installation, root: Path) -> Path:
    for name in ("project", "other"):
        (root / name).mkdir()
    (root / "other/workspace.mel").write_text('workspace -fr "images" "pictures";\n')
    mayas.save(root / "slow.ma", seconds=3)
    off = {"rs_matte.renderable": False}
    return mayas.save(root / "shot.ma", off, layers={"matte": "rs_matte"}, overrides={"rs_matte": {}})


def _make_modo(_installation: Installation, root: Path) -> Path:
    modos.save(root / "slow.lxo", seconds=3)
    return modos.save(root / "shot.lxo", passes={"Lights": ["sun"], "Colours": ["red"]})


def _make_standalone(ending: str, root: Path) -> Path:
    for name, content in (*((f"shot.{number:04}", {}) for number in (1, 2, 7)), ("slow", {"seconds": 3})):
        (root / f"{name}.{ending}").write_text(json.dumps(content))
    return root / f"shot.0001.{ending}"


SAMPLES = {
    "husk": Sample(
        make=lambda _, root: _make_standalone("usd", root),
        stand_in=partial(houdinis.install_renderer, name="husk"),
        output="render/usd.####.png",
        companions={"percentage": {"resolution": ("40", "30")}},
        slow_scene="slow.usd",
    ),
    "mantra": Sample(
        make=lambda _, root: _make_standalone("ifd", root),
        stand_in=partial(houdinis.install_renderer, name="mantra"),
        output="render/ifd.####.png",
        invisible={"threads": "it saves time, not pixels"},
        slow_scene="slow.ifd",
    ),
    "maya": Sample(
        make=_make_maya,
        settings={"layer": "masterLayer"},
        stand_in=mayas.install,
        slow_scene="slow.ma",
        invisible={"project": "it says where pictures lie, not how they look"},
    ),
    "mayarender": Sample(
        make=_make_maya,
        settings={"layer": "masterLayer"},
        output="render/shot.####.png",
        stand_in=mayas.install_command,
        slow_scene="slow.ma",
        invisible={"project": "it says where files are looked for, and the scene has none"},
        allow_scripts=True,
    ),
    "modo": Sample(make=_make_modo, stand_in=modos.install, slow_scene="slow.lxo"),
    "toy": Sample(make=_make_toy, slow_scene="slow.toy"),
    "houdini": Sample(
        make=_make_houdini,
        settings={"rop": "/out/beauty"},
        stand_in=houdinis.install,
        slow_scene="slow.hip",
        invisible={"frame_step": "it is for ranges in one unit"},
    ),
    "blender": Sample(
        make=_make_blender,
        slow={"samples": 2048, "resolution_x": 320, "resolution_y": 240},
        companions={
            "depth": {"format": "png"},
            "quality": {"format": "jpeg"},
            "codec": {"format": "exr"},
            "crop": {"border": ("0.25", "0.25", "1", "1")},
            "transparent": {"color": "rgba"},
            "look": {"view_transform": "Filmic"},
        },
        invisible={
            "persistent_data": "it saves time, not pixels",
            "missing_ok": "nothing is missing",
            "addons": "the scene uses none",
            "device": "all devices render the same picture",
            "frame_step": "it is for movies",
        },
        refusable={
            "addons": "Debian's Blender has no numpy, which rigify needs",
            "device": "this host may have no GPU",
            "frame_step": "the scene writes pictures",
            "denoising": "Debian's Blender was built without a denoiser",
        },
    ),
}
