"""Commands with the real povray and ffmpeg, as a person types them."""

from __future__ import annotations

import shutil
from pathlib import Path

from commands import buildcat
from needs import require

from buildcat.farm.outputs import is_whole
from buildcat_toy import picture

SCENE = """\
camera { location <0, 1, -4> look_at 0 }
light_source { <5, 9, -7> rgb 1 }
sphere { <clock, 0, 0>, 1 pigment { rgb <1, 0.5, 0> } }
"""


def test_povray_renders_frames(tmp_path: Path) -> None:
    """A scene file, a frame number and an output, each in its place; the frames differ."""
    require(shutil.which("povray"), "POV-Ray is not installed")
    (tmp_path / "ball.pov").write_text(SCENE)
    program = ("povray", "+I{scene}", "+O{output}", "+K0.{frame}", "+W64", "+H48", "-D", "+FN")
    options = ("--frames", "1-3", "--scene", "ball.pov", "--output", "out/ball_{frame:04}.png")

    done = buildcat("run", "command", *options, "--", *program, cwd=tmp_path)

    frames = [tmp_path / "out" / f"ball_{frame:04}.png" for frame in (1, 2, 3)]
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(is_whole(frame, "png", (64, 48)) for frame in frames)
    assert len({frame.read_bytes() for frame in frames}) == 3


def test_a_scene_that_povray_can_not_read_fails(tmp_path: Path) -> None:
    """POV-Ray's own exit code says so."""
    require(shutil.which("povray"), "POV-Ray is not installed")
    (tmp_path / "bad.pov").write_text("sphere {")
    program = ("povray", "+I{scene}", "+O{output}", "-D", "+FN")

    done = buildcat("run", "command", "--scene", "bad.pov", "--output", "a.png", "--", *program, cwd=tmp_path)

    assert done.returncode == 1
    assert "povray ended with exit code 1. Look at its log." in done.stdout
    assert not (tmp_path / "a.png").exists()


def test_ffmpeg_makes_a_video_of_frames(tmp_path: Path) -> None:
    """One unit of many frames: ffmpeg's own `%04d` stays as it is."""
    require(shutil.which("ffmpeg"), "ffmpeg is not installed")
    for frame in range(1, 11):
        row = bytes([frame * 20, 90, 30]) * 64
        (tmp_path / f"f_{frame:04}.png").write_bytes(picture.png([row] * 48))
    program = ("ffmpeg", "-y", "-i", "f_%04d.png", "-pix_fmt", "yuv420p", "{output}")

    done = buildcat("run", "command", "--output", "out/film.mp4", "--", *program, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert b"ftyp" in (tmp_path / "out" / "film.mp4").read_bytes()[:16]
