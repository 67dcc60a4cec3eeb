"""Lead names that a PDF draws as outlines of letters, as pages of this package do, told by their form."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..codes import STANDARD_12
from .drawing import Drawing, Shape, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NAMES = (*STANDARD_12, "MLII", "V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R")
_HEIGHT_MM = (1.2, 8.0)
_ALIKE = 0.012  # of the name's height; the letters of a font are farther apart


def outlined_names(drawing: Drawing) -> list[Word]:
    """Return the names of leads among the filled shapes of a page, in the bold letters of this package's pages.

    A shape stands for the name whose letters it has to within a hundredth of their height; others are no names.
    """
    shapes = [(shape, form) for shape in drawing.shapes if shape.filled and (form := _form(shape.lines)) is not None]
    if not shapes:
        return []
    known = _known()
    words: list[Word] = []
    for shape, form in shapes:
        for name, letters in known:
            if len(letters) == len(form) and np.abs(letters - form).max() < _ALIKE:
                word = _word(name, shape)
                if word not in words[-1:]:  # drawn twice: once with the pen that keeps the grid off it
                    words.append(word)
                break
    return words


def _word(name: str, shape: Shape) -> Word:
    points = np.concatenate(shape.lines)
    height = float(np.ptp(points[:, 1]))
    return Word(name, float(points[:, 0].min()), float(points[:, 1].max()), height / 0.73)


def _form(lines: Sequence[Array], *, bounded: bool = True) -> Array | None:
    """Return what a shape's outlines are like whatever its place and size: float64, shape (outline, 5).

    Each row is left, upper, right and lower edge and the signed area, in heights of the whole.
    """
    lines = [line for line in lines if len(line) > 2]
    if not 0 < len(lines) <= 12:
        return None
    points = np.concatenate(lines)
    corner, height = points.min(axis=0), float(np.ptp(points[:, 1]))
    if bounded and not _HEIGHT_MM[0] <= height <= _HEIGHT_MM[1]:
        return None
    if height <= 0:
        return None
    rows = []
    for line in lines:
        x, y = ((line - corner) / height).T
        area = 0.5 * float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
        rows.append((x.min(), y.min(), x.max(), y.max(), abs(area)))
    return np.array(sorted(rows))


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, Array], ...]:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family="DejaVu Sans", weight="bold")
    found = []
    for name in NAMES:
        path = TextPath((0, 0), name, size=100, prop=font)
        outlines = [np.asarray(line) * (1, -1) for line in path.to_polygons(closed_only=True)]
        if (form := _form(outlines, bounded=False)) is not None:
            found.append((name, form))
    return tuple(found)
