# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job may change in a Blender scene, as data. Runs on any Python; `scene.py` says how each is applied."""

from __future__ import annotations

from buildcat.model import sizes
from buildcat.model.dcc import Kind, Setting

#: Our words for file formats, and Blender's.
FORMATS = {
    "png": "PNG",
    "jpeg": "JPEG",
    "exr": "OPEN_EXR",
    "exr-multilayer": "OPEN_EXR_MULTILAYER",
    "tiff": "TIFF",
    "webp": "WEBP",
    "tga": "TARGA",
    "bmp": "BMP",
    "hdr": "HDR",
    "dpx": "DPX",
    "cineon": "CINEON",
    "jpeg2000": "JPEG2000",
}
#: Our words for compute devices, and Blender's kinds in the order in which `gpu` tries them.
GPUS = {"optix": "OPTIX", "cuda": "CUDA", "hip": "HIP", "metal": "METAL", "oneapi": "ONEAPI"}
#: Our words for the codecs of EXR and TIFF, and Blender's.
CODECS = {
    "none": "NONE",
    "zip": "ZIP",
    "zips": "ZIPS",
    "piz": "PIZ",
    "rle": "RLE",
    "pxr24": "PXR24",
    "dwaa": "DWAA",
    "dwab": "DWAB",
    "deflate": "DEFLATE",
    "lzw": "LZW",
    "packbits": "PACKBITS",
}

_WHAT = (
    Setting(
        key="scene_name",
        label="Scene",
        kind=Kind.STR,
        help="Name of the scene in the file; left out: the one that was active when it was saved.",
        examples=("Shot", "Detail"),
        group="Scene",
    ),
    Setting(
        key="camera",
        label="Camera",
        kind=Kind.STR,
        help="Name of the camera object; cameras bound to markers are then ignored.",
        examples=("Front", "Side"),
        group="Scene",
    ),
    Setting(
        key="view_layers",
        label="View layers",
        kind=Kind.LIST,
        help="Names of the view layers to render; all others are left out.",
        examples=(("Near",), ("Far",)),
        group="Scene",
    ),
    Setting(
        key="frame_step",
        label="Frame step",
        kind=Kind.INT,
        help="Of a movie, only each Nth frame; frames that are files of their own are chosen by --frames 1-100x2.",
        examples=(1, 2),
        minimum=1,
        maximum=100,
        group="Scene",
    ),
    Setting(
        key="missing_ok",
        label="Render with files missing",
        kind=Kind.BOOL,
        help="Render even if linked files or textures are missing, instead of stopping with their names.",
        examples=(True, False),
        group="Scene",
    ),
    Setting(
        key="addons",
        label="Add-ons",
        kind=Kind.LIST,
        help="Modules of add-ons to enable before the scene is opened, such as those with its render engine.",
        examples=(("node_wrangler",), ("io_mesh_uv_layout",)),
        group="Scene",
    ),
)

_QUALITY = (
    Setting(
        key="engine",
        label="Engine",
        kind=Kind.STR,
        help="cycles, eevee, workbench, or the name that an add-on gives its engine.",
        examples=("cycles", "workbench"),
        group="Quality",
    ),
    Setting(
        key="samples",
        label="Samples",
        kind=Kind.INT,
        help="Samples for each pixel, for Cycles and EEVEE.",
        examples=(1, 16),
        minimum=1,
        maximum=16_777_216,
        group="Quality",
    ),
    Setting(
        key="seed",
        label="Noise seed",
        kind=Kind.INT,
        help="Seed of the noise in Cycles.",
        examples=(1, 2),
        minimum=0,
        maximum=2_147_483_647,
        group="Quality",
    ),
    Setting(
        key="denoising",
        label="Denoising",
        kind=Kind.BOOL,
        help="Remove the noise from what Cycles renders.",
        examples=(True, False),
        group="Quality",
    ),
    Setting(
        key="device",
        label="Device",
        kind=Kind.CHOICE,
        choices=("cpu", "gpu", *GPUS),
        help="What Cycles renders on; gpu takes the first kind that this worker has.",
        examples=("cpu", "gpu"),
        group="Quality",
    ),
    Setting(
        key="persistent_data",
        label="Persistent data",
        kind=Kind.BOOL,
        help="Keep geometry between frames: faster where much of the scene stands still, more memory.",
        examples=(True, False),
        group="Quality",
    ),
    Setting(
        key="motion_blur",
        label="Motion blur",
        kind=Kind.BOOL,
        help="Blur what moves.",
        examples=(True, False),
        group="Quality",
    ),
    Setting(
        key="compositor",
        label="Compositor",
        kind=Kind.BOOL,
        help="Run the compositor's nodes, File Output nodes included.",
        examples=(True, False),
        group="Quality",
    ),
    Setting(
        key="sequencer",
        label="Sequencer",
        kind=Kind.BOOL,
        help="Render the strips of the sequencer, if there are any, instead of the scene.",
        examples=(True, False),
        group="Quality",
    ),
)

