"""Whether a picture is whole, and small copies of pictures. Our own Python; OpenImageIO where it is installed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from buildcat.farm.formats import exr, jpeg, png, tiff
from buildcat.farm.formats.contents import Contents, inflate
from buildcat.model.errors import OutputError

log = logging.getLogger(__name__)

_READERS: Mapping[str, Callable[[bytes], Contents]] = {
    "exr": exr.read,
    "jpeg": jpeg.read,
    "jpg": jpeg.read,
    "png": png.read,
    "tif": tiff.read,
    "tiff": tiff.read,
}


def read_size(path: Path, kind: str, *, use_openimageio: bool = True) -> tuple[int, int] | None:
    """Decode a file to its last line and return its width and height in pixels.

    Without OpenImageIO, PNG, EXR, JPEG and TIFF are taken apart, and unpacked where they are packed with zlib. A kind
    that can't be decoded must only not be empty, and has no size: None.

    Raises:
        ValueError: the file is not whole; says what is wrong.
        OSError: it can't be read.
    """
    if not path.stat().st_size:
        raise ValueError("it is empty")
    read = _READERS.get(kind)
    # A PNG is nothing but zlib: libpng would find no more, in twice the time.
    oiio = openimageio() if use_openimageio and read is not png.read else None
    if not read:
        # Such as movies and caches of many gigabytes: their bytes are not read here.
        return _decode(oiio, path) if oiio and oiio.is_imageio_format_name(kind) else None
    data = path.read_bytes()
    contents = read(data)
    # libtiff stops at the last pixel, before the check sum.
    if not oiio or read is tiff.read:
        inflate(contents.streams)
    if oiio:
        _decode(oiio, path)
    if oiio and read is jpeg.read:
        _check_last_scan(oiio, data)
    return contents.size


@cache
def openimageio() -> Any:
    """Return the module, or None where it can't be used. It takes 30 ms to import."""
    try:
        import OpenImageIO
    except ImportError as exc:
        log.info("OpenImageIO is not installed: pictures are checked less closely (%s)", exc)
        return None
    return OpenImageIO


def _decode(oiio: Any, path: Path) -> tuple[int, int]:
    # Not ImageBuf, which doesn't see that a JPEG or TIFF is cut short.
    picture = oiio.ImageInput.open(str(path))
    if not picture:
        raise ValueError(first_line(oiio.geterror()))
    try:
        size = picture.spec().width, picture.spec().height
        subimage = 0
        while picture.seek_subimage(subimage, 0):
            spec = picture.spec()
            if spec.deep:
                pixels = picture.read_native_deep_image(subimage, 0)
            else:
                pixels = picture.read_image(subimage, 0, 0, spec.nchannels, "unknown")
            error = picture.geterror()
            if pixels is None or error:
                raise ValueError(first_line(error))
            subimage += 1
    finally:
        picture.close()
    return size


def first_line(error: str) -> str:
    lines = error.strip().splitlines()
    return f"OpenImageIO says: {lines[0]}" if lines else "OpenImageIO can't decode it"


def _check_last_scan(oiio: Any, data: bytes) -> None:
    """Find a hole that decodes as too few pixels: libjpeg stops at the last line and ignores what is left.

    Raises:
        ValueError: the picture is still complete without its last bytes.
    """
    with TemporaryDirectory(prefix="buildcat-") as folder:
        shorter = Path(folder) / "shorter.jpg"
        try:
            shorter.write_bytes(jpeg.without_last_bytes(data))
        except OSError as exc:
            log.warning("a JPEG is checked less closely: %s", exc)
            return
        try:
            _decode(oiio, shorter)
        except ValueError:
            return
    raise ValueError("there is a hole in its pixels")


def thumbnail(source: Path, target: Path, width: int) -> None:
    """Write a small copy of a picture, in sRGB, of this width.

    Raises:
        OutputError: OpenImageIO is not installed, or a file can't be read or written.
    """
    oiio = needed()
    _write(oiio, _small(oiio, source, width), target)


def contact_sheet(frames: Sequence[Path], target: Path, columns: int, width: int) -> None:
    """Write one picture of all frames side by side, each of this width in pixels.

    Raises:
        OutputError: OpenImageIO is not installed, or a file can't be read or written.
    """
    oiio = needed()
    smalls = [_small(oiio, frame, width) for frame in frames]
    height = max(small.spec().height for small in smalls)
    rows = -(-len(smalls) // columns)
    sheet = oiio.ImageBuf(oiio.ImageSpec(columns * width, rows * height, 3, "uint8"))
    oiio.ImageBufAlgo.zero(sheet)
    for place, small in enumerate(smalls):
        row, column = divmod(place, columns)
        oiio.ImageBufAlgo.paste(sheet, column * width, row * height, 0, 0, small)
    _write(oiio, sheet, target)


def needed() -> Any:
    """Return OpenImageIO.

    Raises:
        OutputError: it is not installed.
    """
    oiio = openimageio()
    if not oiio:
        raise OutputError("This needs OpenImageIO, which isn't installed. Type: pip install 'buildcat[images]'")
    return oiio


def _small(oiio: Any, source: Path, width: int) -> Any:
    picture = oiio.ImageBuf(str(source))
    spec = picture.spec()
    if picture.has_error or not spec.nchannels:
        raise OutputError(f"{source} can't be read. {first_line(picture.geterror())}.")
    colours = (0, 1, 2) if spec.nchannels > 2 else (0, 0, 0)
    height = max(1, round(width * spec.full_height / spec.full_width))
    small = oiio.ImageBufAlgo.channels(picture, colours)
    small = oiio.ImageBufAlgo.resize(small, roi=oiio.ROI(0, width, 0, height, 0, 1, 0, 3))
    is_linear = str(spec.format) in ("half", "float", "double")
    return oiio.ImageBufAlgo.colorconvert(small, "lin_rec709", "sRGB") if is_linear else small


def _write(oiio: Any, picture: Any, target: Path) -> None:
    picture.set_write_format("uint8")
    if picture.has_error or not picture.write(str(target)):
        raise OutputError(f"{target} can't be written. {first_line(picture.geterror())}.")
