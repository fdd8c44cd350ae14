"""Small copies of pictures, and what is left without OpenImageIO."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pictures import FORMATS, HEIGHT, SIZE, WIDTH, paint

from buildcat.farm import images
from buildcat.model.errors import OutputError

WITHOUT_OPENIMAGEIO = "import sys; sys.modules['OpenImageIO'] = None\n"


@pytest.mark.parametrize("name", ["png-8", "exr-tiled", "exr-multipart", "jpeg-baseline", "tiff-deflate"])
def test_a_thumbnail_has_the_width_asked_for(name: str, tmp_path: Path) -> None:
    """A small copy of any kind of frame is a JPEG of the frame's proportions."""
    source = paint(tmp_path / f"a.{FORMATS[name].kind}", FORMATS[name])

    images.thumbnail(source, tmp_path / "small.jpg", 80)

    assert images.read_size(tmp_path / "small.jpg", "jpeg") == (80, 80 * HEIGHT // WIDTH)


def test_a_thumbnail_of_linear_light_is_as_bright_as_the_eye_sees(tmp_path: Path) -> None:
    """An EXR's middle grey, 0.21 of full light, is about 127 of 255 in a JPEG."""
    oiio = pytest.importorskip("OpenImageIO")
    grey = oiio.ImageBuf(oiio.ImageSpec(*SIZE, 3, "half"))
    oiio.ImageBufAlgo.fill(grey, (0.2122, 0.2122, 0.2122))
    grey.write(str(tmp_path / "grey.exr"))

    images.thumbnail(tmp_path / "grey.exr", tmp_path / "grey.jpg", 16)

    assert oiio.ImageBuf(str(tmp_path / "grey.jpg")).getpixel(8, 4)[0] * 255 == pytest.approx(127, abs=3)


def test_a_contact_sheet_shows_all_frames(tmp_path: Path) -> None:
    """Five frames in three columns make two rows; the place that is left over is black."""
    oiio = pytest.importorskip("OpenImageIO")
    frames = [paint(tmp_path / f"{number}.png", FORMATS["png-8"]) for number in range(5)]

    images.contact_sheet(frames, tmp_path / "sheet.png", 3, 80)

    sheet = oiio.ImageBuf(str(tmp_path / "sheet.png"))
    assert (sheet.spec().width, sheet.spec().height) == (240, 90)
    assert sum(sheet.getpixel(120, 70)) > 0
    assert sum(sheet.getpixel(200, 70)) == 0


def test_a_small_copy_of_what_is_no_picture_is_an_error(tmp_path: Path) -> None:
    """The error names the file."""
    pytest.importorskip("OpenImageIO")
    (tmp_path / "a.png").write_text("no picture")

    with pytest.raises(OutputError, match=r"a\.png can't be read"):
        images.thumbnail(tmp_path / "a.png", tmp_path / "small.jpg", 80)


def test_a_small_copy_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """The error names the target."""
    source = paint(tmp_path / "a.png", FORMATS["png-8"])

    with pytest.raises(OutputError, match=r"small\.jpg can't be written"):
        images.thumbnail(source, tmp_path / "missing" / "small.jpg", 80)


def test_without_openimageio_the_error_says_what_to_install(tmp_path: Path) -> None:
    """Small copies need OpenImageIO, and say how to get it."""
    script = (
        "from pathlib import Path; from buildcat.farm import images; from buildcat.model.errors import OutputError\n"
        "try: images.thumbnail(Path('a.png'), Path('b.jpg'), 80)\n"
        "except OutputError as exc: print(exc)"
    )

    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_OPENIMAGEIO + script], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert "pip install 'buildcat[images]'" in result.stdout


@pytest.mark.parametrize("name", FORMATS)
def test_without_openimageio_pictures_are_still_checked(name: str, tmp_path: Path) -> None:
    """Where OpenImageIO isn't installed, the size is found, and a cut file is seen."""
    kind = FORMATS[name].kind
    whole = paint(tmp_path / f"a.{kind}", FORMATS[name])
    (tmp_path / f"cut.{kind}").write_bytes(whole.read_bytes()[:-1])
    script = (
        "from pathlib import Path; from buildcat.farm import images\n"
        f"print(images.read_size(Path('a.{kind}'), '{kind}'))\n"
        f"try: images.read_size(Path('cut.{kind}'), '{kind}')\n"
        "except ValueError: print('cut')"
    )

    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_OPENIMAGEIO + script], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert result.stdout.split("\n")[:2] == [str(SIZE), "cut"]
