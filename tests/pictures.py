"""Paints a small picture in every format that is checked, with OpenImageIO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from buildcat.model.errors import BuildcatError

SIZE = WIDTH, HEIGHT = 160, 90


@dataclass(frozen=True)
class Format:
    """One way to write a picture."""

    kind: str
    #: OpenImageIO's word for the type of a sample.
    sample: str
    #: What OpenImageIO is told besides.
    attributes: Mapping[str, Any] = field(default_factory=dict)
    #: Width and height of a tile; 0: scanlines.
    tile: int = 0
    #: Pictures in the file.
    parts: int = 1


FORMATS = {
    "png-8": Format("png", "uint8"),
    "png-16": Format("png", "uint16"),
    "exr-zip": Format("exr", "half", {"compression": "zip"}),
    "exr-none": Format("exr", "half", {"compression": "none"}),
    "exr-tiled": Format("exr", "half", {"compression": "zip"}, tile=32),
    "exr-multipart": Format("exr", "float", {"compression": "zip"}, parts=2),
    "jpeg-baseline": Format("jpeg", "uint8", {"compression": "jpeg:95"}),
    "jpeg-progressive": Format("jpeg", "uint8", {"compression": "jpeg:95", "jpeg:progressive": 1}),
    "tiff-deflate": Format("tiff", "uint16", {"compression": "zip"}),
    "tiff-none": Format("tiff", "uint8", {"compression": "none"}),
    "tiff-lzw": Format("tiff", "uint8", {"compression": "lzw"}, tile=32),
}


def paint(path: Path, form: Format) -> Path:
    """Write a picture with some noise in it, the same at every call, and return its path."""
    oiio = pytest.importorskip("OpenImageIO", exc_type=ImportError)
    numpy = pytest.importorskip("numpy")
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = numpy.stack([x / WIDTH, y / HEIGHT, 0.5 + 0.5 * numpy.sin(x / 9 + y / 7)], -1)
    pixels = numpy.clip(pixels + numpy.random.default_rng(1).normal(0, 0.02, pixels.shape), 0, 1).astype("float32")
    specs = [_spec(oiio, form, number) for number in range(form.parts)]
    target = oiio.ImageOutput.create(str(path))
    is_written = target.open(str(path), tuple(specs) if form.parts > 1 else specs[0])
    for number, spec in enumerate(specs):
        is_written = is_written and (number == 0 or target.open(str(path), spec, "AppendSubimage"))
        is_written = is_written and target.write_image(pixels)
    if not (is_written and target.close()):
        raise BuildcatError(f"{path} can't be painted: {target.geterror()}")
    return path


def _spec(oiio: Any, form: Format, number: int) -> Any:
    spec = oiio.ImageSpec(WIDTH, HEIGHT, 3, form.sample)
    spec.tile_width = spec.tile_height = form.tile
    for name, value in form.attributes.items():
        spec.attribute(name, value)
    if form.parts > 1:
        spec.attribute("oiio:subimagename", f"part{number}")
    return spec
