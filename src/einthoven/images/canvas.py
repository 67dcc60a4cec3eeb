"""A sheet as PNG, JPEG, PDF or SVG file."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..atomic import replacing
from ..errors import OptionError
from .opening import MOST_PIXELS
from .sheet import LOOKS, Box, Curve, Label, Look, Mark, Ruling, Sheet
from .svg import svg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as Outline
    from numpy.typing import NDArray

    Looks = Mapping[str, Look]

MM_PER_INCH = 25.4
POINTS_PER_MM = 72 / MM_PER_INCH
DPI_RANGE = (20, 1200)
MAX_PIXELS = 30_000  # a side; the PNG painter stops at 65,536
JPEG_QUALITY = 92
PIXEL_SUFFIXES = (".png", ".jpg", ".jpeg")


def save(
    sheet: Sheet, path: str | Path, *, dpi: float = 200, looks: Looks = LOOKS, scan_seed: int | None = None
) -> Path:
    """Write `sheet` in the format its suffix names: ``.png`` or ``.jpg`` at `dpi`, ``.pdf`` or ``.svg`` at true scale.

    The same sheet gives the same bytes. `looks` says what each role looks like; see :func:`.colours.looks`.
    With a `scan_seed`, pixels look as if the page had been printed and scanned; see :func:`.scan.scanned`.

    Raises
    ------
    OptionError
        The suffix is none of these, or has no pixels to scan; or `dpi` is out of range or too fine for so large a
        sheet, or scan.
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    kind = checked_kind(path, dpi)
    pixels = max(size_px(sheet, dpi))
    if kind in PIXEL_SUFFIXES and pixels > MAX_PIXELS:
        raise OptionError(f"{path}: picture would be {pixels} pixels long; draw fewer seconds, or below {dpi:g} dpi")
    if scan_seed is not None:
        columns, rows = size_px(sheet, dpi)
        if columns * rows > MOST_PIXELS:
            raise OptionError(
                f"{path}: scan would have {columns} by {rows} pixels; up to {MOST_PIXELS:,} are drawn, A4 at 650 dpi"
            )
        return _save_scan(sheet, path, dpi, looks, scan_seed)
    with replacing(path) as draft:
        SAVERS[kind](sheet, draft, dpi, looks)
    return path


def checked_kind(path: Path, dpi: float) -> str:
    """Return the suffix, which says how a sheet is written; raises OptionError where it or `dpi` is none there is."""
    kind = path.suffix.lower()
    if kind not in SAVERS:
        raise OptionError(f"{path}: cannot draw to '{path.suffix}'; the suffix must be {', '.join(SAVERS)}")
    low, high = DPI_RANGE
    if not low <= dpi <= high:
        raise OptionError(f"{path}: {dpi:g} dots per inch; it must be from {low} to {high}")
    return kind


def _save_scan(sheet: Sheet, path: Path, dpi: float, looks: Looks, seed: int) -> Path:
    import numpy as np

    from .picture import Picture
    from .raster import raster
    from .scan import scanned

    page = Picture(raster(sheet, dpi=dpi, looks=looks))
    return save_pixels(scanned(page, np.random.default_rng(seed)).pixels, path, dpi=dpi)


