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

_HALO_FINE: Final = 4  # pixels of a pixel in which a halo is drawn, whose width pillow counts in whole ones


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
    return _drawn(_font(bold, size_px), text, 0)


@lru_cache(maxsize=1024)
def halo(text: str, size_px: float, wide_px: float, *, bold: bool = False) -> Lettering:
    """Return the same with an outline that reaches `wide_px` beyond the letters, for what is to be kept off them."""
    fine = _drawn(_font(bold, size_px * _HALO_FINE), text, round(wide_px * _HALO_FINE))
    left, top = fine.left // _HALO_FINE, fine.top // _HALO_FINE
    before = (fine.top - top * _HALO_FINE, fine.left - left * _HALO_FINE)
    margins = [(at, -(at + size) % _HALO_FINE) for at, size in zip(before, fine.covered.shape, strict=True)]
    padded = np.pad(fine.covered, margins)
    rows, columns = (size // _HALO_FINE for size in padded.shape)
    covered = padded.reshape(rows, _HALO_FINE, columns, _HALO_FINE).mean(axis=(1, 3), dtype=np.float32)
    return Lettering(covered, left, top)


@lru_cache(maxsize=1024)
def advance_px(text: str, size_px: float, *, bold: bool = False) -> float:
    """Return how wide a text is, as its letters follow each other."""
    return float(_font(bold, size_px).getlength(text))


def _drawn(font: FreeTypeFont, text: str, stroke_px: int) -> Lettering:
    mask, (left, top) = font.getmask2(text, mode="L", stroke_width=stroke_px, anchor="ls")
    columns, rows = mask.size
    covered = np.array(mask, np.float32).reshape(rows, columns) / np.float32(255)
    covered.flags.writeable = False
    return Lettering(covered, int(left), int(top))


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
