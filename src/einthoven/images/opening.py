"""Pictures from files, within bounds on their size."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

MOST_PIXELS: Final = 45_000_000
"""A4 at 650 dots an inch; a small file may claim to hold far more."""

LEAST_SIDE: Final = 16
PICTURES: Final = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


def open_picture(path: Path, *, least_side: int = LEAST_SIDE, nor: str = "") -> Image:
    """Open a picture, whole.

    Parameters
    ----------
    path
        The file.
    least_side
        Pixels that each side must have.
    nor
        What else it might have been, for the message.

    Raises
    ------
    FormatError
        It is not there or not to be read, is no picture, is damaged, or is smaller or larger than any that is looked
        at.
    """
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large and odd pictures; the size is looked at here
        try:
            with Image.open(path, formats=PICTURES) as file:
                check_size(path, *file.size, least_side=least_side)
                picture = file.copy()  # what is damaged shows now; the file is closed
        except UnidentifiedImageError as error:
            wrong = f"neither {nor} nor a" if nor else "no"
            raise FormatError(f"{path}: is {wrong} picture that can be read ({', '.join(PICTURES)})") from error
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
            raise FormatError(f"{path}: cannot be read ({error.strerror})") from error
        except (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError) as error:
            why = " ".join(str(error).split())[:120]
            raise FormatError(f"{path}: the picture is damaged or too large ({why})") from error
    return picture


def check_size(path: Path, width: int, height: int, *, least_side: int = LEAST_SIDE) -> None:
    """Raise FormatError where a picture is too small or too large to be looked at."""
    if width * height > MOST_PIXELS:
        raise FormatError(f"{path}: has {width} by {height} pixels; up to {MOST_PIXELS:,} are read, A4 at 650 dpi")
    if min(width, height) < least_side:
        raise FormatError(f"{path}: has {width} by {height} pixels; each side must have {least_side} or more")


def channels(picture: Image) -> list[NDArray[np.uint8]]:
    """Return red, green and blue of a picture, uint8 (row, column) each, upright and on white where it is transparent.

    White is 65,535 in a picture of 16 bits. Where numbers have 32 bits it is not written down: fractions up to 1 are
    shares of white, numbers up to 255 have that for white, and others 65,535.

    Examples
    --------
    >>> from PIL import Image
    >>> [int(one[0, 0]) for one in channels(Image.new("RGBA", (1, 1), (0, 0, 0, 0)))]
    [255, 255, 255]
    """
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I") or upright.mode == "F":
        values = np.nan_to_num(np.asarray(upright, np.float64))
        return [(np.clip(values / _white(upright.mode, values), 0, 1) * 255).astype(np.uint8)] * 3
    if upright.has_transparency_data:
        clear = upright.convert("RGBA")
        white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        upright = Image.alpha_composite(white, clear)
    return [np.asarray(channel) for channel in upright.convert("RGB").split()]


def _white(mode: str, values: NDArray[np.float64]) -> int:
    """Return the number that stands for white in a picture of one channel of more than eight bits."""
    if mode.startswith("I;16"):
        return 65535
    most = float(values.max(initial=0))
    if mode == "F" and most <= 1:
        return 1
    return 65535 if most > 255 else 255
