"""One trace among runs of ink: followed from column to column, and brought back from the pen's width to a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .runs import Runs

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_FAR = 0.02  # a pixel away from the row counts as this much of a jump
_LONG_GAP = 3  # columns without ink after which a trace is drawn anew


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The runs a trace is made of, one a column: int64, shape (column,), as places in its `Runs`; columns ascend."""

    runs: Runs
    chosen: Ints

    @property
    def column(self) -> Ints:
        """The columns that have ink of the trace."""
        return self.runs.column[self.chosen]


def follow(runs: Runs, level_px: float) -> Followed:
    """Choose one run in each column so that together they jump least; `level_px` is where the row lies.

    Runs of one line overlap from column to column however steep it is, so any gap between them costs; between equals
    the nearer to the row's level wins.
    """
    first = np.flatnonzero(np.diff(runs.column, prepend=-1))
    last = np.append(first[1:], len(runs.column))
    if len(first) == len(runs.column):
        return Followed(runs, np.arange(len(first)))
    top, bottom, column = runs.top.tolist(), runs.bottom.tolist(), runs.column.tolist()
    away = (_FAR * np.abs(np.clip(level_px, runs.top, runs.bottom) - level_px)).tolist()
    cost: list[float] = [0.0] * len(column)
    came: list[int] = [-1] * len(column)
    before: range = range(0)
    for a, b in zip(first.tolist(), last.tolist(), strict=True):
        now = range(a, b)
        fresh = not before or column[a] - column[before[0]] > _LONG_GAP
        for i in now:
            if fresh:
                j = min(before, key=cost.__getitem__, default=-1)
                cost[i], came[i] = (cost[j] if j >= 0 else 0.0) + away[i], j
                continue
            best, whence = float("inf"), -1
            for j in before:
                gap = max(0.0, top[i] - bottom[j], top[j] - bottom[i])
                shift = abs(top[i] + bottom[i] - top[j] - bottom[j]) / 2
                total = cost[j] + gap + 0.05 * shift
                if total < best:
                    best, whence = total, j
            cost[i], came[i] = best + away[i], whence
        before = now
    chosen = [min(before, key=cost.__getitem__)]
    while came[chosen[-1]] >= 0:
        chosen.append(came[chosen[-1]])
    return Followed(runs, np.array(chosen[::-1], np.int64))


def pen_width(runs: Runs) -> float:
    """Return how thick a level line is in pixels: the length that most of the shorter runs have."""
    length = runs.length
    return float(np.percentile(length, 25)) if length.size else 1.0


def centre_line(followed: Followed, pen_px: float) -> Floats:
    """Return the height of the line in each followed column, in pixels downward.

    A pen of some width covers in each column all that the line does within that width, so the ink's edges are the
    line's highest and lowest value around. Its peaks are therefore those of the upper edge, its troughs those of the
    lower one, and on slopes it lies halfway.
    """
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    runs, chosen = followed.runs, followed.chosen
    line = np.empty(len(chosen))
    column = followed.column
    cuts = np.flatnonzero(np.diff(column) > 1) + 1
    size = max(1, 2 * round(pen_px / 2) + 1)
    for part in np.split(np.arange(len(chosen)), cuts):
        top, bottom = runs.top[chosen[part]], runs.bottom[chosen[part]]
        half = np.minimum(pen_px / 2, (bottom - top) / 2)
        high = maximum_filter1d(top + half, size, mode="nearest")  # downward: less is higher
        low = minimum_filter1d(bottom - half, size, mode="nearest")
        middle = (high + low) / 2
        left = np.concatenate((np.repeat(middle[:1], size), middle))[: len(middle)]
        right = np.concatenate((middle, np.repeat(middle[-1:], size)))[size : size + len(middle)]
        line[part] = np.where(
            middle < np.minimum(left, right),
            np.minimum(high, low),
            np.where(middle > np.maximum(left, right), np.maximum(high, low), middle),
        )
    return line
