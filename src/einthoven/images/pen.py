"""A round pen on pixels: how much of each pixel a trace covers.

A trace never goes back in time, so what it covers of a column of pixels is one stretch. All stretches are found at once
with arrays, which is some ten times faster than painting line by line, and exact in height.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FINE: Final = 3
"""Columns that a column of pixels is parted into, so that steep lines have soft edges, too."""


def ink(lines: Iterable[Array], n_rows: int, n_columns: int, pen_px: float, fine: int = FINE) -> NDArray[np.float32]:
    """Return how much of each pixel is covered by lines drawn with a round pen.

    Parameters
    ----------
    lines
        float64, shape (point, 2) each: x and y in pixels from the upper left corner of the picture, x ascending. The
        pixel in row i and column j spans y from i to i + 1 and x from j to j + 1. What lies outside is cut off.
    n_rows, n_columns
        Size of the picture.
    pen_px
        Width of the pen.
    fine
        See :data:`FINE`.

    Returns
    -------
    float32, shape (row, column): 0 where nothing is drawn, 1 where all is covered.

    Examples
    --------
    >>> level = np.array([[0.0, 1.5], [3.0, 1.5]])
    >>> ink([level], 3, 3, pen_px=1)[:, 1].tolist()
    [0.0, 1.0, 0.0]
    """
    covered = np.zeros((n_rows, n_columns), np.float32)
    for line in lines:
        top, bottom = stretches(line, n_columns, pen_px, fine)
        there = np.flatnonzero(top < bottom)
        if not len(there):
            continue
        left, right = int(there[0]) // fine, int(there[-1]) // fine + 1
        part = slice(left * fine, right * fine)
        above, below = max(0, int(np.floor(top[part].min()))), min(n_rows, int(np.ceil(bottom[part].max())))
        if above >= below:
            continue
        row = np.arange(above, below, dtype=np.float32)[:, None]
        share = np.minimum(bottom[part], row + 1)
        share -= np.maximum(top[part], row)
        np.clip(share, 0, 1, out=share)
        # one add a fine column is several times faster than a mean over a short last axis
        column = share[:, ::fine].copy()
        for step in range(1, fine):
            column += share[:, step::fine]
        target = covered[above:below, left:right]
        np.maximum(target, column / np.float32(fine), out=target)
    return covered


def stretches(
    line: Array, n_columns: int, pen_px: float, fine: int = FINE
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the stretch of each fine column that a line covers.

    Parameters
    ----------
    line, n_columns, pen_px, fine
        As in :func:`ink`.

    Returns
    -------
    top, bottom
        float32, shape (fine column,): in pixels from the picture's top; nothing is covered where top is not above
        bottom.
    """
    pen = pen_px / 2
    reach = int(np.ceil(pen * fine))
    n = n_columns * fine + 2 * reach  # columns outside reach into the picture with the pen
    x, y = line[:, 0] * fine + reach, line[:, 1]
    top, bottom = np.full(n, np.inf, np.float32), np.full(n, -np.inf, np.float32)
    first, last = max(0, int(np.floor(x[0]))), min(n, int(np.floor(x[-1])) + 1)
    if first < last:
        # where the line is at both edges of a column, and at its own points in between
        at_edge = np.interp(np.arange(first, last + 1), x, y)
        top[first:last] = np.minimum(at_edge[:-1], at_edge[1:])
        bottom[first:last] = np.maximum(at_edge[:-1], at_edge[1:])
        inside = (x >= 0) & (x < n)
        if inside.any():
            column, own = np.floor(x[inside]).astype(np.int64), y[inside]
            begins = np.flatnonzero(np.diff(column, prepend=-1))
            of = column[begins]
            top[of] = np.minimum(top[of], np.minimum.reduceat(own, begins))
            bottom[of] = np.maximum(bottom[of], np.maximum.reduceat(own, begins))
    return _widened(top, bottom, n_columns * fine, pen, fine)


