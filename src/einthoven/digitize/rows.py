"""What is found on a page before it has names: rows of traces in true millimetres, and their calibration pulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .drawing import Word

    Array = NDArray[np.float64]

PULSE_S = 0.2
PULSE_MM = (1.0, 45.0)  # from 1 mV at a tenth of the usual gain to the tallest at four times it
_JOINED_MM = 0.7
_TALL = 2.0  # a pulse this much taller or lower than the page's median is none


@dataclass(frozen=True, slots=True)
class Pulse:
    """A calibration pulse: the level it stands on, its height and width, and where it begins and ends, all in mm."""

    baseline_mm: float
    height_mm: float
    width_mm: float
    left_mm: float
    right_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of the page.

    Parameters
    ----------
    baseline_mm
        The level of 0 mV, from the top of the page, downward.
    lines
        float64, shape (point, 2) each: x to the right and y downward in mm, x never falling; from left to right.
    pulse
        Its calibration pulse, if it has one.
    """

    baseline_mm: float
    lines: tuple[Array, ...]
    pulse: Pulse | None = None

    @property
    def left_mm(self) -> float:
        """Where the row's trace begins."""
        return min(float(line[0, 0]) for line in self.lines)

    @property
    def right_mm(self) -> float:
        """Where the row's trace ends."""
        return max(float(line[-1, 0]) for line in self.lines)


@dataclass(frozen=True, slots=True, eq=False)
class Ruled:
    """A page as rows on its paper.

    Parameters
    ----------
    rows
        From above.
    words
        What is written, at true millimetres; empty for a picture.
    columns_mm
        Where traces begin that are drawn apart from those before them, in mm; empty where rows are whole.
    notes
        What was found or assumed on the way, one sentence each.
    pictured
        It was read off pixels, not off lines.
    """

    rows: tuple[Row, ...]
    words: tuple[Word, ...] = ()
    columns_mm: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    pictured: bool = False

    @property
    def joins_pulse(self) -> bool:
        """Tell whether in most rows the trace begins where the pulse ends, with nothing between."""
        gaps = [row.left_mm - row.pulse.right_mm for row in self.rows if row.pulse is not None]
        return bool(gaps) and float(np.median(gaps)) < _JOINED_MM

    @property
    def pulses(self) -> list[Pulse]:
        """The pulses of all rows."""
        return [row.pulse for row in self.rows if row.pulse is not None]


def pulse_size(pulses: Sequence[Pulse]) -> tuple[float, float] | None:
    """Return the median height and width of pulses in mm, or None where there are none.

    Examples
    --------
    >>> pulse_size([Pulse(40, 10.1, 5, 12, 20), Pulse(80, 9.9, 5, 12, 20), Pulse(120, 10, 5, 12, 20)])
    (10.0, 5.0)
    """
    if not pulses:
        return None
    return float(np.median([one.height_mm for one in pulses])), float(np.median([one.width_mm for one in pulses]))


def alike(pulses: Sequence[Pulse]) -> list[Pulse]:
    """Return the pulses that are as tall, and begin where, most do: a page draws one pulse again and again."""
    if not pulses:
        return []
    tall = float(np.median([one.height_mm for one in pulses]))
    left = float(np.median([one.left_mm for one in pulses]))
    return [one for one in pulses if tall / _TALL < one.height_mm < tall * _TALL and abs(one.left_mm - left) < 3]
