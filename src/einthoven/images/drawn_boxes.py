"""Boxes around parts of a trace: as high as what is drawn there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def drawn_height(lines: Sequence[Array], left: float, right: float, pen_px: float) -> tuple[float, float] | None:
    """Return from where to where ink is, between two columns.

    Parameters
    ----------
    lines
        float64, shape (point, 2) each: x ascending, and y, in pixels.
    left, right
        Bounds in x.
    pen_px
        Width of the round pen the lines are drawn with. What it leaves between the bounds of points beside them counts.

    Returns
    -------
    Top and bottom, in pixels; None where nothing is drawn.

    Examples
    --------
    >>> rising = np.array([[0.0, 10.0], [10.0, 0.0]])
    >>> drawn_height([rising], 2, 4, pen_px=2)
    (4.0, 10.0)
    >>> drawn_height([rising], 20, 30, pen_px=2) is None
    True
    """
    pen = pen_px / 2
    first_x, last_x = left - pen, right + pen
    top, bottom = np.inf, -np.inf
    for line in lines:
        x, y = line[:, 0], line[:, 1]
        if x[-1] < first_x or x[0] > last_x:
            continue
        first, last = int(x.searchsorted(first_x)), int(x.searchsorted(last_x, side="right"))
        near = slice(max(first - 1, 0), last + 1)
        ends = np.interp((max(first_x, x[0]), min(last_x, x[-1])), x[near], y[near])
        heights = np.concatenate((ends, y[first:last]))
        top, bottom = min(top, heights.min()), max(bottom, heights.max())
    return (float(top - pen), float(bottom + pen)) if top <= bottom else None


def around(
    lines: Sequence[Array], left: Array, right: Array, pen_px: float, height_px: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return boxes as high as what is drawn between their sides.

    Parameters
    ----------
    lines, pen_px
        As in :func:`drawn_height`.
    left, right
        float64, shape (box,) each.
    height_px
        Rows of the picture, beyond which no box goes.

    Returns
    -------
    boxes_xyxy
        float32, shape (box, 4).
    there
        bool, shape (box,): which of them are at least a pixel wide and have something drawn in them.
    """
    boxes = np.stack((left, np.zeros_like(left), right, np.zeros_like(left)), axis=1)
    there = right - left >= 1
    for number in np.flatnonzero(there).tolist():
        height = drawn_height(lines, float(left[number]), float(right[number]), pen_px)
        if height is not None:
            boxes[number, 1::2] = np.clip(height, 0, height_px)
    there &= boxes[:, 3] > boxes[:, 1]
    return boxes.astype(np.float32), there
