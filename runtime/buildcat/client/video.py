"""A video of a job's frames: a job of its own, in which ffmpeg runs when they are done. Python 3.9, stdlib."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from buildcat.model import paths
from buildcat.model.job import JobSpec

#: Plays everywhere; an odd width or height, which it can't have, loses a pixel.
_CODEC = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "18", "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2")


@dataclass(frozen=True)
class Video:
    """What is made of which frames."""

    #: Absolute path of the frames, with ffmpeg's `%04d` where the number is, and `%%` for other percent signs.
    frames: str
    #: Number of the first frame; those after it have no gaps.
    start: int
    #: Frames a second.
    rate: float
    #: Absolute path of the video.
    output: str


def job(video: Video, rendered: JobSpec, rendered_id: str, root: Path) -> JobSpec:
    """Return the job that makes the video when the frames are done.

    Raises:
        PathError: frames or video lie outside the root.
    """
    source = paths.below_root(root, Path(video.frames))  # a command runs in the root
    rate = f"{video.rate:.10g}"
    command = ["ffmpeg", "-y", "-framerate", rate, "-start_number", str(video.start), "-i", source]
    return replace(
        JobSpec(dcc="command", split="whole"),
        name=f"{rendered.name} video",
        settings={"command": [*command, *_CODEC, "{output}"]},
        output=paths.below_root(root, Path(video.output)),
        requires=("commands",),
        after=(rendered_id,),
        batch=rendered.batch,
        user=rendered.user,
        host=rendered.host,
        pool=rendered.pool,
        priority=rendered.priority,
    )