def _widened(
    top: NDArray[np.float32], bottom: NDArray[np.float32], n_fine: int, pen: float, fine: int, *, bold: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw along the stretches of fine columns, the first axis, with a round pen of half width `pen`."""
    reach = (len(top) - n_fine) // 2
    wide_top = np.full((n_fine, *top.shape[1:]), np.inf, np.float32)
    wide_bottom = np.full_like(wide_top, -np.inf)
    for step in range(-reach, reach + 1):
        # from middle to middle: from the nearer edge, thin steep lines are up to half too dark
        beside = max(0.0, abs(step) - 0.5 * bold) / fine
        if beside >= pen:
            continue
        up = np.float32(np.sqrt(pen**2 - beside**2))
        part = slice(reach + step, reach + step + n_fine)
        np.minimum(wide_top, top[part] - up, out=wide_top)
        np.maximum(wide_bottom, bottom[part] + up, out=wide_bottom)
    return wide_top, wide_bottom


def ink_alike(
    x: Array,
    y: NDArray[np.float32],
    n_rows: int,
    n_columns: int,
    pen_px: float,
    fine: int = FINE,
    *,
    bold: bool = False,
) -> NDArray[np.float32]:
    """Return how much of each pixel is covered in many pictures of one line each, whose points lie above each other.

    Several times faster than :func:`ink` for each, since all of them share their columns.

    Parameters
    ----------
    x
        float64, shape (point,): of the points of all lines, in pixels, ascending.
    y
        float32, shape (picture, point).
    n_rows, n_columns, pen_px, fine
        As in :func:`ink`.
    bold
        Whether a pen covers a column as soon as it touches it, and not when it reaches its middle: steep lines become
        bolder.

    Returns
    -------
    float32, shape (picture, row, column).

    Examples
    --------
    >>> y = np.full((2, 2), 1.5, np.float32)
    >>> ink_alike(np.array([0.0, 3.0]), y, 3, 3, pen_px=1)[1, :, 1].tolist()
    [0.0, 1.0, 0.0]
    """
    pen = pen_px / 2
    reach = int(np.ceil(pen * fine))
    n = n_columns * fine + 2 * reach
    at = x * fine + reach
    first, last = max(0, int(np.floor(at[0]))), min(n, int(np.floor(at[-1])) + 1)
    # a line's points and where it crosses the edges of columns, in one order; the points of a column are then a run
    edge = np.arange(first, last + 1)
    inside = np.flatnonzero((at > first) & (at < last))
    place = np.concatenate((edge, at[inside]))
    order = np.argsort(place, kind="stable")
    left = np.clip(np.searchsorted(at, place[order], side="right") - 1, 0, max(len(at) - 2, 0))
    right = np.minimum(left + 1, len(at) - 1)
    gap = np.where(at[right] > at[left], at[right] - at[left], 1)
    share = np.clip((place[order] - at[left]) / gap, 0, 1).astype(np.float32)
    line = (y[:, left] * (1 - share) + y[:, right] * share).T  # columns first: what follows runs along whole rows
    runs = np.flatnonzero(order < len(edge))[:-1]
    top = np.full((n, len(y)), np.inf, np.float32)
    bottom = np.full((n, len(y)), -np.inf, np.float32)
    if len(runs):
        ends = line[np.append(runs[1:], len(order) - 1)]
        stop = len(order) - 1
        top[first:last] = np.minimum(np.minimum.reduceat(line[:stop], runs), ends)
        bottom[first:last] = np.maximum(np.maximum.reduceat(line[:stop], runs), ends)
    top, bottom = _widened(top, bottom, n_columns * fine, pen, fine, bold=bold)
    covered = np.zeros((n_rows, n_columns, len(y)), np.float32)
    part, above = np.empty((2, n_columns, len(y)), np.float32)
    for step in range(fine):
        over, under = np.ascontiguousarray(top[step::fine]), np.ascontiguousarray(bottom[step::fine])
        for row in range(n_rows):  # one row of all pictures stays in the processor's cache
            np.minimum(under, row + 1, out=part)
            np.maximum(over, row, out=above)
            part -= above
            np.maximum(part, 0, out=part)
            covered[row] += part
    covered *= np.float32(1 / fine)
    return np.ascontiguousarray(np.moveaxis(covered, -1, 0))