_SIZE = (
    *sizes.settings(least=4),
    Setting(
        key="border",
        label="Border",
        kind=Kind.LIST,
        help="Render only this part of the picture: left, bottom, right and top, from 0 to 1.",
        examples=(("0.1", "0.1", "0.5", "0.5"), ("0.25", "0.25", "1", "1")),
        group="Size",
    ),
    Setting(
        key="crop",
        label="Crop to border",
        kind=Kind.BOOL,
        help="Make the picture as small as the border, instead of leaving the rest black.",
        examples=(True, False),
        group="Size",
    ),
)

_FILE = (
    Setting(
        key="format",
        label="File format",
        kind=Kind.CHOICE,
        choices=tuple(FORMATS),
        help="Kind of file to write.",
        examples=("png", "exr"),
        group="File",
    ),
    Setting(
        key="color",
        label="Channels",
        kind=Kind.CHOICE,
        choices=("bw", "rgb", "rgba"),
        help="Grey, colour, or colour with transparency.",
        examples=("bw", "rgba"),
        group="File",
    ),
    Setting(
        key="depth",
        label="Bits per channel",
        kind=Kind.CHOICE,
        choices=("8", "10", "12", "16", "32"),
        help="Bits for each channel of a pixel, as far as the file format has them.",
        examples=("8", "16"),
        group="File",
    ),
    Setting(
        key="compression",
        label="Compression",
        kind=Kind.INT,
        help="How hard to compress PNG files, in percent; the picture stays the same.",
        examples=(0, 100),
        minimum=0,
        maximum=100,
        group="File",
    ),
    Setting(
        key="quality",
        label="Quality",
        kind=Kind.INT,
        help="Quality of JPEG and WebP files, in percent.",
        examples=(10, 100),
        minimum=0,
        maximum=100,
        group="File",
    ),
    Setting(
        key="codec",
        label="Codec",
        kind=Kind.CHOICE,
        choices=tuple(CODECS),
        help="How EXR and TIFF files are compressed.",
        examples=("none", "zip"),
        group="File",
    ),
    Setting(
        key="stamp",
        label="Burn in metadata",
        kind=Kind.BOOL,
        help="Write the scene's metadata into the picture.",
        examples=(True, False),
        group="File",
    ),
)

_COLOR = (
    Setting(
        key="transparent",
        label="Transparent background",
        kind=Kind.BOOL,
        help="Leave the background out of the picture.",
        examples=(True, False),
        group="Colour",
    ),
    Setting(
        key="view_transform",
        label="View transform",
        kind=Kind.STR,
        help="How colours are brought to the screen's range, such as Standard, Filmic or AgX.",
        examples=("Standard", "Raw"),
        group="Colour",
    ),
    Setting(
        key="look",
        label="Look",
        kind=Kind.STR,
        help="The artistic look, such as None or High Contrast.",
        examples=("None", "Very High Contrast"),
        group="Colour",
    ),
    Setting(
        key="exposure",
        label="Exposure",
        kind=Kind.FLOAT,
        help="Exposure in stops, applied when the file is written.",
        examples=(0.0, 1.0),
        minimum=-32,
        maximum=32,
        group="Colour",
    ),
    Setting(
        key="gamma",
        label="Gamma",
        kind=Kind.FLOAT,
        help="Gamma, applied when the file is written.",
        examples=(1.0, 2.0),
        minimum=0,
        maximum=5,
        group="Colour",
    ),
)

SETTINGS = (*_WHAT, *_QUALITY, *_SIZE, *_FILE, *_COLOR)
