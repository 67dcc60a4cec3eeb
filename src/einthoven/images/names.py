"""Where a lead's name stands: beside its trace, on the side that is free, and never across it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .sheet import LOOKS
from .words import seen_text

if TYPE_CHECKING:
    from .layouts import Panel
    from .trace import Trace

FRONT_MM = 10.0
"""How far before its signal a row begins, with the calibration pulse and a short name below it."""

CAPITAL_MM = 2.5
_AFTER_START_MM = 1.2
_FRONT_FOOT_MM = -4.2
_ABOVE_MM = 4.5
_CLEAR_MM = 1.4
_DETOUR_MM = 2.5  # so much farther a name may stand on its usual side before it changes to the other
_MOST_LETTERS = 14
_NARROW, _WIDE = "IJijlrtf|!.,:;'()[] -/", "MWmw@%&"


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written: `left_mm` counts from the panel's start, `foot_mm` upward from the baseline."""

    text: str
    left_mm: float
    foot_mm: float

    @property
    def reach_mm(self) -> tuple[float, float]:
        """How far below and above the baseline it needs room; none where it stands before the signal."""
        if self.left_mm + text_width_mm(self.text) <= 0:
            return 0.0, 0.0
        return max(0.0, 0.9 - self.foot_mm), max(0.0, self.foot_mm + CAPITAL_MM + 0.5)


def text_width_mm(text: str) -> float:
    """Return about how wide a lead's name is when written, rather too much than too little.

    Examples
    --------
    >>> round(text_width_mm("V1"), 1), round(text_width_mm("Holter channel"), 1)
    (5.1, 30.6)
    """
    ems = (0.45 if c in _NARROW else 1.1 if c in _WIDE or not c.isascii() else 0.78 for c in text)
    return sum(ems) * LOOKS["lead"].letter_mm


def place_name(
    panel: Panel,
    trace: Trace,
    gain_mm_mv: float,
    speed_mm_s: float,
    *,
    alone: bool,
    reach_mm: tuple[float, float],
) -> Name:
    """Find the place for the name of a panel's lead, whose trace is cut at `reach_mm` below and above its baseline.

    A panel `alone` in its row has room before the signal, where a short name stands below the pulse; a long one begins
    there and runs on below the trace. Among other panels a name stands above the start of its trace. Where the trace is
    in the way, it goes to the other side; not so where the trace is `cut`, which is said below it.
    """
    text = seen_text(panel.lead, _MOST_LETTERS)
    front = Name(text, -FRONT_MM, _FRONT_FOOT_MM)
    if alone and text_width_mm(text) <= FRONT_MM - 0.5:
        return front
    x_mm, height_mm = (trace.time_s - panel.start_s) * speed_mm_s, trace.value_mv * gain_mm_mv
    y_mm = np.clip(height_mm, -reach_mm[0], reach_mm[1])

    def between(left_mm: float) -> tuple[float, float]:
        """Return the lowest and highest point of the trace where the name would stand."""
        y = y_mm[(x_mm > left_mm - 0.8) & (x_mm < left_mm + text_width_mm(text) + 0.8) & np.isfinite(y_mm)]
        return (float(y.min()), float(y.max())) if y.size else (0.0, 0.0)

    left_below = -FRONT_MM if alone else _AFTER_START_MM
    above = Name(text, _AFTER_START_MM, max(_ABOVE_MM, between(_AFTER_START_MM)[1] + _CLEAR_MM))
    below = Name(text, left_below, min(_FRONT_FOOT_MM, between(left_below)[0] - _CLEAR_MM - CAPITAL_MM))
    if np.any(height_mm != y_mm, where=np.isfinite(height_mm)):
        return above
    usual, other = (below, above) if alone else (above, below)
    return other if abs(usual.foot_mm) > abs(other.foot_mm) + _DETOUR_MM else usual
