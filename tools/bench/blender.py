"""One worker against `blender -b -a`: a job of 24 frames from submit to done. Python 3.11 with the bpy wheel."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import OpenImageIO
from farm import Farm, farm
from figures import Figure, report
from overhead import in_blender

from buildcat.client import control
from buildcat.model.job import JobSpec

FRAMES = 24
ROUNDS = 5

#: Static geometry that takes longer to hand over than to render, and a camera that moves.
SCENE = """
import sys, bpy
bpy.ops.wm.read_factory_settings(use_empty=False)
scene = bpy.context.scene
bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=4)
bpy.context.object.modifiers.new('Subdivision', 'SUBSURF').render_levels = 2
scene.camera.keyframe_insert('location', frame=1)
scene.camera.location.x += 1
scene.camera.keyframe_insert('location', frame=24)
scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = 'CYCLES', 1, False
scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 160, 90, 100
scene.frame_start, scene.frame_end = 1, int(sys.argv[2])
scene.render.filepath = '//plain/f_####'
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
"""
#: What `blender -b FILE -a` does.
PLAIN = """
import os, sys, bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
bpy.ops.render.render(animation=True)
sys.stdout.flush()
os._exit(0)
"""


def plain_s(scene: Path) -> float:
    """Return the seconds of a Blender from its start to its end."""
    started = time.perf_counter()
    in_blender(PLAIN, str(scene))
    return time.perf_counter() - started


def farm_s(bench: Farm, scene: Path, *, has_persistent_data: bool) -> float:
    """Return the seconds of a job from submit to done; the worker waits already, its Blender isn't started yet."""
    spec = JobSpec(
        dcc="blender",
        scene=scene.name,
        frames=f"1-{FRAMES}",
        output=f"{folder(has_persistent_data)}/f_####",
        settings={"persistent_data": has_persistent_data},
    )
    with bench.worker():
        started = time.perf_counter()
        job = bench.wait(control.submit(bench.connection, spec))
        seconds = time.perf_counter() - started
    assert job.counts.done == FRAMES, job.counts
    return seconds


def folder(has_persistent_data: bool) -> str:
    """Return where the farm's frames go."""
    return "kept" if has_persistent_data else "fresh"


def differing(root: Path) -> int:
    """Return how many of the farm's frames don't have the pixels that Blender's own have."""
    plain = sorted((root / "plain").iterdir())
    assert len(plain) == FRAMES, plain
    pairs = [(one, root / other / one.name) for one in plain for other in ("fresh", "kept")]
    return sum(pixels(one) != pixels(other) for one, other in pairs)


def pixels(path: Path) -> list[float]:
    """Return a picture's pixels."""
    values = OpenImageIO.ImageBuf(str(path)).get_pixels()
    assert values is not None, path
    return [float(value) for value in values.flat]


def main() -> int:
    """Measure and print: the three kinds one after the other, so that what disturbs one disturbs all."""
    with farm() as bench:
        scene = bench.root / "bench.blend"
        in_blender(SCENE, str(scene), str(FRAMES))
        rounds = [
            (
                plain_s(scene),
                farm_s(bench, scene, has_persistent_data=False),
                farm_s(bench, scene, has_persistent_data=True),
            )
            for _ in range(ROUNDS)
        ]
        wrong = differing(bench.root)
    print(
        json.dumps({"blender -a, farm, farm with persistent data, s": [[round(s, 2) for s in one] for one in rounds]})
    )
    # Of each round, since a noisy neighbour slows all three kinds of it.
    fresh, kept = (statistics.median(one[kind] / one[0] for one in rounds) for kind in (1, 2))
    return report(
        [
            Figure("24 frames, of the time of blender -b -a", fresh, 1.05, "x"),
            Figure("24 frames, persistent data, static geometry", kept, 0.7, "x"),
            Figure("frames with other pixels than Blender's own", wrong, 0, "frames"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