def save_pixels(pixels: NDArray[np.uint8], path: str | Path, *, dpi: float = 200) -> Path:
    """Write pixels, uint8 of shape (row, column, 3), as ``.png`` or ``.jpg``; the file says that they are at `dpi`.

    Raises
    ------
    OptionError
        The suffix is neither.
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in PIXEL_SUFFIXES:
        raise OptionError(
            f"{path}: cannot write pixels to '{path.suffix}'; the suffix must be {', '.join(PIXEL_SUFFIXES)}"
        )
    with replacing(path) as draft:
        _write_pixels(pixels, draft, dpi)
    return path


def size_px(sheet: Sheet, dpi: float) -> tuple[int, int]:
    """Return how many columns and rows of pixels a sheet has at `dpi`.

    Examples
    --------
    >>> size_px(Sheet(297, 210, "A4 across", "", ()), 200)
    (2339, 1654)
    """
    columns, rows = (max(1, round(side / MM_PER_INCH * dpi)) for side in (sheet.width_mm, sheet.height_mm))
    return columns, rows


def figure(sheet: Sheet, *, dpi: float = 200, looks: Looks = LOOKS) -> Figure:
    """Return `sheet` as a matplotlib figure of its true size, for those who want to draw on it.

    Its one axes spans the sheet and counts in millimetres from the upper left.
    """
    from matplotlib.figure import Figure

    size = (sheet.width_mm / MM_PER_INCH, sheet.height_mm / MM_PER_INCH)
    picture = Figure(figsize=size, dpi=dpi, facecolor=looks["page"].light)
    axes = picture.add_axes((0, 0, 1, 1), xlim=(0, sheet.width_mm), ylim=(sheet.height_mm, 0))
    axes.set_axis_off()
    for order, mark in enumerate(sheet.marks):
        _paint(mark, axes, order, looks)
    return picture


def _paint(mark: Mark, axes: Axes, order: int, looks: Looks) -> None:
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.patheffects import withStroke
    from matplotlib.text import Text

    look = looks[mark.role]
    match mark:
        case Box():
            corner, size = (mark.left_mm, mark.top_mm), (mark.width_mm, mark.height_mm)
            axes.add_artist(Rectangle(corner, *size, color=look.light, alpha=look.opacity, lw=0, zorder=order))
        case Label():
            font = FontProperties(
                family="DejaVu Sans", size=look.letter_mm * POINTS_PER_MM, weight="bold" if look.bold else "normal"
            )
            side = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
            text = Text(mark.x_mm, mark.y_mm, mark.text, color=look.light, fontproperties=font, zorder=order)
            text.set(horizontalalignment=side, verticalalignment="baseline", parse_math=False)
            if mark.halo:
                text.set_path_effects([withStroke(linewidth=0.7 * POINTS_PER_MM, foreground=looks["paper"].light)])
            axes.add_artist(text)
        case Ruling() | Curve():
            line = {"fill": False, "ec": look.light, "lw": look.line_mm * POINTS_PER_MM}
            fill = {"fill": True, "fc": look.light, "lw": 0, "alpha": look.opacity}
            patch = PathPatch(_outline(mark), capstyle="round", joinstyle="round", zorder=order)
            patch.set(**(line if look.line_mm else fill))
            axes.add_artist(patch)


def _outline(mark: Ruling | Curve) -> Outline:
    import numpy as np
    from matplotlib.path import Path as Outline

    if isinstance(mark, Curve):
        dot = np.array([0.1, 0.0])  # a line without length would not show
        lines = [line if len(line) > 1 else np.concatenate((line, line + dot)) for line in mark.lines]
    else:
        x, y = mark.left_mm, mark.top_mm
        right, low = x + mark.width_mm, y + mark.height_mm
        lines = [np.array([(at, y), (at, low)]) for at in np.arange(x, right + 1e-6, mark.step_mm)]
        lines += [np.array([(x, at), (right, at)]) for at in np.arange(y, low + 1e-6, mark.step_mm)]
    codes = np.full(sum(map(len, lines)), Outline.LINETO, dtype=Outline.code_type)
    codes[np.cumsum([0, *map(len, lines[:-1])])] = Outline.MOVETO
    outline = Outline(np.concatenate(lines), codes)
    outline.should_simplify = False  # a point left out is a sample that nobody can read back
    return outline


def _save_png(sheet: Sheet, path: Path, dpi: float, looks: Looks) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    picture = figure(sheet, dpi=dpi, looks=looks)
    # Part of a pixel left at the edge would move all that is drawn by as much: the picture is whole pixels.
    columns, rows = size_px(sheet, dpi)
    picture.set_size_inches((columns + 1e-6) / dpi, (rows + 1e-6) / dpi)
    picture.axes[0].set(xlim=(0, columns / dpi * MM_PER_INCH), ylim=(rows / dpi * MM_PER_INCH, 0))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # a letter the font has not shows as a box
        FigureCanvasAgg(picture).print_png(path, metadata={"Software": None})  # type: ignore[no-untyped-call]


def _save_jpeg(sheet: Sheet, path: Path, dpi: float, looks: Looks) -> None:
    from .raster import raster

    _write_pixels(raster(sheet, dpi=dpi, looks=looks), path, dpi)


def _write_pixels(pixels: NDArray[np.uint8], path: Path, dpi: float) -> None:
    from PIL import Image

    Image.fromarray(pixels).save(path, dpi=(dpi, dpi), quality=JPEG_QUALITY)


def _save_pdf(sheet: Sheet, path: Path, dpi: float, looks: Looks) -> None:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    picture = figure(sheet, dpi=dpi, looks=looks)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        facts = {"Title": sheet.title, "Subject": sheet.description, "Creator": "einthoven", "CreationDate": None}
        FigureCanvasPdf(picture).print_pdf(path, metadata=facts)  # type: ignore[no-untyped-call]


def _save_svg(sheet: Sheet, path: Path, dpi: float, looks: Looks) -> None:
    path.write_text(svg(sheet, looks=looks) + "\n", encoding="utf-8")


SAVERS: Final[dict[str, Callable[[Sheet, Path, float, Looks], None]]] = {
    ".png": _save_png,
    ".jpg": _save_jpeg,
    ".jpeg": _save_jpeg,
    ".pdf": _save_pdf,
    ".svg": _save_svg,
}
