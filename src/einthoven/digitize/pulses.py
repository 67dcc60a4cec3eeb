"""Calibration pulses in pixels: two upright edges of one height with a level top between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .rows import PULSE_MM, Pulse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH_MM = (0.8, 22.0)  # 0.2 s at 5 to 100 mm/s
_EDGE_MM = 1.6  # an upright line is at least so long
_STEEP_MM = 1.0  # and no wider than this: a wave's flank is
_LEVEL_MM = 0.35
_FRONT_MM = 30.0
_FOOT_MM = 1.2


def first_pulse(x: Floats, top: Floats, bottom: Floats, pen_mm: float) -> Pulse | None:
    """Return the pulse with which a trace begins, or None.

    Parameters
    ----------
    x, top, bottom
        float64, shape (column,): where the columns of a trace are and the edges of its ink, in mm, y downward.
    pen_mm
        Width of its pen.

    Examples
    --------
    >>> x = np.arange(0, 8, 0.1)
    >>> high = (x > 1.45) & (x < 6.55)
    >>> edge = (np.abs(x - 1.5) < 0.06) | (np.abs(x - 6.5) < 0.06)
    >>> pulse = first_pulse(x, np.where(high, 9.9, 19.9), np.where(high & ~edge, 10.1, 20.1), 0.2)
    >>> round(pulse.height_mm, 2), round(pulse.width_mm, 2)
    (10.0, 5.0)
    """
    front = x < x[0] + _FRONT_MM
    x, top, bottom = x[front], top[front], bottom[front]
    upright = bottom - top > _EDGE_MM
    edges = np.flatnonzero(np.diff(np.concatenate(([False], upright, [False])))).reshape(-1, 2)
    if len(edges) < 2:
        return None
    (a, b), (c, d) = edges[0], edges[1]
    if c - b < 2 or x[b - 1] - x[a] > _STEEP_MM or x[d - 1] - x[c] > _STEEP_MM:
        return None
    plateau = (top[b:c] + bottom[b:c]) / 2
    high = float(np.median(plateau))
    if np.percentile(np.abs(plateau - high), 85) > _LEVEL_MM:
        return None
    rise, fall = float(bottom[a:b].max()), float(bottom[c:d].max())
    if max(abs(top[a:b].min() - top[c:d].min()), abs(rise - fall), abs(float(top[b:c].min()) - top[a:b].min())) > 0.7:
        return None
    before = np.flatnonzero((x < x[a]) & (x > x[a] - _FOOT_MM))
    after = np.flatnonzero((x > x[d - 1]) & (x < x[d - 1] + _FOOT_MM))
    feet = [float(np.median((top[part] + bottom[part]) / 2)) for part in (before, after) if part.size > 1]
    feet = [foot for foot in feet if abs(foot - (rise + fall - pen_mm) / 2) < 0.7]
    low = float(np.mean(feet)) if feet else (rise + fall - pen_mm) / 2
    left, right = float(x[a] + x[b - 1]) / 2, float(x[c] + x[d - 1]) / 2
    if not (PULSE_MM[0] <= low - high <= PULSE_MM[1] and WIDTH_MM[0] <= right - left <= WIDTH_MM[1]):
        return None
    return Pulse(low, low - high, right - left, left, right)
