"""What the toy is, how it is started, and a setting of every kind. Runs on any Python."""

from __future__ import annotations

from buildcat.model.dcc import Dcc, Kind, Launch, Setting

#: Without site-packages, so that nothing is found but what the session shows.
_LAUNCH = Launch(("{executable}", "-I", "-S", "{loop}"))

DCC = Dcc(
    name="toy",
    label="Toy",
    extensions=(".toy",),
    package="buildcat_toy",
    executables=(),
    launch=_LAUNCH,
    version_arguments=("-c", "print('1.2.0')"),
    limits=("toy-licence",),
    licence="buildcat_toy.licence:answer",
    progress_pattern=r"TOY_PROGRESS (\d+)%",
    no_licence=("No toy licence could be found",),
    wheel="buildcat-toy",
    splits=("whole", "tiles"),
    wheel_launch=_LAUNCH,
    settings=(
        Setting(
            key="colour",
            label="Colour",
            kind=Kind.CHOICE,
            help="What the picture is painted with.",
            examples=("red", "green"),
            choices=("red", "green", "blue"),
        ),
        Setting(
            key="percentage",
            label="Percentage",
            kind=Kind.INT,
            help="Size of the picture, in percent of the scene's.",
            examples=(50, 100),
            minimum=1,
            maximum=100,
        ),
        Setting(
            key="camera",
            label="Camera",
            kind=Kind.STR,
            help="Name of the camera; each looks elsewhere.",
            examples=("front", "side"),
        ),
        Setting(
            key="invert",
            label="Invert",
            kind=Kind.BOOL,
            help="Swap dark and light.",
            examples=(True, False),
        ),
        Setting(
            key="gamma",
            label="Gamma",
            kind=Kind.FLOAT,
            help="Brightness of the middle tones.",
            examples=(0.5, 2.0),
            minimum=0.1,
            maximum=10.0,
        ),
        Setting(
            key="layers",
            label="Layers",
            kind=Kind.LIST,
            help="Layers to paint; each is a stripe.",
            examples=(("sky",), ("sky", "ground")),
        ),
        Setting(
            key="texture",
            label="Texture",
            kind=Kind.PATH,
            help="File below the root that is painted over the picture.",
            examples=("textures/wood.txt", "textures/stone.txt"),
        ),
    ),
)
