"""What the farm adds to each frame of a warm Blender, against one Blender process. Python 3.11 with the bpy wheel."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from farm import Farm, farm
from figures import Figure, report

from buildcat.client import control, events
from buildcat.model.job import JobSpec

FRAMES = 200
ROUNDS = 3

#: Run in a process of its own, as an artist would render: one scene, one call for the range.
SCENE = """
import sys, bpy
bpy.ops.wm.read_factory_settings(use_empty=False)
scene = bpy.context.scene
scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = 'CYCLES', 1, False
scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 480, 270, 100
scene.frame_start, scene.frame_end = 1, int(sys.argv[2])
scene.render.filepath = '//plain/f_####'
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
"""
PLAIN = """
import json, sys, time, bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
times = []
bpy.app.handlers.render_pre.append(lambda *_: times.append(time.perf_counter()))
bpy.app.handlers.render_write.append(lambda *_: times.append(time.perf_counter()))
bpy.ops.render.render(animation=True)
print('SPAN', times[-1] - times[0], flush=True)
import os; os._exit(0)
"""


def in_blender(script: str, *arguments: str) -> str:
    """Run a script in a process with the bpy wheel and return what it printed."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def plain_span_s(scene: Path) -> float:
    """Return the seconds from the first frame's start to the last one's end in one Blender."""
    line = next(line for line in in_blender(PLAIN, str(scene)).splitlines() if line.startswith("SPAN"))
    return float(line.split()[1])


def farm_span_s(bench: Farm, scene: Path, start: int) -> float:
    """Return the seconds from the first unit's start to the last one's end, one unit a task, by the events."""
    after = events.last_id(bench.connection)
    frames = f"{start}-{start + FRAMES - 1}"
    spec = JobSpec(dcc="blender", scene=scene.name, frames=frames, output=f"farm{start}/f_####")
    job = bench.wait(control.submit(bench.connection, spec))
    assert job.counts.done == FRAMES, job.counts
    times = [one.time for one in events.read(bench.connection, after) if one.job == job.id and one.kind == "done"]
    return (max(times) - min(times)) * FRAMES / (FRAMES - 1)


def main() -> int:
    """Measure and print."""
    with farm() as bench, bench.worker():
        scene = bench.root / "bench.blend"
        in_blender(SCENE, str(scene), str(FRAMES))
        pairs = [(farm_span_s(bench, scene, 1), plain_span_s(scene)) for _ in range(ROUNDS)]
    print(json.dumps({"farm and plain, s": [[round(one, 2) for one in pair] for pair in pairs]}))
    overhead_ms = statistics.median((ours - plain) / FRAMES * 1000 for ours, plain in pairs)
    return report([Figure("overhead a frame, warm, one unit a task, 480x270", overhead_ms, 15, "ms")])


if __name__ == "__main__":
    sys.exit(main())
