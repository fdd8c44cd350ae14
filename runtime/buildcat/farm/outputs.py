"""Rules 1 and 2 of a safe frame: an output is decoded, then moved to its place. Our own Python."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from buildcat.farm import images
from buildcat.model.errors import OutputError
from buildcat.model.job import Output
from buildcat.model.patterns import pattern

__all__ = ["check", "clean", "is_whole", "move", "pattern"]

log = logging.getLogger(__name__)


def check(output: Output, *, use_openimageio: bool = True) -> None:
    """Check that an output was written to its end and has the size that the scene says.

    Raises:
        OutputError: it is missing, not whole, or of another size; names the file.
    """
    try:
        size = images.read_size(Path(output.written), output.kind, use_openimageio=use_openimageio)
    except FileNotFoundError:
        raise OutputError(f"{output.path} was not written. The log of this frame says more.") from None
    except OSError as exc:
        raise OutputError(f"{output.path} can't be read: {exc.strerror}. Check the storage.") from exc
    except ValueError as exc:
        raise OutputError(f"{output.path} is not whole: {exc}. Check that the disk isn't full.") from exc
    expected = output.tile_size or output.size
    if size and expected and size != expected:
        what = f"A tile of {output.path}" if output.tile_size else output.path
        raise OutputError(f"{what} is {size[0]} x {size[1]} pixels; the scene says {expected[0]} x {expected[1]}.")


def is_whole(path: Path, kind: str, size: tuple[int, int] | None, *, use_openimageio: bool = True) -> bool:
    """Whether this file is there, was written to its end, and has this size, if one is given."""
    try:
        check(Output(str(path), str(path), kind, size), use_openimageio=use_openimageio)
    except OutputError as exc:
        log.debug("%s", exc)
        return False
    return True


def move(outputs: Sequence[Output], *, patience_s: float = 10) -> None:
    """Move outputs from where they were written to their places; those written in place stay.

    A file that is held, as a viewer does on Windows, is tried again for `patience_s`.

    Raises:
        OutputError: an output is gone, or its place can't be written.
    """
    for output in outputs:
        if not output.in_place:
            _make_folder(output)
            _replace(output, time.monotonic() + patience_s)


def _make_folder(output: Output) -> None:
    """Make the folder of an output that was written into a folder below the temporary one, as AOVs are.

    Only below the folder that the temporary one is in: where the storage is gone, none must be made in its place.
    """
    folder = Path(output.path).parent
    around = next((one.parent for one in Path(output.written).parents if one.name.startswith(".bc-")), None)
    if around in folder.parents:
        with contextlib.suppress(OSError):  # the move says what is wrong
            folder.mkdir(parents=True, exist_ok=True)


def _replace(output: Output, deadline: float) -> None:
    pause_s = 0.05
    while True:
        try:
            Path(output.written).replace(output.path)
            return
        except PermissionError as exc:
            if time.monotonic() + pause_s > deadline:
                raise OutputError(
                    f"{output.path} can't be replaced: {exc.strerror}. "
                    "Close what shows the file, or check the permissions of its folder."
                ) from exc
        except OSError as exc:
            raise OutputError(f"{output.path} can't be written: {exc.strerror}. Check the storage.") from exc
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, 1)


def clean(folders: Iterable[Path], execution: str) -> None:
    """Remove this execution's temporary folder from each of these folders. What can't be removed is logged."""
    for folder in folders:
        try:
            shutil.rmtree(folder / f".bc-{execution}")
        except FileNotFoundError:
            continue
        except OSError as exc:
            log.warning("Execution %s: its folder in %s can't be removed: %s", execution, folder, exc)
