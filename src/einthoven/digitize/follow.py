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
_ENOUGH = 40  # upright lines to tell the pen by
_THIN = 0.5  # of a level line, which noise makes look thicker: what is thinner still is another pen's
_FINE = 4  # places a pixel at which edges are looked at
_BESIDE = 1.25  # pens to each side that a peak must stand above


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


def pen_width(runs: Runs, across: Runs | None = None) -> float:
    """Return how thick a line is in pixels.

    Parameters
    ----------
    runs
        Of traces, down the columns: the shortest are those of level lines, but for noise, which thickens them.
    across
        Of the same page, along some of its rows: the shorter are those of upright lines.
    """
    if not runs.column.size:
        return 1.0
    level = float(np.percentile(runs.length, 5))
    if across is None or across.column.size < _ENOUGH:
        return level
    upright = float(np.percentile(across.length, 25))
    return upright if _THIN * level < upright < level else level


def centre_line(followed: Followed, pen_px: float) -> Floats:
    """Return the height of the line in each followed column, in pixels downward.

    A round pen covers all that is within half its width of the line. So the line cannot be nearer than that to the
    ink's edge: from the upper edge inward by a disc gives the line but for troughs narrower than the pen, which the ink
    fills; from the lower edge, the line but for such peaks. Each is taken where the other fails, and on slopes both.
    """
    line = np.empty(len(followed.chosen))
    cuts = np.flatnonzero(np.diff(followed.column) > 1) + 1
    n = int(pen_px / 2 * _FINE)
    offset = np.arange(-n, n + 1)
    disc = np.sqrt(np.maximum((pen_px / 2) ** 2 - (offset / _FINE) ** 2, 0))
    beside = max(1, round(_BESIDE * pen_px * _FINE))
    for part in np.split(np.arange(len(line)), cuts):
        chosen = followed.chosen[part]
        at = np.arange((len(part) - 1) * _FINE + 1)
        top, bottom = (
            np.pad(np.interp(at / _FINE, np.arange(len(part)), edge[chosen]), n, mode="edge")
            for edge in (followed.runs.top, followed.runs.bottom)
        )
        from_top = np.max([top[at + n + k] + inward for k, inward in zip(offset, disc, strict=True)], axis=0)
        from_bottom = np.min([bottom[at + n + k] - inward for k, inward in zip(offset, disc, strict=True)], axis=0)
        high, low = np.minimum(from_top, from_bottom), np.maximum(from_top, from_bottom)
        middle = (high + low) / 2
        left, right = middle[np.maximum(at - beside, 0)], middle[np.minimum(at + beside, len(at) - 1)]
        peak, trough = middle < np.minimum(left, right), middle > np.maximum(left, right)
        line[part] = np.where(peak, high, np.where(trough, low, middle))[::_FINE]
    return _tipped(line, followed, pen_px)


def _tipped(line: Floats, followed: Followed, pen_px: float) -> Floats:
    """Return a line whose peaks and troughs reach to half a pen from the tips of the ink.

    A wave may be so narrow that its tip fills one column of pixels; no disc fits into that, but its height is right.
    """
    top, bottom = followed.runs.top[followed.chosen], followed.runs.bottom[followed.chosen]
    if len(top) < 3:
        return line
    inner = slice(1, -1)
    highest, lowest = np.zeros(len(top), np.bool_), np.zeros(len(top), np.bool_)
    highest[inner] = top[inner] <= np.minimum(top[:-2], top[2:])
    lowest[inner] = bottom[inner] >= np.maximum(bottom[:-2], bottom[2:])
    peak = np.where(highest & ~lowest, np.minimum(line, top + pen_px / 2), line)
    return np.where(lowest & ~highest, np.maximum(line, bottom - pen_px / 2), peak)
