"""Pictures from files, within bounds on their size."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

from ..errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

MOST_PIXELS: Final = 45_000_000
"""A4 at 650 dots an inch; a small file may claim to hold far more."""

PICTURES: Final = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


def open_picture(path: Path) -> Image:
    """Open a picture, whole; raises FormatError where it is none, is damaged, or is larger than any page."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large and odd pictures; the size is looked at here
        try:
            with Image.open(path, formats=PICTURES) as file:
                check_size(path, *file.size)
                picture = file.copy()  # what is damaged shows now; the file is closed
        except UnidentifiedImageError as error:
            raise FormatError(f"{path}: is no picture that can be read ({', '.join(PICTURES)})") from error
        except (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError) as error:
            why = " ".join(str(error).split())[:120]
            raise FormatError(f"{path}: the picture is damaged or too large ({why})") from error
    return picture


def check_size(path: Path, width: int, height: int) -> None:
    """Raise FormatError where a picture is too large to be looked at."""
    if width * height > MOST_PIXELS:
        raise FormatError(f"{path}: has {width} by {height} pixels; up to {MOST_PIXELS:,} are read")


def on_white(picture: Image) -> Image:
    """Return a picture in red, green and blue, on white where it lets light through.

    Examples
    --------
    >>> from PIL import Image
    >>> on_white(Image.new("RGBA", (1, 1), (0, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return picture.convert("RGB")
