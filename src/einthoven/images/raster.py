"""A sheet on pixels, fast: for many pages, and for pages whose every trace must be known to part of a pixel.

The same marks as `canvas.save` paints by matplotlib, some ten times faster: traces by a pen of arrays, paper and
letters kept from the page before.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import OptionError
from .canvas import DPI_RANGE, MAX_PIXELS, MM_PER_INCH, size_px
from .colours import rgb
from .lettering import Lettering, advance_px, halo, lettering
from .pen import ink
from .picture import blend
from .sheet import LOOKS, NO_COLOUR, Box, Curve, Label, Look, Mark, Ruling, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

HALO_MM: Final = 0.35
_LINE_FINE: Final = 5  # columns of a column of pixels: thin steep lines show steps with fewer
_FILL_FINE: Final = 8  # pixels of a pixel in which small filled shapes are drawn


def raster(sheet: Sheet, *, dpi: float = 100, looks: Mapping[str, Look] = LOOKS) -> Pixels:
    """Paint a sheet.

    A place of x and y in mm lies at x and y times `dpi` / 25.4 in pixels from the upper left corner, where the pixel in
    row i and column j spans y from i to i + 1 and x from j to j + 1. Traces lie there to a part of a pixel; grid, boxes
    and other level or upright lines are moved to the nearest whole pixels, so that they are sharp.

    Parameters
    ----------
    sheet
        See :func:`.paper.draw`.
    dpi
        Dots an inch.
    looks
        What each role looks like; see :func:`.colours.looks`.

    Returns
    -------
    uint8, shape (row, column, 3): red, green, blue.

    Raises
    ------
    OptionError
        `dpi` is out of range, or too fine for so large a sheet.

    Examples
    --------
    >>> square = Sheet(25.4, 12.7, "a square", "", (Box("clipped", 2.54, 2.54, 5.08, 5.08),))
    >>> pixels = raster(square, dpi=20)
    >>> pixels.shape, pixels[4, 4].tolist(), pixels[1, 1].tolist()
    ((10, 20, 3), [176, 0, 32], [255, 255, 255])
    """
    low, high = DPI_RANGE
    if not low <= dpi <= high:
        raise OptionError(f"{dpi:g} dots per inch; it must be from {low} to {high}")
    columns, rows = size_px(sheet, dpi)
    if max(columns, rows) > MAX_PIXELS:
        raise OptionError(f"page would be {max(columns, rows)} pixels long; draw fewer seconds, or below {dpi:g} dpi")
    px_per_mm = dpi / MM_PER_INCH
    ground = tuple(
        takewhile(lambda mark: isinstance(mark, Box | Ruling) and looks[mark.role].opacity == 1, sheet.marks)
    )
    roles = tuple((role, looks[role]) for role in sorted({"page", *(mark.role for mark in ground)}))
    pixels = _ground(ground, rows, columns, px_per_mm, roles).copy()
    _paint(pixels, sheet.marks[len(ground) :], px_per_mm, looks)
    return pixels


@lru_cache(maxsize=8)
def _ground(
    marks: tuple[Mark, ...], rows: int, columns: int, px_per_mm: float, roles: tuple[tuple[str, Look], ...]
) -> Pixels:
    """Return page, paper and grid, which most pages have in common."""
    looks = dict(roles)
    pixels = np.empty((rows, columns, 3), np.uint8)
    pixels[:] = rgb(looks["page"].light)
    _paint(pixels, marks, px_per_mm, looks)
    pixels.flags.writeable = False
    return pixels


def _paint(pixels: Pixels, marks: Sequence[Mark], px_per_mm: float, looks: Mapping[str, Look]) -> None:
    for mark in marks:
        look = looks[mark.role]
        if look.light == NO_COLOUR:
            continue
        match mark:
            case Box():
                _box(pixels, mark, px_per_mm, look)
            case Ruling():
                _ruling(pixels, mark, px_per_mm, look)
            case Label():
                _label(pixels, mark, px_per_mm, look, rgb(looks["paper"].light))
            case Curve() if look.line_mm:
                lines = [line * px_per_mm for line in mark.lines]
                _lines(pixels, lines, look.line_mm * px_per_mm, look, sharp=not mark.role.startswith("trace"))
            case Curve():
                for line in mark.lines:
                    _shape(pixels, line * px_per_mm, look)


def _lay(pixels: Pixels, covered: NDArray[np.float32], left: int, top: int, colour: tuple[int, int, int]) -> None:
    """Lay a colour over the part of a picture that begins at a corner, which may be outside."""
    rows, columns = covered.shape
    first_row, last_row = max(0, top), min(len(pixels), top + rows)
    first, last = max(0, left), min(pixels.shape[1], left + columns)
    if first_row < last_row and first < last:
        part = pixels[first_row:last_row, first:last]
        part[:] = blend(part, covered[first_row - top : last_row - top, first - left : last - left], colour)


def _box(pixels: Pixels, box: Box, px_per_mm: float, look: Look) -> None:
    edges = (box.left_mm, box.top_mm, box.left_mm + box.width_mm, box.top_mm + box.height_mm)
    left, top, right, bottom = (max(0, int(np.floor(edge * px_per_mm + 0.5))) for edge in edges)
    part = pixels[top:bottom, left:right]
    if part.size:
        part[:] = blend(part, np.full(part.shape[:2], look.opacity, np.float32), rgb(look.light))


def _ruling(pixels: Pixels, ruling: Ruling, px_per_mm: float, look: Look) -> None:
    rows, columns = pixels.shape[:2]
    right, bottom = ruling.left_mm + ruling.width_mm, ruling.top_mm + ruling.height_mm
    pen = look.line_mm * px_per_mm
    shares = []
    for first, last, length in ((ruling.left_mm, right, columns), (ruling.top_mm, bottom, rows)):
        at = _sharp(np.arange(first, last + 1e-6, ruling.step_mm) * px_per_mm, pen)
        shares.append((_ruled(at, pen, length), _stretch(first * px_per_mm, last * px_per_mm, length)))
    (upright, over_x), (level, over_y) = shares
    up, across = over_y[:, None] * upright, level[:, None] * over_x
    covered = up + across - up * across
    _lay(pixels, covered, 0, 0, rgb(look.light))


def _sharp(at_px: NDArray[np.float64], pen_px: float) -> NDArray[np.float64]:
    """Return where a line of this pen lies on whole pixels, at most half of one from its place."""
    return np.floor(at_px) + 0.5 if round(pen_px) % 2 else np.floor(at_px + 0.5)


def _ruled(at: NDArray[np.float64], pen: float, length: int) -> NDArray[np.float32]:
    """Return how much of each pixel along an axis is covered by lines."""
    pixel = np.arange(length)[:, None]
    share = np.minimum(at + pen / 2, pixel + 1) - np.maximum(at - pen / 2, pixel)
    covered: NDArray[np.float32] = np.minimum(np.clip(share, 0, 1).sum(axis=1), 1).astype(np.float32)
    return covered


def _stretch(first: float, last: float, length: int) -> NDArray[np.float32]:
    """Return how much of each pixel along an axis lies between two places."""
    pixel = np.arange(length)
    first, last = np.floor(first + 0.5), np.floor(last + 0.5)
    within: NDArray[np.float32] = np.clip(np.minimum(last, pixel + 1) - np.maximum(first, pixel), 0, 1).astype(
        np.float32
    )
    return within


def _lines(pixels: Pixels, lines: Sequence[NDArray[np.float64]], pen: float, look: Look, *, sharp: bool) -> None:
    """Paint lines with a round pen, each on the part of the picture that it crosses.

    `sharp` moves those of level and upright parts to whole pixels: never a trace, whose place is what is measured.
    """
    reach = pen / 2 + 1
    for line in lines:
        if sharp and np.all((np.diff(line, axis=0) == 0).any(axis=1)):
            line = _sharp(line, pen)
        left, top = (int(np.floor(side - reach)) for side in line.min(axis=0))
        right, bottom = (int(np.ceil(side + reach)) for side in line.max(axis=0))
        left, top = max(0, left), max(0, top)
        right, bottom = min(pixels.shape[1], right), min(len(pixels), bottom)
        if left < right and top < bottom:
            covered = ink([line - (left, top)], bottom - top, right - left, pen, _LINE_FINE)
            _lay(pixels, covered, left, top, rgb(look.light))


def _shape(pixels: Pixels, corners: NDArray[np.float64], look: Look) -> None:
    """Fill a small shape."""
    from PIL import Image, ImageDraw

    left, top = (int(np.floor(side)) for side in corners.min(axis=0))
    right, bottom = (int(np.ceil(side)) + 1 for side in corners.max(axis=0))
    rows, columns = bottom - top, right - left
    fine = Image.new("L", (columns * _FILL_FINE, rows * _FILL_FINE))
    places = (corners - (left, top)) * _FILL_FINE - 0.5  # of pixels' middles
    ImageDraw.Draw(fine).polygon([(x, y) for x, y in places.tolist()], fill=1)
    covered = np.asarray(fine, np.float32).reshape(rows, _FILL_FINE, columns, _FILL_FINE).mean(axis=(1, 3))
    _lay(pixels, covered * np.float32(look.opacity), left, top, rgb(look.light))


def _label(pixels: Pixels, label: Label, px_per_mm: float, look: Look, paper: tuple[int, int, int]) -> None:
    size = look.letter_mm * px_per_mm
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor]
    x, y = label.x_mm * px_per_mm, round(label.y_mm * px_per_mm)
    x = round(x - shift * advance_px(label.text, size, bold=look.bold) if shift else x)

    def write(letters: Lettering, colour: tuple[int, int, int]) -> None:
        if letters.covered.size:
            _lay(pixels, letters.covered, x + letters.left, y + letters.top, colour)

    if label.halo:
        write(halo(label.text, size, HALO_MM * px_per_mm, bold=look.bold), paper)
    write(lettering(label.text, size, bold=look.bold), rgb(look.light))
