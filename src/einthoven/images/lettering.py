"""Letters on pixels: a line of text as coverage, in the font that the other painters use, too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageFont import FreeTypeFont

FONTS: Final = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
"""Files by whether letters are bold."""


@dataclass(frozen=True, slots=True, eq=False)
class Lettering:
    """Text as coverage.

    Parameters
    ----------
    covered
        float32, shape (row, column), 0 to 1; of a size without area where nothing shows.
    left, top
        Where its upper left corner lies, in pixels from where the text starts on its baseline.
    """

    covered: NDArray[np.float32]
    left: int
    top: int


@lru_cache(maxsize=1024)
def lettering(text: str, size_px: float, *, bold: bool = False) -> Lettering:
    """Return a line of text whose letters are of `size_px`."""
    mask, (left, top) = _font(bold, size_px).getmask2(text, mode="L", anchor="ls")
    columns, rows = mask.size
    covered = np.array(mask, np.float32).reshape(rows, columns) / np.float32(255)
    covered.flags.writeable = False
    return Lettering(covered, int(left), int(top))


@lru_cache(maxsize=1024)
def halo(text: str, size_px: float, wide_px: float, *, bold: bool = False) -> Lettering:
    """Return all that is up to `wide_px` from the same letters, for what is to be kept off them."""
    letters = lettering(text, size_px, bold=bold)
    reach = int(np.ceil(wide_px))
    rows, columns = letters.covered.shape
    covered = np.zeros((rows + 2 * reach, columns + 2 * reach), np.float32)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            share = np.float32(min(1.0, wide_px + 0.5 - np.hypot(down, right)))
            if share > 0 and letters.covered.size:
                part = covered[reach + down : reach + down + rows, reach + right : reach + right + columns]
                np.maximum(part, share * letters.covered, out=part)
    covered.flags.writeable = False
    return Lettering(covered, letters.left - reach, letters.top - reach)


@lru_cache(maxsize=1024)
def advance_px(text: str, size_px: float, *, bold: bool = False) -> float:
    """Return how wide a text is, as its letters follow each other."""
    return float(_font(bold, size_px).getlength(text))


@lru_cache(maxsize=64)
def _font(bold: bool, size_px: float) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(_font_file(FONTS[bold]), size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2)
def _font_file(name: str) -> str:
    """Return where the font lies: among those of matplotlib, which need not be imported for it."""
    found = find_spec("matplotlib")
    folders = found.submodule_search_locations if found is not None else None
    for folder in folders or ():
        file = Path(folder, "mpl-data", "fonts", "ttf", name)
        if file.is_file():
            return str(file)
    from matplotlib.font_manager import FontProperties, findfont  # as some systems keep the fonts elsewhere

    return findfont(FontProperties(family="DejaVu Sans", weight="bold" if "Bold" in name else "normal"))
